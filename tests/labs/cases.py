"""The labs of the course, their cases, and what each case must get."""

from __future__ import annotations

from helpers.lesson.lab_folder import LabFolder, labs
from helpers.model.verdicts import Outcome, Verdict, hints, passed


def folders() -> list[LabFolder]:
    """Return every lab, in the order of the course."""
    return [LabFolder(path.parent) for path in sorted(labs().glob("[0-9]*/check.py"))]


def wrong(folder: LabFolder, case: str, verdicts: tuple[Verdict, ...]) -> str:
    """Say what is wrong with the verdicts that a case got; empty when nothing is.

    A solution passes. A misconception fails with its own hint and no other. The start fails with a
    hint that is no misconception's. None of them "could not run".
    """
    kind, _, name = case.partition("/")
    given = hints(verdicts)
    if any(v.outcome is Outcome.COULD_NOT_RUN for v in verdicts):
        return "could not run"
    if kind == "solutions":
        return "" if passed(verdicts) else "a solution fails"
    if passed(verdicts):
        return "passes, and must not"
    good = (
        given == (name,) if name else not {f"misconceptions/{h}" for h in given} & {*folder.cases}
    )
    return "" if good else f"gets the hints {', '.join(given)}"
