"""Timelines of the topic pv-pvc, and of ch09-ebs-06, which its card proves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helpers.experiments import claim_phases, which_volume
from helpers.lesson.experiment import Place
from helpers.model import volumes
from helpers.model.claim_run import BY_HAND, DATA, EARLY, ON_AWS, TINY
from helpers.model.matching import FIRST, SECOND, SHELF
from helpers.model.reclaiming import AGAIN, CLAIMED, DELETE, PHASES, RETAIN
from helpers.model.timeline import Timeline
from helpers.model.trials import Trial
from tests.unit.claims.story import Story

PLACE = Place("volumes-and-claims", "volumes-and-claims-3f2a")
IN: dict[str, Any] = {"namespace": PLACE.namespace, "lesson": PLACE.lesson}
FOLDER = "/var/local-path-provisioner"
WAITING = "Waiting for a volume to be created either by the external provisioner 'ebs.csi.aws.com'"


def send(story: Story, manifest: Any) -> None:
    what = f"{manifest['kind']}/{manifest['metadata']['name']}"
    story.row("session", what, "manifest", manifest)


def claim(story: Story, name: str, kind: str, size: str = "1Gi") -> None:
    made = volumes.claim(**IN, name=name, size=size, storage_class=kind)
    send(story, made)
    story.row("watch", f"PersistentVolumeClaim/{name}", "status.phase", "Pending")


def volume(story: Story, name: str, of: str, size: str, **other: Any) -> None:
    """A volume of local-path is there and bound to a claim; `other` fields are the volume's."""
    at = f"PersistentVolume/{name}"
    fields = {
        "exists": True,
        "spec.capacity.storage": size,
        "spec.claimRef.name": of,
        "spec.hostPath.path": f"{FOLDER}/{name}",
        "spec.nodeAffinity.required.nodeSelectorTerms.0.matchExpressions.0.values": ["worker"],
        "spec.persistentVolumeReclaimPolicy": "Delete",
        f"metadata.annotations.{volumes.PROVISIONED}": volumes.LOCAL_PATH,
        "status.phase": "Bound",
        **other,
    }
    for field, value in fields.items():
        if value is not None:
            story.row("watch", at, field, value)
    story.row("watch", f"PersistentVolumeClaim/{of}", "spec.volumeName", name)
    story.row("watch", f"PersistentVolumeClaim/{of}", "status.capacity.storage", size)
    story.row("watch", f"PersistentVolumeClaim/{of}", "status.phase", "Bound")


def look(story: Story, pod: str, moment: str, files: str) -> None:
    value = {
        "moment": moment,
        "container": "randserver",
        "path": "/data",
        "files": {f"{letter}/random.bin": letter for letter in files},
        "inodes": dict.fromkeys(files, 1),
    }
    story.row("exec", f"Pod/{pod}", "files", value)


def used(
    *,
    second: str = "second",
    edited: bool = False,
    other: dict[str, Any] | None = None,
    file: str = "4Mi",
    stored: bool = True,
    by_hand: tuple[str, ...] = ("FailedBinding",),
    hand_class: str = "",
    default: str | None = "standard",
    early: str = 'storageclass.storage.k8s.io "x" not found',
    bound_first: bool = False,
    on_aws: str = WAITING,
    gone: bool = True,
    deleted: bool = True,
    files: tuple[str, ...] = ("a", "ab", "abc", "abcd"),
    word: str = "",
) -> Story:
    """A claim that a Deployment uses, Pod after Pod, with all that is beside it."""
    story = Story()
    values = claim_phases.Wanted()
    general, data, app = claim_phases.ClaimPhases().build(values, PLACE)
    if default is not None:
        sent = volumes.claim(**IN, name="no-word")
        kept = {"kind": sent["kind"], "spec": {**sent["spec"], "storageClassName": default}}
        story.row("session", "PersistentVolumeClaim/no-word", "trial", Trial(sent, kept).row)
    send(story, general)
    claim(story, EARLY, "x")
    claim(story, BY_HAND, hand_class, "100Ti")
    claim(story, ON_AWS, "aws")
    send(story, data)
    story.row("watch", f"PersistentVolumeClaim/{DATA}", "status.phase", "Pending")
    for name, reason, message in (
        (EARLY, "ProvisioningFailed", early),
        *((BY_HAND, reason, "no persistent volumes available") for reason in by_hand),
        (ON_AWS, "ExternalProvisioning", on_aws),
        (DATA, "WaitForFirstConsumer", "waiting for first consumer"),
    ):
        if message:
            story.row("event", f"PersistentVolumeClaim/{name}", reason, message)
    if bound_first:
        volume(story, "pvc-1", DATA, "1Gi", **(other or {}))
    if word:
        app["metadata"]["annotations"] = {"on": word}  # type: ignore[index, call-overload]
    send(story, app)
    story.row("watch", "Pod/randserver-1", "exists", True)
    claim(story, TINY, "x", "1Mi")
    spec = volumes.randserver_spec(volume=volumes.claimed("data", TINY), size=file)
    send(story, volumes.pod(**IN, name="large", spec=spec))
    if not bound_first:
        volume(story, "pvc-1", DATA, "1Gi", **(other or {}))
    volume(story, "pvc-2", TINY, "1Mi")
    for number, seen in enumerate(files, 1):
        look(story, f"randserver-{number}", f"Pod {number}", seen)
    look(story, "large", "large", "l" if stored else "")
    if deleted:
        story.row("session", f"PersistentVolumeClaim/{DATA}", "delete", {"grace": 1})
        story.row("watch", "PersistentVolume/pvc-1", "status.phase", "Released")
        if gone:
            story.row("watch", "PersistentVolume/pvc-1", "exists", False)
        send(story, claim_phases._data(values, PLACE, second))
        volume(story, "pvc-3", DATA, "1Gi")
        last: Any = claim_phases._deployment(PLACE)
        if edited:
            last["spec"]["replicas"] = 2
        send(story, last)
        look(story, "randserver-9", "another class", "z")
    return story


