"""The twin of the horizontal autoscaler: its rules one by one, and every recorded run replayed."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

import pytest

from helpers.lesson import recording
from helpers.model import hpa
from helpers.model.hpa import Bounds, Inputs, Pod, Proposal, Reading, propose, settle
from helpers.model.timeline import Row, Timeline

LESSON = "autoscaling-on-cpu"
AUTOSCALERS = Path(__file__).parent / "runs" / "autoscalers.jsonl.gz"
"""Made by tests/cluster/record_hpa.py: three autoscalers with other targets, two loads each."""
RUNS = sorted(
    (Path(__file__).resolve().parents[2] / "recordings" / LESSON).glob("*formula.jsonl.gz")
)
NOW = 10_000.0


def pod(name: str, **given: object) -> Pod:
    """A Pod that has been ready for ten minutes and requests 250m."""
    usual: dict[str, object] = {
        "phase": "Running",
        "ready": True,
        "ready_since": NOW - 600,
        "started": NOW - 600,
        "request": 250,
    }
    return Pod(name, **{**usual, **given})  # type: ignore[arg-type]


def given(
    used: dict[str, int], *pods: Pod, current: int | None = None, target: int = 60, most: int = 10
) -> Inputs:
    readings = {name: Reading(NOW - 5, 10.0, cpu) for name, cpu in used.items()}
    made = pods or tuple(pod(name) for name in used)
    return Inputs(current or len(made), Bounds(1, most, target), readings, made, NOW)


@pytest.mark.parametrize(
    ("used", "replicas", "percent"),
    [
        ({"a": 250}, 2, 100),  # 1 × 100 ÷ 60 = 1.67
        ({"a": 250, "b": 200}, 3, 90),
        ({"a": 165}, 1, 66),  # a tenth above is still within the tolerance
        ({"a": 168}, 2, 67),
        ({"a": 135}, 1, 54),
        ({"a": 130, "b": 130, "c": 130}, 3, 52),
        ({"a": 0}, 0, 0),
        ({"a": 167}, 1, 66),  # 66.8 %, of which the fraction is cut
    ],
)
def test_the_plain_formula_and_its_tolerance(
    used: dict[str, int], replicas: int, percent: int
) -> None:
    assert propose(given(used)) == Proposal(replicas, percent)


def test_without_the_cut_of_the_fraction_it_would_be_two() -> None:
    inputs = given({"a": 167})
    found = propose(inputs, "truncated percentage")
    assert found is not None
    assert found.replicas == 2


def test_an_unready_pod_counts_as_idle_on_the_way_up() -> None:
    fresh = pod("b", phase="Pending", ready=None, started=None)
    # 250m of 500m are 50 %: the other way, so it stays.
    assert propose(given({"a": 250}, pod("a"), fresh, current=2)) == Proposal(2, 100)
    found = propose(given({"a": 250}, pod("a"), fresh, current=2), "unready pods")
    assert found == Proposal(2, 100)
    pair = given({"a": 250, "b": 250}, pod("a"), pod("b"), pod("c", phase="Pending"), current=3)
    assert propose(pair) == Proposal(3, 100)  # 167 % of 3 would be 5; two thirds are in the target
    assert propose(given({"a": 250, "b": 250}, current=2)) == Proposal(4, 100)


def test_a_reading_that_began_before_the_pod_was_ready_does_not_count() -> None:
    soon = pod("b", started=NOW - 20, ready_since=NOW - 14)
    inputs = given({"a": 250, "b": 250}, pod("a"), soon, current=2)
    assert propose(inputs) == Proposal(2, 100)
    assert propose(inputs, "unready pods") == Proposal(4, 100)


def test_a_missing_reading_counts_whole_on_the_way_down_and_nothing_on_the_way_up() -> None:
    down = given({"a": 50}, pod("a"), pod("b"), current=2)
    assert propose(down) == Proposal(2, 20)  # (20 + 100) ÷ 2 is the target
    assert propose(down, "missing metrics") == Proposal(1, 20)
    up = given({"a": 250, "b": 250, "c": 250}, pod("a"), pod("b"), pod("c"), pod("d"), current=4)
    assert propose(up) == Proposal(5, 100)


def test_a_pod_that_leaves_does_not_count_and_one_without_request_ends_it() -> None:
    assert propose(given({"a": 250, "b": 250}, pod("a"), pod("b", leaving=True))) == Proposal(
        2, 100
    )
    assert propose(given({"a": 250}, pod("a"), pod("b", request=None))) is None
    assert propose(given({}, pod("a"))) is None


def test_it_doubles_at_most_waits_before_it_shrinks_and_keeps_its_bounds() -> None:
    three = given({"a": 1, "b": 1, "c": 1})
    assert settle(three, 9, []) == 6
    assert settle(three, 9, [], "scale-up cap") == 9
    assert settle(given({"a": 1}), 9, []) == 4
    assert settle(three, 1, [3, 2]) == 3
    assert settle(three, 1, [3, 2], "stabilisation") == 1
    assert settle(three, 0, []) == 1
    assert settle(three, 0, [], "bounds") == 0


@pytest.mark.parametrize(
    ("text", "wanted"), [("5m0s", 300), ("10.021s", 10.021), ("300ms", 0.3), ("1h2m3s", 3723)]
)
def test_durations(text: str, wanted: float) -> None:
    assert hpa.seconds(text) == pytest.approx(wanted)


def test_what_is_no_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="not a duration"):
        hpa.seconds("soon")


def recorded() -> list[Timeline]:
    return [recording.load(LESSON, path.name.removesuffix(".jsonl.gz")) for path in RUNS]


@cache
def autoscalers() -> Timeline:
    return Timeline.from_jsonl(gzip.decompress(AUTOSCALERS.read_bytes()).decode())


def all_runs() -> list[tuple[Timeline, str]]:
    """Every recorded run of an autoscaler on CPU, with the autoscaler's name."""
    others = [(autoscalers(), name) for name in ("low", "middle", "high", "steady")]
    return [*((run, "fib") for run in recorded()), *others]


