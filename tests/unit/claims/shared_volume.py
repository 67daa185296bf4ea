"""Timelines of the topic deployment-shared-volume."""

from __future__ import annotations

from helpers.model import shared_volume
from helpers.model.shared_volume import (
    AFTER,
    ATTACHED,
    BOTH,
    FIRST,
    GAP,
    HANGS,
    ONCE,
    ONCE_POD,
    RECREATE,
    ROLLING,
    SECOND,
    WAITS,
)
from helpers.model.timeline import Timeline
from tests.unit.claims.story import Story

PLACE = {"namespace": "one-volume-3f2a", "lesson": "one-volume"}
DISK_TAKEN = 'Waiting for detach for volume "d" Volume is already used by pod(s) first'
CREATING = "ContainerCreating"


def grown(
    *,
    mode: str = ONCE,
    apart: bool = False,
    most: int = 3,
    running: int = 3,
    nodes: int = 1,
    alone: bool = False,
    sums: int = 1,
) -> Story:
    """A Deployment with one claim, scaled to `most`; `alone`: each sees its own file only."""
    story = Story()
    story.row("session", shared_volume.CLAIM, "manifest", shared_volume.claim(**PLACE, mode=mode))
    made = shared_volume.deployment(**PLACE, apart=apart)
    story.row("session", shared_volume.DEPLOYMENT, "manifest", made)
    for asked in range(1, most + 1):
        ran = min(asked, running)
        places = {f"worker{number}": ran // nodes for number in range(min(nodes, ran))}
        step = {"asked": asked, "running": ran, "nodes": places, "why": ""}
        story.row("session", shared_volume.DEPLOYMENT, "step", step)
    names = [f"web-{number}" for number in range(min(most, running))]
    for number, name in enumerate(names):
        seen = [name] if alone else names
        story.row("exec", f"Pod/{name}", "files", ["random.bin", *seen])
        story.row("exec", f"Pod/{name}", "checksum", str(number % sums))
    return story


def disk(
    *,
    mode: str = ONCE,
    second: str = WAITS,
    words: str = DISK_TAKEN,
    reason: str = CREATING,
) -> Story:
    """Two Pods on two nodes that name one disk."""
    story = Story()
    asked = shared_volume.claim(**PLACE, mode=mode, volume="d")
    story.row("session", shared_volume.CLAIM, "manifest", asked)
    story.row("session", f"Pod/{FIRST}", "stage", ATTACHED)
    field = "status.containerStatuses.randserver.state.waiting.reason"
    story.row("watch", f"Pod/{SECOND}", field, reason)
    if words:
        story.row("event", f"Pod/{SECOND}", "FailedAttachVolume", words)
    story.row("session", f"Pod/{SECOND}", "stage", second)
    return story.row("session", f"Pod/{AFTER}", "stage", ATTACHED)


def updated(mode: str = ONCE_POD, strategy: str = ROLLING, came: str = HANGS) -> Story:
    """A Deployment of one replica is updated; `came` is what became of it."""
    story = Story()
    story.row("session", shared_volume.CLAIM, "manifest", shared_volume.claim(**PLACE, mode=mode))
    started = "status.containerStatuses.randserver.state.running.startedAt"

    def come(version: str) -> None:
        pod = f"Pod/web-{version}"
        story.watch(pod, exists=True)
        story.row("watch", pod, "spec.containers.randserver.env.VERSION.value", version)
        if came != HANGS or version == "1":
            story.row("watch", pod, started, "now")

    for version in ("1", "2"):
        made = shared_volume.deployment(**PLACE, strategy=strategy, version=version)
        story.row("session", shared_volume.DEPLOYMENT, "manifest", made)
        if version == "2" and came == GAP:
            story.row("watch", "Pod/web-1", "exists", False)
        come(version)
        if version == "2" and came == BOTH:
            story.row("watch", "Pod/web-1", "exists", False)
    field = "status.conditions.Progressing.reason"
    reason = "ProgressDeadlineExceeded" if came == HANGS else "NewReplicaSetAvailable"
    return story.row("watch", shared_volume.DEPLOYMENT, field, reason)


HOLDS: dict[str, list[Timeline]] = {
    "ch09-shared-01": [grown(), grown(most=2)],
    "ch09-shared-02": [disk()],
    "own-ch09-update-01": [updated(), updated(ONCE, ROLLING, BOTH), updated(ONCE, RECREATE, GAP)],
}
FAILS: dict[str, list[Timeline]] = {
    "ch09-shared-01": [
        grown(running=1),
        grown(running=0),
        grown(most=2, running=2, nodes=2),
        grown(alone=True),
        grown(sums=2),
    ],
    "ch09-shared-02": [
        disk(second=ATTACHED, words=""),
        disk(words="some other trouble"),
        disk(reason="ErrImagePull"),
    ],
    "own-ch09-update-01": [
        updated(came=BOTH),
        updated(ONCE, ROLLING, GAP),
        updated(ONCE_POD, RECREATE, HANGS),
    ],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch09-shared-01": [Story(), grown(mode=ONCE_POD, running=1), grown(apart=True), grown(most=1)],
    "ch09-shared-02": [Story(), disk(mode=ONCE_POD)],
    "own-ch09-update-01": [grown(), disk()],
}
