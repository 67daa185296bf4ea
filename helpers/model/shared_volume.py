"""One volume and several Pods: the manifests of the lesson, the rules, and what a run shows.

The volume of the workbook's cluster is a folder of one node; a cloud's is a disk that one node has
at a time. Both are ReadWriteOnce: once a node, not once a Pod.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from helpers.model import volumes
from helpers.model.manifests import Manifest
from helpers.model.timeline import Timeline, Value

ONCE, ONCE_POD, MANY = volumes.RWO, volumes.RWOP, volumes.RWX
ROLLING, RECREATE = "RollingUpdate", "Recreate"
APP = "web"
DEPLOYMENT = f"Deployment/{APP}"
CLAIM = "PersistentVolumeClaim/data"
SELECTED = "metadata.annotations.volume.kubernetes.io/selected-node"
NOBODY = "192.0.2.1:3260"
"""An address that belongs to nobody (RFC 5737): behind it is no disk."""


def claim(*, namespace: str, lesson: str, mode: str = ONCE, volume: str | None = None) -> Manifest:
    """Build the claim `data`; of the cluster's class, or bound to the PersistentVolume named.

    The class "" keeps any provisioner away.
    """
    return volumes.claim(
        namespace=namespace,
        lesson=lesson,
        name="data",
        access_modes=[mode],
        storage_class=volumes.STANDARD if volume is None else "",
        volume=volume,
    )


def deployment(
    *,
    namespace: str,
    lesson: str,
    apart: bool = False,
    strategy: str | None = None,
    version: str = "",
    deadline: int | None = None,
) -> Manifest:
    """Build a Deployment of web servers that all name the claim `data`.

    `apart` keeps each on a node of its own; `version` is an environment variable, so that another
    one is an update; `deadline` is progressDeadlineSeconds.
    """
    inside = _server()
    if version:
        (container,) = cast("list[Manifest]", inside["containers"])
        container["env"] = [{"name": "VERSION", "value": version}]
    if apart:
        rule: Manifest = {
            "labelSelector": {"matchLabels": {"app": APP}},
            "topologyKey": "kubernetes.io/hostname",
        }
        inside["affinity"] = {
            "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [rule]}
        }
    made = volumes.deployment(
        namespace=namespace, lesson=lesson, name=APP, spec=inside, strategy=strategy
    )
    if deadline is not None:
        cast("Manifest", made["spec"])["progressDeadlineSeconds"] = deadline
    return made


def network_disk(*, namespace: str, lesson: str, mode: str = ONCE) -> Manifest:
    """Build a PersistentVolume that is a disk in the network, for the claim `data`.

    Nothing answers behind it.
    """
    iqn = f"iqn.2026-11.workbook:{namespace}"
    return volumes.persistent_volume(
        namespace=namespace,
        lesson=lesson,
        name="disk",
        source={"iscsi": {"targetPortal": NOBODY, "iqn": iqn, "lun": 0}},
        access_modes=[mode],
        claim="data",
    )


def pod(*, namespace: str, lesson: str, name: str, zone: str) -> Manifest:
    """Build a Pod that names the claim `data` and must run in a zone."""
    spec = {**_server(), "nodeSelector": {volumes.ZONE: zone}}
    return volumes.pod(namespace=namespace, lesson=lesson, name=name, spec=spec)


def _server() -> Manifest:
    spec = volumes.randserver_spec(volume=volumes.claimed("data", "data"))
    # It has nothing to finish when it is told to end.
    return {"terminationGracePeriodSeconds": 1, **spec}


def runs(mode: str, replicas: int, *, apart: bool) -> int:
    """Return how many replicas run that share one folder of one node.

    Upstream: K pkg/scheduler/framework/plugins/volumerestrictions (ReadWriteOncePod: one Pod),
    .../volumebinding/binder.go (a bound volume's node affinity), .../interpodaffinity; and
    local-path-provisioner v0.0.30 provisioner.go, provisionFor: no other access mode.
    """
    if mode == MANY:
        return 0
    return min(replicas, 1) if mode == ONCE_POD or apart else replicas


@dataclass(frozen=True, slots=True)
class Seen:
    """A Pod as the watch saw it last: its node, whether its container runs, why it has no node."""

    name: str
    node: str
    running: bool
    unschedulable: str
    version: str = ""


def pods(timeline: Timeline, prefix: str = f"{APP}-") -> list[Seen]:
    """Return the Pods of that name's beginning that exist, in the order in which they came."""
    fields: dict[str, dict[str, Value]] = {}
    for row in timeline.where(source="watch"):
        if row.object.startswith(f"Pod/{prefix}"):
            fields.setdefault(row.object.removeprefix("Pod/"), {})[row.field] = row.value
    return [_seen(name, said) for name, said in fields.items() if said.get("exists")]


def _seen(name: str, said: Mapping[str, Value]) -> Seen:
    started = [v for f, v in said.items() if f.endswith(".state.running.startedAt")]
    unschedulable = said.get("status.conditions.PodScheduled.reason") == "Unschedulable"
    why = said.get("status.conditions.PodScheduled.message") if unschedulable else ""
    versions = [str(v) for f, v in said.items() if f.endswith(".env.VERSION.value")]
    return Seen(
        name,
        str(said.get("spec.nodeName") or ""),
        any(started) and said.get("metadata.deletionTimestamp") is None,
        str(why or ""),
        versions[0] if versions else "",
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """What was asked for: the claim's access mode, and whether replicas are kept apart."""

    mode: str
    apart: bool
    strategy: str = ROLLING


def sent(timeline: Timeline) -> Sent | None:
    """Return what was asked for of the Deployment's volume, as it was sent; None before that."""
    asked = timeline.value(source="session", object=CLAIM, field="manifest")
    made = timeline.value(source="session", object=DEPLOYMENT, field="manifest")
    if not isinstance(asked, dict) or not isinstance(made, dict):
        return None
    spec = made["spec"]
    strategy = (spec.get("strategy") or {}).get("type") or ROLLING
    return Sent(mode_of(asked), "affinity" in spec["template"]["spec"], str(strategy))


def mode_of(asked: Mapping[str, Value]) -> str:
    """Return the access mode of a claim's or volume's manifest."""
    spec = asked.get("spec")
    modes = spec.get("accessModes") if isinstance(spec, Mapping) else None
    return str(modes[0]) if isinstance(modes, list) and modes else ""


@dataclass(frozen=True, slots=True)
class Step:
    """One number of replicas: how many run, on which nodes, and what the others wait for."""

    asked: int
    running: int
    nodes: Mapping[str, int]
    why: str


def step_row(timeline: Timeline, asked: int) -> dict[str, Value]:
    """Return the row that keeps what stands at the end of a step."""
    found = pods(timeline)
    nodes: dict[str, Value] = {}
    for seen in found:
        if seen.running:
            nodes[seen.node] = int(str(nodes.get(seen.node, 0))) + 1
    failed = timeline.value(source="event", object=CLAIM, field="ProvisioningFailed")
    words = [seen.unschedulable for seen in found if seen.unschedulable]
    # The second half of the scheduler's words is about preemption.
    why = words[-1].split(" preemption:")[0] if words else str(failed or "")
    return {"asked": asked, "running": sum(s.running for s in found), "nodes": nodes, "why": why}


def steps(timeline: Timeline) -> list[Step]:
    """Return the steps of a run (source "session", the Deployment, field "step")."""
    return [
        Step(int(v["asked"]), int(v["running"]), dict(v["nodes"]), str(v["why"]))
        for row in timeline.where(source="session", object=DEPLOYMENT, field="step")
        if isinstance(v := row.value, dict)
    ]


def rests(timeline: Timeline, asked: int) -> bool:
    """Tell whether each of so many Pods runs, or has been told that it cannot."""
    found = pods(timeline)
    if len(found) != asked:
        return False
    failed = timeline.value(source="event", object=CLAIM, field="ProvisioningFailed")
    refused = "access mode" in str(failed or "")
    return all(seen.running or seen.unschedulable or refused for seen in found)


def files(timeline: Timeline) -> dict[str, tuple[str, ...]]:
    """Return, by Pod, the names of the files that it sees (source "exec", field "files")."""
    found: dict[str, tuple[str, ...]] = {}
    for row in timeline.where(source="exec", field="files"):
        if isinstance(row.value, list):
            found[row.object.removeprefix("Pod/")] = tuple(str(name) for name in row.value)
    return found


# A disk in the network: who has it?

PENDING, WAITS, ATTACHED = "Pending", "ContainerCreating, without the disk", "has the disk"
STAGES = (PENDING, WAITS, ATTACHED)
"""How far a Pod comes: placed nowhere; placed, and the disk is elsewhere; the node has the disk."""

FIRST, SECOND, AFTER = "first", "second", "second, once first is gone"


def stages_expected(mode: str) -> dict[str, str]:
    """Return how far each Pod comes, on two nodes, by the access mode of the one disk.

    Upstream: K pkg/controller/volume/attachdetach/reconciler/reconciler.go, attachDesiredVolumes,
    with pkg/volume/util/util.go, IsMultiAttachAllowed; volumerestrictions for ReadWriteOncePod.
    """
    second = {ONCE: WAITS, ONCE_POD: PENDING}.get(mode)
    if second is None:
        return {FIRST: ATTACHED, SECOND: ATTACHED}
    return {FIRST: ATTACHED, SECOND: second, AFTER: ATTACHED}


def stage(timeline: Timeline, name: str) -> str | None:
    """Return how far a Pod has come; None as long as nothing is decided about it."""
    what = f"Pod/{name}"
    if timeline.value(source="event", object=what, field="SuccessfulAttachVolume") is not None:
        return ATTACHED
    if timeline.value(source="event", object=what, field="FailedAttachVolume") is not None:
        return WAITS
    found = pods(timeline, name)
    if found and found[0].unschedulable and "unbound" not in found[0].unschedulable:
        return PENDING
    return None


def stages(timeline: Timeline) -> dict[str, str]:
    """Return how far each came, as the run noted it (source "session", field "stage")."""
    found = {}
    for row in timeline.where(source="session", field="stage"):
        found[row.object.removeprefix("Pod/")] = str(row.value)
    return found


# An update: which Pods run?

BOTH, HANGS, GAP = "both for a moment", "the new one never", "none for a moment"


def update_expected(mode: str, strategy: str) -> str:
    """Return what an update of one replica does, on one node, by access mode and strategy.

    Upstream: K pkg/controller/deployment/rolling.go and recreate.go; of one replica the default
    maxUnavailable of 25% is none (pkg/controller/deployment/util/deployment_util.go,
    ResolveFenceposts).
    """
    if strategy == RECREATE:
        return GAP
    return HANGS if mode == ONCE_POD else BOTH


def running_spans(timeline: Timeline) -> dict[str, list[tuple[float, float]]]:
    """Return when an old and a new Pod ran, in seconds since the update was sent.

    A span that has not ended ends where the Timeline does. Keys: the versions.
    """
    began = _update_time(timeline)
    if began is None:
        return {}
    end = timeline.rows[-1].time - began
    versions: dict[str, str] = {}
    open_: dict[str, float] = {}
    spans: dict[str, list[tuple[float, float]]] = {}
    for row in timeline.where(source="watch"):
        if not row.object.startswith(f"Pod/{APP}-"):
            continue
        if row.field.endswith(".env.VERSION.value") and row.value:
            versions[row.object] = str(row.value)
        at = row.time - began
        if row.field.endswith(".state.running.startedAt") and row.value:
            open_.setdefault(row.object, at)
        ended = row.field.endswith(".state.running.startedAt") and row.value is None
        if (ended or (row.field == "exists" and row.value is False)) and row.object in open_:
            spans.setdefault(versions[row.object], []).append((open_.pop(row.object), at))
    for what, since in open_.items():
        spans.setdefault(versions[what], []).append((since, end))
    return spans


def update_seen(timeline: Timeline) -> str | None:
    """Return what the update did: one of BOTH, HANGS, GAP; None while it goes on."""
    if hangs(timeline):
        return HANGS
    if _update_time(timeline) is None or not updated(timeline):
        return None
    spans = running_spans(timeline)
    old_end = max((end for _, end in spans.get("1", ())), default=0.0)
    new_start = min((start for start, _ in spans.get("2", ())), default=0.0)
    return BOTH if new_start < old_end else GAP


def updated(timeline: Timeline) -> bool:
    """Tell whether only the new version is left, and runs."""
    found = pods(timeline)
    return bool(found) and all(seen.version == "2" and seen.running for seen in found)


def hangs(timeline: Timeline) -> bool:
    """Tell whether the Deployment has given up waiting for its update."""
    began = _update_time(timeline)
    row = timeline.last(
        source="watch", object=DEPLOYMENT, field="status.conditions.Progressing.reason"
    )
    if began is None or row is None:
        return False
    return row.time > began and row.value == "ProgressDeadlineExceeded"


def _update_time(timeline: Timeline) -> float | None:
    sent_at = timeline.where(source="session", object=DEPLOYMENT, field="manifest")
    return sent_at[1].time if len(sent_at) > 1 else None
