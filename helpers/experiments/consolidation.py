"""Nodes that are needed no more: which of them go, and what keeps the others."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Annotated, Any

from helpers.charts.node_lives import NodeLivesChart
from helpers.experiments import placement, simulation
from helpers.forms.fields import choice, integer
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import consolidation, instance_sizes, manifests, node_run, simulated_nodes
from helpers.model.consolidation import ANNOTATED, BUDGET, FILLER, LOCAL, PLAIN, WORKLOADS
from helpers.model.needs import Need
from helpers.model.timeline import Timeline

PLACED_WITHIN = 40.0  # seconds for the nodes to come, and the pods on them
GONE_WITHIN = 80.0
"""Seconds for nodes to go: Karpenter looks every 10 s, and looks again 15 s after it has decided.

Upstream: sigs.k8s.io/karpenter v1.14.0 pkg/controllers/disruption/controller.go, pollingPeriod, and
consolidation.go, commandValidationDelay.
"""
ELSE = "others than these"
OPTIONS = (
    "none",
    "plain",
    "plain and local",
    "plain, local and budget",
    "plain, local and annotated",
    "all four",
    ELSE,
)


@dataclass(frozen=True)
class Obstacles:
    """What stands in the way of two of the four nodes."""

    least: Annotated[
        int,
        integer(
            "minAvailable",
            low=0,
            high=1,
            help="Of the PodDisruptionBudget: how many of its Pods must be left at any time.",
        ),
    ] = 1
    annotation: Annotated[
        str,
        choice(
            "do-not-disrupt", "true", "false",
            help="The value of the annotation karpenter.sh/do-not-disrupt.",
        ),
    ] = "true"  # fmt: skip


class WhatKeepsANode(Experiment[Obstacles]):
    """Four nodes of one Pod each, and room for the Pods elsewhere: which nodes go."""

    id = "what-keeps-a-node"
    title = "Nodes that are needed no more"
    seconds = 45
    needs = frozenset({Need.SMALL_WORKERS, Need.WHOLE_CLUSTER})
    spec = Obstacles
    script = Script(
        prediction="plain and local",
        values={"least": 1, "annotation": "true"},
        misconceptions={
            "a volume on its disk keeps a node": "plain",
            "a node goes only when it is empty": "none",
            "an autoscaler need not ask a budget": "plain, local and budget",
        },
    )
    measured = (
        "<p>Karpenter decides for real, on nodes that kwok plays (see the card above). Its "
        "<code>consolidateAfter</code> is <code>0s</code> here; Cluster Autoscaler waits ten "
        "minutes by default. Once the fillers have gone, Karpenter is started anew, so that it "
        "looks at once and not only after up to ten seconds.</p>"
        "<p>The workbook watches the Nodes; a node has gone when the API server has deleted it. "
        "Why one stays is told by Karpenter's event <code>DisruptionBlocked</code> about it.</p>"
    )

    def question(self) -> Choice:
        """Ask which nodes go."""
        return Choice(
            "Two pods fill the workers, so each of four Deployments of one pod gets a new node. "
            "<b>plain</b> is nothing special, <b>local</b> has an <code>emptyDir</code>, "
            "<b>budget</b> has the PodDisruptionBudget of the form, <b>annotated</b> the "
            "annotation. Then the two fillers go, and the workers have room for two pods. Whose "
            "nodes go?",
            OPTIONS,
        )

    def build(self, values: Obstacles, place: Place) -> list[Manifest]:
        """Return the NodePool with its class, the fillers, the budget and the four Deployments."""
        name = place.namespace
        at: dict[str, Any] = {"namespace": place.namespace, "lesson": place.lesson}
        return [
            simulated_nodes.node_class(name=name, lesson=place.lesson),
            simulated_nodes.node_pool(
                name=name,
                lesson=place.lesson,
                sizes=instance_sizes.up_to("m7i.large"),
                consolidate_after="0s",
            ),
            manifests.idle_deployment(
                **at, name=FILLER, replicas=2, requests={"cpu": consolidation.REQUEST}
            ),
            consolidation.budget(**at, min_available=values.least),
            *(
                consolidation.workload(
                    each, **at, annotation=values.annotation if each == ANNOTATED else None
                )
                for each in WORKLOADS
            ),
        ]

    async def run(self, bench: Bench, values: Obstacles) -> None:
        """Fill the workers, let four nodes come, make room, and see which nodes go."""
        node_class, pool, filler, *rest = self.build(values, bench.place)
        await bench.call(bench.recorder.watch, "Node", "Pod")
        await bench.call(placement.note_others, bench)
        async with simulation.autoscaler(bench, [node_class, pool]) as karpenter:
            bench.progress("Two pods fill the workers", 0.15)
            await bench.apply(filler)
            await bench.wait(_on_workers, PLACED_WITHIN, "the fillers to have a node")
            for manifest in rest:
                await bench.apply(manifest)
            bench.progress("Four nodes come", 0.2)
            await bench.wait(_four, PLACED_WITHIN, "each of the four to run on a node of its own")
            karpenter.end()
            bench.progress("The fillers go", 0.3)
            await bench.call(bench.session.scale, "Deployment", FILLER, 0)
            await bench.wait(_room, PLACED_WITHIN, "the fillers to be gone")
            bench.progress("Karpenter looks, and looks again 15 s later", 0.4)
            karpenter.start()
            await bench.wait(_settled, GONE_WITHIN, "the nodes to go that may")
            bench.progress(f"Gone: {_went(bench.timeline)}", 1.0)

    def chart(self, timeline: Timeline) -> NodeLivesChart:
        """Return the chart of the four nodes' lives."""
        return NodeLivesChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return whose nodes went, once those have gone that may and find room elsewhere."""
        if len(consolidation.outcomes(timeline)) < len(WORKLOADS) or not _settled(timeline):
            return None
        went = _went(timeline)
        return went if went in OPTIONS else ELSE

    def difference(self, timeline: Timeline) -> str:
        """Say which nodes went, and in Karpenter's words why the others stay."""
        said = str(timeline.value(source="learner", field="prediction"))
        outcomes = consolidation.outcomes(timeline)
        went = _went(timeline)
        verdict = "as you said" if said == self.outcome(timeline) else f"you said: {said}"
        stays = [o for o in outcomes if o.went is None]
        words = " ".join(
            f"<b>{o.workload}</b>: <q>{html.escape(o.blocked)}</q>." for o in stays if o.blocked
        )
        why = f" Karpenter says of the others: {words}" if words else ""
        return (
            f"<b>Of the four nodes went: {went}; {verdict}.</b>{why}"
            "<p>Next: set minAvailable to 0. The workers have room for two pods; how many nodes "
            "go now?</p>"
        )


