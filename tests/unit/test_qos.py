"""The class of a whole pod, the score of its processes, and the order of eviction."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.charts.eviction import EvictionChart
from helpers.charts.oom_score import OomScoreChart
from helpers.charts.qos_class import ClassChart
from helpers.experiments import eviction as running_short
from helpers.experiments.eviction import Crowd, NodeRunsShort
from helpers.experiments.qos_class import ClassFollows, Declared
from helpers.lesson.experiment import Place
from helpers.lesson.run import plain
from helpers.model import eviction, qos_cases
from helpers.model.eviction import Candidate
from helpers.model.qos import oom_score_adj_set, pod_class
from tests.unit.claims.qos import busy, classes, short

PLACE: Any = {"namespace": "n", "lesson": "quality-of-service"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("second-is-bare", "Burstable"),
        ("two-guaranteed", "Guaranteed"),
        ("init-is-bare", "Burstable"),
        ("init-requests", "Burstable"),
        ("pod-level-equal", "Guaranteed"),
        ("pod-level-decides", "Burstable"),
        ("pod-level-empty", "BestEffort"),
        ("zero-requests", "BestEffort"),
        ("millicore", "Burstable"),
        ("cpu-limit-only", "Burstable"),
    ],
)
def test_the_class_of_a_pod(name: str, expected: str) -> None:
    pods: list[Any] = qos_cases.manifests_of(**PLACE)
    (pod,) = (pod for pod in pods if pod["metadata"]["name"] == name)
    assert pod_class(pod) == expected


def test_no_two_cases_share_a_name() -> None:
    pods: list[Any] = qos_cases.manifests_of(**PLACE)
    assert len({pod["metadata"]["name"] for pod in pods}) == len(pods)


def test_a_runtime_that_may_not_lower_the_score_puts_in_its_own() -> None:
    assert oom_score_adj_set(-997, 0) == 0
    assert oom_score_adj_set(-997, -999) == -997
    assert oom_score_adj_set(958, 0) == 958


def test_use_above_the_request_comes_before_priority_and_size() -> None:
    pods = [
        Candidate("within", 900, 1000),
        Candidate("important", 900, 100, priority=10),
        Candidate("small", 100, 0),
        Candidate("large", 500, 100),
    ]
    assert [pod.name for pod in eviction.rank(pods)] == ["large", "small", "important", "within"]


def test_the_event_tells_use_and_request() -> None:
    event = short("burstable").value(source="event", field="Evicted")
    said = eviction.using(str(event))
    assert said is not None
    assert [str(amount) for amount in said] == ["575344Ki", "50Mi"]
    assert eviction.using("The node had condition: [MemoryPressure].") is None


def test_the_filler_stays_within_its_request_and_leaves_half_of_the_threshold() -> None:
    left = 400 * 2**20
    manifest: Any = running_short.filler(Place("l", "n"), "filler", left)
    container = manifest["spec"]["containers"][0]
    last = int(container["args"][1].split(",")[-1].removesuffix("Mi"))
    assert last + running_short.PROGRAM // 2**20 == 400 - 50
    assert int(container["resources"]["requests"]["memory"].removesuffix("Mi")) > last + 24


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (Crowd(burstable_use="900Mi"), "burstable_use"),
        (Crowd(burstable_request="1Gi"), "burstable_request"),
        (Crowd(best_effort_use="0"), "best_effort_use"),
        (Crowd(burstable_request="-1"), "burstable_request"),
    ],
)
def test_a_crowd_that_does_not_fit_is_refused(values: Crowd, field: str) -> None:
    assert set(NodeRunsShort().check(values)) == {field}


def test_the_form_of_the_class_names_the_field_that_the_server_would() -> None:
    wrong = ClassFollows().check(Declared(cpu_request="1"))
    assert "must be less than or equal to cpu limit of 500m" in wrong["cpu_request"]


@pytest.mark.parametrize(
    ("victim", "words"),
    [
        ("burstable", "burstable goes first; you said best-effort."),
        ("best-effort", "best-effort goes first; as you said."),
        (None, "Nobody was evicted. You said that best-effort goes first."),
    ],
)
def test_the_difference_names_the_victim(victim: str | None, words: str) -> None:
    story = short(victim)
    story.row("learner", "Card/x", "prediction", ["best-effort", "burstable"])
    assert words in plain(NodeRunsShort().difference(story))


def test_the_charts_draw_what_was_read() -> None:
    evicted = EvictionChart(short("burstable"))
    assert evicted.victim == "burstable"
    assert "more than best-effort with 311Mi, and important has a higher" in evicted.reason
    assert list(evicted.figure.data[2].x) == [562]
    scored = OomScoreChart(busy())
    assert list(scored.figure.data[1].x) == [1000, 958, 0]
    assert scored.shares == [{"guaranteed": 0.29, "burstable": 0.69, "best-effort": 0.01}]
    shown = ClassChart(classes())
    assert len(shown.table) == len(shown.cases) == 39
    assert len(shown.figure.data[1].x) == 14
