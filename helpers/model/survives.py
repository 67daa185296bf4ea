"""What survives what: a file in four kinds of places, and six things that happen to it.

The rules stand in `helpers.model.statefulset` and here, with their upstream:

- an emptyDir lives as long as its Pod: K pkg/volume/emptydir/empty_dir.go, and the page "Volumes";
- a claim in use is deleted when no Pod uses it any more: K pkg/controller/volume/pvcprotection;
- a Deployment's Pod does not start without its claim: K pkg/scheduler/framework/plugins/
  volumebinding; a set makes the claim anew: K pkg/controller/statefulset, CreatePodClaims;
- a volume of a folder is tied to its node: rancher/local-path-provisioner, provisioner.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.model import set_run, statefulset, volumes
from helpers.model.lost_node import NODE_READY
from helpers.model.manifests import Manifest
from helpers.model.set_run import Life
from helpers.model.statefulset import DELETE, NAME, Kept
from helpers.model.timeline import Timeline

EMPTY, CLAIM, RETAINED, SET = "emptyDir", "claim, Delete", "claim, Retain", "StatefulSet"
KINDS = (EMPTY, CLAIM, RETAINED, SET)
OWNERS = {EMPTY: "scratch", CLAIM: "plain", RETAINED: "keeper", SET: NAME}
"""The name of each kind's Deployment (of the last one: its set), and how its Pods' names begin."""

KILLED, GONE = "its container is killed", "its pod is deleted"
SCALED, OWNER = "scaled to 0 and back", "its owner is deleted, and made again"
CLAIMLESS, LOST = "its claim is deleted, then its pod", "its node is lost"
EVENTS = (KILLED, GONE, SCALED, OWNER, CLAIMLESS, LOST)

SAME, NEW, NONE = "same file", "new file", "no pod"
OPTIONS = (SAME, NEW, NONE)

ABSENT = {(CLAIMLESS, EMPTY): "has no claim"}
CELLS = tuple((event, kind) for event in EVENTS for kind in KINDS if (event, kind) not in ABSENT)
"""The cells that make sense, row by row."""

CLASS = "retain"
ZONE = "us-east-1a"
"""The zone in which all of them would rather stand, so that one lost node is everybody's."""


def rule(event: str, kind: str, kept: Kept) -> str:
    """Return what a Pod serves after an event, before anybody helps; `kept` is of the set."""
    if kind == EMPTY:
        return SAME if event == KILLED else NEW
    if kind != SET:
        return NONE if event in (CLAIMLESS, LOST) else SAME
    lost = {
        LOST: NONE,
        CLAIMLESS: NEW,
        SCALED: NEW if kept.when_scaled == DELETE else SAME,
        OWNER: NEW if kept.when_deleted == DELETE else SAME,
    }
    return lost.get(event, SAME)


def near(zone: str) -> Manifest:
    """Build the affinity of a Pod that would rather stand in a zone, and may go elsewhere."""
    expression: Manifest = {"key": volumes.ZONE, "operator": "In", "values": [zone]}
    preferred: Manifest = {"weight": 100, "preference": {"matchExpressions": [expression]}}
    return {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [preferred]}}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the grid."""

    event: str
    kind: str
    rule: str
    measured: str | None = None
    before: str | None = None
    after: str | None = None
    """The files' SHA-256; None for none."""


def cells(timeline: Timeline) -> list[Cell]:
    """Return the cells of a run as far as it has come; empty for a run of something else.

    Rows: source "session", object "Step/<event>", fields "before" and "after": SHA-256 by kind.
    """
    manifest = set_run.sets(timeline).get(OWNERS[SET])
    if manifest is None or not timeline.where(source="session", field="before"):
        return []
    kept, found = Kept.parse(manifest), []
    for event, kind in CELLS:
        ruled = rule(event, kind, kept)
        before = _sums(timeline, event, "before")
        after = _sums(timeline, event, "after")
        measured = None
        if before is not None and after is not None:
            old, new = before.get(kind), after.get(kind)
            measured = NONE if new is None else SAME if new == old else NEW
            found.append(Cell(event, kind, ruled, measured, old, new))
        else:
            found.append(Cell(event, kind, ruled))
    return found


def _sums(timeline: Timeline, event: str, field: str) -> Mapping[str, str | None] | None:
    value = timeline.value(source="session", object=f"Step/{event}", field=field)
    if not isinstance(value, Mapping):
        return None
    return {kind: None if one is None else str(one) for kind, one in value.items()}


def serving(timeline: Timeline, kind: str, since: float) -> Life | None:
    """Return the Pod of a kind that is ready and was made, or restarted, since then."""
    for life in set_run.ready_pods(timeline, f"{OWNERS[kind]}-"):
        path = "status.containerStatuses.randserver"
        what = f"Pod/{life.name}"
        restarted = timeline.last(source="watch", object=what, field=f"{path}.restartCount")
        ready = timeline.value(source="watch", object=what, field=f"{path}.ready")
        if life.made >= since or (restarted is not None and restarted.time >= since and ready):
            return life
    return None


def helpless(timeline: Timeline, kind: str, since: float) -> bool:
    """Tell whether a kind has no ready Pod, and gets none by itself.

    Its Pod finds no node, for its claim is gone or its volume is on a lost node; or it cannot be
    replaced, for nobody confirms that the old one is gone from a lost node.
    """
    if set_run.ready_pods(timeline, f"{OWNERS[kind]}-"):
        return False
    lives = [one for one in set_run.lives(timeline, f"{OWNERS[kind]}-") if one.gone is None]
    lost = any(
        row.value != "True"
        and timeline.value(source="watch", object=row.object, field=NODE_READY) != "True"
        for row in timeline.where(source="watch", field=NODE_READY)
        if row.object.startswith("Node/")
    )
    if kind == SET:
        return lost and bool(lives) and all(life.going is not None for life in lives)
    claim = f"PersistentVolumeClaim/{OWNERS[kind]}"
    claimless = timeline.value(source="watch", object=claim, field="exists") is False
    waiting = [
        life
        for life in lives
        if life.made >= since
        and timeline.value(
            source="watch",
            object=f"Pod/{life.name}",
            field="status.conditions.PodScheduled.reason",
        )
        == "Unschedulable"
    ]
    return bool(waiting) and (claimless or lost)


def label_of(manifest: Mapping[str, Any]) -> str:
    """Return the label, as text, by which a set's claims are found and deleted."""
    return ",".join(f"{k}={v}" for k, v in statefulset.owner_labels(manifest).items())
