"""Claims about PersistentVolumes and PersistentVolumeClaims.

In the ledger ch09-pvpvc-*; beside it own-ch09-reclaim-*. Rows that they read: what
`helpers.model.claim_run`, `helpers.model.matching` and `helpers.model.reclaiming` name, the looks
of `helpers.model.files`, and *trials* (`helpers.model.trials`).
"""

from __future__ import annotations

import json
from typing import Any

from helpers.claims.registry import Verdict, cannot_tell, claim, compared
from helpers.model import claim_run, ec2_volumes, matching, reclaiming, volumes
from helpers.model.claim_run import BY_HAND, DATA, EARLY, ON_AWS, POD_MADE, TINY
from helpers.model.files import Look, looks
from helpers.model.matching import FIRST, WAITS
from helpers.model.quantity import Quantity
from helpers.model.reclaiming import LET_GO, RETAIN
from helpers.model.timeline import Timeline
from helpers.model.trials import trials

NO_RUN = "run of a claim that a Deployment used"
DEPLOYMENT = "Deployment/randserver"
CLAIM = f"PersistentVolumeClaim/{DATA}"


def _volume(timeline: Timeline, name: str = DATA, number: int = 0) -> dict[str, Any] | None:
    """Return what the watch saw of the volume of a claim, by field, and its name."""
    found = claim_run.volume_of(timeline, name, number)
    seen = claim_run.fields(timeline, f"PersistentVolume/{found}") if found else {}
    return {**seen, "name": found} if seen else None


def _looks(timeline: Timeline) -> list[Look]:
    return [look for look in looks(timeline) if look.pod.startswith("randserver-")]


@claim("ch09-pvpvc-01")
def the_app_does_not_know_its_disk(timeline: Timeline) -> Verdict:
    """Check that one Deployment, unchanged, ran on volumes of two classes, and names neither.

    Rows: the manifests of Deployment, claims and classes; the watch's volumes; the looks.
    """
    apps = claim_run.sent(timeline, DEPLOYMENT)
    claims = claim_run.sent(timeline, CLAIM)
    first, second = _volume(timeline), _volume(timeline, number=1)
    if len(apps) < 2 or len(claims) < 2 or first is None or second is None:
        return cannot_tell("Deployment that was sent twice, for claims of two classes")
    kinds = [sent["spec"].get("storageClassName") for sent in claims[:2]]
    if kinds[0] == kinds[1]:
        return cannot_tell("second class")
    text = json.dumps(apps[0])
    details = [str(word) for word in (*kinds, first["name"], second["name"], volumes.LOCAL_PATH)]
    named = [word for word in details if word in text]
    ran = [len(look.files) for look in _looks(timeline)]
    held = apps[0] == apps[1] and not named and len(ran) > 1 and 0 not in ran
    return Verdict(
        held,
        "The same Deployment runs on volumes of two classes, and names neither class nor volume."
        if held
        else "The Deployment had to be changed, or names what it runs on.",
        "one manifest, two classes, no name of class or volume in it",
        f"{'one manifest' if apps[0] == apps[1] else 'two manifests'}, {len(set(kinds))} classes, "
        f"{', '.join(named) or 'no name of class or volume in it'}",
    )


@claim("ch09-pvpvc-02")
def a_volume_records_where_it_is(timeline: Timeline) -> Verdict:
    """Check that the volume says what is behind it, and that its capacity is only written down.

    Rows: the claims' manifests; the watch's volumes; the Pod "large", whose file is larger than
    the volume of the claim that it uses.
    """
    sent = claim_run.sent(timeline, CLAIM)
    volume, tiny = _volume(timeline), _volume(timeline, TINY)
    large: Any = timeline.value(source="session", object="Pod/large", field="manifest")
    stored = [look for look in looks(timeline) if look.pod == "large"]
    if not sent or volume is None or tiny is None or not large or not stored:
        return cannot_tell(NO_RUN)
    asked = Quantity.parse(str(sent[0]["spec"]["resources"]["requests"]["storage"]))
    file = Quantity.parse(large["spec"]["containers"][0]["args"][1])
    path = volume.get("spec.hostPath.path") or volume.get("spec.local.path")
    pinned = any(field.startswith("spec.nodeAffinity.") for field in volume)
    capacity = Quantity.parse(str(volume["spec.capacity.storage"]))
    small = Quantity.parse(str(tiny["spec.capacity.storage"]))
    held = (
        bool(path)
        and pinned
        and capacity == asked
        and volume.get("spec.claimRef.name") == DATA
        and small < file
        and len(stored[-1].files) == 1
    )
    return Verdict(
        held,
        "The volume records what is behind it: here a folder of one node. The capacity is what was "
        f"asked for, and local-path does not enforce it: {file} lie on a volume of {small}."
        if held
        else "The volume does not say what is behind it, or its capacity was enforced.",
        f"a path, a node, {asked}, the claim {DATA}; a file larger than its volume",
        f"{path or 'no path'}, {'a node' if pinned else 'no node'}, {capacity}, the claim "
        f"{volume.get('spec.claimRef.name')}; {len(stored[-1].files)} file of {file} on {small}",
    )


