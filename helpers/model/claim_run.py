"""What a run shows of claims and the volumes behind them: phases in time, sources, what was told.

Rows: source "watch", objects "PersistentVolumeClaim/<name>" and "PersistentVolume/<name>"; source
"event", about a claim; source "session", manifests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.model.timeline import Timeline, Value

DATA = "randserver-data"
"""The claim that the Deployment uses."""

EARLY, BY_HAND, ON_AWS, TINY = "too-early", "by-hand", "on-aws", "tiny"
"""Other claims: of a class that is not there, of no class, of the book's provisioner, too small."""

CLAIM_MADE, POD_MADE, STARTED = "claim made", "Pod made", "container started"

WORDS = {
    CLAIM_MADE: "as soon as the claim is there",
    POD_MADE: "once a Pod wants to use it",
    STARTED: "when the container has started",
}
"""What a learner may say of the moment at which the volume is made."""


@dataclass(frozen=True, slots=True)
class Moment:
    """At `time`, in seconds since the epoch, an object came into a phase."""

    time: float
    phase: str


def watched(timeline: Timeline, object: str, field: str) -> Value:
    """Return the last value other than None that the watch saw of a field."""
    found = [r.value for r in timeline.where(source="watch", object=object, field=field)]
    kept = [value for value in found if value is not None]
    return kept[-1] if kept else None


def phases(timeline: Timeline, object: str) -> list[Moment]:
    """Return the phases that an object came into, in their order; "gone" once it is deleted."""
    found: list[Moment] = []
    for row in timeline.where(source="watch", object=object):
        if row.field == "status.phase" and row.value is not None:
            found.append(Moment(row.time, str(row.value)))
        elif row.field == "exists" and row.value is False:
            found.append(Moment(row.time, "gone"))
    return found


def volume_of(timeline: Timeline, claim: str, number: int = 0) -> str | None:
    """Return the volume of a claim; `number` 1 is that of the next claim of the same name."""
    object = f"PersistentVolumeClaim/{claim}"
    names: list[str] = []
    for row in timeline.where(source="watch", object=object, field="spec.volumeName"):
        if row.value is not None and (not names or names[-1] != row.value):
            names.append(str(row.value))
    return names[number] if number < len(names) else None


def fields(timeline: Timeline, object: str) -> dict[str, Value]:
    """Return every field of an object with the last value, other than None, that it had."""
    return {
        row.field: row.value
        for row in timeline.where(source="watch", object=object)
        if row.value is not None
    }


def sent(timeline: Timeline, object: str) -> list[Mapping[str, Any]]:
    """Return the manifests of an object that were sent, in their order."""
    rows = timeline.where(source="session", object=object, field="manifest")
    return [row.value for row in rows if isinstance(row.value, Mapping)]


def told(timeline: Timeline, claim: str) -> list[tuple[str, str]]:
    """Return reason and message of each event about a claim, in their order."""
    rows = timeline.where(source="event", object=f"PersistentVolumeClaim/{claim}")
    return [(row.field, str(row.value)) for row in rows]


def moments(timeline: Timeline) -> dict[str, float]:
    """Return when the claim was sent, the first Pod was made, and its container started."""
    found: dict[str, float] = {}
    for row in timeline.rows:
        ours = row.object == f"PersistentVolumeClaim/{DATA}"
        if row.source == "session" and ours and row.field == "manifest":
            found.setdefault(CLAIM_MADE, row.time)
        elif row.object.startswith("Pod/randserver-") and row.source == "watch":
            if row.field == "exists":
                found.setdefault(POD_MADE, row.time)
            elif row.field.endswith(".state.running.startedAt") and row.value is not None:
                found.setdefault(STARTED, row.time)
    return found


def made_at(timeline: Timeline) -> float | None:
    """Return when the volume behind the claim was first seen."""
    name = volume_of(timeline, DATA)
    rows = timeline.where(source="watch", object=f"PersistentVolume/{name}", field="exists")
    return rows[0].time if name and rows else None


def cause(timeline: Timeline) -> str | None:
    """Return the last of the moments that had come when the volume was made."""
    at, known = made_at(timeline), moments(timeline)
    if at is None or CLAIM_MADE not in known:
        return None
    return max((time, moment) for moment, time in known.items() if time <= at)[1]
