"""Runs that went another way: a recorded one with rows changed, for what a run answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from helpers.lesson import recording
from helpers.lesson.experiment import Experiment
from helpers.model.timeline import Row, Timeline, Value
from tests import course

Change = Callable[[Row], Row | None]
OtherRun = tuple[type[Experiment[Any]], Change, Value]
"""An experiment, what is changed in its recorded run, and the answer of that run."""


@cache
def recorded(made: type[Experiment[Any]]) -> Timeline:
    """Return an experiment's recorded run."""
    return next(
        recording.load(lesson, made.id) for lesson, one in course.experiments() if one is made
    )


def changed(run: Timeline, change: Change) -> Timeline:
    """Return a run with each row as `change` has it; None leaves it out."""
    timeline = Timeline(run.meta)
    for row in run.rows:
        if (kept := change(row)) is not None:
            timeline.append(kept)
    return timeline


def saying(run: Timeline, prediction: Value, values: Value = None) -> Timeline:
    """Return a run with this prediction, and with these values of the form if any are given."""
    told = {"prediction": prediction} | ({} if values is None else {"values": values})

    def change(row: Row) -> Row:
        mine = row.source == "learner" and row.field in told
        return replace(row, value=told[row.field]) if mine else row

    return changed(run, change)


def later(run: Timeline, seconds: float, these: Callable[[Row], bool]) -> Timeline:
    """Return a run in which some rows came so much later."""
    made = Timeline(run.meta)
    rows = [replace(row, time=row.time + seconds) if these(row) else row for row in run.rows]
    for row in sorted(rows, key=lambda row: row.time):
        made.append(row)
    return made


def words(field: str, *pairs: tuple[str, str], object: str = "") -> Change:
    """Replace words in the values, as JSON, of a field's rows; `object` is part of their name."""

    def change(row: Row) -> Row:
        if row.field != field or object not in row.object or row.source == "learner":
            return row
        text = json.dumps(row.value)
        for old, new in pairs:
            text = text.replace(old, new)
        return replace(row, value=json.loads(text))

    return change


def without(field: str, object: str = "", source: str = "") -> Change:
    """Leave out rows of a field; `object` is part of their name."""

    def change(row: Row) -> Row | None:
        out = row.field == field and object in row.object and source in row.source
        return None if out else row

    return change


def answers(made: type[Experiment[Any]], change: Change, answer: Value) -> None:
    """Check what the other run answers, and how that is judged."""
    experiment, run = made(), changed(recorded(made), change)
    assert experiment.outcome(run) == answer
    judged = experiment.judge(experiment.question(), saying(run, experiment.script.prediction))
    assert judged.result == ("not judged" if answer is None else "wrong")
    assert experiment.difference(run)