def test_the_twin_makes_nine_of_ten_recorded_changes_and_explains_the_others() -> None:
    changes = [change for run, name in all_runs() for change in hpa.changes(run, name)]
    assert len(changes) >= 20
    right = sum(change.agrees for change in changes)
    assert 10 * right >= 9 * len(changes), [c for c in changes if not c.agrees]
    assert not [change for change in changes if change.difference == hpa.UNEXPLAINED]
    ways = [change.desired > change.current for change in changes]
    assert min(ways.count(True), ways.count(False)) >= 5


def test_the_recorded_syncs_need_the_rules_that_bend_the_formula() -> None:
    """A twin without one of them would fail on some recorded sync, so that rule was judged."""
    needed = {
        rule
        for run, name in all_runs()
        for sync in hpa.syncs(run, name)
        if sync.agrees
        for rule in sync.because
    }
    assert needed >= {"tolerance", "unready pods", "scale-up cap", "stabilisation", "bounds"}


def test_a_pod_that_the_sync_itself_made_is_none_of_its_inputs() -> None:
    """It may be seen before the change of the Deployment: each kind has a watch of its own."""
    early = [
        change
        for run, name in all_runs()
        for change in hpa.changes(run, name)
        if change.desired == 2 and change.current == 1
    ]
    assert early
    assert all(change.agrees for change in early)


def test_the_utilisation_is_the_one_in_the_status() -> None:
    for run in recorded():
        told = [sync for sync in hpa.syncs(run) if sync.told is not None]
        same = [sync for sync in told if sync.utilization == sync.told]
        assert 10 * len(same) >= 9 * len(told)


def test_a_controller_with_another_formula_is_not_explained() -> None:
    """Nine replicas where the readings ask for two: no rule that is left out gives that."""
    for run in recorded():
        changed = Timeline(run.meta)
        up = next(change for change in hpa.changes(run) if change.desired > change.current)
        for row in run.rows:
            field = row.field == "status.desiredReplicas" and row.value == up.desired
            changed.append(Row(row.time, row.source, row.object, row.field, 9) if field else row)
        differences = {sync.difference for sync in hpa.changes(changed)}
        assert hpa.UNEXPLAINED in differences


def test_the_scale_down_waits_for_the_window() -> None:
    for run, name in all_runs():
        syncs = hpa.syncs(run, name)
        if not hpa.changes(run, name):
            continue  # its target is within the tolerance of all that was asked
        down = next(sync for sync in syncs if sync.desired < sync.current)
        held = [s for s in syncs if s.at < down.at and "stabilisation" in s.because]
        assert held
        assert down.at - held[0].at >= hpa.stabilisation_window() - 2 * hpa.sync_period()


def test_an_empty_run_has_no_syncs() -> None:
    assert hpa.syncs(Timeline()) == []
