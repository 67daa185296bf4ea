"""How long a file in an emptyDir lives: as long as its Pod is on its node.

Rows of a run: `helpers.model.files`, with the moments below.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpers.model.files import Look, looks, numbered
from helpers.model.timeline import Timeline

NAME = "randserver"
"""The Deployment, and its container that writes the file."""

START, KILLED, DELETED, MOVED = "start", "container killed", "Pod deleted", "Pod moved"
NEVER = "never"
MOMENTS = (START, KILLED, DELETED, MOVED)

WORDS = {
    KILLED: "when its container is killed",
    DELETED: "when its Pod is deleted",
    MOVED: "when its Pod moves to another node",
    NEVER: "never",
}
"""What a learner may say of the moment at which the first file is lost."""


def rule(moments: Sequence[str]) -> list[int]:
    """Return which file (1 is the first) is there after each moment.

    A volume of this type is made empty for a Pod when it comes to a node, and removed with it; a
    container that is started again finds it as it was.

    Upstream: K pkg/volume/emptydir/empty_dir.go, SetUpAt and TearDownAt;
    kubernetes.io/docs/concepts/storage/volumes, emptyDir.
    """
    found: list[int] = []
    for moment in moments:
        last = found[-1] if found else 0
        found.append(last if moment == KILLED else last + 1)
    return found


def life(timeline: Timeline) -> list[tuple[Look, int]]:
    """Return the looks of the container that writes, each with the number of the file it saw.

    0 stands for no file at all.
    """
    seen = looks(timeline, NAME)
    return [
        (look, numbers[0] if numbers else 0)
        for look, numbers in zip(seen, numbered(seen), strict=True)
    ]


def lost(timeline: Timeline) -> str | None:
    """Return the moment after which the first file was no longer there; None if not followed."""
    seen = life(timeline)
    for look, number in seen:
        if number != 1:
            return look.moment
    return NEVER if seen and seen[-1][0].moment == MOVED else None


def files_seen(timeline: Timeline) -> int:
    """Return how many different files there were."""
    return len({number for _, number in life(timeline) if number})
