"""What the watch tells of Deployments and their Pods: which there are, how far they have come.

Rows: source "watch", object "Pod/<name>" and "Deployment/<name>". Pods are found by their label
`app`, whoever makes them.
"""

from __future__ import annotations

import re
from fractions import Fraction

from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value

_CONTAINERS = re.compile(r"spec\.containers\.(.+)\.resources\.requests\.(\w+)")
_STATUSES = re.compile(r"status\.containerStatuses\..+")


def pods_of(timeline: Timeline, app: str) -> list[str]:
    """Return the Pods with this label `app` that are there for work: "Pod/<name>".

    Without those that are being deleted, and those that have ended, such as an evicted one.
    """
    rows = timeline.where(source="watch", field="metadata.labels.app")
    named = dict.fromkeys(r.object for r in rows if r.value == app and r.object.startswith("Pod/"))
    return [
        pod
        for pod in named
        if watched(timeline, pod, "exists")
        and not watched(timeline, pod, _DELETED)
        and watched(timeline, pod, "status.phase") not in _ENDED
    ]


def ready_pods(timeline: Timeline, app: str) -> list[str]:
    """Return those of these Pods that are Ready."""
    ready = "status.conditions.Ready.status"
    return [p for p in pods_of(timeline, app) if watched(timeline, p, ready) == "True"]


def rolled_out(timeline: Timeline, deployment: str) -> bool:
    """Tell whether all Pods of a Deployment are of its newest template, and available.

    Upstream: K staging/src/k8s.io/kubectl pkg/polymorphichelpers/rollout_status.go, where this is
    "successfully rolled out"; zero replicas are rolled out too.
    """
    told = {field: watched(timeline, f"Deployment/{deployment}", field) for field in _ROLLOUT}
    wanted, written, seen, *counts = (told[field] for field in _ROLLOUT)
    return wanted is not None and seen == written and all((n or 0) == wanted for n in counts)


def requested(timeline: Timeline, pod: str, resource: str) -> Fraction:
    """Return what a Pod ("Pod/<name>") requests, in cores or bytes; 0 for nothing.

    Its own request counts where it has one, else the sum of those of its containers.
    Upstream: K staging/src/k8s.io/component-helpers resource/helpers.go, PodRequests.
    """
    own = watched(timeline, pod, f"spec.resources.requests.{resource}")
    if own is not None:
        return Quantity.parse(str(own)).amount
    found: dict[str, Value] = {}
    for row in timeline.where(source="watch", object=pod):
        match = _CONTAINERS.fullmatch(row.field)
        if match and match[2] == resource:
            found[match[1]] = row.value
    amounts = (Quantity.parse(str(value)).amount for value in found.values() if value is not None)
    return sum(amounts, Fraction(0))


def replicas(timeline: Timeline, deployment: str) -> int:
    """Return how many Pods a Deployment is to have; 0 where there is no such Deployment."""
    wanted = watched(timeline, f"Deployment/{deployment}", "spec.replicas")
    return wanted if isinstance(wanted, int) else 0


def ended_for(timeline: Timeline, pod: str, reason: str) -> bool:
    """Tell whether a container of a Pod ended, now or the last time, for this reason."""
    return any(
        row.value == reason and row.field.endswith("erminated.reason")
        for row in timeline.where(source="watch", object=pod)
        if _STATUSES.match(row.field)
    )


def watched(timeline: Timeline, object: str, field: str) -> Value:
    """Return what the watch said last of a field, None if nothing."""
    return timeline.value(source="watch", object=object, field=field)


_DELETED = "metadata.deletionTimestamp"
_ENDED = ("Failed", "Succeeded")
_ROLLOUT = (
    "spec.replicas",
    "metadata.generation",
    "status.observedGeneration",
    "status.replicas",
    "status.updatedReplicas",
    "status.availableReplicas",
)
