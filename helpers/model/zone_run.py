"""A volume that is in one zone, and a group of machines that may grow in another.

Rows: source "session", the manifests of "PersistentVolume/<name>" (its zone) and "Node/<name>" (the
machines that the group made, in their order); those of `node_run`; events "FailedScheduling" of
"Pod/db".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from helpers.model import node_run, volumes
from helpers.model.manifests import Manifest, burn_pod
from helpers.model.simulated_nodes import ZONE
from helpers.model.timeline import Timeline

POD, FILLER, CLAIM = "db", "filler", "data"
REQUEST, FILLED = "1", "1200m"
ZONES = ("us-east-1a", "us-east-1b")
"""The zones of the workbook's two workers."""

CONFLICT = ("didn't match PersistentVolume's node affinity", "volume node affinity conflict")
"""Upstream: K pkg/scheduler/framework/plugins/volumebinding/binder.go, ErrReasonNodeConflict."""


def other(zone: str) -> str:
    """Return the zone that is not this one."""
    return next(each for each in ZONES if each != zone)


def volume(*, namespace: str, lesson: str, zone: str) -> Manifest:
    """Build a PersistentVolume that can be used in one zone only, as an EBS volume can.

    What is in it does not matter here: no Pod of the run is started with it.
    """
    return volumes.persistent_volume(
        namespace=namespace,
        lesson=lesson,
        name=CLAIM,
        source=volumes.host_folder("/mnt/none"),
        storage_class="",
        zones=(zone,),
    )


def claim(*, namespace: str, lesson: str) -> Manifest:
    """Build the claim of that volume."""
    return volumes.claim(
        namespace=namespace,
        lesson=lesson,
        name=CLAIM,
        storage_class="",
        volume=volumes.wide(namespace, CLAIM),
    )


def filler(*, namespace: str, lesson: str, zone: str) -> Manifest:
    """Build a Pod that fills the worker of a zone."""
    made = burn_pod(namespace=namespace, lesson=lesson, name=FILLER, requests={"cpu": FILLED})
    spec = made["spec"]
    assert isinstance(spec, dict)
    spec["nodeSelector"] = {ZONE: zone}
    return made


def database(*, namespace: str, lesson: str) -> Manifest:
    """Build the Pod that uses the claim."""
    made = burn_pod(namespace=namespace, lesson=lesson, name=POD, requests={"cpu": REQUEST})
    spec = made["spec"]
    assert isinstance(spec, dict)
    containers = spec["containers"]
    assert isinstance(containers, list)
    spec["containers"] = [
        {**containers[0], "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    ]
    spec["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": CLAIM}}]
    return made


@dataclass(frozen=True, slots=True)
class Machine:
    """A node: its zone, whether the group made it, and from when it was there (None: before)."""

    name: str
    zone: str
    made: bool
    came: float | None


def machines(timeline: Timeline) -> list[Machine]:
    """Return the workers, and then what the group made, in its order."""
    made = [
        row.object.removeprefix("Node/")
        for row in timeline.where(source="session", field="manifest")
        if row.object.startswith("Node/")
    ]
    zones: dict[str, str] = {}
    came: dict[str, float] = {}
    for row in timeline.where(source="watch", field=f"metadata.labels.{ZONE}"):
        if not row.object.startswith("Node/"):
            continue  # Pods carry their node's zone, too
        zones.setdefault(row.object.removeprefix("Node/"), str(row.value))
        came.setdefault(row.object.removeprefix("Node/"), row.time)
    before = sorted(name for name in zones if name not in made)
    return [Machine(name, zones[name], False, None) for name in before] + [
        Machine(name, zones[name], True, came[name]) for name in made if name in zones
    ]


def volume_zone(timeline: Timeline) -> str | None:
    """Return the zone of the volume that was sent."""
    for row in timeline.where(source="session", field="manifest"):
        if row.object.startswith("PersistentVolume/") and isinstance(row.value, Mapping):
            found = [zone for zone in ZONES if f"'{zone}'" in str(row.value.get("spec"))]
            return found[0] if found else None
    return None


def bound(timeline: Timeline) -> tuple[str, float] | None:
    """Return the node that the Pod was bound to, and when; None as long as it waits."""
    pod = next((p for p in node_run.pods(timeline) if p.name == POD), None)
    return (pod.node, pod.bound) if pod and pod.node and pod.bound is not None else None


def refusals(timeline: Timeline) -> list[tuple[float, str]]:
    """Return when, and in which words, the scheduler found no node for the Pod."""
    events = timeline.where(source="event", object=f"Pod/{POD}", field="FailedScheduling")
    return [(row.time, str(row.value)) for row in events]


def in_conflict(words: str) -> bool:
    """Tell whether the scheduler speaks of the volume."""
    return any(part in words for part in CONFLICT)


def tainted(words: str) -> int:
    """Return of how many nodes the scheduler said that they have a taint, as new ones do."""
    found = re.search(r"(\d+) node\(s\) had untolerated taint", words)
    return int(found[1]) if found else 0


def seen_nodes(words: str) -> int:
    """Return of how many nodes the scheduler spoke, as in "0/3 nodes are available"."""
    number = words.partition("/")[2].partition(" ")[0]
    return int(number) if number.isdigit() else 0