@claim("ch09-pvpvc-03")
def a_claim_gets_one_volume_and_keeps_it(timeline: Timeline) -> Verdict:
    """Check that the controller binds as the rule says, and that a new Pod changes nothing.

    Rows: manifests of volumes and claims; the watch's "spec.volumeName" of the first claim; the
    Pods "user-1", which was deleted, and "user-2".
    """
    found = matching.outcomes(timeline)
    if len(found) < 2 or any(o.measured is None for o in found) or found[0].rule == WAITS:
        return cannot_tell("run of two claims, the first of which finds a volume")
    ran = all(
        any(moment.phase == "Running" for moment in claim_run.phases(timeline, f"Pod/{name}"))
        for name in ("user-1", "user-2")
    )
    object = f"PersistentVolumeClaim/{FIRST}"
    names = {
        row.value
        for row in timeline.where(source="watch", object=object, field="spec.volumeName")
        if row.value is not None
    }
    if not ran:
        return cannot_tell("Pod that took over the claim of another")
    held = all(o.rule == o.measured for o in found) and len(names) == 1
    return Verdict(
        held,
        "A claim is bound to one volume that is large enough, of its class and modes, and keeps it "
        "when its Pod is replaced."
        if held
        else "A claim got another volume than the rule says, or another one with the next Pod.",
        ", ".join(f"{o.claim}: {o.rule}" for o in found) + "; one volume throughout",
        ", ".join(f"{o.claim}: {o.measured}" for o in found)
        + f"; {len(names)} volume{'s' if len(names) != 1 else ''} throughout",
    )


@claim("ch09-pvpvc-04")
def without_a_class_nobody_makes_a_volume(timeline: Timeline) -> Verdict:
    """Check that a claim of no class waits for somebody's volume, and one of a class gets its own.

    Rows: the claims' manifests, phases and events; the watch's volume with its annotation.
    """
    by_hand = claim_run.sent(timeline, f"PersistentVolumeClaim/{BY_HAND}")
    volume = _volume(timeline)
    events = dict(claim_run.told(timeline, BY_HAND))
    if not by_hand or by_hand[0]["spec"].get("storageClassName") != "" or volume is None:
        return cannot_tell("claim that asks for no class")
    if not events:
        return cannot_tell("event about the claim that asks for no class")
    phases = [m.phase for m in claim_run.phases(timeline, f"PersistentVolumeClaim/{BY_HAND}")]
    waits = set(phases) <= {"Pending", "gone"} and "FailedBinding" in events
    maker = volume.get(f"metadata.annotations.{volumes.PROVISIONED}")
    held = waits and bool(maker)
    return Verdict(
        held,
        "A claim of no class waits until somebody makes a volume by hand; with a class, its "
        "provisioner makes one."
        if held
        else "A claim of no class was provided for, or one with a class was not.",
        "Pending with FailedBinding; a volume made by a provisioner",
        f"{phases[0] if phases else 'no phase'} with {', '.join(events)}; "
        f"a volume made by {maker or 'nobody that it names'}",
    )


@claim("ch09-pvpvc-05")
def a_disk_is_freed_before_it_is_deleted(timeline: Timeline) -> Verdict:
    """Check that a volume in use cannot be deleted, a detached one can, and is unknown then.

    Upstream: EC2 API reference, DeleteVolume, and its error codes.
    Rows: source "aws", "ec2:DeleteVolume" and "ec2:DescribeVolumes"; the steps of
    `helpers.model.ec2_volumes`.
    """
    steps = {step.step: step for step in ec2_volumes.steps(timeline)}
    asked = ec2_volumes.answers(timeline, ec2_volumes.DELETE)
    looked = ec2_volumes.answers(timeline, ec2_volumes.DESCRIBE)
    if len(asked) < 2 or ec2_volumes.DELETED not in steps or not looked:
        return cannot_tell("disk that was to be deleted twice, attached and detached")
    codes = [str(answer.get("code") or "done") for answer in (asked[0], asked[-1], looked[-1])]
    expected = ["VolumeInUse", "done", "InvalidVolume.NotFound"]
    held = codes == expected and steps[ec2_volumes.TRIED].state == ec2_volumes.IN_USE
    return Verdict(
        held,
        "A disk in use is not deleted: first it is detached, then it goes."
        if held
        else "The disk was deleted while in use, or not even when free.",
        ", ".join(expected),
        ", ".join(codes),
    )


