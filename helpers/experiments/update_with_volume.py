"""An update of a Deployment that names a claim: what runs meanwhile, and whether it ends."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Annotated

from helpers.charts.update_with_volume import UpdateChart
from helpers.forms.fields import choice
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import shared_volume
from helpers.model.needs import Need
from helpers.model.shared_volume import BOTH, GAP, HANGS, ONCE, ONCE_POD, RECREATE, ROLLING
from helpers.model.timeline import Timeline

WITHIN = 45.0
DEADLINE = 8
"""progressDeadlineSeconds: after so long without progress the Deployment says so. Stock: 600."""
OPTIONS = {
    BOTH: "the new Pod runs, then the old one goes: for a moment both run",
    GAP: "the old Pod goes, then the new one runs: for a moment none runs",
    HANGS: "the new Pod never runs, and the old one stays",
}


@dataclass(frozen=True)
class Update:
    """How the volume may be used, and how the Deployment replaces its Pod."""

    mode: Annotated[str, choice("accessModes", ONCE, ONCE_POD)] = ONCE_POD
    strategy: Annotated[
        str, choice("strategy.type", ROLLING, RECREATE, help="RollingUpdate is the default.")
    ] = ROLLING


class UpdateOfOneReplica(Experiment[Update]):
    """A Deployment of one replica with a claim is updated."""

    id = "an-update-that-hangs"
    title = "One replica is updated"
    seconds = 15
    needs = frozenset({Need.SMALL_WORKERS})
    spec = Update
    script = Script(
        prediction=OPTIONS[HANGS],
        values={"mode": ONCE_POD, "strategy": ROLLING},
        misconceptions={
            "an update always ends": OPTIONS[BOTH],
            "a Deployment makes room by itself": OPTIONS[GAP],
        },
    )
    measured = (
        "<p>The workbook sends the Deployment twice; the second time an environment variable is "
        "another. A thick line is the time in which the watch saw a Pod's container run, by the "
        "version in its manifest. The run ends when only the new version is left, or when the "
        "Deployment has the condition <code>Progressing</code> with the reason <code>"
        "ProgressDeadlineExceeded</code>; <code>progressDeadlineSeconds</code> is "
        f"{DEADLINE} here, 600 by default.</p>"
    )

    def question(self) -> Choice:
        """Ask what the update does."""
        return Choice(self.ask(Update()), list(OPTIONS.values()))

    def ask(self, values: Update) -> str:
        """Put the question for these values."""
        return (
            f"One replica, and its claim is <b>{values.mode}</b>. The Deployment is updated with "
            f"the strategy <b>{values.strategy}</b>. What happens?"
        )

    def build(self, values: Update, place: Place) -> list[Manifest]:
        """Return the claim, the Deployment, and the Deployment as it is sent the second time."""
        asked = shared_volume.claim(
            namespace=place.namespace, lesson=place.lesson, mode=values.mode
        )
        versions = [
            shared_volume.deployment(
                namespace=place.namespace,
                lesson=place.lesson,
                strategy=values.strategy,
                version=version,
                deadline=DEADLINE,
            )
            for version in ("1", "2")
        ]
        return [asked, *versions]

    async def run(self, bench: Bench, values: Update) -> None:
        """Let the first version run, send the second, and wait for an end or for a verdict."""
        claim, first, second = self.build(values, bench.place)
        bench.progress("Starting version 1", 0.0)
        await bench.call(bench.recorder.watch, "Pod")
        await bench.apply(claim)
        await bench.apply(first)
        await bench.wait(
            lambda timeline: any(seen.running for seen in shared_volume.pods(timeline)),
            WITHIN,
            "version 1 to run",
        )
        bench.progress("Version 2 is sent", 0.4)
        await bench.apply(second)
        done = await bench.wait(shared_volume.update_seen, WITHIN, "the update to end")
        bench.progress(f"The update: {done}", 1.0)

    def chart(self, timeline: Timeline) -> UpdateChart:
        """Return the chart of which version ran when."""
        return UpdateChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return the words for which containers the watch saw run, and when, during the update."""
        return OPTIONS.get(shared_volume.update_seen(timeline) or "")

    def difference(self, timeline: Timeline) -> str:
        """Say what the update did, and why."""
        said = str(timeline.value(source="learner", field="prediction"))
        seen = shared_volume.update_seen(timeline)
        if seen is None:
            return f"<b>The update has not ended; you said: {html.escape(said)}.</b>"
        told = "as you said" if said == self.outcome(timeline) else f"you said: {html.escape(said)}"
        begin = f"<b>T{OPTIONS[seen][1:]}; {told}.</b> "
        if seen == HANGS:
            words = [pod.unschedulable for pod in shared_volume.pods(timeline) if pod.unschedulable]
            why = html.escape(words[-1].split(" preemption:")[0]) if words else "nothing"
            return (
                f"{begin}The old Pod is only taken away once the new one is ready, and the new one "
                f"waits for what the old one holds: <q>{why}</q><p>Next: which strategy ends this, "
                "and what does it cost?</p>"
            )
        if seen == GAP:
            spans = shared_volume.running_spans(timeline)
            gap = min(s for s, _ in spans["2"]) - max(e for _, e in spans["1"])
            return (
                f"{begin}For {gap:.1f} s nothing answered. On AWS this gap also holds the time in "
                "which the disk goes from one node to the other.<p>Next: with which claim can you "
                "do without the gap, and on how many nodes?</p>"
            )
        return (
            f"{begin}Both were on one node, so both could have the volume. Nothing promises that: "
            "where the new Pod must go to another node, it waits as in the card before.<p>Next: "
            "what does ReadWriteOncePod make of this update?</p>"
        )
