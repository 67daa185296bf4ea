"""Pods that no node has room for: a node autoscaler makes nodes, of a size that it chooses."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from helpers.charts.node_autoscaling import NodesChart
from helpers.experiments import placement, simulation
from helpers.forms.fields import choice, integer, quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import instance_sizes, manifests, node_run, simulated_nodes
from helpers.model.needs import Need
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline

DECIDED_WITHIN = 40.0  # seconds for nodes to be made, and for the scheduler to fill them
LEAST, MOST = Quantity.parse("100m"), Quantity.parse("16")
ELSE = "something else"
OPTIONS = (
    "no node",
    "1 node of 4 CPUs",
    "1 node of 8 CPUs",
    "2 nodes of 4 CPUs",
    "4 nodes of 2 CPUs",
    ELSE,
)


@dataclass(frozen=True)
class Demand:
    """What is asked for, and the largest machine that may be made for it."""

    replicas: Annotated[int, integer("replicas", low=1, high=40)] = 6
    request: Annotated[str, quantity("requests.cpu")] = "1"
    largest: Annotated[
        str,
        choice(
            "largest size",
            *instance_sizes.NAMES,
            help="The sizes up to this one may be made; each has twice the CPUs of the one before.",
        ),
    ] = "m7i.4xlarge"


class PendingPodsMakeNodes(Experiment[Demand]):
    """How many nodes are made for Pods that wait, and of which size."""

    id = "pending-pods-make-nodes"
    title = "Pods wait, and a node comes"
    seconds = 20
    needs = frozenset({Need.SMALL_WORKERS, Need.WHOLE_CLUSTER})
    spec = Demand
    script = Script(
        prediction="1 node of 8 CPUs",
        values={"replicas": 6, "request": "1", "largest": "m7i.4xlarge"},
        misconceptions={
            "a node gives all of its CPUs to pods": "1 node of 4 CPUs",
            "a node a pod": "4 nodes of 2 CPUs",
            "an autoscaler moves pods, and makes nothing": "no node",
        },
    )
    measured = (
        "<p><b>What decides is real, what it makes is not.</b> Karpenter watches this cluster as "
        "it would one on AWS. Its provider here is kwok: the nodes that it makes are objects of "
        "the API server without a machine, and their Pods are said to run without a container. "
        "kube-scheduler, which binds the Pods, is the cluster's own.</p>"
        "<p>The workbook watches Nodes and Pods. A Pod counts as waiting while it has no <code>"
        "spec.nodeName</code>; a node's CPUs are its <code>status.allocatable.cpu</code>.</p>"
    )

    def question(self) -> Choice:
        """Ask for number and size of the nodes."""
        return Choice(self.ask(Demand()), OPTIONS)

    def ask(self, values: Demand) -> str:
        """Put the question for these values."""
        sizes = ", ".join(str(s.cpus) for s in instance_sizes.up_to(values.largest))
        pods = f"{values.replicas} pod{'' if values.replicas == 1 else 's'}"
        return (
            f"A Deployment wants <b>{pods}</b>, each with a request of <b>{values.request}</b> "
            f"CPU. The two workers have 1500m each to give. A new node may have {sizes} CPUs, and "
            "keeps 100m for itself. Which nodes are made?"
        )

    def check(self, values: Demand) -> Mapping[str, str]:
        """Refuse what the server would refuse, and requests that count nothing."""
        if not LEAST <= Quantity.parse(values.request) <= MOST:
            return {"request": f"requests.cpu: choose between {LEAST} and {MOST}."}
        return {}

    def build(self, values: Demand, place: Place) -> list[Manifest]:
        """Return the NodePool with its class, and the Deployment."""
        name, lesson = place.namespace, place.lesson
        return [
            simulated_nodes.node_class(name=name, lesson=lesson),
            simulated_nodes.node_pool(
                name=name,
                lesson=lesson,
                sizes=instance_sizes.up_to(values.largest),
                consolidate_after=None,
            ),
            manifests.idle_deployment(
                namespace=place.namespace,
                lesson=lesson,
                name="web",
                replicas=values.replicas,
                requests={"cpu": values.request},
            ),
        ]

    async def run(self, bench: Bench, values: Demand) -> None:
        """Let the Pods wait, and the nodes come."""
        *objects, deployment = self.build(values, bench.place)
        await bench.call(bench.recorder.watch, "Node", "Pod")
        await bench.call(placement.note_others, bench)
        async with simulation.autoscaler(bench, objects):
            bench.progress(f"{values.replicas} pods are asked for", 0.5)
            await bench.apply(deployment)
            await bench.wait(_decided(values), DECIDED_WITHIN, "every pod to have a node")
            bench.progress(instance_sizes.told(node_run.chosen(bench.timeline)), 1.0)

    def chart(self, timeline: Timeline) -> NodesChart:
        """Return the chart of waiting Pods, nodes and CPUs over time."""
        return NodesChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return which nodes were made, once each pod has one or will not get any."""
        asked = node_run.asked(timeline, "web")
        pods = node_run.pods(timeline)
        decided = all(pod.node or _hopeless(timeline, pod.name) for pod in pods)
        if asked is None or len(pods) < asked[0] or not decided:
            return None
        came = instance_sizes.told(node_run.chosen(timeline))
        return came if came in OPTIONS else ELSE

    def difference(self, timeline: Timeline) -> str:
        """Say which nodes came and why."""
        said = str(timeline.value(source="learner", field="prediction"))
        came = instance_sizes.told(node_run.chosen(timeline))
        pods = node_run.pods(timeline)
        waiting = [pod for pod in pods if pod.node is None]
        nodes = node_run.added(timeline)
        free = sum(float(node.free) for node in nodes)
        theirs = [p for p in pods if p.node in {node.name for node in nodes}]
        wanted = sum(float(pod.request) for pod in theirs)
        verdict = "as you said" if said == self.outcome(timeline) else f"you said: {said}"
        text = f"<b>{came[0].upper()}{came[1:]}; {verdict}.</b> "
        if nodes:
            text += (
                f"{len(pods) - len(theirs) - len(waiting)} pods found room on the workers. The "
                f"other {len(theirs)} request {wanted:g} CPUs together, and the new "
                f"node{'' if len(nodes) == 1 else 's'} can give {free:g}. "
            )
        elif not waiting:
            text += "The workers have room for all. "
        if waiting:
            words = html.escape(_hopeless(timeline, waiting[0].name).split(";")[0])
            text += f"{len(waiting)} still wait. Karpenter says: <q>{words}</q> "
        return text + "<p>Next: which nodes come when none may have more than 4 CPUs?</p>"


def _decided(values: Demand) -> Callable[[Timeline], bool]:
    def condition(timeline: Timeline) -> bool:
        pods = [pod for pod in node_run.pods(timeline) if pod.went is None]
        if len(pods) < values.replicas:
            return False
        ready = all(node.ready for node in node_run.added(timeline))
        return ready and all(pod.node or _hopeless(timeline, pod.name) for pod in pods)

    return condition


def _hopeless(timeline: Timeline, pod: str) -> str:
    """Return what Karpenter said of a Pod that no size holds; the scheduler speaks of "0/3 nodes".

    Upstream: sigs.k8s.io/karpenter v1.14.0 pkg/controllers/provisioning/scheduling/events.go.
    """
    events = timeline.where(source="event", object=f"Pod/{pod}", field="FailedScheduling")
    said = [str(row.value) for row in events if not str(row.value)[:1].isdigit()]
    return said[-1] if said else ""