@claim("ch09-pvpvc-06")
def the_class_may_be_left_out_but_must_exist(timeline: Timeline) -> Verdict:
    """Check that the server fills in the default class, and that a class which is not there waits.

    Rows: the trial of a claim that names no class; phases and events of the claims.
    """
    stored: Any = next(
        (
            trial.stored["spec"]
            for trial in trials(timeline)
            if trial.sent.get("kind") == "PersistentVolumeClaim" and trial.stored is not None
            if "storageClassName" not in _spec(trial.sent)
        ),
        None,
    )
    sent = claim_run.sent(timeline, CLAIM)
    early = dict(claim_run.told(timeline, EARLY))
    if stored is None or not sent or not early:
        return cannot_tell("claim without a class, beside one whose class is not there")
    asked = sent[0]["spec"]["resources"]["requests"]["storage"]
    got = claim_run.watched(timeline, CLAIM, "status.capacity.storage")
    default = stored.get("storageClassName")
    late = claim_run.watched(timeline, f"PersistentVolumeClaim/{EARLY}", "spec.volumeName")
    missing = "not found" in early.get("ProvisioningFailed", "") and late is None
    same = got is not None and Quantity.parse(str(got)) >= Quantity.parse(str(asked))
    held = default == volumes.STANDARD and missing and same
    return Verdict(
        held,
        "Whoever names no class gets the default one; a class that does not exist is waited for."
        if held
        else "The default class was not filled in, or a missing class was no hindrance.",
        f"{volumes.STANDARD}; not found; {asked}",
        f"{default}; {early.get('ProvisioningFailed') or ', '.join(early)}; {got}",
    )


def _spec(manifest: Any) -> dict[str, Any]:
    return dict(manifest["spec"])


@claim("ch09-pvpvc-07")
def the_claim_waits_for_its_first_consumer(timeline: Timeline) -> Verdict:
    """Check that a claim is Pending until a Pod wants it, and Bound then; and waits with no driver.

    Rows: the class's manifest; phases and events of the claim, and of the one whose class names
    the book's provisioner; the watch's first Pod.
    """
    phases = [m for m in claim_run.phases(timeline, CLAIM) if m.phase != "gone"]
    known, reasons = claim_run.moments(timeline), dict(claim_run.told(timeline, DATA))
    on_aws = " ".join(message for _, message in claim_run.told(timeline, ON_AWS))
    bound = next((m.time for m in phases if m.phase == "Bound"), None)
    mode = _binding_mode(timeline)
    if mode != "WaitForFirstConsumer" or POD_MADE not in known or bound is None or not on_aws:
        return cannot_tell("claim of a class that waits, and one for a driver that is not there")
    order = [m.phase for m in phases][:2] == ["Pending", "Bound"] and bound >= known[POD_MADE]
    stuck = claim_run.watched(timeline, f"PersistentVolumeClaim/{ON_AWS}", "spec.volumeName")
    driver = f"'{volumes.EBS_DRIVER}'" in on_aws and stuck is None
    held = order and "WaitForFirstConsumer" in reasons and driver
    return Verdict(
        held,
        "The claim is Pending until a Pod wants it, then Bound. One of the book's provisioner "
        f"waits for {volumes.EBS_DRIVER}, which is not here."
        if held
        else "The claim did not wait for its first consumer, or nobody said so.",
        f"Pending with WaitForFirstConsumer, Bound after the Pod; waiting for {volumes.EBS_DRIVER}",
        f"{' → '.join(m.phase for m in phases[:2])} with {', '.join(reasons)}, Bound "
        f"{bound - known[POD_MADE]:+.1f} s after the Pod; {on_aws[:90]}",
    )


def _binding_mode(timeline: Timeline) -> str | None:
    sent = claim_run.sent(timeline, CLAIM)
    name = sent[0]["spec"].get("storageClassName") if sent else None
    found = claim_run.sent(timeline, f"StorageClass/{name}")
    return str(found[0].get("volumeBindingMode")) if found else None


