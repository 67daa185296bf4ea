"""What the rows of a lifecycle lesson say: days of pushes under one rule, images under three.

Rows: the source "aws" (what moto was asked for, and its answers) and the source "model" with the
object "Repository/randserver": "day", "images" and "fates" (the evaluator's decisions, for moto
makes none). moto's answers to ecr:ListImages are kept as {count, oldest, tags}.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from helpers.model.lifecycle import Fate, Image, policy_of
from helpers.model.timeline import Row, Timeline, Value

NAME = "randserver"
REPOSITORY = f"Repository/{NAME}"
PUT = "ecr:PutLifecyclePolicy"
LIST = "ecr:ListImages"
DAYS = 20


def sent(timeline: Timeline) -> dict[str, Any] | None:
    """Return the policy that was sent last, whether moto knew its grammar or not."""
    rows = timeline.where(source="aws", object=PUT)
    return policy_of(rows[-1].value) if rows else None


def answer(row: Row | None) -> dict[str, Any]:
    """Return the answer in a row of the source "aws"; empty where there is none."""
    value = row.value if row is not None else None
    found = value.get("answer") if isinstance(value, dict) else None
    return dict(found) if isinstance(found, dict) else {}


@dataclass
class Day:
    """A day: the images after its pushes, and after the rule was applied; the oldest of these."""

    number: int
    pushed: int | None = None
    left: int | None = None
    oldest: str = ""
    taken: int = 0
    """How many the evaluator let the rule take."""

    @property
    def gone(self) -> int:
        """How many images fewer there were at its end, as moto lists them."""
        return 0 if self.pushed is None or self.left is None else self.pushed - self.left


@dataclass
class Days:
    """A run of days under one rule that counts: at most `keep` images, `daily` pushed a day."""

    keep: int
    daily: int
    days: list[Day] = field(default_factory=list)


def days(timeline: Timeline) -> Days | None:
    """Return the days so far; None for a run of something else."""
    policy = sent(timeline)
    values = timeline.value(source="model", object=REPOSITORY, field="daily")
    if policy is None or not isinstance(values, int):
        return None
    run = Days(int(policy["rules"][0]["selection"]["countNumber"]), values)
    for row in timeline.rows:
        if row.source == "model" and row.field == "day" and isinstance(row.value, int):
            run.days.append(Day(row.value))
        elif row.source == "model" and row.field == "takes" and isinstance(row.value, int):
            run.days[-1].taken = row.value
        elif row.source == "aws" and row.object == LIST and run.days:
            found, today = answer(row), run.days[-1]
            if today.pushed is None:
                today.pushed = int(found["count"])
            else:
                today.left, today.oldest = int(found["count"]), str(found["oldest"])
    return run


def first_taken(timeline: Timeline) -> Day | None:
    """Return the first day at whose end images were gone; None while there is none."""
    run = days(timeline)
    return next((day for day in run.days if day.gone), None) if run else None


def first_day(keep: int, daily: int) -> int:
    """Return the first day on which there are more than `keep` images."""
    return keep // daily + 1


def tag(number: int) -> str:
    """Return the tag of the n-th push, counted from 1."""
    return f"build-{number:04}"


def images(timeline: Timeline) -> list[Image]:
    """Return the images that the run put into the repository, oldest first."""
    rows = timeline.value(source="model", object=REPOSITORY, field="images")
    return [_image(row) for row in rows] if isinstance(rows, list) else []


def told(made: Sequence[Image]) -> list[Value]:
    """Return images as a row holds them."""
    return [
        {"name": i.name, "tags": list(i.tags), "pushed": i.pushed, "pulled": i.pulled} for i in made
    ]


def _image(row: Value) -> Image:
    assert isinstance(row, dict)
    tags, pushed, pulled = row["tags"], row["pushed"], row["pulled"]
    assert isinstance(tags, list)
    assert isinstance(pushed, int | float)
    assert isinstance(pulled, int | float | None)
    return Image(str(row["name"]), tuple(str(t) for t in tags), pushed, pulled)


def decided(timeline: Timeline) -> dict[str, Fate]:
    """Return what the evaluator decided in the run."""
    rows = timeline.value(source="model", object=REPOSITORY, field="fates")
    if not isinstance(rows, dict):
        return {}
    found = {}
    for name, fate in rows.items():
        assert isinstance(fate, list)
        rule = fate[0]
        found[name] = Fate(rule if isinstance(rule, int) else None, str(fate[1]))
    return found


def left(timeline: Timeline) -> frozenset[str] | None:
    """Return the names of the images that moto holds in the end; None before that is known."""
    row = timeline.last(source="aws", object=LIST)
    if row is None or not decided(timeline):
        return None
    return frozenset(str(name) for name in answer(row)["names"])
