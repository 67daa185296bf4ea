"""What a Timeline tells of an eviction: who was on the node, and who went first.

Rows: source "session", object "Pod/<name>" and "PriorityClass/<name>", field "manifest"; source
"kubelet", object "Pod/<name>", field "memory" (bytes, the working set); source "event", object
"Pod/<name>", field "Evicted"; source "watch", object "Pod/<name>", fields "status.reason" and
"spec.priority".
"""

from __future__ import annotations

from collections.abc import Sequence

from helpers.model.eviction import REASON, Candidate, rank
from helpers.model.resources import asked
from helpers.model.timeline import Row, Timeline
from helpers.model.workloads import pods_of, requested, watched


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


def evicted(timeline: Timeline) -> list[str]:
    """Return who was evicted, in order: the label `app` of the Pod, or its name if it has none.

    Each once: a node that runs short turns away the Pods that come in the place of one evicted,
    with the same reason, one after the other.
    """
    gone = [row.object for row in timeline.where(source="event", field=REASON)]
    label = "metadata.labels.app"
    named = (watched(timeline, pod, label) or pod.removeprefix("Pod/") for pod in gone)
    return list(dict.fromkeys(map(str, named)))


def next_to_go(timeline: Timeline, apps: Sequence[str]) -> list[Candidate]:
    """Return who remained when the first had gone, in the order of the kubelet's rule.

    Of Pods with these labels `app`, whoever made them, by their requests and the kubelet's numbers
    before the first went; each is named by its label.
    """
    rows = timeline.where(source="event", field=REASON)
    before = timeline.until(rows[0].time) if rows else timeline
    gone = evicted(timeline)[:1]
    found = []
    for app in apps:
        for pod in pods_of(before, app):
            used = before.value(source="kubelet", object=pod, field="memory")
            priority = watched(before, pod, "spec.priority")
            if app not in gone and isinstance(used, int) and isinstance(priority, int):
                found.append(Candidate(app, used, int(requested(before, pod, "memory")), priority))
    return rank(found)
