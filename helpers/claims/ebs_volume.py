"""Claims about the volumes of a cloud (ledger: ch09-ebs-*).

Rows that they read: what each names below.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from helpers.claims.registry import Verdict, cannot_tell, claim
from helpers.model import claim_run, ec2_volumes, zones
from helpers.model.claim_run import DATA
from helpers.model.files import looks
from helpers.model.timeline import Timeline
from helpers.model.volumes import EBS_DRIVER, OLD_ZONE, ZONE
from helpers.model.zones import BOOKS, FREE, OLD, PENDING, TODAY, YOURS, Placed

NO_DISK = "run of a disk that was made, attached and deleted"


@claim("ch09-ebs-01")
def a_volume_is_moved_by_two_requests(timeline: Timeline) -> Verdict:
    """Check that one volume is attached, detached and attached elsewhere, in EC2's states.

    Rows: the steps of `helpers.model.ec2_volumes`.
    """
    steps = {step.step: step for step in ec2_volumes.steps(timeline)}
    names = (ec2_volumes.ATTACHED, ec2_volumes.DETACHED, ec2_volumes.MOVED)
    if not all(name in steps for name in names):
        return cannot_tell(NO_DISK)
    first, between, second = (steps[name] for name in names)
    states = [step.state for step in (first, between, second)]
    expected = [ec2_volumes.STATES[name] for name in names]
    one = len({step.volume for step in (first, between, second)}) == 1
    moved = bool(first.instance and second.instance) and first.instance != second.instance
    held = states == expected and one and moved and not between.instance
    return Verdict(
        held,
        "A volume is detached from one instance and attached to another, by requests alone."
        if held
        else "The volume did not move from one instance to the other.",
        f"{', '.join(expected)}; two instances, one after the other",
        f"{', '.join(states)}; {first.instance or 'none'}, then {second.instance or 'none'}",
    )


@claim("ch09-ebs-02")
def a_disk_is_made_by_a_request(timeline: Timeline) -> Verdict:
    """Check that EC2 makes the disk that was asked for, and gives it an id and its operations.

    Upstream of the operations: `helpers.model.ec2_volumes.iops`. moto tells none of a gp2 volume,
    and then only the rest is judged.
    Rows: source "aws", "ec2:CreateVolume".
    """
    made = [a for a in ec2_volumes.answers(timeline, ec2_volumes.CREATE) if "answer" in a]
    if not made:
        return cannot_tell("answer to a request for a volume")
    asked, got = made[0]["parameters"], made[0]["answer"]
    keys = ("Size", "VolumeType", "AvailabilityZone")
    same = all(got.get(key) == asked[key] for key in keys)
    id = str(got.get("VolumeId"))
    rule = ec2_volumes.iops(str(asked["VolumeType"]), int(asked["Size"]))
    told = got.get("Iops")
    held = same and bool(re.fullmatch(r"vol-[0-9a-f]{17}", id)) and told in (None, rule)
    words = ", ".join(str(asked[key]) for key in keys)
    return Verdict(
        held,
        "The disk is made by a request to EC2, before Kubernetes knows of it, and has an id of 17 "
        f"digits. The rule for its operations: {rule or 'none'}."
        if held
        else "EC2 made another disk than the one that was asked for.",
        f"{words}; vol- and 17 digits; {rule or 'no'} operations a second, if told",
        f"{', '.join(str(got.get(key)) for key in keys)}; {id}; "
        f"{told if told is not None else 'none told'}",
    )


def _placed(timeline: Timeline) -> dict[str, Placed]:
    return {placed.pod: placed for placed in zones.placed(timeline)}


@claim("ch09-ebs-03")
def only_nodes_of_its_zone_reach_a_volume(timeline: Timeline) -> Verdict:
    """Check that a Pod on a volume runs in the volume's zone or nowhere, and what is said of it.

    Rows: manifests of the volume and of the Pods "yours" and "free"; the watch's Pods and Nodes.
    """
    found, at = _placed(timeline), zones.volume_zones(timeline)
    yours, free = found.get(YOURS), found.get(FREE)
    if not at or yours is None or free is None or not (yours.measured and free.measured):
        return cannot_tell("Pods on a volume that is in one zone")
    words = yours.rule != PENDING or zones.NO_NODE in yours.message
    held = yours.measured == yours.rule and free.measured in at and words
    why = f": {zones.NO_NODE}" if yours.rule == PENDING else ""
    return Verdict(
        held,
        "A Pod runs in the zone of its volume; one that must run in another zone runs nowhere."
        if held
        else "A Pod runs where its volume is not, or nobody says why it does not.",
        f"free: {', '.join(sorted(at))}; yours: {yours.rule}{why}",
        f"free: {free.measured}; yours: {yours.measured}"
        f"{f': {yours.message}' if yours.message else ''}",
    )


@claim("ch09-ebs-04")
def the_books_volume_is_taken_and_then_nobody_comes(timeline: Timeline) -> Verdict:
    """Check what today's server, scheduler and controller make of `awsElasticBlockStore`.

    The server takes it and warns of the nodeSelector alone. With the old label no node will do;
    with today's, a Pod is placed, and its disk becomes an attachment for the CSI driver, which is
    not there. The Pod with a PersistentVolume runs.

    Upstream: k8s.io/csi-translation-lib plugins/aws_ebs.go, TranslateInTreeInlineVolumeToCSI; K
    pkg/volume/csi/csi_attacher.go, Attach.
    Rows: manifests, warnings; the watch's Pods and VolumeAttachments.
    """
    found, specs = _placed(timeline), zones.specs(timeline)
    books, today, free = (found.get(name) for name in (BOOKS, TODAY, FREE))
    disk: Any = next((v for v in (specs.get(TODAY) or {}).get("volumes") or ()), {})
    id = (disk.get("awsElasticBlockStore") or {}).get("volumeID")
    if books is None or today is None or free is None or id is None or today.measured is None:
        return cannot_tell("run of the book's Deployment and of its Pod with today's label")
    attachment = zones.attachment(timeline, str(id)) or {}
    said = zones.warnings(timeline, f"Deployment/{BOOKS}")
    only = len(said) == 1 and OLD_ZONE in said[0]
    driver = attachment.get("spec.attacher")
    attached = attachment.get("status.attached")
    ran = any(moment.phase == "Running" for moment in claim_run.phases(timeline, f"Pod/{TODAY}"))
    held = (
        only
        and books.measured == PENDING
        and today.measured in zones.ZONES
        and driver == EBS_DRIVER
        and attached is False
        and not ran
        and free.measured in zones.ZONES
    )
    return Verdict(
        held,
        "The field is taken without a warning, and redirected: an attachment asks for a CSI driver "
        "that is not here, and the Pod waits. With a PersistentVolume it runs."
        if held
        else "Today's cluster makes something else of the book's volume.",
        f"one warning, of {OLD_ZONE}; {BOOKS}: {PENDING}; {TODAY}: placed, an attachment for "
        f"{EBS_DRIVER} that is not made",
        f"{len(said)} warning{'s' if len(said) != 1 else ''}: {'; '.join(said) or 'none'}; "
        f"{BOOKS}: {books.measured}; {TODAY}: {today.measured}, an attachment for "
        f"{driver or 'nobody'}, attached: {attached}{', and it ran' if ran else ''}",
    )


@claim("ch09-ebs-05")
def nodes_carry_their_zone_in_a_label(timeline: Timeline) -> Verdict:
    """Check that today's label finds a node, the old one none and a warning, and none is needed.

    Rows: the watch's Nodes and their labels; the Pods "free" and "old-label"; the warnings.
    """
    found, at = _placed(timeline), zones.volume_zones(timeline)
    old, free, today = found.get(OLD), found.get(FREE), found.get(TODAY)
    labels = {
        str(row.value)
        for row in timeline.where(source="watch", field=f"metadata.labels.{ZONE}")
        if row.object.startswith("Node/") and row.value is not None
    }
    if old is None or free is None or today is None or not labels or not free.measured:
        return cannot_tell("Pods that were placed by the label of a zone")
    warned = any(zones.DEPRECATED in said for said in zones.warnings(timeline, f"Pod/{OLD}"))
    held = (
        labels >= set(zones.ZONES)
        and old.measured == PENDING
        and warned
        and today.measured == today.rule
        and free.measured in at
    )
    return Verdict(
        held,
        f"Nodes carry their zone as {ZONE}; the label of the book's days finds none. A volume with "
        "nodeAffinity needs no selector."
        if held
        else "The zones of nodes, Pods and volumes do not go together as the rule says.",
        f"{', '.join(zones.ZONES)}; {OLD}: {PENDING} with a warning; {TODAY}: {today.rule}; "
        f"{FREE}: {', '.join(sorted(at))}",
        f"{', '.join(sorted(labels))}; {OLD}: {old.measured} with {'a' if warned else 'no'} "
        f"warning; {TODAY}: {today.measured}; {FREE}: {free.measured}",
    )


@claim("ch09-ebs-06")
def each_start_adds_a_file(timeline: Timeline) -> Verdict:
    """Check that each Pod on the claim's volume adds one file to those of the Pods before it.

    Rows: the Deployment's manifest; the looks of its Pods; the watch's claim, which keeps its
    volume all the while.
    """
    volume = claim_run.volume_of(timeline, DATA)
    seen = [
        look
        for look in looks(timeline)
        if look.pod.startswith("randserver-") and look.moment != "another class"
    ]
    if volume is None or not claim_run.sent(timeline, "Deployment/randserver") or len(seen) < 2:
        return cannot_tell("run of Pods that replaced each other on one volume")
    counts = [len(look.files) for look in seen]
    kept = all(before.files.items() <= after.files.items() for before, after in pairwise(seen))
    expected = list(range(1, len(seen) + 1))
    held = counts == expected and kept
    return Verdict(
        held,
        "What earlier Pods wrote stays on the volume, and each new Pod adds its file."
        if held
        else "Files went with their Pods, or did not grow by one with each.",
        f"{expected} files, the earlier ones among them",
        f"{counts} files, the earlier ones {'' if kept else 'not '}among them",
    )
