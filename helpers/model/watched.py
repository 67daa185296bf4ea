"""What the watch shows of the objects that are there now: for the checks of labs.

Rows: source "watch". A field has the name that `helpers.kube.recorder` gives it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from helpers.model import workloads
from helpers.model.timeline import Timeline, Value

Fields: TypeAlias = dict[str, Value]


def objects(timeline: Timeline, kind: str) -> dict[str, Fields]:
    """Return the objects of a kind that exist now: by name, the fields that have a value."""
    seen: dict[str, Fields] = {}
    for row in timeline.where(source="watch"):
        of, _, name = row.object.partition("/")
        if of == kind:
            seen.setdefault(name, {})[row.field] = row.value
    return {
        name: {field: value for field, value in fields.items() if value is not None}
        for name, fields in seen.items()
        if fields.get("exists")
    }


def pods(timeline: Timeline, app: str) -> dict[str, Fields]:
    """Return the Pods with this value of the label "app" that are there for work, by name."""
    return _of(timeline, workloads.pods_of(timeline, app))


def ready(timeline: Timeline, app: str) -> dict[str, Fields]:
    """Return those of `pods` that are ready."""
    return _of(timeline, workloads.ready_pods(timeline, app))


def claims_of(pod: Fields) -> set[str]:
    """Return the names of the claims that a Pod uses."""
    return {
        str(value)
        for field, value in pod.items()
        if field.startswith("spec.volumes.") and field.endswith(".persistentVolumeClaim.claimName")
    }


def phase(timeline: Timeline, claim: str) -> str:
    """Return a claim's phase, "missing" where there is none of that name."""
    fields = objects(timeline, "PersistentVolumeClaim").get(claim, {})
    return str(fields.get("status.phase", "missing"))


def _of(timeline: Timeline, pods: Iterable[str]) -> dict[str, Fields]:
    found = objects(timeline, "Pod")
    return {name: found[name] for name in (pod.removeprefix("Pod/") for pod in pods)}
