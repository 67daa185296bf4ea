"""What a lab's check says: for each fact a verdict, and the hints that go with those that failed.

A check is a pure function over the Timeline of one press of Check. Rows of its own: source
"clock", object "Lab/<name>": the field "seconds" tells the time, a row a second; "observed" is True
once all that was to be seen has been seen; "broke" says why it was not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from helpers.model.timeline import Timeline

CLOCK = "clock"
NOT_OBSERVED = "It was not observed to its end."


class Outcome(StrEnum):
    """How a fact came out."""

    PASSED = "passed"
    FAILED = "failed"
    COULD_NOT_RUN = "could not run"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One fact of a lab: how it came out, what was wanted, what was seen.

    `hint` is the key of the lab's hint that belongs to a failure.
    """

    fact: str
    outcome: Outcome
    wanted: str
    seen: str
    hint: str


@dataclass(frozen=True, slots=True)
class Question:
    """A lab's last question: one right answer, and wrong ones, each with why it is wrong."""

    ask: str
    right: str
    wrong: Mapping[str, str]


def judge(fact: str, holds: bool | None, *, wanted: str, seen: str, hint: str) -> Verdict:
    """Return the verdict on a fact: True passed, False failed, None could not run."""
    outcome = (
        Outcome.COULD_NOT_RUN if holds is None else Outcome.PASSED if holds else Outcome.FAILED
    )
    return Verdict(fact, outcome, wanted, seen, hint)


def held(timeline: Timeline, condition: Callable[[Timeline], object], seconds: float) -> bool:
    """Tell whether the condition was true at every row of the last `seconds` seconds.

    False when less than that was observed.
    """
    rows = timeline.rows
    if not rows:
        return False
    begin = rows[-1].time - seconds
    if rows[0].time > begin:
        return False
    moments = {row.time for row in rows if row.time > begin and row.source != CLOCK}
    return all(condition(timeline.until(moment)) for moment in sorted({begin, *moments}))


def judged(
    check: Callable[[Timeline], Sequence[Verdict]], timeline: Timeline
) -> tuple[Verdict, ...]:
    """Judge a Timeline; what was not observed to its end could not run, whatever the check says."""
    found = tuple(check(timeline))
    broke = timeline.value(source=CLOCK, field="broke")
    if broke is None and timeline.value(source=CLOCK, field="observed") is True:
        return found
    seen = str(broke or NOT_OBSERVED)
    return tuple(replace(v, outcome=Outcome.COULD_NOT_RUN, seen=seen) for v in found)


def passed(verdicts: Sequence[Verdict]) -> bool:
    """Tell whether every fact passed."""
    return bool(verdicts) and all(v.outcome is Outcome.PASSED for v in verdicts)


def hints(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Return the keys of the hints of what failed, each once, in the order of the facts."""
    return tuple(dict.fromkeys(v.hint for v in verdicts if v.outcome is Outcome.FAILED))
