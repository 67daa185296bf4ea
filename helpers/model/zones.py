"""Zones: which Pods can run where, by the zone of their volume and by their selector.

Rows of a run: source "session", manifests of Pods, of the Deployment and of the volume; source
"watch", Pods and Nodes; source "event"; source "session", field "warning".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.model import claim_run, volumes
from helpers.model.timeline import Timeline
from helpers.model.volumes import OLD_ZONE, ZONE

YOURS, FREE, OLD, BOOKS, TODAY = "yours", "free", "old-label", "books", "todays-label"
"""The Pods: of the form; with no selector; with the old label; the book's; the book's, mended."""

CLAIM, VOLUME = "disk", "disk"

ZONES = ("us-east-1a", "us-east-1b")
"""The zones of the workbook's two workers."""

PENDING = "Pending"
"""Where a Pod is that is on no node."""

NO_NODE = "node(s) didn't match PersistentVolume's node affinity"
"""Upstream: K pkg/scheduler/framework/plugins/volumebinding/binder.go, ErrReasonNodeConflict."""

SELECTOR = "node(s) didn't match Pod's node affinity/selector"
"""Upstream: K pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go, ErrReasonPod."""

DEPRECATED = f'deprecated since v1.17; use "{ZONE}" instead'
"""Upstream: K pkg/api/node/util.go, deprecatedNodeLabels."""

WORDS = {
    ZONES[0]: "It runs in us-east-1a",
    ZONES[1]: "It runs in us-east-1b",
    PENDING: "It waits, Pending",
}
"""What a learner may say of the Pod."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A Pod: the zone in which it is by the rule and by the scheduler, or `PENDING`."""

    pod: str
    rule: str | None
    """None: the rule leaves a choice."""
    measured: str | None
    """None: the scheduler has not decided."""
    message: str
    """The scheduler's words about a Pod that is nowhere."""


def rule(spec: Mapping[str, Any], volume_zones: frozenset[str]) -> str | None:
    """Return the zone in which a Pod of this spec runs, `PENDING`, or None for any of several.

    Its volume binds it to the volume's zones if it is a claim's, its nodeSelector to a zone; a
    label that no node carries matches none. An in-tree EBS volume of a Pod names no zone: the
    scheduler learns that of a PersistentVolume alone.

    Upstream: k8s.io/component-helpers storage/volume/pv_helpers.go, CheckNodeAffinity; K
    pkg/scheduler/framework/plugins/nodeaffinity.
    """
    selector = spec.get("nodeSelector") or {}
    left = set(ZONES)
    if any("persistentVolumeClaim" in volume for volume in spec.get("volumes") or ()):
        left &= volume_zones or left
    if ZONE in selector:
        left &= {selector[ZONE]}
    if OLD_ZONE in selector:
        left.clear()
    if not left:
        return PENDING
    return left.pop() if len(left) == 1 else None


def specs(timeline: Timeline) -> dict[str, dict[str, Any]]:
    """Return the spec of each Pod that was sent, or of a Deployment's Pods, by name."""
    found: dict[str, dict[str, Any]] = {}
    for name in (YOURS, FREE, OLD, TODAY):
        for sent in claim_run.sent(timeline, f"Pod/{name}"):
            found[name] = dict(sent["spec"])
    for sent in claim_run.sent(timeline, f"Deployment/{BOOKS}"):
        found[BOOKS] = dict(sent["spec"]["template"]["spec"])
    return found


def placed(timeline: Timeline) -> list[Placed]:
    """Return each Pod of the run with where it should be and where it is."""
    zones = volume_zones(timeline)
    return [
        Placed(name, rule(spec, zones), *where(timeline, name))
        for name, spec in specs(timeline).items()
    ]


def volume_zones(timeline: Timeline) -> frozenset[str]:
    """Return the zones of the volume that was sent."""
    for row in timeline.where(source="session", field="manifest"):
        if row.object.startswith("PersistentVolume/") and isinstance(row.value, Mapping):
            return volumes.Volume.parse(row.value).zones
    return frozenset()


def where(timeline: Timeline, name: str) -> tuple[str | None, str]:
    """Return the zone of a Pod's node, `PENDING`, or None; and what the scheduler said."""
    prefix = f"Pod/{name}"
    seen: dict[str, Any] = {}
    for row in timeline.where(source="watch"):
        ours = row.object == prefix or (name == BOOKS and row.object.startswith(f"{prefix}-"))
        if ours and row.value is not None:
            seen[row.field] = row.value
    node = seen.get("spec.nodeName")
    if node is not None:
        zone = claim_run.watched(timeline, f"Node/{node}", f"metadata.labels.{ZONE}")
        return (str(zone) if zone else None), ""
    refused = seen.get("status.conditions.PodScheduled.reason") == "Unschedulable"
    message = str(seen.get("status.conditions.PodScheduled.message") or "")
    return (PENDING if refused else None), message


def warnings(timeline: Timeline, object: str) -> list[str]:
    """Return what the server said about an object besides yes."""
    rows = timeline.where(source="session", object=object, field="warning")
    return [str(row.value) for row in rows]


def attachment(timeline: Timeline, volume_id: str) -> dict[str, Any] | None:
    """Return what the watch saw of the VolumeAttachment for an in-tree volume, by field."""
    for row in timeline.where(source="watch"):
        if row.object.startswith("VolumeAttachment/") and row.value == volume_id:
            return {**claim_run.fields(timeline, row.object), "object": row.object}
    return None
