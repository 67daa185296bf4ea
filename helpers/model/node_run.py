"""What a run shows of nodes that come and go, and of the Pods that they come for.

Rows: source "watch", "Node/<name>" (fields "exists", "metadata.labels.<label>", "status.capacity.
cpu", "status.allocatable.cpu", "status.conditions.Ready.status") and "Pod/<name>" ("exists",
"spec.nodeName", "spec.containers.<c>.resources.requests.cpu"); source "session", the manifests of
"Deployment/<name>" and "NodePool/<name>", and "Node/<name>" "requested", what others ask of a node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from helpers.model import instance_sizes, simulated_nodes
from helpers.model.instance_sizes import Size
from helpers.model.manifests import LESSON_LABEL, containers
from helpers.model.quantity import Quantity
from helpers.model.resources import Resources
from helpers.model.timeline import Timeline, Value

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Life:
    """An object from when it was first seen to when it was gone, in seconds since the epoch."""

    name: str
    came: float
    went: float | None

    def at(self, time: float) -> bool:
        """Tell whether it was there at this time."""
        return self.came <= time and (self.went is None or time < self.went)


@dataclass(frozen=True, slots=True)
class Added(Life):
    """A node that was not there before the run."""

    cpus: Fraction
    free: Fraction
    size: str
    zone: str
    ready: float | None


@dataclass(frozen=True, slots=True)
class Waiting(Life):
    """A Pod: what it requests, the node that it was bound to, and when."""

    request: Fraction
    node: str | None
    bound: float | None

    def pending(self, time: float) -> bool:
        """Tell whether it was there at this time, on no node."""
        return self.at(time) and (self.bound is None or time < self.bound)


def added(timeline: Timeline) -> list[Added]:
    """Return the nodes that carry the lesson's label, in the order in which they came."""
    found = []
    for name, seen in _objects(timeline, "Node/").items():
        if f"metadata.labels.{LESSON_LABEL}" not in seen.fields or seen.came is None:
            continue
        fields = seen.fields
        found.append(
            Added(
                name,
                seen.came,
                seen.went,
                _cores(fields.get("status.allocatable.cpu")) + instance_sizes.RESERVED_CPU.amount,
                _cores(fields.get("status.allocatable.cpu")),
                str(fields.get(f"metadata.labels.{simulated_nodes.INSTANCE}") or ""),
                str(fields.get(f"metadata.labels.{simulated_nodes.ZONE}") or ""),
                seen.first.get(("status.conditions.Ready.status", "True")),
            )
        )
    return found


def pods(timeline: Timeline) -> list[Waiting]:
    """Return the Pods of the lesson's namespace, in the order in which they came."""
    found = []
    for name, seen in _objects(timeline, "Pod/").items():
        if seen.came is None:
            continue
        request = sum(
            (
                _cores(value)
                for field, value in seen.fields.items()
                if field.startswith("spec.containers.")
                and field.endswith(".resources.requests.cpu")
            ),
            _ZERO,
        )
        node = seen.fields.get("spec.nodeName")
        bound = seen.first.get(("spec.nodeName", node)) if node is not None else None
        found.append(
            Waiting(name, seen.came, seen.went, request, None if node is None else str(node), bound)
        )
    return found


def steps(lives: Sequence[Life], counts: Callable[[float], float]) -> list[tuple[float, float]]:
    """Return (time, value) at each time at which one of these comes, is bound or goes."""
    times = set()
    for life in lives:
        moments = [life.came, life.went, getattr(life, "bound", None)]
        times |= {moment for moment in moments if moment is not None}
    return [(time, counts(time)) for time in sorted(times)]


def began(timeline: Timeline) -> float | None:
    """Return when the first Deployment was sent, in seconds since the epoch."""
    sent = [
        row.time
        for row in timeline.where(source="session", field="manifest")
        if row.object.startswith("Deployment/")
    ]
    return sent[0] if sent else None


