"""Trials: a manifest shown to the API server without keeping it, and what it said.

One row a trial: source "session", object "Kind/name", field "trial", value as `Trial.row` makes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.model.manifests import containers
from helpers.model.quantity import Quantity, QuantityError
from helpers.model.resources import refusals
from helpers.model.timeline import Timeline, Value


@dataclass(frozen=True, slots=True)
class Trial:
    """A manifest that was sent with dry-run, and the answer.

    `stored` is the object as the server would store it, None if it refused; then `field` and
    `message` are the server's. `warnings` are what it said besides.
    """

    sent: Mapping[str, Value]
    stored: Mapping[str, Value] | None
    field: str = ""
    message: str = ""
    warnings: Sequence[str] = ()

    @property
    def row(self) -> dict[str, Value]:
        """The value of the row that keeps this trial."""
        return {
            "sent": self.sent,
            "stored": self.stored,
            "field": self.field,
            "message": self.message,
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """One amount: what was written, what the server stored (None: refused), and the model's words.

    `expected` is the model's canonical form, None if it refuses; `message` is the server's.
    """

    resource: str
    text: str
    stored: str | None
    expected: str | None
    message: str
    warnings: Sequence[str]

    @property
    def agrees(self) -> bool:
        """Whether server and model say the same."""
        return self.stored == self.expected

    @property
    def quantity(self) -> Quantity | None:
        """What the server stored, as a quantity."""
        return None if self.stored is None else Quantity.parse(self.stored)


def trials(timeline: Timeline) -> list[Trial]:
    """Return the trials of a run, in their order."""
    return [
        Trial(
            sent,
            stored if isinstance(stored, Mapping) else None,
            str(row.value.get("field") or ""),
            str(row.value.get("message") or ""),
            [str(w) for w in warnings] if isinstance(warnings, Sequence) else (),
        )
        for row in timeline.where(source="session", field="trial")
        if isinstance(row.value, Mapping) and isinstance(sent := row.value.get("sent"), Mapping)
        for stored, warnings in [(row.value.get("stored"), row.value.get("warnings"))]
    ]


def readings(timeline: Timeline, resource: str) -> list[Reading]:
    """Return every amount of `resource` that was tried, in its order.

    Left out is what was refused for another reason than the amount itself, such as a request
    above its limit.
    """
    found = []
    for trial in trials(timeline):
        kept = [] if trial.stored is None else list(containers(trial.stored))
        for number, container in enumerate(containers(trial.sent)):
            block = container.get("resources")
            wrong = refusals(block) if isinstance(block, Mapping) else {}
            for kind in ("requests", "limits"):
                text = _amount(container, kind, resource)
                if text is None:
                    continue
                stored = _amount(kept[number], kind, resource) if number < len(kept) else None
                expected = _canonical(text)
                if stored is None and expected is not None and wrong:
                    continue
                found.append(
                    Reading(resource, text, stored, expected, trial.message, trial.warnings)
                )
    return found


def _canonical(text: str) -> str | None:
    try:
        return Quantity.parse(text).canonical
    except QuantityError:
        return None


def _amount(container: Mapping[str, Value], kind: str, resource: str) -> str | None:
    block = container.get("resources")
    amounts = block.get(kind) if isinstance(block, Mapping) else None
    amount = amounts.get(resource) if isinstance(amounts, Mapping) else None
    return None if amount is None else str(amount)
