"""One disk of the network, two nodes: who gets it, and what the other Pod waits for."""

from __future__ import annotations

import html
from dataclasses import dataclass
from time import time
from typing import Annotated

from helpers.charts.network_disk import NetworkDiskChart
from helpers.forms.fields import choice
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import shared_volume
from helpers.model.needs import Need
from helpers.model.shared_volume import (
    AFTER,
    ATTACHED,
    FIRST,
    MANY,
    ONCE,
    ONCE_POD,
    PENDING,
    SECOND,
    WAITS,
)
from helpers.model.timeline import Row, Timeline

WITHIN = 30.0
FREED_WITHIN = 60.0  # seconds for the kubelet to let go of the disk, and the controller to move it
ZONES = {FIRST: "us-east-1a", SECOND: "us-east-1b"}
OPTIONS = {
    PENDING: "the scheduler finds no node for it: Pending",
    WAITS: "it gets a node, and waits there for the disk: ContainerCreating",
    ATTACHED: "its node gets the disk too",
    "moved": "its node gets the disk, and the first loses it",
}


@dataclass(frozen=True)
class Disk:
    """How the disk may be used."""

    mode: Annotated[
        str,
        choice(
            "accessModes",
            ONCE,
            MANY,
            ONCE_POD,
            help="Of the volume and of the claim. EBS offers the first and the last.",
        ),
    ] = ONCE


class OneDiskTwoNodes(Experiment[Disk]):
    """Two Pods in two zones name one claim of a disk that is attached over the network.

    No disk answers at its address, so neither container starts; to attach is the control plane's
    part, and that is real.
    """

    id = "one-disk-two-nodes"
    title = "One disk, two nodes"
    seconds = 5
    needs = frozenset({Need.SMALL_WORKERS, Need.WHOLE_CLUSTER})
    spec = Disk
    script = Script(
        prediction=OPTIONS[WAITS],
        values={"mode": ONCE},
        misconceptions={
            "the scheduler knows where the disk is": OPTIONS[PENDING],
            "a network disk is a shared disk": OPTIONS[ATTACHED],
            "the last one wins": OPTIONS["moved"],
        },
    )
    measured = (
        "<p>The volume is an iSCSI disk at an address that belongs to nobody. So the kubelet "
        "cannot mount it, and <b>no container starts</b>, whatever you choose. But which node has "
        "a disk is decided before that, by the attach/detach controller, and it asks the same of "
        "an iSCSI disk as of an EBS volume.</p>"
        "<p>A dot is how far a Pod came: the condition <code>PodScheduled: Unschedulable</code>, "
        "the event <code>FailedAttachVolume</code>, or the event <code>SuccessfulAttachVolume"
        "</code>. At the end the first Pod is deleted, unless the second has the disk.</p>"
    )

    def question(self) -> Choice:
        """Ask what becomes of the second Pod."""
        return Choice(self.ask(Disk()), list(OPTIONS.values()))

    def ask(self, values: Disk) -> str:
        """Put the question for this access mode."""
        return (
            f"The disk is <b>{values.mode}</b>, and the node of Pod <code>first</code> has it. "
            "Pod <code>second</code> names the same claim and must run on the other node. What "
            "becomes of it?"
        )

    def build(self, values: Disk, place: Place) -> list[Manifest]:
        """Return the volume, the claim and the two Pods."""
        here = {"namespace": place.namespace, "lesson": place.lesson}
        disk = shared_volume.network_disk(**here, mode=values.mode)
        name = str(disk["metadata"]["name"])  # type: ignore[index, call-overload]
        return [
            disk,
            shared_volume.claim(**here, mode=values.mode, volume=name),
            *(shared_volume.pod(**here, name=pod, zone=zone) for pod, zone in ZONES.items()),
        ]

    async def run(self, bench: Bench, values: Disk) -> None:
        """Give the disk to the first, let the second ask for it, then take the first away."""
        disk, claim, first, second = self.build(values, bench.place)
        bench.progress("Binding the claim", 0.0)
        await bench.call(bench.recorder.watch, "Pod")
        await bench.apply(disk)
        await bench.apply(claim)
        await bench.wait(_bound, WITHIN, "the claim to be bound")
        for name, pod in ((FIRST, first), (SECOND, second)):
            bench.progress(f"Who has the disk once {name} is there?", 0.1)
            await bench.apply(pod)
            await self._note(bench, name, name)
        if shared_volume.stage(bench.timeline, SECOND) != ATTACHED:
            bench.progress("The first Pod goes", 0.4)
            await bench.delete("Pod", FIRST)
            await bench.wait(
                lambda timeline: shared_volume.stage(timeline, SECOND) == ATTACHED,
                FREED_WITHIN,
                "the disk to come to the second node",
            )
            await self._note(bench, SECOND, AFTER)
        bench.progress("The second has it", 1.0)

    async def _note(self, bench: Bench, name: str, kept: str) -> None:
        def decided(timeline: Timeline) -> str | None:
            return shared_volume.stage(timeline, name)

        stage = await bench.wait(decided, WITHIN, f"a decision about Pod/{name}")
        bench.timeline.append(Row(time(), "session", f"Pod/{kept}", "stage", stage))

    def chart(self, timeline: Timeline) -> NetworkDiskChart:
        """Return the chart of how far each Pod comes."""
        return NetworkDiskChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return how far the second Pod came, by its events and its condition PodScheduled."""
        return OPTIONS.get(shared_volume.stages(timeline).get(SECOND, ""))

    def difference(self, timeline: Timeline) -> str:
        """Say what became of the second Pod, and who said so."""
        said = str(timeline.value(source="learner", field="prediction"))
        came = shared_volume.stages(timeline).get(SECOND)
        if came is None:
            return f"<b>The run did not come so far; you said: {html.escape(said)}.</b>"
        right = said == self.outcome(timeline)
        told = "as you said" if right else f"you said: {html.escape(said)}"
        begin = f"<b>The second Pod: {html.escape(OPTIONS[came])}; {told}.</b> "
        event = timeline.value(source="event", object=f"Pod/{SECOND}", field="FailedAttachVolume")
        if came == WAITS:
            return (
                f"{begin}The scheduler had nothing against it; the attach/detach controller has: "
                f"<q>{html.escape(str(event))}</q> It would wait for ever, and went on once the "
                "first was deleted.<p>Next: which access mode makes the scheduler say no, before "
                "the Pod has a node?</p>"
            )
        if came == PENDING:
            seen = timeline.value(source="event", object=f"Pod/{SECOND}", field="FailedScheduling")
            why = html.escape(str(seen).split(" preemption:")[0])
            return (
                f"{begin}Here the scheduler itself says no, and sooner: <q>{why}</q><p>Next: what "
                "does a Pod that is Pending leave free that one in ContainerCreating holds?</p>"
            )
        return (
            f"{begin}The access mode is a promise of whoever made the volume, and the controller "
            "believes it. Two nodes that write to one ordinary file system destroy it.<p>Next: "
            "which kinds of storage can keep this promise?</p>"
        )


def _bound(timeline: Timeline) -> bool:
    phase = timeline.value(source="watch", object=shared_volume.CLAIM, field="status.phase")
    return phase == "Bound"