def sizes(timeline: Timeline) -> tuple[Size, ...]:
    """Return the sizes that the NodePool which was sent allows."""
    for row in timeline.where(source="session", field="manifest"):
        if row.object.startswith("NodePool/") and isinstance(row.value, Mapping):
            text = str(row.value)
            return tuple(size for size in instance_sizes.SIZES if f"'{size.name}'" in text)
    return ()


def asked(timeline: Timeline, deployment: str) -> tuple[int, Quantity] | None:
    """Return how many replicas a Deployment was made with, and what each requests of CPU."""
    sent = timeline.value(source="session", object=f"Deployment/{deployment}", field="manifest")
    if not isinstance(sent, Mapping):
        return None
    spec = sent.get("spec")
    replicas = spec.get("replicas", 1) if isinstance(spec, Mapping) else 1
    for container in containers(sent):
        block = container.get("resources")
        request = Resources.parse(block).request("cpu") if isinstance(block, Mapping) else None
        if request:
            return int(str(replicas)), request
    return None


def room(timeline: Timeline, request: Quantity) -> int | None:
    """Return how many Pods of this request the nodes that were there before have room for.

    None when no such node was seen. Nodes with a taint are left out.
    """
    free = _free_before(timeline)
    return sum(max(0, int(amount // request.amount)) for amount in free) if free else None


def offered(timeline: Timeline) -> Fraction:
    """Return the CPUs that the nodes which were there before have for the lesson's Pods."""
    return sum(_free_before(timeline), _ZERO)


def _free_before(timeline: Timeline) -> list[Fraction]:
    ours = {node.name for node in added(timeline)}
    found = []
    for name, seen in _objects(timeline, "Node/").items():
        fields = seen.fields
        if name in ours or any(path.startswith("spec.taints.") for path in fields):
            continue
        if "status.allocatable.cpu" in fields:
            stated = timeline.value(source="session", object=f"Node/{name}", field="requested")
            others = _cores(stated.get("cpu")) if isinstance(stated, Mapping) else _ZERO
            found.append(_cores(fields["status.allocatable.cpu"]) - others)
    return found


def expected(timeline: Timeline, deployment: str) -> list[Size] | None:
    """Return the nodes that the rule makes for a Deployment; None before it was sent."""
    sent = asked(timeline, deployment)
    if sent is None or (fits := room(timeline, sent[1])) is None:
        return None
    replicas, request = sent
    return instance_sizes.nodes_for(max(0, replicas - fits), request, sizes(timeline))


def chosen(timeline: Timeline) -> list[Size]:
    """Return the sizes of the nodes that came, largest first."""
    names = [node.size for node in added(timeline)]
    known = [instance_sizes.named(name) for name in names if name in instance_sizes.NAMES]
    return sorted(known, key=lambda size: -size.cpus)


@dataclass(slots=True)
class _Seen:
    """What a watch said of one object: its last fields, and when each value was first seen."""

    fields: dict[str, Value]
    first: dict[tuple[str, Value], float]
    came: float | None = None
    went: float | None = None


def _objects(timeline: Timeline, kind: str) -> dict[str, _Seen]:
    found: dict[str, _Seen] = {}
    for row in timeline.where(source="watch"):
        if not row.object.startswith(kind):
            continue
        seen = found.setdefault(row.object.removeprefix(kind), _Seen({}, {}))
        if row.field == "exists":
            if row.value:
                seen.came = row.time if seen.came is None else seen.came
            else:
                seen.went = row.time
        elif row.value is not None:
            seen.fields[row.field] = row.value
            if isinstance(row.value, str | int | bool):
                seen.first.setdefault((row.field, row.value), row.time)
        elif seen.went is None and not row.field.startswith("status."):
            seen.fields.pop(row.field, None)  # a taint that was taken off
    return found


def _cores(value: Value) -> Fraction:
    return _ZERO if value is None else Quantity.parse(str(value)).amount
