"""A volume in one zone, and a group of machines that grows in another: why one group a zone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from helpers.charts.zones import ZonesChart
from helpers.experiments import simulation
from helpers.forms.fields import choice
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import instance_sizes, simulated_nodes, zone_run
from helpers.model.needs import Need
from helpers.model.timeline import Timeline
from helpers.model.zone_run import ZONES

WITHIN = 30.0  # seconds for the scheduler to look at the Pod again
MACHINES = 2
AT_ONCE = "at once"
FIRST = "with the first new machine"
SECOND = "with the second new machine"
NEVER = "with neither"
OPTIONS = (AT_ONCE, FIRST, SECOND, NEVER)


@dataclass(frozen=True)
class Zonal:
    """Where the volume is, and in which zones the group makes its machines, one after the other."""

    volume: Annotated[str, choice("zone of the volume", *ZONES)] = "us-east-1a"
    first: Annotated[str, choice("zone of the first new machine", *ZONES)] = "us-east-1b"
    second: Annotated[str, choice("zone of the second new machine", *ZONES)] = "us-east-1a"


class OneGroupAZone(Experiment[Zonal]):
    """When a Pod with a volume in one zone finds a node."""

    id = "one-group-a-zone"
    title = "A volume in one zone"
    seconds = 15
    needs = frozenset({Need.SMALL_WORKERS, Need.WHOLE_CLUSTER})
    spec = Zonal
    script = Script(
        prediction=SECOND,
        values={"volume": "us-east-1a", "first": "us-east-1b", "second": "us-east-1a"},
        misconceptions={
            "a volume follows its pod": AT_ONCE,
            "any new node will do": FIRST,
        },
    )
    measured = (
        "<p>The two workers are in two zones, by their label <code>topology.kubernetes.io/zone"
        "</code>. A pod fills the worker of the volume's zone; the other is empty. The new "
        "machines are kwok's: objects of the API server, in the zones of the form, as a group that "
        "spans both zones might happen to make them. kube-scheduler decides for real.</p>"
        "<p>The next machine comes once the scheduler has looked at the pod again, and its event "
        "<code>FailedScheduling</code> counts the one before.</p>"
    )

    def question(self) -> Choice:
        """Ask when the Pod finds a node."""
        return Choice(self.ask(Zonal()), OPTIONS)

    def ask(self, values: Zonal) -> str:
        """Put the question for these zones."""
        return (
            f"A pod needs a volume that is in <b>{values.volume}</b>. The worker in that zone is "
            "full, the one in the other zone is empty. Then a machine with room comes in "
            f"<b>{values.first}</b>, and if the pod still waits another in "
            f"<b>{values.second}</b>. When does the pod get a node?"
        )

    def build(self, values: Zonal, place: Place) -> list[Manifest]:
        """Return the volume and its claim, the filler, the Pod, and the two machines."""
        name = place.namespace
        at: dict[str, Any] = {"namespace": place.namespace, "lesson": place.lesson}
        return [
            zone_run.volume(**at, zone=values.volume),
            zone_run.claim(**at),
            zone_run.filler(**at, zone=values.volume),
            zone_run.database(**at),
            *(
                simulated_nodes.fake_node(
                    name=f"{name}-{number}",
                    lesson=place.lesson,
                    zone=zone,
                    size=instance_sizes.named("m7i.large"),
                )
                for number, zone in ((1, values.first), (2, values.second))
            ),
        ]

    async def run(self, bench: Bench, values: Zonal) -> None:
        """Let the Pod wait, and machines come until it has a node."""
        volume, claim, filler, pod, *machines = self.build(values, bench.place)
        await bench.call(bench.recorder.watch, "Node", "Pod")
        async with simulation.kubelets(bench):
            bench.progress("A pod fills one worker", 0.1)
            await bench.apply(filler)
            await bench.wait(_filled, WITHIN, "the filler to have its node")
            for manifest in (volume, claim, pod):
                await bench.apply(manifest)
            nodes = len(await bench.call(bench.session.list, "Node"))
            bench.progress("The pod with the volume waits", 0.3)
            await bench.wait(_decided(nodes), WITHIN, "the scheduler to look at the pod")
            for number, machine in enumerate(machines, start=1):
                if zone_run.bound(bench.timeline):
                    break
                bench.progress(f"Machine {number} comes", 0.3 + 0.3 * number)
                await bench.apply(machine)
                await bench.wait(
                    _decided(nodes + number), WITHIN, "the scheduler to look at the pod again"
                )
            bench.progress(_words(bench.timeline), 1.0)

    def chart(self, timeline: Timeline) -> ZonesChart:
        """Return the chart of nodes by zone, and of the Pod."""
        return ZonesChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return when the Pod got a node.

        It got none if both machines came, and the scheduler has looked at all nodes since.
        """
        made = [machine for machine in zone_run.machines(timeline) if machine.made]
        rows = timeline.where(source="watch", field="exists")
        nodes = {row.object for row in rows if row.object.startswith("Node/")}
        waits = len(made) == MACHINES and _decided(len(nodes))(timeline)
        return _words(timeline) if zone_run.bound(timeline) or waits else None

    def difference(self, timeline: Timeline) -> str:
        """Say when the Pod got a node, and what the scheduler said before."""
        said = str(timeline.value(source="learner", field="prediction"))
        got = _words(timeline)
        verdict = "as you said" if said == self.outcome(timeline) else f"you said: {said}"
        words = zone_run.refusals(timeline)
        told = words[-1][1].split(" preemption:")[0] if words else ""
        why = f" The scheduler's last words before: <q>{told}</q>" if told else ""
        return (
            f"<b>The pod got a node {got}; {verdict}.</b> A node in another zone is no help, "
            f"whatever room it has: the volume is not there.{why}"
            "<p>Next: let both machines come in the other zone. A group that spans the zones might "
            "do that.</p>"
        )


def _words(timeline: Timeline) -> str:
    bound = zone_run.bound(timeline)
    if bound is None:
        return NEVER
    made = [machine.name for machine in zone_run.machines(timeline) if machine.made]
    return (FIRST, SECOND)[made.index(bound[0])] if bound[0] in made else AT_ONCE


def _filled(timeline: Timeline) -> bool:
    field = "spec.nodeName"
    return timeline.value(source="watch", object=f"Pod/{zone_run.FILLER}", field=field) is not None


def _decided(nodes: int) -> Callable[[Timeline], bool]:
    """The Pod has a node, or the scheduler has said of so many nodes that none will do."""

    def condition(timeline: Timeline) -> bool:
        if zone_run.bound(timeline):
            return True
        refused = zone_run.refusals(timeline)
        said = [words for _, words in refused if zone_run.in_conflict(words)]
        # A new machine has a taint at first, until it is Ready: then the scheduler looks again.
        before = zone_run.tainted(said[0]) if said else 0
        return any(
            zone_run.seen_nodes(words) >= nodes and zone_run.tainted(words) <= before
            for words in said
        )

    return condition
