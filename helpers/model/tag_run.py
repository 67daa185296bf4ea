"""What the rows of the tagging lesson say.

Rows: source "registry": "Tag/<tag>" with "put" ({accepted, words}), and "Repository/<name>" with
"tags", as the registry lists them; "Image/..." with "push", as `helpers.model.images` has it.
Source "git": "Commit/<id>" with "made" ({subject, tag}) and "show"; "Tag/<tag>" with "names", the
commit that git finds under a tag's text, or "". Source "exec": a Pod's "answer".
Source "model": "Version/<version>" with "next" and "upgrades".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helpers.model.tags import Version
from helpers.model.timeline import Timeline, Value

REPOSITORY = "mysql"
FOUR = ("8.0.12-c9", "8.0.12-c15", "8.0.12", "8.0.13-c1")
RELEASES = ("1.9.0", "1.10.0", "2.0.0")

APP = "dice"
FIRST, FIX, FEATURE, BREAK = "1.0.0", "1.0.1", "1.1.0", "2.0.0"
MOVES = {"1.0": FIX, "1": FEATURE, "latest": BREAK}
"""Where a tag that moves points to in the end: to the newest version that it stands for."""

BEFORE = ("exact-before", "moving-before")
PODS = ("exact", "moving", "minor", "major", "commit")
WORDS = ("1.0.0", "the moving tag", "1.1.0", "2.0.0", "the commit of the fix")
QUESTIONS = ("has the fix", "old client works")


def listed(timeline: Timeline) -> list[str]:
    """Return the tags in the order in which the registry lists them."""
    value = timeline.value(source="registry", field="tags")
    return [str(tag) for tag in value] if isinstance(value, list) else []


def puts(timeline: Timeline) -> dict[str, bool]:
    """Return which tags the registry accepted, by tag."""
    found = {}
    for row in timeline.where(source="registry", field="put"):
        assert isinstance(row.value, dict)
        found[row.object.removeprefix("Tag/")] = row.value["accepted"] is True
    return found


def values(timeline: Timeline) -> dict[str, Value]:
    """Return the form's values; empty where there are none."""
    value = timeline.value(source="learner", field="values")
    return dict(value) if isinstance(value, dict) else {}


def answers(timeline: Timeline, pod: str) -> list[dict[str, Any]]:
    """Return what a Pod's program answered, in its order."""
    rows = timeline.where(source="exec", object=f"Pod/{pod}", field="answer")
    return [dict(row.value) for row in rows if isinstance(row.value, dict)]


def old_client_works(answer: dict[str, Any]) -> bool:
    """Tell whether a client of 1.0.0 can use an answer: it reads the list "faces"."""
    return isinstance(answer.get("faces"), list)


def has_fix(answer: dict[str, Any]) -> bool:
    """Tell whether the fault of 1.0.0 is mended: the lowest face of its die is 0."""
    return bool(min(answer.get("faces") or answer["sides"]) == 1)


@dataclass(frozen=True)
class Cell:
    """A Pod and a question, as predicted, by SemVer's rules, and as measured."""

    row: str
    column: str
    predicted: bool | None
    rule: bool | None
    answer: bool | None


def cells(timeline: Timeline) -> list[Cell]:
    """Return the table of Pods and questions, row by row."""
    said = timeline.value(source="learner", field="prediction")
    guesses = list(said) if isinstance(said, list) else []
    moved = MOVES.get(str(values(timeline).get("moving")))
    carries = dict(zip(PODS, (FIRST, moved, FEATURE, BREAK, FIX), strict=True))
    found = []
    for row, (pod, words) in enumerate(zip(PODS, WORDS, strict=True)):
        version = carries[pod]
        now = Version.parse(version) if version else None
        first, fix = Version.parse(FIRST), Version.parse(FIX)
        rules = (now >= fix, now.major == first.major) if now else (None, None)
        last = answers(timeline, pod)
        known = last[-1] if last else None
        seen = (has_fix(known), old_client_works(known)) if known else (None, None)
        for column, (rule, answer) in enumerate(zip(rules, seen, strict=True)):
            place = row * len(QUESTIONS) + column
            guess = guesses[place] == "yes" if place < len(guesses) else None
            found.append(Cell(words, QUESTIONS[column], guess, rule, answer))
    return found
