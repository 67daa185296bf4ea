"""A bound claim is asked to grow, to shrink, and to go to another class."""

from __future__ import annotations

import html
from dataclasses import dataclass
from time import time
from typing import Annotated

from helpers.charts.growing_claim import GrowthChart
from helpers.experiments import pods
from helpers.forms.fields import choice
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import classes_run, manifests, volumes
from helpers.model.classes_run import ACCEPTED, GROW, GROWN, MOVE, REFUSED, SHRINK
from helpers.model.needs import Need
from helpers.model.timeline import Row, Timeline

WITHIN = 45.0
OPTIONS = {
    REFUSED: "the server refuses it",
    ACCEPTED: "the server takes it, and the volume stays as it is",
    GROWN: "the server takes it, and the volume grows",
}


@dataclass(frozen=True)
class Growth:
    """Whether the class lets its claims grow, and to what."""

    allowed: Annotated[str, choice("allowVolumeExpansion", "false", "true")] = "false"
    size: Annotated[str, choice("requests.storage, then", "2Gi", "100Gi")] = "2Gi"


class AClaimGrows(Experiment[Growth]):
    """A claim of 1Gi with a Pod that uses it, and three changes of that claim."""

    id = "a-claim-grows"
    title = "A claim that is to grow"
    seconds = 10
    needs = frozenset({Need.WHOLE_CLUSTER, Need.SMALL_WORKERS})
    spec = Growth
    script = Script(
        prediction=OPTIONS[REFUSED],
        values={"allowed": "false", "size": "2Gi"},
        misconceptions={
            "a claim is a wish, and may be changed": OPTIONS[ACCEPTED],
            "a volume that can grow does": OPTIONS[GROWN],
        },
    )
    measured = (
        "<p>A claim of 1Gi is provisioned by local-path for a Pod that idles. Then it is applied "
        "again with another size, with a smaller one, and with another class. A dot is what came "
        "of each: the server's refusal, or the event <code>ExternalExpanding</code> with <code>"
        "status.capacity</code> as before. The provisioner of this cluster cannot resize; the "
        "EBS driver can.</p>"
    )

    def question(self) -> Choice:
        """Ask what becomes of the growth."""
        return Choice(self.ask(Growth()), list(OPTIONS.values()))

    def ask(self, values: Growth) -> str:
        """Put the question for these values."""
        return (
            "A claim of 1Gi is bound and in use. Its class has <b>allowVolumeExpansion: "
            f"{values.allowed}</b>. The claim is applied again with <b>{values.size}</b>. What "
            "happens?"
        )

    def build(self, values: Growth, place: Place) -> list[Manifest]:
        """Return the class, the claim, the Pod, and the claim as it is to be."""
        made = volumes.storage_class(
            namespace=place.namespace,
            lesson=place.lesson,
            name="growing",
            binding_mode=classes_run.WAIT,
            expansion=values.allowed == "true",
        )
        pod = manifests.burn_pod(namespace=place.namespace, lesson=place.lesson, name="user")
        spec = {**pod["spec"], "volumes": [volumes.claimed("data", "data")]}  # type: ignore[dict-item]
        return [made, _claim(place, "1Gi"), {**pod, "spec": spec}, _claim(place, values.size)]

    async def run(self, bench: Bench, values: Growth) -> None:
        """Let the claim be bound, then ask for the three changes."""
        made, claim, pod, grown = self.build(values, bench.place)
        bench.progress("Making a volume of 1Gi", 0.0)
        await bench.call(bench.recorder.watch, "PersistentVolumeClaim", "Pod")
        for manifest in (made, claim, pod):
            await bench.apply(manifest)
        await pods.started(bench, "user")
        bench.progress("Three changes", 0.7)
        await self._ask(bench, GROW, grown)
        await self._ask(bench, SHRINK, _claim(bench.place, "512Mi"))
        await self._ask(bench, MOVE, _claim(bench.place, "1Gi", volumes.STANDARD))
        bench.progress("Asked three times", 1.0)

    async def _ask(self, bench: Bench, name: str, claim: Manifest) -> None:
        from helpers.kube.errors import Refused

        came, words = ACCEPTED, ""
        try:
            await bench.call(bench.session.apply, claim)
            if name == GROW:
                words = await bench.wait(_expanding, WITHIN, "the controller to speak of the size")
        except Refused as refused:
            came, words = REFUSED, refused.message
        capacity = bench.timeline.value(
            source="watch", object="PersistentVolumeClaim/data", field="status.capacity.storage"
        )
        if name == GROW and capacity != "1Gi":
            came = GROWN
        value = {"name": name, "came": came, "words": words}
        bench.timeline.append(Row(time(), "session", "PersistentVolumeClaim/data", "asked", value))

    def chart(self, timeline: Timeline) -> GrowthChart:
        """Return the chart of what came of each change."""
        return GrowthChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return what came of the growth, as the server or the claim's capacity told."""
        asked = next((a for a in classes_run.growth_seen(timeline) if a.name == GROW), None)
        return None if asked is None else OPTIONS.get(asked.came)

    def difference(self, timeline: Timeline) -> str:
        """Say what came of the growth, in whose words."""
        said = str(timeline.value(source="learner", field="prediction"))
        asked = next((a for a in classes_run.growth_seen(timeline) if a.name == GROW), None)
        if asked is None:
            return f"<b>The claim was not asked yet; you said: {html.escape(said)}.</b>"
        what = OPTIONS[asked.came]
        told = "as you said" if said == self.outcome(timeline) else f"you said: {html.escape(said)}"
        then = {
            REFUSED: "Next: let the class allow it. Is there more space then?",
            ACCEPTED: "Next: who would have to hear this on AWS? And can you take it back?",
            GROWN: "Next: try to take it back.",
        }[asked.came]
        return (
            f"<b>When it is to grow, {what}; {told}.</b> In its own words: "
            f"<q>{html.escape(asked.words)}</q><p>{then}</p>"
        )


def _claim(place: Place, size: str, storage_class: str | None = None) -> Manifest:
    return volumes.claim(
        namespace=place.namespace,
        lesson=place.lesson,
        name="data",
        size=size,
        storage_class=storage_class or volumes.wide(place.namespace, "growing"),
    )


def _expanding(timeline: Timeline) -> str | None:
    what = "PersistentVolumeClaim/data"
    event = timeline.last(source="event", object=what, field="ExternalExpanding")
    return None if event is None else str(event.value)
