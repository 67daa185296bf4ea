"""A StatefulSet loses its Pods in three ways: which files are there afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from helpers.charts.set_keeps import KeepsChart, tracks
from helpers.experiments import sets
from helpers.forms.fields import choice
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import set_run, statefulset, volumes
from helpers.model.statefulset import KEEPS, NAME, RETAIN, Kept
from helpers.model.timeline import Timeline

OTHER = "other"
SHARED = "shared"
REPLICAS = 3
LEAST = 1
DELETED = "pod 1 deleted"
SCALED = f"scaled {REPLICAS} → {LEAST} → {REPLICAS}"
AGAIN = "set deleted, made again"


@dataclass(frozen=True)
class Policy:
    """What becomes of the claims."""

    when_scaled: Annotated[
        str,
        choice("whenScaled", *KEEPS, help="Claims of pods that a smaller number leaves out."),
    ] = RETAIN
    when_deleted: Annotated[
        str, choice("whenDeleted", *KEEPS, help="All claims, once the set itself is deleted.")
    ] = RETAIN


class SetLosesItsPods(Experiment[Policy]):
    """Delete a Pod, scale down and up, delete the set and make it again; read the files each time.

    A second set has the opposite policy. A Deployment of two Pods shares one claim beside them.
    """

    id = "what-a-set-keeps"
    title = "A StatefulSet loses its pods"
    seconds = 55
    spec = Policy
    script = Script(
        prediction=3.0,
        misconceptions={
            "deleting the set deletes its data": 0.0,
            "scaling down throws away what is not needed": 1.0,
        },
    )
    measured = (
        "<p>Each pod writes a file of random bytes on its volume, unless one is there. After each "
        "step the workbook reads the SHA-256 of every pod's file; a dot counts those that are "
        "still the first ones. All is done to two sets at once: yours, and one with the opposite "
        "policy. They are Parallel, to be quicker.</p>"
        "<p>A Deployment of two pods with one claim stands beside them: it loses a pod too. "
        "Claims are watched; the SHA-256 is read by exec.</p>"
    )

    def question(self) -> Number:
        """Ask how many of the files are left in the end."""
        return Number(self.ask(Policy()), 0, REPLICAS, "files", start=2)

    def ask(self, values: Policy) -> str:
        """Put the question for this policy."""
        return (
            f"Three pods with a file each. Pod 1 is deleted; then the set is scaled to {LEAST} and "
            f"back to {REPLICAS}; then the set is deleted and made again. whenScaled is <b>"
            f"{values.when_scaled}</b>, whenDeleted <b>{values.when_deleted}</b>. In the end, how "
            "many of the pods serve the file that they served at first?"
        )

    def build(self, values: Policy, place: Place) -> Manifest:
        """Return the set."""
        return _set(place, NAME, Kept(values.when_scaled, values.when_deleted))

    async def run(self, bench: Bench, values: Policy) -> None:
        """Do all three to both sets, and read the files after each step."""
        place = bench.place
        kept = Kept(values.when_scaled, values.when_deleted)
        policies = {NAME: kept, OTHER: kept.opposite}
        made = {NAME: self.build(values, place), OTHER: _set(place, OTHER, kept.opposite)}
        every = {
            name: [statefulset.pod_name(name, ordinal) for ordinal in range(REPLICAS)]
            for name in made
        }

        async def whole(step: str) -> None:
            for name in made:
                await sets.ready(bench, f"{name}-", REPLICAS)
            await sets.files(bench, step, every)

        bench.progress("Two sets of three pods", 0.0)
        for manifest in made.values():
            await sets.apply(bench, manifest)
        shared = volumes.claim(namespace=place.namespace, lesson=place.lesson, name=SHARED)
        await bench.apply(shared)
        await sets.apply(bench, _deployment(place))
        await whole("at first")
        await sets.ready(bench, f"{SHARED}-", 2)

        bench.progress("Deleting pod 1 of each set", 0.3)
        sets.begin(bench, DELETED)
        victims = [every[name][1] for name in made]
        victims.append(set_run.ready_pods(bench.timeline, f"{SHARED}-")[0].name)
        await sets.delete_pods(bench, victims)
        await whole(DELETED)
        await sets.ready(bench, f"{SHARED}-", 2)

        bench.progress("Scaling down, and up", 0.5)
        sets.begin(bench, SCALED)
        for name in made:
            await bench.call(bench.session.scale, "StatefulSet", name, LEAST)
        for name in made:
            await sets.gone(bench, f"{name}-", LEAST)
        left = {name: policies[name].claims(REPLICAS, "scaled", LEAST) for name in made}
        await sets.claims_settled(bench, left)
        sets.count_claims(bench, SCALED, made)
        for name in made:
            await bench.call(bench.session.scale, "StatefulSet", name, REPLICAS)
        await whole(SCALED)

        bench.progress("Deleting the sets, and making them again", 0.75)
        sets.begin(bench, AGAIN)
        for name in made:
            await bench.delete("StatefulSet", name)
        for name in made:
            await sets.gone(bench, f"{name}-")
        left = {name: policies[name].claims(REPLICAS, "deleted") for name in made}
        await sets.claims_settled(bench, left)
        sets.count_claims(bench, AGAIN, made)
        for manifest in made.values():
            await bench.apply(manifest)
        await whole(AGAIN)
        bench.progress("2 sets, 3 steps", 1.0)

    def chart(self, timeline: Timeline) -> KeepsChart:
        """Return the chart of files that are still the first ones."""
        return KeepsChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return how many files had the SHA-256 of the first ones after the last step."""
        found = tracks(timeline)
        done = bool(found) and AGAIN in found[0].steps
        return found[0].measured[-1] if done else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many files are left of each set, and by which policy."""
        said = timeline.value(source="learner", field="prediction")
        shown = KeepsChart(timeline)
        if not shown.tracks or len(shown.tracks[0].measured) < 2:
            return f"<b>No file was read twice.</b> You said {said:g}."
        mine = shown.tracks[0]
        words = f"<b>{mine.measured[-1]} of {REPLICAS} files are left; you said {said:g}.</b> "
        if mine.measured[-1] == REPLICAS:
            words += "A pod goes, and its claim stays: the next one of that name finds it. "
        else:
            words += "A claim that goes takes its file along; the next pod writes a new one. "
        if len(shown.tracks) > 1:
            other = shown.tracks[1]
            counts = ", ".join(str(count) for count in other.measured)
            words += (
                f"The set with {other.kept.when_scaled} and {other.kept.when_deleted} had, step by "
                f"step, {counts}."
            )
        return f"{words}<p>Next: set only <b>whenScaled</b> to Delete. Which pod's file stays?</p>"


def _set(place: Place, name: str, kept: Kept) -> Manifest:
    return statefulset.stateful_set(
        namespace=place.namespace,
        lesson=place.lesson,
        name=name,
        replicas=REPLICAS,
        when_scaled=kept.when_scaled,
        when_deleted=kept.when_deleted,
    )


def _deployment(place: Place) -> Manifest:
    spec = statefulset.server_spec(volumes.claimed(statefulset.TEMPLATE, SHARED))
    return volumes.deployment(
        namespace=place.namespace, lesson=place.lesson, name=SHARED, replicas=2, spec=spec
    )
