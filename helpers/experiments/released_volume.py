"""A claim is deleted: what becomes of its volume, and who gets what was on it."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from time import time
from typing import Annotated, Any

from helpers.charts.released_volume import ReleasedChart
from helpers.experiments import volume_files as on_volume
from helpers.forms.fields import choice
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import claim_run, files, reclaiming, volumes
from helpers.model.needs import Need
from helpers.model.reclaiming import AGAIN, CLAIMED, DELETE, FREED, LET_GO, RELEASED, RETAIN, WORDS
from helpers.model.timeline import Row, Timeline

PHASE_WITHIN = 40.0  # seconds for a controller or a provisioner; the controller looks every 15 s
CLAIM, NEXT = "data", "again"


@dataclass(frozen=True)
class Kept:
    """What the class says of the end of its volumes."""

    policy: Annotated[
        str,
        choice(
            "reclaimPolicy",
            RETAIN,
            DELETE,
            help="What becomes of a volume of this class when its claim is deleted.",
        ),
    ] = RETAIN


class ReleasedVolume(Experiment[Kept]):
    """The phase of a volume after its claim's end, and the way back to its files."""

    id = "what-becomes-of-a-released-volume"
    title = "A claim is deleted"
    seconds = 25
    needs = frozenset({Need.WHOLE_CLUSTER})
    spec = Kept
    script = Script(
        prediction=WORDS[RELEASED],
        values={"policy": RETAIN},
        misconceptions={
            "the next claim gets it": WORDS[reclaiming.AVAILABLE],
            "it always goes": WORDS[reclaiming.GONE],
        },
    )
    measured = (
        "<p>A Pod writes a file on the claim's volume; then Pod and claim are deleted. A dot is "
        "<code>status.phase</code> of the volume. A second claim names that volume as the one it "
        "wants; then <code>claimRef</code> is taken away from the volume by a patch, and a Pod on "
        "the second claim reads what is there, by its checksum.</p>"
        "<p>In the end the workbook gives the volume back: it sets its reclaim policy to Delete "
        "and deletes the claim.</p>"
    )

    def question(self) -> Choice:
        """Ask for the phase."""
        return Choice(self.ask(Kept()), list(WORDS.values()))

    def ask(self, values: Kept) -> str:
        """Put the question for this policy."""
        return (
            f"The class says <b>reclaimPolicy: {values.policy}</b>. A Pod has written a file; Pod "
            "and claim are deleted. What is the volume then?"
        )

    def build(self, values: Kept, place: Place) -> list[Manifest]:
        """Return class, claim and Pod."""
        made = volumes.storage_class(
            **_in(place),
            name="kept",
            reclaim_policy=values.policy,
            binding_mode="WaitForFirstConsumer",
        )
        return [made, _claim(place, CLAIM), _pod(place, "writer", CLAIM)]

    async def run(self, bench: Bench, values: Kept) -> None:
        """Write a file, delete the claim, and try to have the volume again."""
        kept, claim, writer = self.build(values, bench.place)
        bench.progress("A claim, a volume, a Pod that writes", 0.0)
        await bench.call(bench.recorder.watch, "PersistentVolume", "Pod")
        for manifest in (kept, claim, writer):
            await bench.apply(manifest)
        await on_volume.running(bench, "writer")
        await on_volume.look(bench, "writer", CLAIMED)
        volume = str(claim_run.volume_of(bench.timeline, CLAIM))
        _note(bench, volume, CLAIMED)
        bench.progress("Deleting the Pod and the claim", 0.3)
        await bench.delete("Pod", "writer")
        await bench.delete("PersistentVolumeClaim", CLAIM)
        ends = {RELEASED, "gone"}
        await bench.wait(_in_phase(volume, ends), PHASE_WITHIN, "the volume to be let go")
        if values.policy == DELETE:
            await bench.wait(_in_phase(volume, {"gone"}), PHASE_WITHIN, "the volume to be gone")
        _note(bench, volume, LET_GO)
        bench.progress("Another claim", 0.5)
        wanted = volume if values.policy == RETAIN else None
        await bench.apply(_claim(bench.place, NEXT, wanted))
        if wanted is not None:
            await bench.wait(_refused, PHASE_WITHIN, "the controller to tell of the second claim")
            _note(bench, volume, AGAIN)
            bench.progress("Taking claimRef away", 0.6)
            patch = {"spec": {"claimRef": None}, "metadata": {"labels": _label(bench.place)}}
            await bench.call(bench.session.patch, "PersistentVolume", volume, patch)
            await bench.wait(_bound, PHASE_WITHIN, "the second claim to be bound")
            _note(bench, volume, FREED)
        bench.progress("A Pod that reads", 0.8)
        await bench.apply(_pod(bench.place, "reader", NEXT))
        await on_volume.running(bench, "reader")
        await on_volume.look(bench, "reader", AGAIN)
        bench.progress("The volume has been followed", 1.0)

    def chart(self, timeline: Timeline) -> ReleasedChart:
        """Return the chart of phases by step."""
        return ReleasedChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return the words for the phase that the volume had once its claim was gone."""
        return WORDS.get(dict(reclaiming.steps(timeline)).get(LET_GO, ""))

    def difference(self, timeline: Timeline) -> str:
        """Say the phase, what the second claim was told, and whose file was read."""
        said = timeline.value(source="learner", field="prediction")
        words = self.outcome(timeline)
        if words is None:
            return f"The run ended before the claim was deleted; you said: {said}."
        right = "as you said" if said == words else f"you said: {said}"
        told = dict(claim_run.told(timeline, NEXT)).get("FailedBinding")
        more = f" A claim that asked for it was told: <q>{html.escape(told)}</q>" if told else ""
        looks = files.looks(timeline)
        if len(looks) > 1:
            same = looks[0].checksums == looks[-1].checksums
            more += f" In the end a Pod found {'the same' if same else 'another'} file there."
        return (
            f"<b>{words[0].upper()}{words[1:]}; {right}.</b>{more}"
            "<p>Next: take the other policy. Whose files does the second claim find?</p>"
        )


def _in(place: Place) -> dict[str, Any]:
    return {"namespace": place.namespace, "lesson": place.lesson}


def _label(place: Place) -> Any:
    # Without a claim nothing else tells whose volume it is.
    return volumes.wide_metadata("", **_in(place))["labels"]


def _claim(place: Place, name: str, volume: str | None = None) -> Manifest:
    kind = volumes.wide(place.namespace, "kept")
    return volumes.claim(**_in(place), name=name, storage_class=kind, volume=volume)


def _pod(place: Place, name: str, claim: str) -> Manifest:
    spec = volumes.randserver_spec(volume=volumes.claimed("data", claim))
    return volumes.pod(**_in(place), name=name, spec=spec)


def _phase(timeline: Timeline, volume: str) -> str:
    seen = claim_run.phases(timeline, f"PersistentVolume/{volume}")
    return seen[-1].phase if seen else ""


def _in_phase(volume: str, phases: set[str]) -> Callable[[Timeline], bool]:
    return lambda timeline: _phase(timeline, volume) in phases


def _refused(timeline: Timeline) -> bool:
    return bool(claim_run.told(timeline, NEXT))


def _bound(timeline: Timeline) -> bool:
    seen = claim_run.phases(timeline, f"PersistentVolumeClaim/{NEXT}")
    return bool(seen) and seen[-1].phase == "Bound"


def _note(bench: Bench, volume: str, step: str) -> None:
    value = {"step": step, "phase": _phase(bench.timeline, volume)}
    bench.timeline.append(Row(time(), "session", f"PersistentVolume/{volume}", "step", value))
