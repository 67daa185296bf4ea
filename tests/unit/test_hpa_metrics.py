"""The twin for other metrics, for several, and for behavior; recorded runs are replayed."""

from __future__ import annotations

import pytest

from helpers.experiments.own_metrics import Metered, OwnMetrics
from helpers.lesson import recording
from helpers.lesson.experiment import Place
from helpers.model import hpa, hpa_behavior, hpa_metrics, metered
from helpers.model.hpa import Pod, Proposal
from helpers.model.hpa_behavior import Behavior, Policy, Way, limited, steady
from helpers.model.hpa_metrics import external, highest, plain
from helpers.model.timeline import Timeline

LESSON = "autoscaling-on-metrics"
RUNS = (
    ("more-replicas-hold-more-memory", "fib"),
    ("metrics-of-your-own", "fib"),
    ("metrics-of-your-own", "worker"),
)
AT = {"namespace": "ns", "lesson": "test"}


def pods(*names: str, pending: tuple[str, ...] = ()) -> list[Pod]:
    return [
        *(Pod(name, "Running", True) for name in names),
        *(Pod(name, "Pending") for name in pending),
    ]


def test_the_plain_formula_on_an_average() -> None:
    assert plain(1, 20, {"a": 58}, pods("a")) == Proposal(3, 58)
    assert plain(1, 20, {"a": 22}, pods("a")) == Proposal(1, 22)  # a tenth above is tolerated
    assert plain(1, 20, {"a": 23}, pods("a")) == Proposal(2, 23)
    assert plain(2, 20, {"a": 10, "b": 4}, pods("a", "b")) == Proposal(1, 7)
    assert plain(1, 20, {}, pods("a")) is None


