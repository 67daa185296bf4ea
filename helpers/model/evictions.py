"""What a Timeline tells of an eviction: who was on the node, and who went first.

Rows: source "session", object "Pod/<name>" and "PriorityClass/<name>", field "manifest"; source
"kubelet", object "Pod/<name>", field "memory" (bytes, the working set); source "event", object
"Pod/<name>", field "Evicted"; source "watch", object "Pod/<name>", fields "status.reason" and
"spec.priority".
"""

from __future__ import annotations

from helpers.model.eviction import REASON, Candidate
from helpers.model.resources import asked
from helpers.model.timeline import Row, Timeline


def went(timeline: Timeline) -> Row | None:
    """Return the row that first told of a Pod's eviction: its event, or its status.

    The status need not say it: where the program ends well on SIGTERM, it is Succeeded, and has no
    reason.
    """
    told = [
        *timeline.where(source="event", field=REASON),
        *(r for r in timeline.where(source="watch", field="status.reason") if r.value == REASON),
    ]
    return min(told, key=lambda row: row.time, default=None)


def victim(timeline: Timeline) -> str | None:
    """Return the name of the Pod that was evicted first, None if none was."""
    row = went(timeline)
    return None if row is None else row.object.removeprefix("Pod/")


def crowd(timeline: Timeline) -> list[Candidate]:
    """Return the Pods whose memory the kubelet told, as they were before the first went."""
    row = went(timeline)
    until = float("inf") if row is None else row.time
    usage: dict[str, int] = {}
    for seen in timeline.where(source="kubelet", field="memory"):
        if not isinstance(seen.value, int) or not seen.value:
            continue  # a pod that has just started is not measured yet
        if seen.object.startswith("Pod/") and seen.time < until:
            usage[seen.object] = seen.value
    found = []
    for object, used in usage.items():
        wanted = asked(timeline, object)
        request = wanted.request("memory") if wanted is not None else None
        priority = timeline.value(source="watch", object=object, field="spec.priority")
        found.append(
            Candidate(
                object.removeprefix("Pod/"),
                used,
                request.bytes if request else 0,
                priority if isinstance(priority, int) else 0,
            )
        )
    return found
