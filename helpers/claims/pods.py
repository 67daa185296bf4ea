"""What claims read of the pods of a run: which ran, what became of them, and who stood beside whom.

Rows: source "session", object "Pod/<name>", fields "manifest" and "delete"; source "watch", the
same object, fields "exists", "spec.nodeName" and, under "status.containerStatuses.<container>.",
"restartCount", "state..." and "lastState...".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.model import manifests
from helpers.model.cfs import ThrottleWindow, windows
from helpers.model.quantity import Quantity
from helpers.model.resources import Resources, asked, container_of
from helpers.model.timeline import Timeline, Value


@dataclass(frozen=True, slots=True)
class Window:
    """A measured window beside what the container had been given when it began."""

    object: str
    seen: ThrottleWindow
    asked: Resources

    @property
    def limit(self) -> Quantity | None:
        """The CPU limit that had been sent, None for none."""
        return self.asked.limit("cpu")

    @property
    def request(self) -> Quantity | None:
        """The CPU request that had been sent."""
        return self.asked.request("cpu")

    @property
    def in_force(self) -> bool:
        """Whether the limit that was sent is the one that was in force."""
        return self.limit == self.seen.limit


def measured(timeline: Timeline, object: str) -> list[Window]:
    """Return the windows of a pod, in their order."""
    found = []
    for seen in windows(timeline, object):
        sent = asked(timeline, object, at=seen.end - seen.seconds)
        if sent is not None:
            found.append(Window(object, seen, sent))
    return found


def sent_pods(timeline: Timeline) -> list[str]:
    """Return the pods whose manifest was sent, as "Pod/<name>", in their order."""
    rows = timeline.where(source="session", field="manifest")
    return list(dict.fromkeys(row.object for row in rows if row.object.startswith("Pod/")))


def container(timeline: Timeline, object: str) -> Mapping[str, Value]:
    """Return the first container of the manifest that was sent last."""
    return container_of(timeline, object)


def busy(timeline: Timeline, object: str) -> tuple[int, int | None]:
    """Return the pod's busy threads and the core that they are pinned to."""
    return manifests.busy_threads(container(timeline, object))


def status(timeline: Timeline, object: str, field: str) -> list[Value]:
    """Return all values that a field of the container's status ever had, oldest first."""
    name = container(timeline, object).get("name")
    path = f"status.containerStatuses.{name}.{field}"
    rows = timeline.where(source="watch", object=object, field=path)
    return [row.value for row in rows if row.value is not None]


def ended(timeline: Timeline, object: str, what: str) -> set[Value]:
    """Return every reason or exit code ("reason", "exitCode") with which the container ended."""
    return {
        value
        for state in ("state", "lastState")
        for value in status(timeline, object, f"{state}.terminated.{what}")
        if isinstance(value, str | int)
    }


def restarts(timeline: Timeline, object: str) -> int:
    """Return how often the container was restarted."""
    counts = [int(str(value)) for value in status(timeline, object, "restartCount")]
    return max(counts, default=0)


def neighbours(timeline: Timeline, window: Window) -> list[str]:
    """Return the pods with busy threads that shared core and node throughout the window."""
    _, core = busy(timeline, window.object)
    beside = []
    for other in sent_pods(timeline):
        threads, its_core = busy(timeline, other)
        if other == window.object or not threads or core is None or its_core != core:
            continue
        if _node(timeline, other) != _node(timeline, window.object):
            continue
        began, ended = _life(timeline, other)
        if began <= window.seen.end - window.seen.seconds and window.seen.end <= ended:
            beside.append(other)
    return beside


def alone(timeline: Timeline, window: Window) -> bool:
    """Tell whether no pod with busy threads shared the core in any part of the window."""
    _, core = busy(timeline, window.object)
    for other in sent_pods(timeline):
        threads, its_core = busy(timeline, other)
        if other == window.object or not threads or core is None or its_core != core:
            continue
        began, ended = _life(timeline, other)
        if began < window.seen.end and window.seen.end - window.seen.seconds < ended:
            return False
    return True


def _node(timeline: Timeline, object: str) -> Value:
    return timeline.value(source="watch", object=object, field="spec.nodeName")


def _life(timeline: Timeline, object: str) -> tuple[float, float]:
    """Return from when to when a pod's container ran, in seconds since the epoch.

    From the watch's first sight of it running (else from when it was sent), to its end.
    """
    name = container(timeline, object).get("name")
    running = f"status.containerStatuses.{name}.state.running.startedAt"
    starts = [
        *timeline.where(source="watch", object=object, field=running),
        *timeline.where(source="session", object=object, field="manifest"),
    ]
    gone = [
        row.time
        for row in timeline.where(source="watch", object=object, field="exists")
        if row.value is False
    ]
    return starts[0].time, min(gone, default=float("inf"))