def matched(
    first: str = "middle",
    second: str = "large",
    *,
    size: str = "2Gi",
    moved: bool = False,
    pods: tuple[str, ...] = ("user-1", "user-2"),
) -> Story:
    """Two equal claims to the shelf; each gets the volume of this short name."""
    story = Story()
    values = which_volume.Asked(size=size)
    made, *shelf = which_volume.WhichVolume().build(values, PLACE)
    for manifest in shelf:
        send(story, manifest)
    for name, got in ((FIRST, first), (SECOND, second)):
        send(story, made if name == FIRST else which_volume._claim(values, PLACE, SECOND))
        at = f"PersistentVolumeClaim/{name}"
        if got in SHELF:
            story.row("watch", at, "spec.volumeName", f"{PLACE.namespace}-{got}")
            story.row("watch", at, "status.phase", "Bound")
        else:
            story.row("event", at, "ProvisioningFailed", "not found")
    for pod in pods:
        story.row("watch", f"Pod/{pod}", "status.phase", "Running")
    if moved:
        story.row(
            "watch", f"PersistentVolumeClaim/{FIRST}", "spec.volumeName", f"{PLACE.namespace}-large"
        )
    return story


def released(
    policy: str = RETAIN, phases: Sequence[str] | None = None, found: str = "", writer: str = "a"
) -> Story:
    """A claim is deleted; `phases` are those of its volume, `found` what the next Pod finds."""
    story = Story()
    story.row("session", "StorageClass/kept", "manifest", {"reclaimPolicy": policy})
    rule = PHASES[policy]
    for step, phase in zip(rule, phases or rule.values(), strict=False):
        value = {"step": step, "phase": phase}
        story.row("session", "PersistentVolume/pvc-1", "step", value)
    look(story, "writer", CLAIMED, writer)
    look(story, "reader", AGAIN, found or ("a" if policy == RETAIN else "b"))
    return story


HOLDS: dict[str, list[Timeline]] = {
    "ch09-pvpvc-01": [used()],
    "ch09-pvpvc-02": [used()],
    "ch09-pvpvc-03": [matched(), matched("small", "middle", size="1Gi")],
    "ch09-pvpvc-04": [used()],
    "ch09-pvpvc-06": [used()],
    "ch09-pvpvc-07": [used()],
    "ch09-pvpvc-08": [used()],
    "ch09-pvpvc-09": [used()],
    "ch09-ebs-06": [used()],
    "own-ch09-reclaim-01": [released(), released(DELETE)],
    "own-ch09-reclaim-02": [released(), released(DELETE)],
}
FAILS: dict[str, list[Timeline]] = {
    "ch09-pvpvc-01": [used(edited=True)],
    "ch09-pvpvc-02": [
        used(other={"spec.hostPath.path": None}),
        used(other={"spec.capacity.storage": "2Gi"}),
        used(file="1Ki"),
        used(stored=False),
    ],
    "ch09-pvpvc-03": [matched("large", "middle"), matched("small"), matched(moved=True)],
    "ch09-pvpvc-04": [
        used(by_hand=("Provisioning",)),
        used(other={f"metadata.annotations.{volumes.PROVISIONED}": None}),
    ],
    "ch09-pvpvc-06": [used(default="fast"), used(early="waiting for something else")],
    "ch09-pvpvc-07": [used(bound_first=True), used(on_aws="Waiting for Godot")],
    "ch09-pvpvc-08": [
        used(gone=False),
        used(other={"spec.persistentVolumeReclaimPolicy": "Retain"}),
    ],
    "ch09-pvpvc-09": [used(files=("a", "")), used(word="aws")],
    "ch09-ebs-06": [used(files=("a", "b", "c", "d")), used(files=("a", "ab", "ac"))],
    "own-ch09-reclaim-01": [
        released(phases=("Bound", "Available", "Bound")),
        released(phases=("Bound", "Released", "Bound", "Bound")),
        released(DELETE, phases=("Bound", "Released")),
    ],
    "own-ch09-reclaim-02": [released(found="b"), released(DELETE, found="a")],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch09-pvpvc-01": [used(deleted=False), used(second="general-purpose")],
    "ch09-pvpvc-02": [matched()],
    "ch09-pvpvc-03": [used(), matched(pods=("user-1",)), matched("none", "none", size="50Gi")],
    "ch09-pvpvc-04": [used(hand_class="x"), used(by_hand=())],
    "ch09-pvpvc-06": [used(default=None), used(early="")],
    "ch09-pvpvc-07": [used(on_aws="")],
    "ch09-pvpvc-08": [used(deleted=False)],
    "ch09-pvpvc-09": [used(deleted=False), used(files=("a",))],
    "ch09-ebs-06": [matched(), used(files=("a",))],
    "own-ch09-reclaim-01": [used(), released(phases=("Bound",))],
    "own-ch09-reclaim-02": [used(), released(writer="")],
}
