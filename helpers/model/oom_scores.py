"""What a Timeline tells of oom_score_adj: what was read, and what the rule says.

Rows: source "session", object "Pod/<name>", field "manifest"; source "exec", the same object, field
"oom_score_adj" (in Pod/look that of the container runtime); source "watch", object "Node/<name>",
field "status.capacity.memory", and object "Pod/<name>", field "spec.nodeName".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.model import memory
from helpers.model.qos import oom_score_adj_set, pod_class
from helpers.model.quantity import Quantity
from helpers.model.resources import asked
from helpers.model.timeline import Timeline

LOOK = "look"
"""The pod that reads the runtime's own."""


@dataclass(frozen=True, slots=True)
class Score:
    """One container: its class, what the kubelet asks for, what is then set, and what was read."""

    name: str
    qos: str
    wanted: int
    rule: int
    measured: int


def runtimes(timeline: Timeline) -> int | None:
    """Return the oom_score_adj of the container runtime, None if it was not read."""
    read = timeline.value(source="exec", object=f"Pod/{LOOK}", field="oom_score_adj")
    return read if isinstance(read, int) else None


def capacity(timeline: Timeline, name: str) -> int | None:
    """Return the memory of the node on which a Pod runs, in bytes."""
    node = timeline.value(source="watch", object=f"Pod/{name}", field="spec.nodeName")
    field = "status.capacity.memory"
    read = timeline.value(source="watch", object=f"Node/{node}", field=field)
    return Quantity.parse(read).bytes if isinstance(read, str) else None


def scores(timeline: Timeline) -> list[Score]:
    """Return the containers whose oom_score_adj was read, in the order in which they were sent."""
    own = runtimes(timeline)
    found = []
    for row in timeline.where(source="session", field="manifest"):
        name = row.object.removeprefix("Pod/")
        read = timeline.value(source="exec", object=row.object, field="oom_score_adj")
        bytes = capacity(timeline, name)
        if name == LOOK or own is None or bytes is None or not isinstance(read, int):
            continue
        assert isinstance(row.value, Mapping)
        resources, qos = asked(timeline, row.object), pod_class(row.value)
        request = resources.request("memory") if resources is not None else None
        wanted = memory.oom_score_adj(request, bytes, qos=qos)
        found.append(Score(name, qos, wanted, oom_score_adj_set(wanted, own), read))
    return found
