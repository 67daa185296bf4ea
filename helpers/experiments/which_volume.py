"""A shelf of volumes and two claims, and which volume each of them gets."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from helpers.charts.which_volume import ShelfChart
from helpers.experiments import pods
from helpers.forms.fields import choice, quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import claim_run, matching, volumes
from helpers.model.manifests import IMAGES
from helpers.model.matching import FIRST, LARGE, MIDDLE, OTHER, SECOND, SHARED, SHELF, SMALL, WAITS
from helpers.model.needs import Need
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline
from helpers.model.volumes import RWO, RWX

DECIDED_WITHIN = 20.0  # seconds for the controller to bind a claim, or to tell why not
LARGEST = Quantity.parse("1Ti")
MANUAL = "manual"


@dataclass(frozen=True)
class Asked:
    """What a claim asks for."""

    size: Annotated[
        str,
        quantity(
            "requests.storage",
            help="How much the volume must hold at least.",
            explain=lambda value: f"At least {value}.",
        ),
    ] = "2Gi"
    mode: Annotated[
        str, choice("accessModes", RWO, RWX, help="Who may mount it: one node, or many at once.")
    ] = RWO
    kind: Annotated[
        str,
        choice(
            "storageClassName",
            MANUAL,
            "other",
            help="The class, by its name alone: these two have no StorageClass object. The "
            "lesson's namespace is put before it.",
        ),
    ] = MANUAL


class WhichVolume(Experiment[Asked]):
    """Which of the volumes that are there a claim gets, and what the next one gets."""

    id = "which-volume-a-claim-gets"
    title = "Which volume does a claim get?"
    seconds = 10
    needs = frozenset({Need.WHOLE_CLUSTER})
    spec = Asked
    script = Script(
        prediction=MIDDLE,
        values={"size": "2Gi", "mode": RWO, "kind": MANUAL},
        misconceptions={
            "the size must be exact": WAITS,
            "size alone decides": OTHER,
            "the volume grows": SMALL,
        },
    )
    measured = (
        "<p>Four PersistentVolumes are made by hand, and once all are Available, two claims, one "
        "after the other. A dot is <code>spec.volumeName</code> of a claim that is Bound, or its "
        "event that no volume fits. A Pod then uses the first claim, is deleted, and another one "
        "uses it.</p><p>The volumes stand for the folder /mnt of a node; nothing is written.</p>"
    )

    def question(self) -> Choice:
        """Ask for the volume."""
        return Choice(self.ask(Asked()), [SMALL, OTHER, MIDDLE, LARGE, WAITS])

    def ask(self, values: Asked) -> str:
        """Put the question for this claim."""
        shelf = ", ".join(
            f"<b>{name}</b> {size}"
            + (" (of another class)" if name == OTHER else "")
            + (" (for many nodes too)" if name in SHARED else "")
            for name, size in SHELF.items()
        )
        return (
            f"These volumes are there: {shelf}. A claim asks for <b>{values.size}</b>, "
            f"<b>{values.mode}</b>, class <b>{values.kind}</b>. Which one does it get?"
        )

    def check(self, values: Asked) -> Mapping[str, str]:
        """Refuse what the server would refuse."""
        size = Quantity.parse(values.size)
        if size.amount <= 0:
            return {"size": "requests.storage: must be greater than zero."}
        return {"size": f"requests.storage: {LARGEST} at most."} if size > LARGEST else {}

    def build(self, values: Asked, place: Place) -> list[Manifest]:
        """Return the first claim, then the volumes."""
        return [_claim(values, place, FIRST), *(_volume(place, name) for name in SHELF)]

    async def run(self, bench: Bench, values: Asked) -> None:
        """Fill the shelf, send two claims, and use the first."""
        claim, *shelf = self.build(values, bench.place)
        bench.progress("Making four volumes", 0.0)
        await bench.call(bench.recorder.watch, "PersistentVolumeClaim", "Pod")
        for volume in shelf:
            await bench.apply(volume)
        await bench.wait(_free(shelf), DECIDED_WITHIN, "the volumes to be Available")
        bench.progress("Two claims, one after the other", 0.3)
        for manifest in (claim, _claim(values, bench.place, SECOND)):
            await bench.apply(manifest)
            name = str(manifest["metadata"]["name"])
            await bench.wait(_decided(name), DECIDED_WITHIN, f"the claim {name} to be decided on")
        if matching.decided(bench.timeline, FIRST) != WAITS:
            for number in (1, 2):
                bench.progress(f"Pod {number} of 2 on the first claim", 0.4 + 0.2 * number)
                await bench.apply(_user(bench.place, f"user-{number}"))
                await pods.started(bench, f"user-{number}")
                if number == 1:
                    await bench.delete("Pod", "user-1")
        bench.progress("The controller has decided", 1.0)

    def chart(self, timeline: Timeline) -> ShelfChart:
        """Return the chart of volumes and claims."""
        return ShelfChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return the volume that the watch saw the first claim bound to, or that it waits."""
        found = matching.decided(timeline, FIRST)
        return found if found in {*SHELF, WAITS} else None

    def difference(self, timeline: Timeline) -> str:
        """Say which volume the claim got, and what was wrong with the one that was predicted."""
        said = timeline.value(source="learner", field="prediction")
        first, *rest = [*matching.outcomes(timeline), None]
        if first is None or first.measured is None:
            return f"The run ended before the controller had decided; you said: {said}."
        agrees = said == self.outcome(timeline)
        right = "as you said" if agrees else f"you said: {said}"
        why = "" if agrees else _why(timeline, str(said))
        second = rest[0] if rest and rest[0] is not None else None
        more = f" An equal claim that came after it got: {second.measured}." if second else ""
        return (
            f"<b>The claim got: {first.measured}; {right}.</b>{why}{more}"
            "<p>Next: which size makes the second claim wait?</p>"
        )


