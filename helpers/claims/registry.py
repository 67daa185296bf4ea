"""Where the claims are kept: a decorator to enter one, a function to ask one."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from helpers.model.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a claim says of a run: held, not held, or None for "could not tell".

    `text` says it in a sentence; `expected` is the model's value for what really ran, `measured`
    what the Timeline holds.
    """

    held: bool | None
    text: str
    expected: str
    measured: str


def cannot_tell(what: str) -> Verdict:
    """Return the verdict on a run that lacks what the claim is about."""
    return Verdict(None, f"The run holds no {what}, so it cannot tell.", "not known", "nothing")


def compared(
    expected: str | Mapping[str, object],
    measured: str | Mapping[str, object],
    held: str,
    failed: str,
) -> Verdict:
    """Return the verdict on what was expected and measured, in words or of several things by name.

    `held` is its text if both are the same, and `failed` if they are not.
    """
    same = expected == measured
    return Verdict(same, held if same else failed, _told(expected), _told(measured))


def _told(found: str | Mapping[str, object]) -> str:
    if isinstance(found, str):
        return found
    return "; ".join(f"{name}: {words}" for name, words in found.items())


MACHINE_BUSY = Verdict(
    None,
    "The machine had too little CPU to give, so the run cannot tell. Wait for what else runs "
    "(another notebook, another card), and run it again.",
    "not known",
    "too little",
)


Claim: TypeAlias = Callable[[Timeline], Verdict]

_claims: dict[str, Claim] = {}


def claim(id: str) -> Callable[[Claim], Claim]:
    """Enter the decorated function as the claim `id`: its entry in the ledger, or one of our own.

    Raises ValueError if that id is taken.
    """

    def enter(function: Claim) -> Claim:
        if id in _claims:
            raise ValueError(f"two claims are called {id}")
        _claims[id] = function
        return function

    return enter


def verdict(id: str, timeline: Timeline) -> Verdict:
    """Ask the claim `id` about a run; raises KeyError, with names like it, if there is none."""
    if id not in _claims:
        near = difflib.get_close_matches(id, _claims, n=3)
        like = f" Did you mean {' or '.join(near)}?" if near else ""
        raise KeyError(f"there is no claim {id!r}.{like}")
    return _claims[id](timeline)


def registered() -> dict[str, Claim]:
    """Return all claims by id."""
    return dict(_claims)
