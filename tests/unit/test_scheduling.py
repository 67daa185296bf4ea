"""What the scheduler counts, read from watched pods and nodes; and trials."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.model import manifests
from helpers.model.quantity import Quantity
from helpers.model.scheduling import Node, Pod, board, capacity, requested
from helpers.model.timeline import Row, Timeline, Value
from helpers.model.trials import Trial, readings, trials

PLACE = {"namespace": "requests-and-limits-3f2a", "lesson": "requests-and-limits"}


def watched(*rows: tuple[str, str, Value]) -> Timeline:
    timeline = Timeline()
    for number, (object, field, value) in enumerate(rows):
        timeline.append(Row(float(number), "watch", object, field, value))
    return timeline


WORKER = [
    ("Node/worker", "status.allocatable.cpu", "1500m"),
    ("Node/worker", "status.allocatable.memory", "2Gi"),
    ("Node/worker", "status.allocatable.pods", "110"),
]
IDLE = [
    ("Pod/idle", "spec.containers.idle.resources.requests.cpu", "400m"),
    ("Pod/idle", "spec.nodeName", "worker"),
]


def test_requests_of_running_pods_are_taken() -> None:
    timeline = watched(*WORKER, *IDLE)
    others = {"cpu": "100m", "memory": "50Mi", "pods": 2}
    timeline.append(Row(9, "session", "Node/worker", "requested", others))
    (node,), waiting = board(timeline)
    assert node.free("cpu") == 1
    assert node.free("memory") == 2 * 2**30 - 50 * 2**20
    assert node.room == 108
    assert waiting == ()


@pytest.mark.parametrize(
    "end", [("Pod/idle", "exists", False), ("Pod/idle", "status.phase", "Succeeded")]
)
def test_a_pod_that_is_gone_or_done_takes_nothing(end: tuple[str, str, Value]) -> None:
    (node,), _ = board(watched(*WORKER, *IDLE, end))
    assert node.requested("cpu") == 0


def test_a_pod_that_waits_says_why() -> None:
    _, (pod,) = board(
        watched(
            *WORKER,
            ("Pod/next", "spec.containers.idle.resources.requests.cpu", "2"),
            ("Pod/next", "spec.nodeSelector.kubernetes.io/hostname", "worker"),
            ("Pod/next", "status.conditions.PodScheduled.reason", "Unschedulable"),
            ("Pod/next", "status.conditions.PodScheduled.message", "1 Insufficient cpu."),
        )
    )
    assert pod == Pod("next", {"cpu": Fraction(2)}, None, "worker", "1 Insufficient cpu.")


def test_a_taint_that_was_taken_away_is_no_taint() -> None:
    taint = ("Node/worker", "spec.taints.0.effect", "NoSchedule")
    assert board(watched(*WORKER, taint))[0][0].tainted
    assert not board(watched(*WORKER, taint, (*taint[:2], None)))[0][0].tainted


def test_what_a_node_lacks_is_said_in_the_schedulers_words() -> None:
    node = Node("worker", {"cpu": Fraction(1), "memory": Fraction(1000)}, {}, 1)
    big = Pod("big", {"cpu": Fraction(2), "memory": Fraction(2000)}, None)
    assert node.lacks(big) == ("Insufficient cpu", "Insufficient memory")
    assert node.lacks(Pod("just fits", {"cpu": Fraction(1)}, None)) == ()
    full = Node("full", {}, {}, 1, (big,))
    assert full.lacks(Pod("asks for nothing", {}, None)) == ("Too many pods",)


@given(st.integers(1, 4000), st.integers(0, 8000))
def test_as_many_fit_as_the_requests_leave_room_for(request: int, free: int) -> None:
    count = capacity(Quantity.parse(f"{free}m"), Quantity.parse(f"{request}m"))
    assert count * request <= free < (count + 1) * request


def test_pods_that_ask_for_nothing_have_no_capacity() -> None:
    with pytest.raises(ValueError, match="always fit"):
        capacity(Quantity.parse("1"), Quantity.parse("0"))


def test_requests_of_others_are_summed_up() -> None:
    pods = [
        {"spec": {"containers": [{"resources": {"requests": {"cpu": "100m", "memory": "50Mi"}}}]}},
        {"spec": {"containers": [{"resources": {}}, {"resources": {"requests": {"cpu": "0.25"}}}]}},
        {
            "spec": {"containers": [{"resources": {"requests": {"cpu": "1"}}}]},
            "status": {"phase": "Succeeded"},
        },
    ]
    assert requested(pods) == {"cpu": "350m", "memory": str(50 * 2**20), "pods": 2}


def test_a_trial_comes_back_as_it_was_kept() -> None:
    sent = manifests.burn_pod(**PLACE, limits={"cpu": "0.5", "memory": "64K"})
    trial = Trial(sent, None, "limits.memory", "unable to parse quantity's suffix", ["a warning"])
    timeline = Timeline()
    timeline.append(Row(0, "session", "Pod/burn", "trial", trial.row))
    timeline.append(Row(1, "session", "Pod/burn", "trial", "not a trial"))
    assert trials(timeline) == [trial]
    # The CPU was right; it was refused with the memory.
    assert readings(timeline, "cpu") == []
    (reading,) = readings(timeline, "memory")
    assert (reading.text, reading.stored, reading.expected) == ("64K", None, None)
    assert reading.agrees


def test_an_amount_that_the_server_alone_refuses_does_not_agree() -> None:
    sent = manifests.burn_pod(**PLACE, limits={"cpu": "0.5"})
    timeline = Timeline()
    timeline.append(Row(0, "session", "Pod/burn", "trial", Trial(sent, None, "", "no").row))
    (reading,) = readings(timeline, "cpu")
    assert (reading.stored, reading.expected, reading.agrees) == (None, "500m", False)
    assert reading.quantity is None
