"""A disk is in one zone: which Pods can run where, and what today's cluster makes of the book's."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from helpers.charts.zone_of_a_disk import ZoneChart
from helpers.experiments import pods
from helpers.forms.fields import choice
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import volumes, zones
from helpers.model.manifests import IMAGES
from helpers.model.needs import Need
from helpers.model.timeline import Timeline
from helpers.model.volumes import OLD_ZONE, ZONE
from helpers.model.zones import BOOKS, CLAIM, FREE, OLD, PENDING, TODAY, VOLUME, WORDS, YOURS, ZONES

DECIDED_WITHIN = 20.0  # seconds for the scheduler to place a Pod, or to say why it cannot
ATTACHED_WITHIN = 20.0  # seconds for the controller to ask for an attachment


@dataclass(frozen=True)
class Zoned:
    """Where the disk is, and where the Pod shall run."""

    disk: Annotated[
        str, choice("nodeAffinity", *ZONES, help="The zone of the volume: only its nodes reach it.")
    ] = ZONES[0]
    pod: Annotated[
        str, choice("nodeSelector", *ZONES, help="The zone in which the Pod shall run.")
    ] = ZONES[1]


class ZoneOfADisk(Experiment[Zoned]):
    """What becomes of a Pod in another zone than its disk's, and of the book's Deployment."""

    id = "a-disk-has-one-zone"
    title = "A disk has one zone"
    seconds = 20
    needs = frozenset({Need.SMALL_WORKERS, Need.WHOLE_CLUSTER})
    spec = Zoned
    script = Script(
        prediction=WORDS[PENDING],
        values={"disk": ZONES[0], "pod": ZONES[1]},
        misconceptions={
            "the disk follows the Pod": WORDS[ZONES[1]],
            "the selector gives way": WORDS[ZONES[0]],
        },
    )
    measured = (
        "<p>The two workers carry the labels of two zones. The disk is a PersistentVolume whose "
        "<code>nodeAffinity</code> names one of them, as the EBS CSI driver writes it; behind it "
        "is the folder /mnt of a node, for there is no EBS here. A dot is the zone of the node "
        "that the scheduler chose, or Pending.</p><p>Beside your Pod there are one without a "
        "selector, one with the label of the book's days, the book's own Deployment, and the "
        "book's Pod with today's label. The table has the scheduler's words.</p>"
    )

    def question(self) -> Choice:
        """Ask where the Pod is."""
        return Choice(self.ask(Zoned()), list(WORDS.values()))

    def ask(self, values: Zoned) -> str:
        """Put the question for these zones."""
        return (
            f"The disk is in <b>{values.disk}</b>. A Pod uses it, and its "
            f"<code>nodeSelector</code> asks for <b>{values.pod}</b>. Both zones have a node "
            "with room. What happens?"
        )

    def build(self, values: Zoned, place: Place) -> list[Manifest]:
        """Return your Pod, the claim and the volume."""
        here = _in(place)
        return [
            _pod(place, YOURS, volumes.claimed("data", CLAIM), {ZONE: values.pod}),
            volumes.claim(
                **here, name=CLAIM, storage_class="", volume=volumes.wide(place.namespace, VOLUME)
            ),
            volumes.persistent_volume(
                **here,
                name=VOLUME,
                source=volumes.host_folder("/mnt"),
                zones=[values.disk],
                storage_class="",
                claim=CLAIM,
            ),
        ]

    async def run(self, bench: Bench, values: Zoned) -> None:
        """Make disk and claim, then all the Pods, and wait until each is placed or refused."""
        place = bench.place
        yours, claim, volume = self.build(values, place)
        bench.progress("Making the disk and its claim", 0.0)
        await bench.call(bench.recorder.watch, "Node", "Pod", "VolumeAttachment")
        await bench.apply(volume)
        await bench.apply(claim)
        bench.progress("Making five Pods", 0.2)
        await bench.apply(yours)
        await bench.apply(_pod(place, FREE, volumes.claimed("data", CLAIM), None))
        await bench.apply(_pod(place, OLD, None, {OLD_ZONE: values.disk}))
        await bench.apply(_books(place, values.disk))
        disk = _in_tree(place)
        await bench.apply(_pod(place, TODAY, disk, {ZONE: values.disk}))
        for name in (YOURS, FREE, OLD, BOOKS, TODAY):
            await bench.wait(_decided(name), DECIDED_WITHIN, f"the Pod {name} to be placed")
        bench.progress("Waiting for the Pods that can run", 0.6)
        await pods.started(bench, FREE)
        if values.pod == values.disk:
            await pods.started(bench, YOURS)
        bench.progress("Waiting for someone to ask for the book's disk", 0.8)
        await bench.wait(
            lambda timeline: zones.attachment(timeline, volume_id(place)),
            ATTACHED_WITHIN,
            "a VolumeAttachment for the book's disk",
        )
        bench.progress("All Pods are where they can be", 1.0)

    def chart(self, timeline: Timeline) -> ZoneChart:
        """Return the chart of Pods by zone."""
        return ZoneChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return the words for the zone of the Pod's node, or for Pending, as the watch saw it."""
        return WORDS.get(zones.where(timeline, YOURS)[0] or "")

    def difference(self, timeline: Timeline) -> str:
        """Say where the Pod is, and why."""
        said = timeline.value(source="learner", field="prediction")
        words, message = self.outcome(timeline), zones.where(timeline, YOURS)[1]
        if words is None:
            return f"The run ended before the scheduler had decided; you said: {said}."
        right = "as you said" if said == words else f"you said: {said}"
        why = html.escape(message.split(" preemption:")[0])
        told = f" The scheduler: <q>{why}</q>" if why else ""
        return (
            f"<b>{words}; {right}.</b>{told} A volume's zone is part of it, and neither the "
            "Pod nor its selector moves it."
            "<p>Next: the Pod called free has no selector. Where is it with the disk in the other "
            "zone?</p>"
        )


def volume_id(place: Place) -> str:
    """Return the id of the disk that the book's Pods name, other for each lesson.

    An id has 17 hex digits; these end in the namespace's four, for the cluster keeps an
    attachment for each id and node.
    """
    digits = "".join(c for c in place.namespace[-4:] if c in "0123456789abcdef").rjust(4, "0")
    return f"vol-04e744aad50d4{digits}"


def _in(place: Place) -> dict[str, Any]:
    return {"namespace": place.namespace, "lesson": place.lesson}


def _in_tree(place: Place) -> Manifest:
    source = {"volumeID": volume_id(place), "fsType": "ext4"}
    return {"name": "data", "awsElasticBlockStore": source}


def _pod(
    place: Place, name: str, volume: Manifest | None, selector: dict[str, str] | None
) -> Manifest:
    """Build a Pod that idles, with a volume to look at."""
    container: Manifest = {"name": name, "image": f"{IMAGES}/burn:1"}
    spec: Manifest = {"containers": [container]}
    if volume is not None:
        container["volumeMounts"] = [{"name": "data", "mountPath": "/data", "readOnly": True}]
        spec["volumes"] = [volume]
    if selector:
        spec["nodeSelector"] = dict(selector)
    return volumes.pod(**_in(place), name=name, spec=spec)


def _books(place: Place, zone: str) -> Manifest:
    """Build the book's Deployment: the disk by its id, the zone by the label of its days."""
    spec = volumes.randserver_spec(volume=_in_tree(place), node_selector={OLD_ZONE: zone})
    return volumes.deployment(**_in(place), name=BOOKS, spec=spec)


def _decided(name: str) -> Callable[[Timeline], bool]:
    return lambda timeline: zones.where(timeline, name)[0] is not None
