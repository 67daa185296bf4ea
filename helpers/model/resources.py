"""The `resources` of a container: read, judged as the API server would, and as last asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from helpers.model.manifests import containers
from helpers.model.quantity import Quantity, QuantityError
from helpers.model.timeline import Timeline, Value

NEGATIVE = "must be greater than or equal to 0"


@dataclass(frozen=True, slots=True)
class Resources:
    """Requests and limits of one container, by resource name ("cpu", "memory")."""

    requests: Mapping[str, Quantity] = field(default_factory=dict)
    limits: Mapping[str, Quantity] = field(default_factory=dict)

    @classmethod
    def parse(cls, block: Mapping[str, Value]) -> Resources:
        """Read the `resources` of a manifest; raises QuantityError, which names the field."""
        return cls(_quantities(block, "requests"), _quantities(block, "limits"))

    def limit(self, name: str) -> Quantity | None:
        """Return the limit, None for none; a CPU or memory limit of 0 is none."""
        limit = self.limits.get(name)
        return limit if limit else None

    def request(self, name: str) -> Quantity | None:
        """Return the request; where only a limit is given, that is the request too.

        Upstream: K pkg/apis/core/v1/defaults.go, SetDefaults_Pod.
        """
        return self.requests.get(name, self.limits.get(name))


def qos_class(containers: Sequence[Resources]) -> str:
    """Return the QoS class of a pod with these containers: it follows from cpu and memory alone.

    Upstream: K pkg/apis/core/v1/helper/qos/qos.go, ComputePodQOS (without pod-level resources).
    """
    kinds = set()
    for container in containers:
        for name in ("cpu", "memory"):
            request, limit = container.request(name), container.limit(name)
            kinds.add("BestEffort" if not request and not limit else request == limit)
    if kinds <= {"BestEffort"}:
        return "BestEffort"
    return "Guaranteed" if kinds == {True} else "Burstable"


def refusals(block: Mapping[str, Value]) -> dict[str, QuantityError]:
    """Return what the API server would refuse in a `resources` block, by field ("limits.cpu").

    Upstream: K pkg/apis/core/validation/validation.go, validateResourceRequirements, for the
    resources cpu and memory: amounts that parse, none negative, no request above its limit.
    """
    found: dict[str, QuantityError] = {}
    amounts: dict[str, Quantity] = {}
    for kind in ("limits", "requests"):
        for name, text in _amounts(block, kind).items():
            where = f"{kind}.{name}"
            try:
                amounts[where] = Quantity.parse(text, field=where)
            except QuantityError as error:
                found[where] = error
                continue
            if amounts[where].amount < 0:
                hint = f"Try {text.strip().removeprefix('-')}, or leave the field empty."
                found[where] = QuantityError(NEGATIVE, field=where, hint=hint)
    for where, request in amounts.items():
        name = where.removeprefix("requests.")
        limit = amounts.get(f"limits.{name}")
        if name != where and limit is not None and request > limit:
            found.setdefault(
                where,
                QuantityError(
                    f"must be less than or equal to {name} limit of {limit}",
                    field=where,
                    hint="Lower the request or raise the limit.",
                ),
            )
    return found


def asked(
    timeline: Timeline, object: str, container: str = "", at: float | None = None
) -> Resources | None:
    """Return the resources that `object` had been given by the time `at` (seconds; None: the end).

    Reads the rows of source "session": "manifest" (the whole manifest) and, after it, "resize"
    ({"container": ..., "resources": {...}}), which changes the amounts that it names.  `container`
    may be left empty where there is one container.  None if no manifest was sent by then.
    """
    block: dict[str, dict[str, Value]] | None = None
    for row in timeline.where(source="session", object=object):
        if (at is not None and row.time > at) or not isinstance(row.value, Mapping):
            continue
        if row.field == "manifest":
            of_it = _container(row.value, container).get("resources")
            block = _merged({}, of_it) if isinstance(of_it, Mapping) else {}
        elif row.field == "resize" and block is not None:
            change = row.value.get("resources")
            named = row.value.get("container") in {container, None} or not container
            if named and isinstance(change, Mapping):
                block = _merged(block, change)
    return None if block is None else Resources.parse(block)


def container_of(timeline: Timeline, object: str, container: str = "") -> Mapping[str, Value]:
    """Return the container as the last manifest of `object` had it; empty if none was sent."""
    manifest = timeline.value(source="session", object=object, field="manifest")
    return _container(manifest, container) if isinstance(manifest, Mapping) else {}


def _container(manifest: Mapping[str, Value], name: str) -> Mapping[str, Value]:
    listed = list(containers(manifest))
    return next((c for c in listed if not name or c.get("name") == name), {})


def _merged(
    block: Mapping[str, Mapping[str, Value]], change: Mapping[str, Value]
) -> dict[str, dict[str, Value]]:
    """Return the block with the amounts of a patch put in (a strategic merge)."""
    merged = {kind: dict(amounts) for kind, amounts in block.items()}
    for kind, amounts in change.items():
        if isinstance(amounts, Mapping):
            merged.setdefault(kind, {}).update(amounts)
    return merged


def _amounts(block: Mapping[str, Value], kind: str) -> dict[str, str]:
    amounts = block.get(kind)
    if not isinstance(amounts, Mapping):
        return {}
    # A number of JSON is read as its text (resource/quantity.go, UnmarshalJSON); null is no amount.
    return {name: str(amount) for name, amount in amounts.items() if amount is not None}


def _quantities(block: Mapping[str, Value], kind: str) -> dict[str, Quantity]:
    return {
        name: Quantity.parse(text, field=f"{kind}.{name}")
        for name, text in _amounts(block, kind).items()
    }
