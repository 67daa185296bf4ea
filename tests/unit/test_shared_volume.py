"""One volume and many Pods: the rules, and what a run shows of Pods and of an update."""

from __future__ import annotations

import pytest

from helpers.charts.update_with_volume import UpdateChart
from helpers.model import shared_volume
from helpers.model.shared_volume import (
    AFTER,
    ATTACHED,
    BOTH,
    GAP,
    HANGS,
    MANY,
    ONCE,
    ONCE_POD,
    PENDING,
    RECREATE,
    ROLLING,
    SECOND,
    WAITS,
)
from helpers.model.timeline import Row, Timeline
from tests.unit.claims.story import Story

PLACE = {"namespace": "one-volume-3f2a", "lesson": "one-volume"}


@pytest.mark.parametrize(
    ("mode", "apart", "ran"),
    [
        (ONCE, False, [1, 2, 3]),
        (ONCE, True, [1, 1, 1]),
        (ONCE_POD, False, [1, 1, 1]),
        (MANY, False, [0, 0, 0]),
    ],
)
def test_how_many_replicas_run(mode: str, apart: bool, ran: list[int]) -> None:
    assert [shared_volume.runs(mode, n, apart=apart) for n in (1, 2, 3)] == ran


def test_who_says_no_depends_on_the_access_mode() -> None:
    second = {m: shared_volume.stages_expected(m)[SECOND] for m in (ONCE, ONCE_POD, MANY)}
    assert second == {ONCE: WAITS, ONCE_POD: PENDING, MANY: ATTACHED}
    assert AFTER not in shared_volume.stages_expected(MANY)


def test_a_disk_is_named_after_the_namespace_and_bound_to_its_claim() -> None:
    disk = shared_volume.network_disk(**PLACE)
    assert disk["metadata"]["name"] == "one-volume-3f2a-disk"  # type: ignore[index, call-overload]
    claim = shared_volume.claim(**PLACE, volume="one-volume-3f2a-disk")
    spec = claim["spec"]
    assert spec["storageClassName"] == ""  # type: ignore[index, call-overload]
    assert spec["volumeName"] == "one-volume-3f2a-disk"  # type: ignore[index, call-overload]


Told = tuple[float, str, str, object]
RUNS = "status.containerStatuses.randserver.state.running.startedAt"


def update(*rows: Told, strategy: str = ROLLING) -> Timeline:
    """Tell an update that is sent at second 10; rows: time, Pod, field, value."""
    timeline = Timeline()
    claim = shared_volume.claim(**PLACE, mode=ONCE_POD)
    timeline.append(Row(0.0, "session", shared_volume.CLAIM, "manifest", claim))
    told: list[Row] = []
    for version, at in (("1", 1.0), ("2", 10.0)):
        sent = shared_volume.deployment(**PLACE, strategy=strategy, version=version)
        told.append(Row(at, "session", shared_volume.DEPLOYMENT, "manifest", sent))
    told += [Row(at, "watch", what, field, value) for at, what, field, value in rows]  # type: ignore[arg-type]
    for row in sorted(told, key=lambda row: row.time):
        timeline.append(row)
    return timeline


def pod(at: float, name: str, version: str, ran: float | None) -> list[Told]:
    what = f"Pod/web-{name}"
    rows: list[Told] = [
        (at, what, "exists", True),
        (at, what, "spec.containers.randserver.env.VERSION.value", version),
    ]
    return rows if ran is None else [*rows, (ran, what, RUNS, "2026-11-24T19:00:00Z")]


def gone(at: float, name: str) -> list[Told]:
    return [(at, f"Pod/web-{name}", RUNS, None), (at, f"Pod/web-{name}", "exists", False)]


STUCK = (16.0, shared_volume.DEPLOYMENT, "status.conditions.Progressing.reason",
         "ProgressDeadlineExceeded")  # fmt: skip


def test_an_update_that_overlaps_one_with_a_gap_and_one_that_hangs() -> None:
    old = pod(1.5, "a", "1", 2.0)
    overlap = update(*old, *pod(10.5, "b", "2", 12.0), *gone(13.0, "a"))
    assert shared_volume.update_seen(overlap) == BOTH
    gap = update(*old, *gone(11.0, "a"), *pod(11.5, "b", "2", 13.0), strategy=RECREATE)
    assert shared_volume.update_seen(gap) == GAP
    assert shared_volume.running_spans(gap)["1"] == [(-8.0, 1.0)]
    stuck = update(*old, *pod(10.5, "b", "2", None), STUCK)
    assert shared_volume.update_seen(stuck) == HANGS
    assert "the old Pod ran from before" in UpdateChart(stuck).text
    assert shared_volume.update_seen(update(*old)) is None


def test_a_first_version_that_was_slow_is_no_update_that_hangs() -> None:
    slow = (9.0, *STUCK[1:])
    assert shared_volume.update_seen(update(*pod(1.5, "a", "1", 9.5), slow)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mode", "strategy", "does"),
    [
        (ONCE, ROLLING, BOTH),
        (ONCE_POD, ROLLING, HANGS),
        (ONCE, RECREATE, GAP),
        (ONCE_POD, RECREATE, GAP),
    ],
)
def test_what_an_update_does(mode: str, strategy: str, does: str) -> None:
    assert shared_volume.update_expected(mode, strategy) == does


def test_a_pod_without_a_bound_claim_yet_is_not_decided_about() -> None:
    story = Story().row("watch", f"Pod/{SECOND}", "exists", True)
    condition = "status.conditions.PodScheduled"
    story.row("watch", f"Pod/{SECOND}", f"{condition}.reason", "Unschedulable")
    story.row(
        "watch",
        f"Pod/{SECOND}",
        f"{condition}.message",
        "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
    )
    assert shared_volume.stage(story, SECOND) is None
    story.row("watch", f"Pod/{SECOND}", f"{condition}.message", "0/3 nodes are available: in use.")
    assert shared_volume.stage(story, SECOND) == PENDING
    story.row("event", f"Pod/{SECOND}", "SuccessfulAttachVolume", "AttachVolume.Attach succeeded")
    assert shared_volume.stage(story, SECOND) == ATTACHED
