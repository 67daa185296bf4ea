"""Labels: the rules of ARG, of the OCI's keys and of what fits in them; forms, charts, words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers.charts.build_arguments import ArgumentChart
from helpers.charts.image_labels import LabelChart
from helpers.experiments.build_arguments import Arguments, BuildArguments
from helpers.experiments.commits import Commits
from helpers.experiments.image_labels import ImageLabels
from helpers.forms import Form
from helpers.lesson.experiment import Place, Trouble
from helpers.lesson.run import plain
from helpers.model import build_arguments
from helpers.model.labels import license_error, rfc3339, value_of, wrong
from helpers.model.timeline import Row, Timeline
from helpers.model.traced import NEW, NONE, OLD, traced
from tests.unit.claims.labels import BAD, GOOD, build, moved

PLACE = Place("labels", "labels-0000")


@pytest.mark.parametrize(
    ("variable", "passed", "value"),
    [
        ("SHA", {"SHA": "abc"}, "abc"),
        ("SHA", {}, ""),
        ("COOK", {}, "Ada"),
        ("COOK", {"COOK": "Bob"}, "Bob"),
        ("GIT_COMMIT", {"GIT_COMMIT": "abc"}, ""),
    ],
)
def test_a_variable_is_what_was_declared_and_passed(
    variable: str, passed: dict[str, str], value: str
) -> None:
    assert value_of(variable, passed) == value


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("2018-11-25T22:14:00Z", True),
        ("2026-11-24T19:30:00.5+01:00", True),
        ("2026-11-24", False),
        ("2026-13-24T19:30:00Z", False),
        ("25/11/2018", False),
        ("2026-11-24 19:30:00Z", False),
    ],
)
def test_a_time_is_one_of_rfc_3339(text: str, good: bool) -> None:
    assert rfc3339(text) is good


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Apache-2.0", True),
        ("MIT OR Apache-2.0", True),
        ("(MIT OR BSD-3-Clause) AND ISC", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", True),
        ("LicenseRef-Own", True),
        ("Apache 2", False),
        ("MIT OR", False),
        ("(MIT", False),
        ("MIT Apache-2.0", False),
        ("mit or isc", False),
    ],
)
def test_a_license_is_an_expression_of_spdx(text: str, good: bool) -> None:
    assert (license_error(text) is None) is good


@pytest.mark.parametrize("key", sorted(set(BAD) - {"title", "vendor", "description", "revision"}))
def test_what_does_not_fit_its_key_is_refused_with_the_fields_name(key: str) -> None:
    assert wrong(key, GOOD[key]) is None
    made = ImageLabels()
    form = Form(made.spec, lambda values: made.build(values, PLACE), check=made.check)
    form.set(**{key: BAD[key]})
    assert list(form.errors) == [key]
    form.set(**{key: None})
    assert form.errors == {}


def test_the_commit_of_the_pods_image_is_found_whatever_the_tag() -> None:
    assert traced(moved()).outcome == OLD
    assert traced(moved(later=GOOD | {"revision": "b" * 40})).outcome == NEW
    nothing = moved(passed=GOOD | {"revision": ""})
    assert traced(nothing).outcome == NONE
    assert traced(nothing).expected == (NONE, NONE, NONE)
    assert traced(moved(moves=False)).outcome == ""


def test_the_charts_draw_half_a_run_and_a_whole_one() -> None:
    half = Timeline()
    for row in moved().rows[:3]:
        half.append(row)
    for timeline in (Timeline(), half, moved(), moved(moves=False), build()):
        for chart in (LabelChart(timeline), ArgumentChart(timeline)):
            assert chart.figure.data
            assert chart.text
    drawn = LabelChart(moved()).figure
    assert list(drawn.data[1].y) == [1, 1, 2]
    assert len(drawn.data[4].x) == 22


@pytest.mark.parametrize("timeline", [Timeline(), moved(), moved(passed=GOOD | {"revision": ""})])
def test_the_difference_speaks_of_any_run(timeline: Timeline) -> None:
    timeline.append(Row(0.0, "learner", "Card/x", "prediction", OLD))
    for experiment in (ImageLabels(), BuildArguments()):
        words = plain(experiment.difference(timeline))
        assert "you said" in words
        assert "None" not in words


def test_the_form_says_which_commit_the_label_holds() -> None:
    made = BuildArguments()
    form = Form(made.spec, lambda values: made.build(values, PLACE), check=made.check)
    form.set(cook="Ada Lovelace")
    assert list(form.errors) == ["cook"]
    assert "$SHA" in str(made.ask(Arguments(variable="SHA")))
    printed = build_arguments.builds(build())[0]
    assert printed.expected == printed.outcome == build_arguments.EMPTY


def test_a_small_repository_knows_its_commits(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    (tmp_path / "file").write_text("one")
    commits = Commits.begin(tmp_path)
    one = commits.commit("First")
    assert commits.kind(one) == "commit"
    assert commits.subject(one) == "First"
    assert commits.kind("f" * 40) == ""
    with pytest.raises(Trouble, match="git said no"):
        commits.commit("Nothing new")
