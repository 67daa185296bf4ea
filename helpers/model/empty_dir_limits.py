"""What an emptyDir may hold: on disk up to its sizeLimit, in memory up to the container's limit.

Rows of a run: source "log", object "Pod/in-memory", field "wrote", value MiB so far; source
"session", the manifests and object "Pod/on-disk", field "wrote"; source "event", "Evicted"; source
"watch", how the container in memory ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline

IN_MEMORY, ON_DISK = "in-memory", "on-disk"
STEP = 4
"""MiB that the container in memory writes at a time."""

MIB = 1024**2


def limit(timeline: Timeline, pod: str) -> float | None:
    """Return in MiB what the Pod's volume may hold, by the manifest that was sent.

    A volume of memory is charged to the container that writes; on disk the sizeLimit counts.

    Upstream: kubernetes.io/docs/concepts/storage/volumes, emptyDir; K pkg/kubelet/eviction/
    eviction_manager.go, emptyDirLimitEviction.
    """
    sent: Any = timeline.value(source="session", object=f"Pod/{pod}", field="manifest")
    if not isinstance(sent, Mapping):
        return None
    spec = sent["spec"]
    text = (
        spec["containers"][0]["resources"]["limits"]["memory"]
        if pod == IN_MEMORY
        else spec["volumes"][0]["emptyDir"]["sizeLimit"]
    )
    return float(Quantity.parse(str(text)).amount / MIB)


def written(timeline: Timeline, pod: str) -> float | None:
    """Return in MiB what was written into the Pod's volume before it ended."""
    found = timeline.value(object=f"Pod/{pod}", field="wrote")
    return float(found) if isinstance(found, int | float) else None


def end(timeline: Timeline, pod: str) -> str:
    """Return how the Pod ended: "OOMKilled", the event's text, or empty for not yet."""
    if pod == ON_DISK:
        found = timeline.value(source="event", object=f"Pod/{pod}", field="Evicted")
        return str(found or "")
    path = f"status.containerStatuses.{pod}.state.terminated.reason"
    seen = [
        r.value for r in timeline.where(source="watch", object=f"Pod/{pod}", field=path) if r.value
    ]
    return str(seen[-1]) if seen else ""
