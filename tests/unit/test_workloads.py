"""What the watch tells of Deployments and their Pods, and who is left after an eviction."""

from __future__ import annotations

from fractions import Fraction

import pytest

from helpers.model import evictions, workloads
from helpers.model.timeline import Row, Timeline, Value

READY = "status.conditions.Ready.status"


def seen(*rows: tuple[str, str, Value]) -> Timeline:
    """Return what the watch saw: object, field and value, a second apart."""
    timeline = Timeline()
    for number, (object, field, value) in enumerate(rows):
        timeline.append(Row(float(number), "watch", object, field, value))
    return timeline


def pod(name: str, app: str, **fields: Value) -> list[tuple[str, str, Value]]:
    told = {"exists": True, "metadata.labels.app": app, READY: "True", **fields}
    return [(f"Pod/{name}", field, value) for field, value in told.items()]


def test_pods_by_label_without_those_that_go() -> None:
    timeline = seen(
        *pod("a", "web"),
        *pod("b", "web", **{READY: "False"}),
        *pod("c", "web", **{"metadata.deletionTimestamp": "2026-11-24T00:00:00Z"}),
        *pod("d", "web", exists=False),
        *pod("f", "web", **{"status.phase": "Failed"}),
        *pod("e", "other"),
        ("Deployment/web", "metadata.labels.app", "web"),
        ("Deployment/web", "exists", True),
    )
    assert workloads.pods_of(timeline, "web") == ["Pod/a", "Pod/b"]
    assert workloads.ready_pods(timeline, "web") == ["Pod/a"]
    assert workloads.pods_of(Timeline(), "web") == []


def deployment(**changed: Value) -> Timeline:
    told: dict[str, Value] = {
        "spec.replicas": 2,
        "metadata.generation": 3,
        "status.observedGeneration": 3,
        "status.replicas": 2,
        "status.updatedReplicas": 2,
        "status.availableReplicas": 2,
    }
    told.update({field.replace("__", "."): value for field, value in changed.items()})
    return seen(*(("Deployment/web", field, value) for field, value in told.items()))


def test_rolled_out() -> None:
    assert workloads.rolled_out(deployment(), "web")
    assert workloads.replicas(deployment(), "web") == 2
    none = {"spec__replicas": 0, "status__replicas": None, "status__updatedReplicas": None}
    assert workloads.rolled_out(deployment(**none, status__availableReplicas=None), "web")


@pytest.mark.parametrize(
    "changed",
    [
        {"status__observedGeneration": 2},
        {"status__replicas": 3},
        {"status__updatedReplicas": 1},
        {"status__availableReplicas": None},
    ],
)
def test_not_rolled_out(changed: dict[str, Value]) -> None:
    assert not workloads.rolled_out(deployment(**changed), "web")


def test_no_deployment_is_not_rolled_out() -> None:
    assert not workloads.rolled_out(Timeline(), "web")
    assert workloads.replicas(Timeline(), "web") == 0


def test_what_a_pod_requests() -> None:
    one, two = "spec.containers.a.resources.requests.cpu", "spec.containers.b-c.resources.requests"
    timeline = seen(
        ("Pod/a", one, "250m"),
        ("Pod/a", one, "500m"),  # resized
        ("Pod/a", f"{two}.cpu", "1"),
        ("Pod/a", f"{two}.memory", "1Mi"),
        ("Pod/b", one, "500m"),
        ("Pod/b", one, None),
        ("Pod/c", one, "500m"),
        ("Pod/c", "spec.resources.requests.cpu", "2"),
    )
    assert workloads.requested(timeline, "Pod/a", "cpu") == Fraction(3, 2)
    assert workloads.requested(timeline, "Pod/a", "memory") == 2**20
    assert workloads.requested(timeline, "Pod/b", "cpu") == 0
    assert workloads.requested(timeline, "Pod/c", "cpu") == 2
    assert workloads.requested(timeline, "Pod/d", "cpu") == 0


def test_why_a_container_ended() -> None:
    now, before = (
        f"status.containerStatuses.x.{state}.terminated.reason" for state in ("state", "lastState")
    )
    timeline = seen(
        ("Pod/now", now, "OOMKilled"),
        ("Pod/before", before, "OOMKilled"),
        ("Pod/other", now, "Error"),
        ("Pod/whole", "status.reason", "OOMKilled"),
    )
    ended = [name for name in ("now", "before", "other", "whole") if _killed(timeline, name)]
    assert ended == ["now", "before"]


def _killed(timeline: Timeline, name: str) -> bool:
    return workloads.ended_for(timeline, f"Pod/{name}", "OOMKilled")


def test_who_remains_after_an_eviction() -> None:
    timeline = seen(
        *pod("db-1", "db", **{"spec.priority": 0}),
        *pod("web-1", "web", **{"spec.priority": 0}),
        *pod("mail-1", "mail", **{"spec.priority": 5}),
    )
    begun = float(len(timeline))
    for name, used in (("db-1", 600), ("web-1", 350), ("mail-1", 500), ("left", 100)):
        timeline.append(Row(begun, "kubelet", f"Pod/{name}", "memory", used))
    apps = ("db", "web", "mail")
    assert evictions.evicted(timeline) == []
    assert [c.name for c in evictions.next_to_go(timeline, apps)] == ["db", "web", "mail"]
    timeline.append(Row(begun + 1, "event", "Pod/db-1", "Evicted", "low on memory"))
    timeline.append(Row(begun + 2, "kubelet", "Pod/web-1", "memory", 0))
    timeline.append(Row(begun + 3, "event", "Pod/web-1", "Evicted", "low on memory"))
    timeline.append(Row(begun + 4, "watch", "Pod/db-2", "metadata.labels.app", "db"))
    timeline.append(Row(begun + 5, "event", "Pod/db-2", "Evicted", "turned away"))
    timeline.append(Row(begun + 6, "event", "Pod/filler", "Evicted", "low on memory"))
    assert evictions.evicted(timeline) == ["db", "web", "filler"]
    left = evictions.next_to_go(timeline, apps)
    assert [(c.name, c.over) for c in left] == [("web", 350), ("mail", 500)]
