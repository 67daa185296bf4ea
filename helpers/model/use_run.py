"""What a run shows of busy Pods that ask for little, and of idle ones that ask for much.

Rows: those of `node_run`; source "session", "Pod/busy-<n>" and "Pod/idle-<n>", field "manifest";
source "exec", the same Pods, "stat.cpu_seconds" and "stat.seconds"; source "session", object
"Phase/busy" or "Phase/idle", field "begin" and "end".
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from helpers.model import instance_sizes, node_run
from helpers.model.instance_sizes import Size
from helpers.model.resources import asked
from helpers.model.timeline import Timeline

PHASES = ("busy", "idle")
MOMENT = 0.5
"""Seconds within which the scheduler binds a Pod that a node has room for."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One half of the run: what its Pods used and requested (CPUs), and the nodes that came.

    `offered` are the CPUs of the nodes that were there; `rule` are the sizes of the nodes that the
    rule makes; `waited` how many Pods waited for a node; `seconds` how long it lasted.
    """

    name: str
    used: float
    requested: float
    offered: float
    waited: int
    nodes: int
    rule: tuple[Size, ...]
    seconds: float

    @property
    def used_percent(self) -> float:
        """CPU used, in percent of what the nodes offer: their mean."""
        return 100 * self.used / self.offered

    @property
    def requested_percent(self) -> float:
        """CPU requested by Pods of these nodes and by those that wait, in percent of the same."""
        return 100 * self.requested / self.offered


def phases(timeline: Timeline) -> list[Phase]:
    """Return the halves of the run that have begun and in which something was read."""
    return [phase for name in PHASES if (phase := _phase(timeline, name)) is not None]


def _phase(timeline: Timeline, name: str) -> Phase | None:
    start = timeline.last(source="session", object=f"Phase/{name}", field="begin")
    if start is None:
        return None
    ended = timeline.last(source="session", object=f"Phase/{name}", field="end")
    end = ended.time if ended else timeline.rows[-1].time
    sent = [
        row.object
        for row in timeline.where(source="session", field="manifest")
        if row.object.startswith(f"Pod/{name}-")
    ]
    requests = [
        request
        for object in sent
        if (given := asked(timeline, object)) and (request := given.request("cpu"))
    ]
    used = [_used(timeline, object) for object in sent]
    read = [cores for cores in used if cores is not None]
    offered = float(node_run.offered(timeline))
    if not (read or name == "idle") or not requests or not offered:
        return None
    pods = [p for p in node_run.pods(timeline) if f"Pod/{p.name}" in sent]
    waited = sum(pod.bound is None or pod.bound - pod.came > MOMENT for pod in pods)
    request = requests[0]
    room = node_run.room(timeline, request) or 0
    rule = instance_sizes.nodes_for(max(0, len(sent) - room), request, node_run.sizes(timeline))
    came = [n for n in node_run.added(timeline) if start.time <= n.came <= end]
    return Phase(
        name,
        sum(read),
        float(sum((r.amount for r in requests), Fraction(0))),
        offered,
        waited,
        len(came),
        tuple(rule),
        end - start.time,
    )


def _used(timeline: Timeline, object: str) -> float | None:
    seconds = timeline.value(source="exec", object=object, field="stat.seconds")
    cpu = timeline.value(source="exec", object=object, field="stat.cpu_seconds")
    if not isinstance(seconds, int | float) or not isinstance(cpu, int | float) or not seconds:
        return None
    return float(cpu) / float(seconds)