def _on_workers(timeline: Timeline) -> bool:
    pods = [p for p in node_run.pods(timeline) if p.name.startswith(f"{FILLER}-")]
    return len(pods) == 2 and all(pod.node for pod in pods)


def _room(timeline: Timeline) -> bool:
    pods = [p for p in node_run.pods(timeline) if p.name.startswith(f"{FILLER}-")]
    return all(pod.went for pod in pods)


def _four(timeline: Timeline) -> bool:
    nodes = {node.name for node in node_run.added(timeline) if node.ready}
    running = {
        row.object.removeprefix("Pod/")
        for row in timeline.where(source="watch", field="status.phase")
        if row.value == "Running"
    }
    pods = [p for p in node_run.pods(timeline) if p.node in nodes and p.name in running]
    return {p.name.split("-")[0] for p in pods} >= {PLAIN, LOCAL, BUDGET, ANNOTATED}


def _settled(timeline: Timeline) -> bool:
    """As many have gone as may and find room, and of the others it was said why they stay."""
    outcomes = consolidation.outcomes(timeline)
    free = [o for o in outcomes if o.may_go]
    gone = [o for o in free if o.went is not None]
    told = all(o.blocked for o in outcomes if not o.may_go)
    return len(gone) >= min(len(free), consolidation.ROOM) and told


def _went(timeline: Timeline) -> str:
    """Say whose nodes have gone."""
    outcomes = consolidation.outcomes(timeline)
    return consolidation.told([o.workload for o in outcomes if o.went is not None])
