"""A node autoscaler adds up requests: busy Pods that ask for little make no node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import time
from typing import Annotated

from helpers.charts.requests_not_use import UseChart
from helpers.experiments import placement, pods, simulation
from helpers.forms.fields import integer, quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import instance_sizes, manifests, node_run, simulated_nodes, use_run
from helpers.model.needs import Need
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline
from helpers.model.use_run import PHASES

READ_SECONDS = 4.0
"""Seconds for which each busy Pod is read: together longer than a node took in the card above."""
DECIDED_WITHIN = 40.0
BUSY = 2
BUSY_AT_MOST = Quantity.parse("1")
LEAST, MOST = Quantity.parse("1m"), Quantity.parse("15")
OPTIONS = ("the busy pods", "the idle pods", "both", "neither")


@dataclass(frozen=True)
class Asked:
    """What the Pods ask for: two that are busy, and some that sleep."""

    busy: Annotated[
        str, quantity("busy: requests.cpu", help="What each of the two busy pods asks for.")
    ] = "10m"
    idle: Annotated[
        str, quantity("idle: requests.cpu", help="What each of the idle pods asks for.")
    ] = "1"
    count: Annotated[int, integer("idle: pods", low=1, high=8)] = 3


class BusyAndIdlePods(Experiment[Asked]):
    """Which Pods make a node: those that use CPU, or those that request it."""

    id = "requests-not-use"
    title = "Busy pods and idle pods"
    seconds = 25
    needs = frozenset({Need.SMALL_WORKERS, Need.WHOLE_CLUSTER})
    spec = Asked
    script = Script(
        prediction="the idle pods",
        values={"busy": "10m", "idle": "1", "count": 3},
        misconceptions={
            "an autoscaler looks at the nodes' CPU": "the busy pods",
            "whatever there is more of makes a node": "both",
        },
    )
    measured = (
        "<p>First two pods with a busy thread each run on the workers, for as long as they are "
        f"read: {READ_SECONDS:g} s each. They are deleted, and the idle pods come. CPU used is "
        "what the kernel counted in a pod's own control group, CPU requested is the sum of <code>"
        "requests.cpu</code>; both in percent of what the two workers offer. Karpenter works all "
        "the time.</p>"
        "<p>Pods on the workers are real. The node that is made is kwok's, and the pods on it are "
        "said to run.</p>"
    )

    def question(self) -> Choice:
        """Ask which Pods make a node."""
        return Choice(self.ask(Asked()), OPTIONS)

    def ask(self, values: Asked) -> str:
        """Put the question for these values."""
        return (
            f"Two pods keep a core busy each, and request <b>{values.busy}</b>. Then they go, and "
            f"{values.count} pods come that request <b>{values.idle}</b> each and sleep. The two "
            "workers have 1500m each to give. For which of them is a node made?"
        )

    def check(self, values: Asked) -> Mapping[str, str]:
        """Refuse what the server would refuse, and busy Pods that would not run."""
        found = {}
        if not LEAST <= Quantity.parse(values.busy) <= BUSY_AT_MOST:
            found["busy"] = f"busy: requests.cpu: choose between {LEAST} and {BUSY_AT_MOST}."
        if not LEAST <= Quantity.parse(values.idle) <= MOST:
            found["idle"] = f"idle: requests.cpu: choose between {LEAST} and {MOST}."
        return found

    def build(self, values: Asked, place: Place) -> list[Manifest]:
        """Return the NodePool with its class, the busy Pods and the idle ones."""
        name, lesson = place.namespace, place.lesson
        return [
            simulated_nodes.node_class(name=name, lesson=lesson),
            simulated_nodes.node_pool(
                name=name, lesson=lesson, sizes=instance_sizes.SIZES, consolidate_after=None
            ),
            *(
                manifests.burn_pod(
                    namespace=place.namespace,
                    lesson=lesson,
                    name=f"{phase}-{number}",
                    threads=int(phase == "busy"),
                    requests={"cpu": values.busy if phase == "busy" else values.idle},
                )
                for phase in PHASES
                for number in range(1, (BUSY if phase == "busy" else values.count) + 1)
            ),
        ]

    async def run(self, bench: Bench, values: Asked) -> None:
        """Let the busy Pods be read, then the idle ones wait and find their node."""
        node_class, pool, *made = self.build(values, bench.place)
        busy, idle = made[:BUSY], made[BUSY:]
        await bench.call(bench.recorder.watch, "Node", "Pod")
        await bench.call(placement.note_others, bench)
        async with simulation.autoscaler(bench, [node_class, pool]):
            bench.progress("Two pods are busy", 0.2)
            _note(bench, "busy", "begin")
            for manifest in busy:
                await bench.apply(manifest)
            names = [str(manifest["metadata"]["name"]) for manifest in busy]
            await pods.started(bench, *names)
            for number, name in enumerate(names):
                bench.progress(f"Reading {name}", 0.3 + 0.2 * number)
                await pods.read(bench, name, seconds=READ_SECONDS)
            _note(bench, "busy", "end")
            for name in names:
                await bench.delete("Pod", name)
            bench.progress("Idle pods come", 0.7)
            _note(bench, "idle", "begin")
            for manifest in idle:
                await bench.apply(manifest)
            await bench.wait(_placed(len(idle)), DECIDED_WITHIN, "each idle pod to have a node")
            for name in _on_workers(bench.timeline):
                await pods.started(bench, name)
                await pods.read(bench, name, seconds=1)
            _note(bench, "idle", "end")
            bench.progress(instance_sizes.told(node_run.chosen(bench.timeline)), 1.0)

    def chart(self, timeline: Timeline) -> UseChart:
        """Return the chart of use, requests and nodes for both kinds of Pods."""
        return UseChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return in which halves of the run a node came: that of the busy pods, of the idle."""
        ended = [timeline.last(source="session", object=f"Phase/{p}", field="end") for p in PHASES]
        phases = use_run.phases(timeline)
        return _made_for(phases) if all(ended) and len(phases) == len(PHASES) else None

    def difference(self, timeline: Timeline) -> str:
        """Say for which Pods a node was made, and what they used and requested."""
        said = str(timeline.value(source="learner", field="prediction"))
        phases = use_run.phases(timeline)
        words = _made_for(phases)
        verdict = "as you said" if said == self.outcome(timeline) else f"you said: {said}"
        told = " ".join(
            f"The {p.name} pods used {p.used_percent:.0f} % of what the workers have, and "
            f"requested {p.requested_percent:.0f} %."
            for p in phases
        )
        return (
            f"<b>A node was made for {words}; {verdict}.</b> {told} Only a pod that waits makes a "
            "node, and whether one waits is decided by requests."
            "<p>Next: from which request on does the third idle pod find room on the workers?</p>"
        )


def _made_for(phases: Sequence[use_run.Phase]) -> str:
    """Return the option that tells for which Pods a node came."""
    made = [phase.name for phase in phases if phase.nodes]
    return {0: "neither", 2: "both"}.get(len(made), f"the {(made or [''])[0]} pods")


def _note(bench: Bench, phase: str, field: str) -> None:
    bench.timeline.append(Row(time(), "session", f"Phase/{phase}", field, True))


def _placed(count: int) -> Callable[[Timeline], bool]:
    def condition(timeline: Timeline) -> bool:
        idle = [p for p in node_run.pods(timeline) if p.name.startswith("idle-")]
        ready = all(node.ready for node in node_run.added(timeline))
        return len(idle) == count and ready and all(pod.node for pod in idle)

    return condition


def _on_workers(timeline: Timeline) -> list[str]:
    """Return the idle Pods that run for real; those on kwok's nodes use nothing."""
    ours = {node.name for node in node_run.added(timeline)}
    found = node_run.pods(timeline)
    return [p.name for p in found if p.name.startswith("idle-") and p.node not in ours]
