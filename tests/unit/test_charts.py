"""The throttling chart: its points come from the Timeline, its rule from the model."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import helpers.lesson
from helpers.charts import figure
from helpers.charts.throttling import NO_LIMIT, SWEEP, throttling_chart
from helpers.model.manifests import burn_pod
from helpers.model.timeline import Row, Timeline, Value


def run(*, prediction: float | None = 62.0, limit: str | None = "500m") -> Timeline:
    timeline = Timeline({"machine": "2 cores, Linux"})
    if prediction is not None:
        timeline.append(Row(1.0, "learner", "Card/x", "prediction", prediction))
        timeline.append(Row(1.0, "learner", "Card/x", "values", {"limit": limit}))
    manifest = burn_pod(namespace="n", lesson="l", threads=2, requests={"cpu": "100m"})
    timeline.append(Row(2.0, "session", "Pod/burn", "manifest", manifest))
    return timeline


def measure(timeline: Timeline, limit: str | None, throttled: int, cores: float) -> None:
    stat: dict[str, Value] = {
        "limit": limit,
        "seconds": 4.0,
        "periods": 0 if limit is None else 40,
        "throttled": throttled,
        "throttled_seconds": 1.0,
        "cpu_seconds": 4 * cores,
        "quota_us": None,
        "period_us": 100_000,
        "cgroup": "v2",
    }
    at = 3.0 + len(timeline)
    for name, value in stat.items():
        timeline.append(Row(at, "exec", "Pod/burn", f"stat.{name}", value))


@pytest.fixture
def swept() -> Timeline:
    timeline = run()
    measure(timeline, None, 0, 1.96)
    measure(timeline, "2", 4, 1.9)
    measure(timeline, "500m", 39, 0.51)
    return timeline


def test_an_empty_timeline_has_the_axis_and_no_points() -> None:
    chart = throttling_chart(Timeline())
    assert tuple(p.limit for p in chart.points) == SWEEP
    assert chart.table == []
    assert chart.text == "Nothing is measured yet."
    assert list(chart.figure.data[2].y) == [None] * len(SWEEP)


def test_points_are_those_of_the_timeline_and_grow_with_it(swept: Timeline) -> None:
    chart = throttling_chart(swept)
    measured = chart.figure.data[2]
    assert dict(zip(measured.text, measured.y, strict=True)) == {
        "100m": None, "250m": None, "500m": 97.5, "1": None, "1500m": None, "2": 10.0,
        NO_LIMIT: 0.0,
    }  # fmt: skip
    measure(swept, "250m", 40, 0.25)
    chart.update(swept)
    assert chart.figure.data[2] is measured
    assert measured.y[1] == 100.0


def test_the_rule_is_drawn_only_where_it_was_measured(swept: Timeline) -> None:
    rule, used_rule = throttling_chart(swept).figure.data[0], throttling_chart(swept).figure.data[4]
    assert list(rule.y) == [None, None, 100.0, None, None, 0.0, 0.0]
    assert list(used_rule.y) == [None, None, 0.5, None, None, 2.0, 2.0]


def test_the_prediction_stands_at_its_limit_with_the_distance_said(swept: Timeline) -> None:
    chart = throttling_chart(swept)
    link, diamond = chart.figure.data[1], chart.figure.data[3]
    assert (list(diamond.x), list(diamond.y), list(diamond.text)) == ([2], [62.0], ["500m"])
    assert (list(link.x), list(link.y)) == ([2, 2], [62.0, 97.5])
    note = chart.figure.layout.annotations[-1]
    assert note.visible
    assert note.text == "you were 36 points under"
    assert "36 points under" in chart.text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (97.5, "that is what was measured"),
        (98.5, "you were 1 point over"),
        (100.0, "you were 2 points over"),
        (0.0, "you were 98 points under"),
    ],
)
def test_the_distance_in_words(said: float, words: str) -> None:
    timeline = run(prediction=said)
    measure(timeline, "0.5", 39, 0.5)
    assert words in throttling_chart(timeline).text


def test_a_prediction_before_the_run_stays_while_points_come(swept: Timeline) -> None:
    chart = throttling_chart(run())
    diamond = chart.figure.data[3]
    assert list(diamond.y) == [62.0]
    assert not chart.figure.layout.annotations[-1].visible
    chart.update(swept)
    assert list(diamond.y) == [62.0]
    chart.update(Timeline())
    assert list(diamond.y) == []


def test_a_limit_of_ones_own_is_put_where_it_belongs() -> None:
    timeline = run(limit="0.3")
    measure(timeline, "300m", 40, 0.3)
    chart = throttling_chart(timeline)
    assert [p.limit for p in chart.points][:4] == ["100m", "250m", "300m", "500m"]
    assert chart.prediction == ("300m", 62.0)
    assert list(chart.figure.layout.xaxis2.ticktext)[2] == "300m"
    assert list(chart.figure.data[3].x) == [2]


def test_a_limit_measured_twice_shows_the_later_window(swept: Timeline) -> None:
    measure(swept, "500m", 20, 0.5)
    point = next(p for p in throttling_chart(swept).points if p.limit == "500m")
    assert point.stopped == 50.0


def test_the_table_says_the_same_as_the_figure(swept: Timeline) -> None:
    table = throttling_chart(swept).table
    assert [row["limits.cpu"] for row in table] == ["500m", "2", NO_LIMIT]
    assert table[0]["periods stopped, measured (%)"] == 97.5
    assert table[0]["CPU used, rule (cores)"] == 0.5


def test_the_figure_is_made_when_it_is_first_shown(swept: Timeline) -> None:
    chart = throttling_chart(swept)
    chart.update(swept)
    assert "figure" not in vars(chart)


def test_the_figure_is_transparent_and_every_mark_has_its_own_shape(swept: Timeline) -> None:
    drawn = throttling_chart(swept).figure
    assert drawn.layout.paper_bgcolor == drawn.layout.plot_bgcolor == "rgba(0,0,0,0)"
    rule, _, dots, diamond, *_ = drawn.data
    assert (rule.mode, dots.mode, diamond.marker.symbol) == ("lines", "markers", "diamond")
    assert dots.marker.color == figure.MEASUREMENT
    assert rule.line.color == figure.RULE
    assert diamond.marker.color == figure.PREDICTION


def test_the_style_sheet_knows_the_three_colours() -> None:
    """It recolours the marks by their colour: a change here must be made there."""
    css = (Path(helpers.lesson.__file__).parent / "card.css").read_text("utf-8")
    for colour in (figure.PREDICTION, figure.RULE, figure.MEASUREMENT):
        red, green, blue = (int(part, 16) for part in re.findall("[0-9a-f]{2}", colour))
        assert f"rgb({red}, {green}, {blue})" in css
        assert colour in css