@claim("ch09-pvpvc-08")
def the_volume_goes_with_its_claim(timeline: Timeline) -> Verdict:
    """Check that the volume says whose it is and what becomes of it, and that this happens.

    Rows: the class's manifest; the watch's volume until it is gone; the deletion of the claim.
    """
    volume = _volume(timeline)
    deleted = timeline.where(source="session", object=CLAIM, field="delete")
    sent = claim_run.sent(timeline, CLAIM)
    if volume is None or not deleted or not sent:
        return cannot_tell("claim that was deleted after a volume had been made for it")
    kind = sent[0]["spec"]["storageClassName"]
    made = claim_run.sent(timeline, f"StorageClass/{kind}")
    policy = (made[0].get("reclaimPolicy") or "Delete") if made else "Delete"
    last = [m.phase for m in claim_run.phases(timeline, f"PersistentVolume/{volume['name']}")]
    gone = last[-1:] == ["gone"]
    seen = volume.get("spec.persistentVolumeReclaimPolicy")
    held = seen == policy and gone is (policy == "Delete")
    return Verdict(
        held,
        "The volume takes its reclaim policy from the class; with Delete it goes once its claim is "
        "deleted."
        if held
        else "The volume does not follow the reclaim policy of its class.",
        f"{policy}; {'gone' if policy == 'Delete' else 'Released'} in the end",
        f"{seen}; {last[-1] if last else 'never seen'} in the end",
    )


@claim("ch09-pvpvc-09")
def the_deployment_knows_the_claim_by_name(timeline: Timeline) -> Verdict:
    """Check that the Deployment names its claim, nothing of AWS, and that each of its Pods ran.

    Rows: the Deployment's manifest; the looks of its Pods until the claim is deleted.
    """
    apps = claim_run.sent(timeline, DEPLOYMENT)
    deleted = timeline.where(source="session", object=CLAIM, field="delete")
    seen = [look for look in _looks(timeline) if look.moment != "another class"]
    if not apps or not deleted or len(seen) < 2:
        return cannot_tell(NO_RUN)
    spec = apps[0]["spec"]["template"]["spec"]
    by_claim = [v.get("persistentVolumeClaim", {}).get("claimName") for v in spec["volumes"]]
    text = json.dumps(apps[0]).lower()
    cloud = [word for word in ("aws", "ebs", "vol-", "us-east") if word in text]
    pods = {look.pod for look in seen if look.files}
    held = by_claim == [DATA] and not cloud and len(pods) == len(seen)
    return Verdict(
        held,
        "The Deployment knows its storage by the claim's name alone, and every Pod of it ran on it."
        if held
        else "The Deployment names more than the claim, or a Pod did not find its volume.",
        f"the claim {DATA}, no word of AWS, {len(seen)} Pods with files",
        f"the claim {', '.join(map(str, by_claim))}, {', '.join(cloud) or 'no word of AWS'}, "
        f"{len(pods)} Pods with files",
    )


@claim("own-ch09-reclaim-01")
def a_policy_decides_on_the_volume(timeline: Timeline) -> Verdict:
    """Check a volume's phases after its claim was deleted, by the reclaim policy of its class.

    Rows: the StorageClass' manifest; the volume's "step" rows.
    """
    seen = dict(reclaiming.steps(timeline))
    if LET_GO not in seen:
        return cannot_tell("volume whose claim was deleted")
    policy = reclaiming.policy(timeline)
    rule = reclaiming.PHASES[policy]
    expected = {step: rule.get(step, "no such step") for step in seen}
    return compared(
        expected,
        seen,
        (
            "A retained volume is nobody's, and no other claim's, until somebody clears claimRef."
            if policy == RETAIN
            else "With its claim, a volume with the policy Delete is gone."
        ),
        f"With the policy {policy} the volume went through other phases.",
    )


@claim("own-ch09-reclaim-02")
def a_retained_file_is_found_again(timeline: Timeline) -> Verdict:
    """Check whose file the Pod of the second claim finds, by the reclaim policy.

    Rows: the StorageClass' manifest; the looks of the Pods "writer" and "reader".
    """
    seen = {look.pod: look.checksums for look in looks(timeline)}
    if not (seen.get("writer") and seen.get("reader")) or not reclaiming.steps(timeline):
        return cannot_tell("Pod that looked at the volume of the second claim")
    kept = reclaiming.policy(timeline) == RETAIN
    same = seen["writer"] == seen["reader"]
    words = {True: "the first claim's file", False: "another file"}
    held = same is kept
    return Verdict(
        held,
        "On the retained volume the second claim finds the first one's file."
        if same
        else "On a new volume the second claim finds a new file.",
        words[kept],
        words[same],
    )
