"""A claim, the volume that is made for it, and the Pods that come and go on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from helpers.charts.claim_phases import PhasesChart
from helpers.experiments import volume_files as on_volume
from helpers.forms.fields import choice, quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import claim_run, volumes
from helpers.model.claim_run import BY_HAND, DATA, EARLY, ON_AWS, TINY
from helpers.model.needs import Need
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline

LARGEST = Quantity.parse("100Gi")
TOLD_WITHIN = 30.0  # seconds until a controller tells of a claim
GONE_WITHIN = 40.0  # seconds until a provisioner has removed a volume
REPLACED = 3
WAIT, AT_ONCE = "WaitForFirstConsumer", "Immediate"
BOOKS_PROVISIONER = "kubernetes.io/aws-ebs"
NO_DISK_IS_THAT_LARGE = "100Ti"


@dataclass(frozen=True)
class Wanted:
    """What the app asks for."""

    size: Annotated[
        str,
        quantity(
            "requests.storage",
            help="How much the volume must hold at least.",
            explain=lambda value: f"A volume of {value} or more will do.",
        ),
    ] = "1Gi"
    mode: Annotated[
        str,
        choice(
            "accessModes",
            volumes.RWO,
            volumes.RWOP,
            help="Who may mount it: the Pods of one node, or one Pod alone.",
        ),
    ] = volumes.RWO


class ClaimPhases(Experiment[Wanted]):
    """When the volume behind a claim is made, what it is, and what stays when Pods go."""

    id = "when-the-volume-is-made"
    title = "A claim, a volume, a Pod"
    seconds = 35
    needs = frozenset({Need.WHOLE_CLUSTER})
    spec = Wanted
    script = Script(
        prediction=claim_run.WORDS[claim_run.POD_MADE],
        values={"size": "1Gi", "mode": volumes.RWO},
        misconceptions={
            "a claim binds at once": claim_run.WORDS[claim_run.CLAIM_MADE],
            "the container makes it": claim_run.WORDS[claim_run.STARTED],
        },
    )
    measured = (
        "<p>The workbook watches claims, volumes and Pods; a dot is a change of "
        "<code>status.phase</code>, at the moment at which the server told it. The Pods' files are "
        "told by <code>sha256sum</code> inside the container.</p>"
        "<p>The provisioner is local-path, whose volumes are folders of a node; on AWS the EBS CSI "
        "driver makes disks in the same way. Beside the claim of the app there are four others, "
        "which the table names.</p>"
    )

    def question(self) -> Choice:
        """Ask for the moment."""
        return Choice(
            "You send a claim for storage, and a little later a Deployment whose Pod uses it. The "
            "class makes volumes on demand. When is the volume made?",
            list(claim_run.WORDS.values()),
        )

    def check(self, values: Wanted) -> Mapping[str, str]:
        """Refuse what the server would refuse."""
        size = Quantity.parse(values.size)
        if size.amount <= 0:
            return {"size": "requests.storage: must be greater than zero."}
        if size > LARGEST:
            return {"size": f"requests.storage: choose {LARGEST} at most."}
        return {}

    def build(self, values: Wanted, place: Place) -> list[Manifest]:
        """Return class, claim and Deployment."""
        return [_class(place, "general-purpose"), _data(values, place), _deployment(place)]

    async def run(self, bench: Bench, values: Wanted) -> None:
        """Make claims and see what is told of them; then use one, and delete it."""
        place = bench.place
        general, data, deployment = self.build(values, place)
        bench.progress("Making two classes and five claims", 0.0)
        await bench.call(bench.recorder.watch, "PersistentVolume", "Pod")
        await bench.call(on_volume.try_out, bench, volumes.claim(**_in(place), name="no-word"))
        on_aws = volumes.storage_class(**_in(place), name="aws", provisioner=BOOKS_PROVISIONER)
        await bench.apply(general)
        await bench.apply(on_aws)
        others = {
            EARLY: volumes.wide(place.namespace, "not-there"),
            BY_HAND: "",
            ON_AWS: volumes.wide(place.namespace, "aws"),
        }
        for name, kind in others.items():
            size = NO_DISK_IS_THAT_LARGE if name == BY_HAND else "1Gi"
            claim = volumes.claim(**_in(place), name=name, storage_class=kind, size=size)
            await bench.apply(claim)
        await bench.apply(data)
        for name in (*others, DATA):
            await bench.wait(_told(name), TOLD_WITHIN, f"an event about the claim {name}")
        bench.progress("Making the Deployment that uses it", 0.2)
        await bench.apply(deployment)
        await bench.apply(_claim(place, TINY, "1Mi"))
        large = volumes.randserver_spec(volume=volumes.claimed("data", TINY), size="4Mi")
        await bench.apply(volumes.pod(**_in(place), name="large", spec=large))
        seen = [await on_volume.running(bench, "randserver-")]
        await on_volume.look(bench, seen[0], "first Pod")
        for number in range(1, REPLACED + 1):
            bench.progress(f"Deleting the Pod, {number} of {REPLACED}", 0.3 + 0.1 * number)
            await bench.call(bench.session.delete, "Pod", seen[-1], 1)
            seen.append(await on_volume.running(bench, "randserver-", seen))
            await on_volume.look(bench, seen[-1], f"Pod {number + 1}")
        await on_volume.running(bench, "large")
        await on_volume.look(bench, "large", "large")
        bench.progress("Deleting the Deployment and its claim", 0.7)
        await bench.delete("Deployment", "randserver")
        await bench.delete("PersistentVolumeClaim", DATA)
        gone = f"PersistentVolume/{claim_run.volume_of(bench.timeline, DATA)}"
        await bench.wait(_gone(gone), GONE_WITHIN, f"{gone} to be gone")
        bench.progress("The same Deployment with a claim of another class", 0.8)
        await bench.apply(_class(place, "second"))
        await bench.apply(_data(values, place, "second"))
        await bench.apply(deployment)
        last = await on_volume.running(bench, "randserver-", seen)
        await on_volume.look(bench, last, "another class")
        bench.progress("The volume has been followed", 1.0)

    def chart(self, timeline: Timeline) -> PhasesChart:
        """Return the chart of phases in time."""
        return PhasesChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return the words for the last moment that had come when the watch saw the volume."""
        return claim_run.WORDS.get(claim_run.cause(timeline) or "")

    def difference(self, timeline: Timeline) -> str:
        """Say when the volume was made, and what was told of the claim before."""
        said = timeline.value(source="learner", field="prediction")
        words = self.outcome(timeline)
        if words is None:
            return f"The run ended before a volume was made; you said: {said}."
        right = "as you said" if said == words else f"you said: {said}"
        known, at = claim_run.moments(timeline), claim_run.made_at(timeline) or 0.0
        later = at - known[claim_run.CLAIM_MADE]
        waits = dict(claim_run.told(timeline, DATA)).get("WaitForFirstConsumer")
        told = f" Until then the claim's event said: <q>{waits}</q>." if waits else ""
        return (
            f"<b>The volume was made {words}, {later:.1f} s after the claim; {right}.</b>{told}"
            "<p>Next: which Pod would a volume be near that was made before any Pod?</p>"
        )