def test_twenty_million_are_not_twenty_mebi() -> None:
    held = 46_000_000
    decimal = plain(2, 20_000_000, {"a": held, "b": held}, pods("a", "b"))
    binary = plain(2, 20 * 2**20, {"a": held * 89 // 100, "b": held * 89 // 100}, pods("a", "b"))
    assert decimal is not None
    assert binary is not None
    assert (decimal.replicas, binary.replicas) == (5, 4)


def test_pods_without_a_value_count_as_nothing_on_the_way_up() -> None:
    # 58 alone is far above; with two that have none it is within a tenth of 20.
    assert plain(3, 20, {"a": 58}, pods("a", "b", "c")) == Proposal(3, 58)
    found = plain(3, 20, {"a": 58}, pods("a", "b", "c"), without="missing metrics")
    assert found == Proposal(3, 58)
    assert plain(3, 10, {"a": 58}, pods("a", pending=("b", "c"))) == Proposal(6, 58)
    assert plain(3, 10, {"a": 58}, pods("a", pending=("b",)), without="unready pods") == Proposal(
        6, 58
    )


def test_a_pod_without_a_value_counts_as_the_target_on_the_way_down() -> None:
    assert plain(2, 20, {"a": 2}, pods("a", "b")) == Proposal(2, 2)
    assert plain(2, 20, {"a": 2}, pods("a", "b"), without="missing metrics") == Proposal(1, 2)


def test_a_total_is_divided_by_the_target() -> None:
    assert external(1, 5, 30) == 6
    assert external(0, 5, 30) == 6
    assert external(0, 5, 0) == 0
    assert external(3, 5, 0) == 0
    assert external(6, 5, 32) == 6  # 1.07
    assert external(6, 5, 34) == 7
    assert external(6, 5, 32, without="tolerance") == 7
    assert external(6, 5, 32, tolerances=(0.1, 0.02)) == 7


def test_the_highest_wins_and_a_failing_one_stops_only_the_way_down() -> None:
    assert highest([1, 6], 3) == 6
    assert highest([None, 6], 3) == 6
    assert highest([None, 2], 3) is None
    assert highest([None, None], 3) is None
    assert highest([1, 2], 3) == 2


def only(way: Way) -> Behavior:
    return Behavior(way, way)


def test_the_policy_that_changes_most_is_taken() -> None:
    usual = Behavior(hpa_behavior.UP, hpa_behavior.down())
    at = {"bounds": (1, 100), "changes": [], "now": 100.0}
    assert limited(usual, 1, 50, **at) == 5  # 4 Pods, or twice as many
    assert limited(usual, 10, 50, **at) == 20
    assert limited(usual, 10, 1, **at) == 1
    least = only(Way(0.0, hpa_behavior.UP.policies, "Min"))
    assert limited(least, 1, 50, **at) == 2
    assert limited(only(Way(0.0, (), "Disabled")), 1, 50, **at) == 1


def test_a_policy_counts_from_what_there_was_a_period_ago() -> None:
    three = only(Way(0.0, (Policy("Pods", 3, 15),)))
    at = {"bounds": (0, 10), "now": 100.0}
    assert limited(three, 0, 6, changes=[], **at) == 3
    # One has just been taken away: it may come back beside the three.
    assert limited(three, 0, 6, changes=[(95.0, -1)], **at) == 4
    assert limited(three, 4, 6, changes=[(95.0, 4)], **at) == 4
    assert limited(three, 4, 6, changes=[(80.0, 4)], **at) == 6
    assert limited(three, 6, 0, changes=[], **at) == 3
    half = only(Way(0.0, (Policy("Percent", 50, 15),)))
    assert limited(half, 5, 9, changes=[], **at) == 8
    assert limited(half, 5, 1, changes=[], **at) == 2


def test_the_windows_take_the_lowest_going_up_and_the_highest_going_down() -> None:
    given = Behavior(Way(30.0, ()), Way(60.0, ()))
    past = [(50.0, 7), (80.0, 3), (95.0, 5)]
    assert steady(given, 2, 9, past, 100.0) == 3
    assert steady(given, 8, 1, past, 100.0) == 7
    assert steady(given, 4, 4, past, 100.0) == 4


def test_a_behavior_is_read_with_its_defaults() -> None:
    assert hpa_behavior.behavior({}) is None
    policy = {"type": "Pods", "value": 3, "periodSeconds": 15}
    up = {"policies": [policy], "tolerance": "50m", "stabilizationWindowSeconds": 5}
    read = hpa_behavior.behavior({"behavior": {"scaleUp": up}})
    assert read is not None
    assert read.up == Way(5.0, (Policy("Pods", 3, 15),), "Max", 0.05)
    assert read.down == Way(hpa.stabilisation_window(), (Policy("Percent", 100, 15),))


@pytest.mark.parametrize(
    ("field", "values", "words"),
    [
        ("above", Metered(above="-0.1"), "scaleUp.tolerance"),
        ("below", Metered(below="-1m"), "scaleDown.tolerance"),
        ("up", Metered(up=90), "scaleUp.stabilizationWindowSeconds"),
        ("down", Metered(down=3600), "scaleDown.stabilizationWindowSeconds"),
        ("step", Metered(step=1), "takes longer"),
    ],
)
def test_the_form_of_behavior_refuses(field: str, values: Metered, words: str) -> None:
    assert words in OwnMetrics().check(values)[field]


def test_what_the_form_of_behavior_says_is_in_the_manifest() -> None:
    values = Metered(step=2, up=10, down=30, above="0.05", below="0")
    assert OwnMetrics().check(values) == {}
    _, worker = OwnMetrics().build(values, Place("lesson", "ns"))
    read = hpa_behavior.behavior(worker["spec"])
    assert read == Behavior(
        Way(10.0, (Policy("Pods", 2, 12),), tolerance=0.05),
        Way(30.0, hpa_behavior.down().policies, tolerance=0.0),
    )
    assert hpa_metrics.tolerances(worker["spec"]) == (0.0, 0.05)
    _, usual = OwnMetrics().build(Metered(), Place("lesson", "ns"))
    assert hpa_metrics.tolerances(usual["spec"]) == (0.1, 0.1)
    assert hpa_metrics.tolerances({}) == (0.1, 0.1)


def test_the_metrics_of_a_manifest() -> None:
    made = metered.autoscaler(
        **AT,
        name="x",
        metrics=[
            metered.cpu(60),
            metered.memory("20M"),
            metered.of_pods("rate", "4500m"),
            metered.external("length", {"queue": "work"}, "5"),
        ],
    )
    found = [(m.kind, m.name, m.percent, m.average) for m in hpa_metrics.metrics(made)]
    assert found == [
        ("Resource", "cpu", 60, None),
        ("Resource", "memory", None, 20_000_000_000),
        ("Pods", "rate", None, 4500),
        ("External", "length", None, 5000),
    ]


@pytest.mark.parametrize(("card", "name"), RUNS)
def test_the_twin_makes_the_recorded_changes(card: str, name: str) -> None:
    changes = hpa_metrics.changes(recording.load(LESSON, card), name)
    assert len(changes) >= 2
    right = sum(change.agrees for change in changes)
    assert 10 * right >= 9 * len(changes), [c for c in changes if not c.agrees]
    assert not [change for change in changes if change.difference == hpa.UNEXPLAINED]


def test_the_recorded_rounds_agree_too() -> None:
    rounds = [
        r for card, name in RUNS for r in hpa_metrics.rounds(recording.load(LESSON, card), name)
    ]
    assert 20 * sum(r.agrees for r in rounds) >= 19 * len(rounds)


def test_the_twin_of_all_metrics_is_the_twin_of_cpu() -> None:
    run = recording.load("autoscaling-on-cpu", "an-autoscaler-follows-its-formula")
    one = [(c.current, c.predicted) for c in hpa.changes(run)]
    assert one == [(c.current, c.predicted) for c in hpa_metrics.changes(run, "fib")]


def test_an_empty_run_has_no_rounds() -> None:
    assert hpa_metrics.rounds(Timeline(), "fib") == []
