"""What becomes of a volume whose claim is deleted, and how a released one is used again.

Rows of a run: source "session", object "PersistentVolume/<name>", field "step", value {"step",
"phase"}; the looks of `helpers.model.files`; source "event", about the claim "again".
"""

from __future__ import annotations

from typing import Any

from helpers.model.timeline import Timeline

RETAIN, DELETE = "Retain", "Delete"

CLAIMED, LET_GO = "claimed", "claim deleted"
AGAIN, FREED = "claimed again", "claimRef taken away"

BOUND, RELEASED, AVAILABLE, GONE = "Bound", "Released", "Available", "gone"

PHASES = {
    RETAIN: {CLAIMED: BOUND, LET_GO: RELEASED, AGAIN: RELEASED, FREED: BOUND},
    DELETE: {CLAIMED: BOUND, LET_GO: GONE},
}
"""The phase of the volume after each step, by its reclaim policy.

A released volume keeps the uid of its old claim in `claimRef`, so no other claim may have it until
somebody takes that away.

Upstream: K pkg/controller/volume/persistentvolume/pv_controller.go, syncVolume and reclaimVolume;
kubernetes.io/docs/concepts/storage/persistent-volumes, "Reclaiming".
"""

WORDS = {
    RELEASED: "Released: it is there, and nobody may have it",
    AVAILABLE: "Available: the next claim gets it",
    GONE: "gone, with all that was on it",
    BOUND: "Bound, as before",
}
"""What a learner may say of the volume once its claim has been deleted."""


def steps(timeline: Timeline) -> list[tuple[str, str]]:
    """Return each step with the volume's phase after it, in their order."""
    found = []
    for row in timeline.where(source="session", field="step"):
        value: Any = row.value
        if row.object.startswith("PersistentVolume/"):
            found.append((str(value["step"]), str(value["phase"])))
    return found


def policy(timeline: Timeline) -> str:
    """Return the reclaim policy of the class that was sent; the server's own choice is Delete."""
    for row in timeline.where(source="session", field="manifest"):
        sent: Any = row.value
        if row.object.startswith("StorageClass/"):
            return str(sent.get("reclaimPolicy") or DELETE)
    return DELETE
