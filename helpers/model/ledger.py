"""The ledger: which claims of the source are taught, by what they are proved, how far we are.

`python -m helpers.model.ledger` prints the counts.  The entries stand in docs/ledger.yaml; what the
lessons state beyond the source has a claim too, and stands in docs/own-claims.yaml.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

PATH = Path(__file__).parents[2] / "docs" / "ledger.yaml"
OWN = PATH.with_name("own-claims.yaml")
STATES = ("confirmed", "changed since", "not runnable here", "planned")
_STATUS = re.compile(r"confirmed( \(cgroup v[12]\))?|changed since|not runnable here: .+|planned")


class LedgerError(ValueError):
    """An entry that is not as it must be; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One claim of the source.

    `claim`, `book`, `today`, `observe` and `kind` are prose for people.  `notebook` and `card` (an
    experiment's id) say where it is taught, `proof` is "claim" or a test as path::name; each may
    be empty.
    """

    id: str
    topic: str
    claim: str
    book: str
    today: str
    observe: str
    kind: str
    notebook: str
    card: str
    proof: str
    status: str

    @property
    def state(self) -> str:
        """The status without its detail: one of `STATES`."""
        return next(state for state in STATES if self.status.startswith(state))

    @property
    def proved(self) -> bool:
        """Whether the course makes this claim, and it held."""
        return self.state in {"confirmed", "changed since"}


@dataclass(frozen=True, slots=True)
class Own:
    """A claim that the source does not make: `claim` in words, and where it is taught."""

    id: str
    claim: str
    notebook: str
    card: str


def load(path: Path = PATH) -> tuple[Entry, ...]:
    """Return the entries of the ledger; raises LedgerError for one that is not as it must be."""
    entries = tuple(_entry(item) for item in _listed(path))
    _each_once([entry.id for entry in entries])
    return entries


def own(path: Path = OWN) -> tuple[Own, ...]:
    """Return the claims beyond the source; raises LedgerError for one that is not as it must be."""
    found = []
    for item in _listed(path):
        id = _text(item, "id", "an entry without id")
        notebook, card = _taught(item, id)
        if not notebook:
            raise LedgerError(f"{id}: taught names a notebook and a card")
        found.append(Own(id, _text(item, "claim", id), notebook, card))
    _each_once([claim.id for claim in found])
    return tuple(found)


def counts(entries: Sequence[Entry]) -> dict[str, Counter[str]]:
    """Return, by topic, how many entries are in which state."""
    found: dict[str, Counter[str]] = {}
    for entry in entries:
        found.setdefault(entry.topic, Counter())[entry.state] += 1
    return found


def table(entries: Sequence[Entry]) -> str:
    """Return the counts as a table, a topic a line, with the sum below."""
    by_topic = counts(entries)
    lines: list[tuple[str, ...]] = [("topic", *STATES, "entries")]
    for topic, count in by_topic.items():
        lines.append((topic, *(str(count[state] or "") for state in STATES), str(count.total())))
    total = sum(by_topic.values(), Counter())
    lines.append(("all", *(str(total[state]) for state in STATES), str(total.total())))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def _entry(item: Mapping[str, object]) -> Entry:
    id = str(item.get("id") or "an entry without id")
    texts = {}
    for key in ("id", "topic", "claim", "book", "today", "observe", "kind", "status"):
        texts[key] = _text(item, key, id)
    if not _STATUS.fullmatch(texts["status"]):
        raise LedgerError(
            f"{id}: {texts['status']!r} is no status; take one of {', '.join(STATES)}"
        )
    notebook, card = _taught(item, id)
    proof = str(item.get("proof") or "")
    entry = Entry(**texts, notebook=notebook, card=card, proof=proof)
    if entry.proved and not (entry.notebook and proof):
        raise LedgerError(f"{id}: who says {entry.status!r} names where it is taught, and a proof")
    return entry


def _listed(path: Path) -> Sequence[Mapping[str, object]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text("utf-8"), Loader=loader) or []


def _text(item: Mapping[str, object], key: str, id: str) -> str:
    if not isinstance(item.get(key), str) or not item[key]:
        raise LedgerError(f"{id}: write its {key}, a text")
    return str(item[key])


def _taught(item: Mapping[str, object], id: str) -> tuple[str, str]:
    taught = item.get("taught") or {}
    if not isinstance(taught, Mapping) or set(taught) not in (set(), {"notebook", "card"}):
        raise LedgerError(f"{id}: taught names a notebook and a card, or is null")
    return str(taught.get("notebook") or ""), str(taught.get("card") or "")


def _each_once(ids: Sequence[str]) -> None:
    twice = [id for id, count in Counter(ids).items() if count > 1]
    if twice:
        raise LedgerError(f"two entries are called {twice[0]}: give each an id of its own")


if __name__ == "__main__":
    try:
        print(table(load()))
        print(f"\nbeside the book's: {len(own())} claims of our own (docs/own-claims.yaml)")
    except LedgerError as error:
        sys.exit(f"docs: {error}")
