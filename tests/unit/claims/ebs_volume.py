"""Timelines of the topic ebs-volume, and of ch09-pvpvc-05, which is about the same disk."""

from __future__ import annotations

from typing import Any

from helpers.experiments import zone_of_a_disk
from helpers.lesson.experiment import Place
from helpers.model import ec2_volumes as ec2
from helpers.model import volumes, zones
from helpers.model.timeline import Timeline
from helpers.model.zones import BOOKS, FREE, OLD, TODAY, YOURS
from tests.unit.claims.story import Story

PLACE = Place("volumes-of-the-cloud", "volumes-of-the-cloud-3f2a")
DISK = "vol-04e744aad50d43f2a"
NODES = {"us-east-1a": "worker", "us-east-1b": "worker2"}
WAITS = f"0/3 nodes are available: 1 {zones.NO_NODE}, 1 {zones.SELECTOR}."
WARNING = f"spec.nodeSelector[{volumes.OLD_ZONE}]: {zones.DEPRECATED}"


def placed(
    *,
    pod: str = "us-east-1b",
    yours: str = "",
    free: str = "us-east-1a",
    old: str = "",
    books: str = "",
    today: str = "us-east-1a",
    said: str = WAITS,
    warning: str = WARNING,
    more: tuple[str, ...] = (),
    attacher: str = volumes.EBS_DRIVER,
    attached: bool = False,
    runs: bool = False,
    labels: tuple[str, ...] = ("us-east-1a", "us-east-1b"),
    all_pods: bool = True,
) -> Story:
    """Pods and the zones in which they are; "" is nowhere."""
    story = Story()
    values = zone_of_a_disk.Zoned(disk="us-east-1a", pod=pod)
    mine, claim, volume = zone_of_a_disk.ZoneOfADisk().build(values, PLACE)
    for label in labels:
        story.row("watch", f"Node/{NODES[label]}", f"metadata.labels.{volumes.ZONE}", label)
    disk = zone_of_a_disk._in_tree(PLACE)
    make = zone_of_a_disk._pod
    sent: list[Any] = [volume, claim, mine]
    if all_pods:
        sent += [
            make(PLACE, FREE, volumes.claimed("data", "disk"), None),
            make(PLACE, OLD, None, {volumes.OLD_ZONE: "us-east-1a"}),
            zone_of_a_disk._books(PLACE, "us-east-1a"),
            make(PLACE, TODAY, disk, {volumes.ZONE: "us-east-1a"}),
        ]
    for manifest in sent:
        what = f"{manifest['kind']}/{manifest['metadata']['name']}"
        if warning and what in (f"Pod/{OLD}", f"Deployment/{BOOKS}"):
            story.row("session", what, "warning", warning)
        if what == f"Deployment/{BOOKS}":
            for words in more:
                story.row("session", what, "warning", words)
        story.row("session", what, "manifest", manifest)
    where = {YOURS: yours, FREE: free, OLD: old, f"{BOOKS}-1": books, TODAY: today}
    for name, zone in where.items():
        if zone:
            story.row("watch", f"Pod/{name}", "spec.nodeName", NODES[zone])
        else:
            path = "status.conditions.PodScheduled"
            story.row("watch", f"Pod/{name}", f"{path}.reason", "Unschedulable")
            story.row("watch", f"Pod/{name}", f"{path}.message", said)
    if runs:
        story.row("watch", f"Pod/{TODAY}", "status.phase", "Running")
    if attacher:
        at = "VolumeAttachment/csi-1"
        story.row("watch", at, "spec.attacher", attacher)
        handle = "spec.source.inlineVolumeSpec.csi.volumeHandle"
        story.row("watch", at, handle, DISK)
        story.row("watch", at, "status.attached", attached)
    return story


def disk(
    *,
    kind: str = "gp2",
    size: int = 5,
    given: dict[str, Any] | None = None,
    states: dict[str, str] | None = None,
    moved_to: str = "i-2",
    codes: tuple[str, str] = ("VolumeInUse", ""),
    until: str = ec2.DELETED,
    last: str = "InvalidVolume.NotFound",
) -> Story:
    """The book's disk, step by step."""
    story = Story()
    parameters: Any = ec2.create(zone="us-east-1a", size=size, kind=kind)["parameters"]
    answer = {**parameters, "VolumeId": DISK, **(given or {})}
    row = {"caller": "root", "parameters": parameters, "answer": answer}
    story.row("aws", ec2.CREATE, "answer", row)
    holders = {ec2.ATTACHED: "i-1", ec2.TRIED: "i-1", ec2.MOVED: moved_to}
    tried = iter(codes)
    for step, state in ec2.STATES.items():
        if step in (ec2.TRIED, ec2.DELETED):
            code = next(tried)
            said = {"code": code, "message": code} if code else {"answer": {}}
            story.row("aws", ec2.DELETE, "refusal" if code else "answer", said)
        gone = step == ec2.DELETED and last
        looked = {"code": last} if gone else {"answer": {"Volumes": [{}]}}
        story.row("aws", ec2.DESCRIBE, "refusal" if gone else "answer", looked)
        value = {
            "step": step,
            "state": (states or {}).get(step, state),
            "volume": DISK,
            "instance": holders.get(step, ""),
        }
        story.row("session", "Volume/book", "step", value)
        if step == until:
            break
    return story


HOLDS: dict[str, list[Timeline]] = {
    "ch09-ebs-01": [disk()],
    "ch09-ebs-02": [disk(), disk(kind="gp3", given={"Iops": 3000}), disk(given={"Iops": 100})],
    "ch09-ebs-03": [placed(), placed(pod="us-east-1a", yours="us-east-1a")],
    "ch09-ebs-04": [placed()],
    "ch09-ebs-05": [placed()],
    "ch09-pvpvc-05": [disk()],
}
FAILS: dict[str, list[Timeline]] = {
    "ch09-ebs-01": [disk(moved_to="i-1"), disk(states={ec2.DETACHED: "in-use"})],
    "ch09-ebs-02": [
        disk(given={"VolumeId": "vol-04e744aad50d4911"}),
        disk(given={"Size": 6}),
        disk(given={"Iops": 3000}),
    ],
    "ch09-ebs-03": [
        placed(yours="us-east-1b"),
        placed(yours="us-east-1a"),
        placed(free="us-east-1b"),
        placed(said="Insufficient cpu"),
    ],
    "ch09-ebs-04": [
        placed(warning=""),
        placed(more=("spec.volumes[0]: the plugin is gone",)),
        placed(attacher="kubernetes.io/aws-ebs"),
        placed(attached=True),
        placed(runs=True),
        placed(books="us-east-1a"),
    ],
    "ch09-ebs-05": [
        placed(old="us-east-1a"),
        placed(warning=""),
        placed(free="us-east-1b"),
        placed(labels=("us-east-1a",)),
    ],
    "ch09-pvpvc-05": [
        disk(codes=("", "")),
        disk(codes=("VolumeInUse", "VolumeInUse"), last=""),
        disk(last=""),
    ],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch09-ebs-01": [disk(until=ec2.DETACHED)],
    "ch09-ebs-02": [placed()],
    "ch09-ebs-03": [placed(all_pods=False)],
    "ch09-ebs-04": [placed(all_pods=False)],
    "ch09-ebs-05": [placed(all_pods=False)],
    "ch09-pvpvc-05": [disk(until=ec2.MOVED)],
}
