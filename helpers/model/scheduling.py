"""What the scheduler counts: requests against allocatable, never what is used.

A board of nodes and pods is read from a Timeline that watched both (source "watch"):
"Node/<name>": "status.allocatable.cpu", "status.allocatable.memory", "status.allocatable.pods" and
"spec.taints..."; "Pod/<name>": "spec.nodeName", "spec.nodeSelector...", "spec.containers.<c>.
resources.requests.<resource>", "status.conditions.PodScheduled.reason" and "...message", "exists".
Pods of other namespaces are not watched; what they request stands in a row of source "session",
object "Node/<name>", field "requested", value {"cpu": ..., "memory": ..., "pods": a number}.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value

RESOURCES = ("cpu", "memory")
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod as the scheduler sees it: its requests in base units, and where it runs, if it does."""

    name: str
    requests: Mapping[str, Fraction]
    node: str | None
    only_on: str | None = None
    unschedulable: str | None = None
    """What the scheduler said of a pod that fits nowhere (condition PodScheduled, message)."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node: what it can give, what the pods of other namespaces have asked of it, its pods."""

    name: str
    allocatable: Mapping[str, Fraction]
    requested_by_others: Mapping[str, Fraction]
    room: int
    """How many pods it takes at most, less those of other namespaces."""
    pods: Sequence[Pod] = field(default_factory=tuple)
    tainted: bool = False

    def requested(self, resource: str) -> Fraction:
        """Return the sum of the requests of all its pods."""
        ours = sum((pod.requests.get(resource, _ZERO) for pod in self.pods), _ZERO)
        return ours + self.requested_by_others.get(resource, _ZERO)

    def free(self, resource: str) -> Fraction:
        """Return what is not requested yet."""
        return self.allocatable.get(resource, _ZERO) - self.requested(resource)

    def lacks(self, pod: Pod) -> tuple[str, ...]:
        """Return what the node has too little of for this pod, in the scheduler's words.

        Upstream: K pkg/scheduler/framework/plugins/noderesources/fit.go, fitsRequest.
        """
        reasons = ["Too many pods"] if len(self.pods) + 1 > self.room else []
        for resource in RESOURCES:
            asked = pod.requests.get(resource, _ZERO)
            if asked > 0 and asked > self.free(resource):
                reasons.append(f"Insufficient {resource}")
        return tuple(reasons)


def capacity(free: Quantity, request: Quantity) -> int:
    """Return how many pods with this request fit into what is free; raises ValueError for 0."""
    if request.amount <= 0:
        raise ValueError("pods that ask for nothing always fit")
    return max(0, int(free.amount // request.amount))


def board(timeline: Timeline) -> tuple[tuple[Node, ...], tuple[Pod, ...]]:
    """Return the nodes with their pods, and the pods on no node, as they stood at the end."""
    latest: dict[str, dict[str, Value]] = {}
    for row in timeline.where(source="watch"):
        fields = latest.setdefault(row.object, {})
        if row.value is None:
            fields.pop(row.field, None)
        else:
            fields[row.field] = row.value
    pods = [
        _pod(object.removeprefix("Pod/"), fields)
        for object, fields in latest.items()
        if object.startswith("Pod/") and fields.get("exists", True)
        if fields.get("status.phase") not in {"Succeeded", "Failed"}
    ]
    nodes = [
        _node(object.removeprefix("Node/"), fields, timeline, pods)
        for object, fields in latest.items()
        if object.startswith("Node/") and fields.get("exists", True)
        if "status.allocatable.cpu" in fields
    ]
    return tuple(nodes), tuple(pod for pod in pods if pod.node is None)


def requested(pods: Iterable[Mapping[str, Value]]) -> dict[str, Value]:
    """Sum up the requests of pods as the API server returned them, for a row "requested".

    Pods that have ended count nothing.  Init containers and overhead are left out: none of the
    workbook's pods has any.
    """
    total = dict.fromkeys(RESOURCES, _ZERO)
    count = 0
    for pod in pods:
        status, spec = pod.get("status"), pod.get("spec")
        if isinstance(status, Mapping) and status.get("phase") in {"Succeeded", "Failed"}:
            continue
        count += 1
        listed = spec.get("containers") if isinstance(spec, Mapping) else None
        for container in listed if isinstance(listed, Sequence) else ():
            block = container.get("resources") if isinstance(container, Mapping) else None
            asked = block.get("requests") if isinstance(block, Mapping) else None
            for resource in RESOURCES:
                if isinstance(asked, Mapping) and resource in asked:
                    total[resource] += Quantity.parse(str(asked[resource])).amount
    return {
        "cpu": f"{int(total['cpu'] * 1000)}m",
        "memory": str(int(total["memory"])),
        "pods": count,
    }


_REQUEST = re.compile(r"spec\.containers\.[^.]+\.resources\.requests\.(cpu|memory)")


def _pod(name: str, fields: Mapping[str, Value]) -> Pod:
    requests: dict[str, Fraction] = {}
    for path, value in fields.items():
        match = _REQUEST.fullmatch(path)
        if match:
            requests[match[1]] = requests.get(match[1], _ZERO) + Quantity.parse(str(value)).amount
    node = fields.get("spec.nodeName")
    only_on = fields.get("spec.nodeSelector.kubernetes.io/hostname")
    refused = fields.get("status.conditions.PodScheduled.reason") == "Unschedulable"
    message = fields.get("status.conditions.PodScheduled.message")
    return Pod(
        name,
        requests,
        None if node is None else str(node),
        None if only_on is None else str(only_on),
        str(message or "") if refused and node is None else None,
    )


def _node(name: str, fields: Mapping[str, Value], timeline: Timeline, pods: Sequence[Pod]) -> Node:
    stated = timeline.value(source="session", object=f"Node/{name}", field="requested")
    others = stated if isinstance(stated, Mapping) else {}
    allocatable = {
        r: Quantity.parse(str(fields.get(f"status.allocatable.{r}", 0))) for r in RESOURCES
    }
    count = others.get("pods", 0)
    return Node(
        name,
        {resource: quantity.amount for resource, quantity in allocatable.items()},
        {r: Quantity.parse(str(others.get(r, 0))).amount for r in RESOURCES},
        int(str(fields.get("status.allocatable.pods", 110)))
        - (count if isinstance(count, int) else 0),
        tuple(pod for pod in pods if pod.node == name),
        any(path.startswith("spec.taints.") for path in fields),
    )
