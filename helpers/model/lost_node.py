"""A lost node: after how long its Pods are deleted, and who replaces them before it is back.

Upstream, in K pkg/controller: nodelifecycle/node_lifecycle_controller.go (grace, taint),
tainteviction (deletion after the toleration), statefulset (a Pod that is still there is not
replaced) and replicaset (one that is being deleted no longer counts).
"""

from __future__ import annotations

from dataclasses import dataclass

from helpers.model import set_run
from helpers.model.manifests import Manifest
from helpers.model.periods import PERIODS
from helpers.model.statefulset import NAME
from helpers.model.timeline import Timeline

SPARE = "spare"
NODE_READY = "status.conditions.Ready.status"

_PERIOD = next(period for period in PERIODS if period.flag == "node-monitor-grace-period")
GRACE = float(_PERIOD.workbook.rstrip("s"))
"""Seconds after which a silent node of the workbook's cluster counts as lost."""
STOCK = float(_PERIOD.stock.rstrip("s"))
RENEWED = 10.0
"""Seconds between two renewals of a node's Lease: a quarter of its 40 s.

Upstream: K pkg/kubelet/kubelet.go, nodeLeaseRenewIntervalFraction.
"""
LOOKED_AT = 5.0
"""Seconds between two looks at all nodes (node-monitor-period)."""
RATE = 10.0
"""Seconds between two nodes of a zone that are tainted (node-eviction-rate 0.1)."""

AT_ONCE = "once the old one is told to go, on another node"
BACK = "only when the node is back, and the old one is gone"
NEVER = "never: the old one goes on when the node is back"
OPTIONS = (AT_ONCE, NEVER, BACK)


def beside(app: str) -> Manifest:
    """Build the affinity of a Pod that would rather stand on the node of the Pods of `app`."""
    term: Manifest = {
        "topologyKey": "kubernetes.io/hostname",
        "labelSelector": {"matchLabels": {"app": app}},
    }
    preferred: Manifest = {"weight": 100, "podAffinityTerm": term}
    return {"podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [preferred]}}


def node_of(timeline: Timeline, prefix: str) -> str | None:
    """Return the node of the newest Pod with such a name; one of an earlier run may be listed."""
    found = set_run.lives(timeline, prefix)
    node = set_run.now(timeline, found[-1].name, "spec.nodeName", kind="Pod") if found else None
    return None if node is None else str(node)


@dataclass(frozen=True, slots=True)
class Story:
    """What happened when, in seconds since the epoch; None: it did not, or not yet."""

    node: str = ""
    paused: float | None = None
    lost: float | None = None
    deleted: float | None = None
    """The set's Pod is told to go."""
    spare: float | None = None
    """The Deployment's next Pod is made."""
    unpaused: float | None = None
    back: float | None = None
    next: float | None = None
    """The set's next Pod is made."""
    ended: float | None = None

    @property
    def answer(self) -> str | None:
        """Which of `OPTIONS` came true; None as long as the node is not back."""
        if self.unpaused is None or self.back is None or self.ended is None:
            return None
        if self.next is None:
            return NEVER
        return AT_ONCE if self.next < self.unpaused else BACK


def story(timeline: Timeline) -> Story:
    """Read a run. Rows: source "session", "Node/<node>", "pause" and "put back"; the watch's."""
    row = timeline.last(source="session", field="pause")
    if row is None:
        return Story()
    ready = timeline.where(source="watch", object=row.object, field=NODE_READY)
    put_back = timeline.where(source="session", object=row.object, field="put back")
    unpaused = put_back[0].time if put_back else None
    lost = [r.time for r in ready if r.time > row.time and r.value != "True"]
    back = [r.time for r in ready if lost and r.time > lost[0] and r.value == "True"]
    mine, spare = set_run.lives(timeline, f"{NAME}-"), set_run.lives(timeline, f"{SPARE}-")
    return Story(
        node=row.object.partition("/")[2],
        paused=row.time,
        lost=lost[0] if lost else None,
        deleted=mine[0].going if mine else None,
        spare=spare[1].made if len(spare) > 1 else None,
        unpaused=unpaused,
        back=back[0] if back else None,
        next=mine[1].made if len(mine) > 1 else None,
        ended=timeline.rows[-1].time,
    )
