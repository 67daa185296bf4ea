"""How good a prediction was: each scripted answer of the course is judged as its script says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from helpers.lesson import recording
from helpers.lesson.experiment import Experiment
from helpers.lesson.judgement import Judgement, judge
from helpers.lesson.prediction import Choice, Number, Order, Table, plain
from helpers.model.timeline import Row, Timeline, Value
from tests import course
from tests.unit.other_runs import changed, saying

EXPERIMENTS = list(course.experiments())
AGREES = re.compile(r"[,;] (as|and so) you said")


@pytest.mark.parametrize(("lesson", "made"), EXPERIMENTS, ids=lambda one: getattr(one, "id", None))
def test_each_scripted_answer_is_judged_as_the_script_says(
    lesson: str, made: type[Experiment[Any]]
) -> None:
    experiment, recorded = made(), recording.load(lesson, made.id)
    question, script = experiment.question(), experiment.script
    right = experiment.judge(question, saying(recorded, script.prediction))
    assert right == Judgement("right"), "the run itself answers otherwise than its script"
    for name, wrong in script.misconceptions.items():
        said = experiment.judge(question, saying(recorded, wrong))
        assert said == Judgement("wrong", name)


@pytest.mark.parametrize(("lesson", "made"), EXPERIMENTS, ids=lambda one: getattr(one, "id", None))
def test_a_run_in_which_nothing_was_measured_answers_nothing(
    lesson: str, made: type[Experiment[Any]]
) -> None:
    def sent(row: Row) -> Row | None:
        manifest = row.source == "session" and row.field == "manifest"
        return row if manifest or row.source == "learner" else None

    assert made().outcome(changed(recording.load(lesson, made.id), sent)) is None
    assert made().outcome(Timeline()) is None


@pytest.mark.parametrize(("lesson", "made"), EXPERIMENTS, ids=lambda one: getattr(one, "id", None))
def test_words_and_judgement_agree(lesson: str, made: type[Experiment[Any]]) -> None:
    experiment, recorded = made(), recording.load(lesson, made.id)
    for said in (experiment.script.prediction, *experiment.script.misconceptions.values()):
        run = saying(recorded, said)
        right = experiment.judge(experiment.question(), run).result == "right"
        words = plain(experiment.difference(run))
        # Some say both numbers, and no verdict.
        assert (AGREES.search(words) is not None) is right or (
            right and "you said" in words.lower()
        )


@pytest.mark.parametrize(("lesson", "made"), EXPERIMENTS, ids=lambda one: getattr(one, "id", None))
def test_a_recording_judges_no_values_but_its_own(lesson: str, made: type[Experiment[Any]]) -> None:
    experiment, recorded = made(), recording.load(lesson, made.id)
    other = saying(recorded, experiment.script.prediction, {"something": "else"})
    other.meta["replay"] = True
    assert experiment.judge(experiment.question(), other) == Judgement("not judged")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (100.0, Judgement("right")),
        (95.0, Judgement("right")),
        (94.0, Judgement("wrong")),
        (78.0, Judgement("wrong", "share of time")),
        (70.0, Judgement("wrong", "share of time")),
        (69.0, Judgement("wrong")),
        (None, Judgement("not judged")),
    ],
)
def test_a_number_on_a_long_slider_has_a_band(said: Value, expected: Judgement) -> None:
    assert judge(Number("?", 0, 100, "%"), said, 100.0, {"share of time": 75.0}) == expected


def test_the_band_ends_well_before_another_idea() -> None:
    question, ideas = Number("?", 0, 20000, "IOPS", 50), {"50 for all": 50.0}
    assert judge(question, 650.0, 500.0, ideas) == Judgement("right")
    assert judge(question, 700.0, 500.0, ideas) == Judgement("wrong")
    assert judge(question, 100.0, 500.0, ideas) == Judgement("wrong", "50 for all")


def test_a_count_must_be_met() -> None:
    question = Number("?", 0, 6, "pods")
    assert judge(question, 4.0, 4, {}) == Judgement("right")
    assert judge(question, 5.0, 4, {"one more": 5.0}) == Judgement("wrong", "one more")
    assert judge(question, 3.0, 4, {"one more": 5.0}) == Judgement("wrong")


def test_a_choice_and_an_order_must_be_the_same() -> None:
    choice = Choice("?", ["a", "b", "c"])
    assert judge(choice, "a", "a", {"b it is": "b"}) == Judgement("right")
    assert judge(choice, "b", "a", {"b it is": "b"}) == Judgement("wrong", "b it is")
    assert judge(choice, "b", "b", {"b it is": "b"}) == Judgement("right")
    order = Order("?", ["a", "b"])
    assert judge(order, ["a", "b"], ("a", "b"), {}) == Judgement("right")
    assert judge(order, ["b", "a"], ("a", "b"), {"other": ("b", "a")}) == Judgement(
        "wrong", "other"
    )


def test_a_table_stands_for_an_idea_if_it_follows_it_wherever_it_is_wrong() -> None:
    question = Table("?", ["r", "s", "t"], ["c"], ["yes", "no"])
    ideas: dict[str, Value] = {"first": ("no", "yes", "yes"), "all": ("no", "no", "no")}
    right = ["yes", "yes", "yes"]
    assert judge(question, right, right, ideas) == Judgement("right")
    assert judge(question, ["no", "yes", "no"], right, ideas) == Judgement("wrong", "first")
    assert judge(question, ["no", "no", "no"], right, ideas) == Judgement("wrong", "all")
    assert judge(question, ["yes", "no", "no"], right, ideas) == Judgement("wrong")
