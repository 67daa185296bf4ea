"""Claims about adding and removing nodes (ledger: ch08-ca-*).

Rows that they read: those of `helpers.model.node_run`, `use_run`, `consolidation`.
"""

from __future__ import annotations

from helpers.claims.registry import Verdict, cannot_tell, claim
from helpers.model import consolidation, instance_sizes, node_run, use_run
from helpers.model.timeline import Timeline

WEB = "web"
NO_NODES = "run in which pods of a Deployment had to wait for a node"


@claim("ch08-ca-01")
def nodes_must_grow_too(timeline: Timeline) -> Verdict:
    """Check that the Pods beyond the workers' room wait, and that none waits once nodes came.

    Rows: the manifests of Deployment/web and of the NodePool, Nodes and Pods.
    """
    sent = node_run.asked(timeline, WEB)
    room = None if sent is None else node_run.room(timeline, sent[1])
    if sent is None or room is None or sent[0] <= room:
        return cannot_tell(NO_NODES)
    pods = [pod for pod in node_run.pods(timeline) if pod.name.startswith(f"{WEB}-")]
    nodes = {node.name for node in node_run.added(timeline)}
    elsewhere = [pod for pod in pods if pod.node is None or pod.node in nodes]
    left = [pod for pod in pods if pod.node is None]
    wanted = sent[0] - room
    expected = node_run.expected(timeline, WEB) or []
    stuck = 0 if expected else wanted
    held = len(elsewhere) == wanted and len(left) == stuck
    return Verdict(
        held,
        f"{wanted} pods have no room on the workers, and wait until there are more nodes."
        if held
        else "As many pods as have no room on the workers should wait until nodes come.",
        f"{wanted} without room on the workers, {stuck} without a node at the end",
        f"{len(elsewhere)} without room on the workers, {len(left)} without a node at the end",
    )


@claim("ch08-ca-02")
def requests_decide_and_use_does_not(timeline: Timeline) -> Verdict:
    """Check that nodes come for Pods that wait, whatever CPU is used.

    Rows: both phases of busy and idle Pods, what they used, and the Nodes that came in each.
    """
    phases = use_run.phases(timeline)
    contrary = [
        (one, other)
        for one in phases
        for other in phases
        if one.used > other.used and one.requested < other.requested
    ]
    if len(phases) < len(use_run.PHASES) or not contrary:
        return cannot_tell("busy pods that request less than idle ones")
    held = all(phase.nodes == len(phase.rule) for phase in phases)
    held = held and len({phase.nodes for phase in phases}) > 1
    return Verdict(
        held,
        "Mean CPU says nothing of free room: what is requested makes a node, what is used does not."
        if held
        else "The nodes that came do not follow from what was requested.",
        "; ".join(f"{p.name} pods: {instance_sizes.told(p.rule)}" for p in phases),
        "; ".join(
            f"{p.name} pods: {p.nodes} made, CPU used {p.used_percent:.0f} %, requested "
            f"{p.requested_percent:.0f} %"
            for p in phases
        ),
    )


@claim("ch08-ca-03")
def pods_are_moved_and_then_the_node_goes(timeline: Timeline) -> Verdict:
    """Check that each node which went had come for a Pod, and went after the Pod had moved.

    Rows: the workloads' Deployments, their Pods, the Nodes.
    """
    gone = [o for o in consolidation.outcomes(timeline) if o.went is not None]
    if not gone:
        return cannot_tell("node that was made for a pod and went again")
    told, held = [], True
    for outcome in gone:
        pods = [p for p in node_run.pods(timeline) if p.name.startswith(f"{outcome.workload}-")]
        left = [p.went for p in pods if p.node == outcome.node]
        moved = any(p.node not in (None, outcome.node) for p in pods)
        first = all(time is not None and time <= (outcome.went or 0) for time in left)
        held = held and moved and first
        told.append(
            f"{outcome.workload}: {'moved' if moved else 'not moved'}, node deleted "
            f"{'after' if first else 'before'} its pod"
        )
    return Verdict(
        held,
        "A node comes for pods that wait; when it is not needed, its pods move first and then it "
        "goes."
        if held
        else "A node went before its pods had moved.",
        "; ".join(f"{o.workload}: moved, node deleted after its pod" for o in gone),
        "; ".join(told),
    )


@claim("ch08-ca-13")
def local_storage_keeps_no_node(timeline: Timeline) -> Verdict:
    """Check that the node of the Pod with an emptyDir goes like that of the Pod without.

    Rows: as in ch08-ca-03; what stands in the way of the other two.
    """
    outcomes = {o.workload: o for o in consolidation.outcomes(timeline)}
    asked = [o for o in outcomes.values() if not o.may_go]
    if len(outcomes) < len(consolidation.WORKLOADS) or len(asked) < consolidation.ROOM:
        return cannot_tell("run in which the two nodes without an obstacle find room")
    local, plain = outcomes[consolidation.LOCAL], outcomes[consolidation.PLAIN]
    kept = [o for o in asked if o.went is None and o.blocked]
    held = local.went is not None and plain.went is not None and len(kept) == len(asked)
    return Verdict(
        held,
        "An emptyDir keeps no node; a budget and an annotation do."
        if held
        else "What keeps a node is not what the rule says.",
        consolidation.told([o.workload for o in outcomes.values() if o.may_go]) + " went",
        consolidation.told([o.workload for o in outcomes.values() if o.went is not None]) + " went",
    )


@claim("ch08-ca-14")
def what_leaves_least_over_is_made(timeline: Timeline) -> Verdict:
    """Check that the nodes are the fewest, and of the sizes that leave least CPU over.

    Rows: as in ch08-ca-01.
    """
    expected = node_run.expected(timeline, WEB)
    if not expected:
        return cannot_tell(NO_NODES)
    came = node_run.chosen(timeline)
    held = came == expected
    return Verdict(
        held,
        "Of the sizes that have room for the pods, the one is made that leaves least over."
        if held
        else "Another size was made than the one that leaves least over.",
        instance_sizes.told(expected),
        instance_sizes.told(came),
    )