def _why(timeline: Timeline, said: str) -> str:
    """Say what keeps the volume that was predicted from the claim."""
    asked = matching.claims(timeline)
    volume = next((v for v in matching.shelf(timeline) if v.name == said), None)
    if not asked or volume is None:
        return ""
    reasons = volumes.judge(asked[0], volume).reasons
    words = ", ".join(reasons) or "it would do, and another one fits better"
    return f" Of {html.escape(said)} the rule says: {words}."


def _in(place: Place) -> dict[str, Any]:
    return {"namespace": place.namespace, "lesson": place.lesson}


def _kind(place: Place, name: str) -> str:
    # A claim of another lesson must not find our volumes, nor ours theirs.
    return volumes.wide(place.namespace, name)


def _claim(values: Asked, place: Place, name: str) -> Manifest:
    return volumes.claim(
        **_in(place),
        name=name,
        size=values.size,
        access_modes=(values.mode,),
        storage_class=_kind(place, values.kind),
    )


def _volume(place: Place, name: str) -> Manifest:
    return volumes.persistent_volume(
        **_in(place),
        name=name,
        source=volumes.host_folder("/mnt"),
        capacity=SHELF[name],
        access_modes=(RWO, RWX) if name in SHARED else (RWO,),
        storage_class=_kind(place, "other" if name == OTHER else MANUAL),
    )


def _user(place: Place, name: str) -> Manifest:
    mount = {"name": "data", "mountPath": "/data", "readOnly": True}
    container: Manifest = {"name": name, "image": f"{IMAGES}/burn:1", "volumeMounts": [mount]}
    spec: Manifest = {"containers": [container], "volumes": [volumes.claimed("data", FIRST)]}
    return volumes.pod(**_in(place), name=name, spec=spec)


def _free(shelf: list[Manifest]) -> Callable[[Timeline], bool]:
    names = [str(volume["metadata"]["name"]) for volume in shelf]

    def condition(timeline: Timeline) -> bool:
        return all(
            claim_run.watched(timeline, f"PersistentVolume/{name}", "status.phase") == "Available"
            for name in names
        )

    return condition


def _decided(name: str) -> Callable[[Timeline], bool]:
    return lambda timeline: matching.decided(timeline, name) is not None
