"""A Deployment grows that names one claim: who runs, where, and what each of them sees."""

from __future__ import annotations

import html
from dataclasses import dataclass
from time import time
from typing import Annotated

from helpers.charts.shared_folder import SharedFolderChart
from helpers.forms.fields import choice
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import shared_volume
from helpers.model.needs import Need
from helpers.model.shared_volume import MANY, ONCE, ONCE_POD
from helpers.model.timeline import Row, Timeline

MOST = 3
WITHIN = 45.0  # seconds for a step; the first one makes the volume
ANYWHERE, APART = "wherever there is room", "each on a node of its own"


@dataclass(frozen=True)
class Replicas:
    """How the volume may be used, and where replicas may run."""

    mode: Annotated[
        str,
        choice("accessModes", ONCE, ONCE_POD, MANY, help="What the claim asks of its volume."),
    ] = ONCE
    where: Annotated[
        str,
        choice("replicas run", ANYWHERE, APART, help="The second one is a podAntiAffinity."),
    ] = ANYWHERE


class ReplicasShareOneVolume(Experiment[Replicas]):
    """How many of three replicas run that all name one claim, on two workers."""

    id = "replicas-share-one-volume"
    title = "Three replicas, one claim"
    seconds = 12
    needs = frozenset({Need.SMALL_WORKERS})
    spec = Replicas
    script = Script(
        prediction=3.0,
        values={"mode": ONCE, "where": ANYWHERE},
        misconceptions={
            "ReadWriteOnce means one Pod": 1.0,
            "the replicas are spread, and one is on the wrong node": 2.0,
        },
    )
    measured = (
        "<p>The workbook watches claim, Deployment and Pods, and scales from 1 to 3. A dot is the "
        "number of Pods whose container runs, once each Pod either runs or has the condition "
        "<code>PodScheduled: Unschedulable</code>. A bar is the number of Pods by "
        "<code>spec.nodeName</code>; the line beside it is what the rule says of the node for "
        "which the volume was made (<code>volume.kubernetes.io/selected-node</code> at the claim)."
        "</p><p>In the end each Pod writes a file that is called like itself, and lists what it "
        "sees.</p>"
    )

    def question(self) -> Number:
        """Ask for a number of Pods. The slider does not begin at the answer."""
        return Number(self.ask(Replicas()), 0, MOST, "pods", start=0)

    def ask(self, values: Replicas) -> str:
        """Put the question for these values."""
        where = "" if values.where == ANYWHERE else ", each on a node of its own"
        return (
            f"One claim, <b>{values.mode}</b>. A Deployment whose Pods all name it is scaled to "
            f"3{where}; there are two workers. How many of its Pods will run?"
        )

    def build(self, values: Replicas, place: Place) -> list[Manifest]:
        """Return the claim and the Deployment."""
        return [
            shared_volume.claim(namespace=place.namespace, lesson=place.lesson, mode=values.mode),
            shared_volume.deployment(
                namespace=place.namespace, lesson=place.lesson, apart=values.where == APART
            ),
        ]

    async def run(self, bench: Bench, values: Replicas) -> None:
        """Make claim and Deployment, scale step by step, then let each Pod write and look."""
        claim, deployment = self.build(values, bench.place)
        bench.progress("Making the volume", 0.0)
        await bench.call(bench.recorder.watch, "Pod")
        await bench.apply(claim)
        await bench.apply(deployment)
        for replicas in range(1, MOST + 1):
            bench.progress(f"{replicas} of {MOST} replicas", replicas / (MOST + 2))
            if replicas > 1:
                await bench.call(bench.session.scale, "Deployment", shared_volume.APP, replicas)

            def rests(timeline: Timeline, replicas: int = replicas) -> bool:
                return shared_volume.rests(timeline, replicas)

            await bench.wait(rests, WITHIN, f"{replicas} replicas to run, or to be told why not")
            step = shared_volume.step_row(bench.timeline, replicas)
            bench.timeline.append(Row(time(), "session", shared_volume.DEPLOYMENT, "step", step))
        running = [seen.name for seen in shared_volume.pods(bench.timeline) if seen.running]
        for name in running:
            await bench.call(bench.session.exec, name, ["sh", "-c", "touch /data/$HOSTNAME"])
        for name in running:
            await bench.call(_look, bench, name)
        bench.progress(f"{len(running)} of {MOST} run", 1.0)

    def chart(self, timeline: Timeline) -> SharedFolderChart:
        """Return the chart of how many run, and where."""
        return SharedFolderChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return how many Pods' containers the watch saw run once three were asked for."""
        done = shared_volume.steps(timeline)
        return done[-1].running if done and done[-1].asked == MOST else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many run, where, and what they see or wait for."""
        said = timeline.value(source="learner", field="prediction")
        running = self.outcome(timeline)
        if running is None:
            return f"<b>The run ended before three were asked for; you said {said:g}.</b>"
        last = shared_volume.steps(timeline)[-1]
        told = "as you said" if said == running else f"you said {said:g}"
        begin = f"<b>{running} of {MOST} Pods run; {told}.</b> "
        if not running:
            return (
                f"{begin}There is no volume to share: <q>{html.escape(last.why)}</q>"
                "<p>Next: which access modes can a folder of one node honestly offer?</p>"
            )
        if running == MOST:
            names = set(shared_volume.files(timeline).values())
            same = "sees the same files" if len(names) == 1 else "sees files of its own"
            places = "one node" if len(last.nodes) == 1 else f"{len(last.nodes)} nodes"
            return (
                f"{begin}All are on {places}, and each {same}: the volume is where the first Pod "
                "was placed, and the scheduler sent the others there.<p>Next: keep the replicas "
                "apart. A node that fails would no longer take all of them. Would it?</p>"
            )
        return (
            f"{begin}The others wait, and the scheduler says why: <q>{html.escape(last.why)}</q>"
            "<p>Next: what would have to change for a second one to run: the claim, the volume, or "
            "the Deployment?</p>"
        )


def _look(bench: Bench, name: str) -> None:
    """Note which files a Pod sees, and the checksum of the one with random bytes."""
    listed = bench.session.exec(name, ["ls", "/data"]).split()
    checksum = bench.session.exec(name, ["sha256sum", "/data/random.bin"]).split()[0]
    for field, value in (("files", sorted(listed)), ("checksum", checksum)):
        bench.timeline.append(Row(time(), "exec", f"Pod/{name}", field, value))
