"""What a run shows of storage classes, and the rules: defaults, binding, growth.

Objects of the whole cluster are named after the lesson's namespace; here they go by the name that
follows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value
from helpers.model.volumes import DEFAULT_CLASS, STANDARD, ZONE

GENERAL, NEWER = "general-purpose", "newer"
EARLY, LATE, NAMED, OPTED_OUT = "early", "late", "named", "opted-out"
CLAIMS = (EARLY, LATE, NAMED, OPTED_OUT)
NO_CLASS = "no class"


@dataclass(frozen=True, slots=True)
class Class:
    """A StorageClass as the default rule sees it; `created` is a time of whole seconds."""

    name: str
    default: bool
    created: str
    provisioner: str = ""
    mode: str = ""


def default_of(classes: Sequence[Class]) -> str | None:
    """Return the class that a claim without one gets: the newest default, None without any.

    Upstream: K pkg/volume/util/storageclass.go, GetDefaultClass; of two that were made in the same
    second the first by name.
    """
    marked = sorted((c for c in classes if c.default), key=lambda c: c.name)
    newest = max((c.created for c in marked), default="")
    return next((c.name for c in marked if c.created == newest), None)


def short(timeline: Timeline, name: str) -> str:
    """Return a name without the namespace before it."""
    return name.removeprefix(f"{timeline.meta.get('namespace')}-")


def classes(timeline: Timeline) -> dict[str, Class]:
    """Return the classes as the watch saw them last, by their short names; those that exist."""
    fields: dict[str, dict[str, Value]] = {}
    for row in timeline.where(source="watch"):
        if row.object.startswith("StorageClass/"):
            fields.setdefault(row.object.removeprefix("StorageClass/"), {})[row.field] = row.value
    found = {}
    for name, said in fields.items():
        if said.get("exists"):
            made = Class(
                short(timeline, name),
                said.get(f"metadata.annotations.{DEFAULT_CLASS}") == "true",
                str(said.get("metadata.creationTimestamp") or ""),
                str(said.get("provisioner") or ""),
                str(said.get("volumeBindingMode") or ""),
            )
            found[made.name] = made
    return found


def first_classes(timeline: Timeline) -> dict[str, Class]:
    """Return the classes that were there before the run sent anything, as they were first seen.

    A change may be seen before the row that says it was sent, so what counts is the first look at
    a class: its rows of one moment.
    """
    sent = {row.object for row in timeline.where(source="session", field="manifest")}
    first = Timeline(timeline.meta)
    seen: dict[str, float] = {}
    for row in timeline.where(source="watch"):
        if row.object not in sent and seen.setdefault(row.object, row.time) == row.time:
            first.append(row)
    return classes(first)


def defaults_sent(timeline: Timeline) -> dict[str, bool]:
    """Return which classes the run makes a default, and whether it leaves `standard` one."""
    values = timeline.value(source="learner", field="values")
    if not isinstance(values, Mapping) or "standard" not in values:
        return {}
    return {name: values[key] == "true" for name, key in _FIELDS.items()}


_FIELDS = {STANDARD: "standard", GENERAL: "general", NEWER: "newer"}


def class_expected(timeline: Timeline) -> dict[str, str]:
    """Return the class that each claim is to have in the end.

    `early` was there first: it gets the default of its time, else the first default that comes.

    Upstream: K plugin/pkg/admission/storage/storageclass/setdefault/admission.go, and
    pkg/controller/volume/persistentvolume/pv_controller.go, assignDefaultStorageClass.
    """
    marked, made = defaults_sent(timeline), classes(timeline)
    if not marked:
        return {}
    first = next((name for name in (STANDARD, GENERAL, NEWER) if marked[name]), NO_CLASS)
    now = [Class(name, on, made[name].created) for name, on in marked.items() if name in made]
    return {
        EARLY: first,
        LATE: default_of(now) or NO_CLASS,
        NAMED: GENERAL,
        OPTED_OUT: NO_CLASS,
    }


def class_seen(timeline: Timeline) -> dict[str, str]:
    """Return the class that each claim has, those that exist."""
    found = {}
    for name in CLAIMS:
        what = f"PersistentVolumeClaim/{name}"
        if timeline.value(source="watch", object=what, field="exists"):
            value = timeline.value(source="watch", object=what, field="spec.storageClassName")
            found[name] = short(timeline, str(value)) if value else NO_CLASS
    return found


# Binding: at once, or with the first Pod

IMMEDIATE, WAIT = "Immediate", "WaitForFirstConsumer"
BINDING = {"at-once": IMMEDIATE, "with-pod": WAIT}
RUNS, PENDING = "its Pod runs", "its Pod is Pending"


def bound_after(timeline: Timeline, name: str) -> float | None:
    """Return how many seconds after its claim was sent a claim was bound."""
    what = f"PersistentVolumeClaim/{name}"
    sent = timeline.last(source="session", object=what, field="manifest")
    for row in timeline.where(source="watch", object=what, field="status.phase"):
        if sent is not None and row.value == "Bound":
            return max(0.0, row.time - sent.time)
    return None


def pod_after(timeline: Timeline, name: str) -> float | None:
    """Return how many seconds after its claim a Pod was sent."""
    claim = timeline.last(
        source="session", object=f"PersistentVolumeClaim/{name}", field="manifest"
    )
    pod = timeline.last(source="session", object=f"Pod/{name}", field="manifest")
    return None if claim is None or pod is None else max(0.0, pod.time - claim.time)


def bound_since_pod(timeline: Timeline, name: str) -> float | None:
    """Return how many seconds after its Pod was sent a claim was bound; less than 0 is before."""
    bound, pod = bound_after(timeline, name), pod_after(timeline, name)
    return None if bound is None or pod is None else bound - pod


def fate(timeline: Timeline, name: str) -> str | None:
    """Return whether a Pod runs or has been told that it cannot; None while that is open."""
    what = f"Pod/{name}"
    for row in reversed(timeline.where(source="watch", object=what)):
        if row.field.endswith(".state.running.startedAt") and row.value:
            return RUNS
    reason = timeline.value(
        source="watch", object=what, field="status.conditions.PodScheduled.reason"
    )
    return PENDING if reason == "Unschedulable" else None


def fate_expected(timeline: Timeline, name: str) -> str | None:
    """Return what becomes of a Pod in a zone, by the volumes that were sent for its claim.

    Bound at once, the claim has the smallest volume that is large enough, wherever that is; bound
    with the Pod, one in the Pod's zone, if there is any.

    Upstream: k8s.io/component-helpers storage/volume/pv_helpers.go, FindMatchingVolume; K
    pkg/scheduler/framework/plugins/volumebinding/binder.go, findMatchingVolumes.
    """
    sent: dict[str, Any] = {
        row.object: row.value for row in timeline.where(source="session", field="manifest")
    }
    claim, pod = sent.get(f"PersistentVolumeClaim/{name}"), sent.get(f"Pod/{name}")
    if not isinstance(claim, Mapping) or not isinstance(pod, Mapping):
        return None
    zone = pod["spec"].get("nodeSelector", {}).get(ZONE)
    size = Quantity.parse(claim["spec"]["resources"]["requests"]["storage"])
    fitting = [
        (held, volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"][0])
        for object, volume in sent.items()
        if object.startswith("PersistentVolume/")
        and volume["spec"].get("storageClassName") == claim["spec"].get("storageClassName")
        and (held := Quantity.parse(volume["spec"]["capacity"]["storage"])) >= size
    ]
    zones = [
        term["matchExpressions"][0]["values"] for _, term in sorted(fitting, key=lambda v: v[0])
    ]
    if not zones or zone is None:
        return None
    tried = zones if BINDING.get(name) == WAIT else zones[:1]
    return RUNS if any(zone in there for there in tried) else PENDING


# Growth

REFUSED, ACCEPTED, GROWN = "refused", "taken, and nobody does it", "grown"
GROW, SHRINK, MOVE = "grow", "shrink", "another class"
CHANGES = (GROW, SHRINK, MOVE)


@dataclass(frozen=True, slots=True)
class Asked:
    """One change of a claim: what was asked, what came of it, and in whose words."""

    name: str
    came: str
    words: str


def growth_expected(*, allowed: bool) -> dict[str, str]:
    """Return what comes of each change of a bound claim, where nobody can resize its volume.

    Upstream: K plugin/pkg/admission/storage/persistentvolume/resize/admission.go, Validate, and
    pkg/apis/core/validation/validation.go, ValidatePersistentVolumeClaimUpdate.
    """
    return {GROW: ACCEPTED if allowed else REFUSED, SHRINK: REFUSED, MOVE: REFUSED}


def growth_seen(timeline: Timeline) -> list[Asked]:
    """Return what came of the changes, in their order (source "session", field "asked")."""
    return [
        Asked(str(v["name"]), str(v["came"]), str(v["words"]))
        for row in timeline.where(source="session", field="asked")
        if isinstance(v := row.value, dict)
    ]