def _in(place: Place) -> dict[str, Any]:
    return {"namespace": place.namespace, "lesson": place.lesson}


def _class(place: Place, name: str) -> Manifest:
    return volumes.storage_class(
        **_in(place), name=name, reclaim_policy="Delete", binding_mode=WAIT
    )


def _claim(place: Place, name: str, size: str) -> Manifest:
    kind = volumes.wide(place.namespace, "general-purpose")
    return volumes.claim(**_in(place), name=name, size=size, storage_class=kind)


def _data(values: Wanted, place: Place, kind: str = "general-purpose") -> Manifest:
    return volumes.claim(
        **_in(place),
        name=DATA,
        size=values.size,
        access_modes=(values.mode,),
        storage_class=volumes.wide(place.namespace, kind),
    )


def _deployment(place: Place) -> Manifest:
    """Build the app: each Pod adds a file of its own to the claim's volume."""
    spec = volumes.randserver_spec(volume=volumes.claimed("data", DATA), folder_a_pod=True)
    return volumes.deployment(**_in(place), spec=spec)


def _told(claim: str) -> Callable[[Timeline], bool]:
    return lambda timeline: bool(claim_run.told(timeline, claim))


def _gone(object: str) -> Callable[[Timeline], bool]:
    return lambda timeline: timeline.value(source="watch", object=object, field="exists") is False
