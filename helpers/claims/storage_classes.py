"""Claims about storage classes.

In the ledger ch09-sc-*; beside it own-ch09-binding-* and own-ch09-growth-*. Rows: what
`helpers.model.classes_run` and `helpers.model.ebs_run` read of a run.
"""

from __future__ import annotations

import re

from helpers.claims.registry import Verdict, cannot_tell, claim, compared
from helpers.model import classes_run, ebs, ebs_run
from helpers.model.classes_run import BINDING, EARLY, GENERAL, LATE, NAMED, WAIT
from helpers.model.timeline import Timeline
from helpers.model.volumes import LOCAL_PATH, STANDARD

NO_VOLUMES = "volume that EC2 was asked for"


@claim("ch09-sc-01")
def a_claim_chooses_by_name(timeline: Timeline) -> Verdict:
    """Check that a class is kept as sent, default annotation and mode, and a claim that names it.

    Rows: the learner's values; the watch of StorageClasses and claims.
    """
    marked, kept = classes_run.defaults_sent(timeline), classes_run.classes(timeline)
    seen = classes_run.class_seen(timeline)
    if not marked or GENERAL not in kept or NAMED not in seen:
        return cannot_tell("class general-purpose, and claim that names it")
    made = kept[GENERAL]
    expected = f"default {marked[GENERAL]}, {LOCAL_PATH}, {classes_run.WAIT}; claim of {GENERAL}"
    measured = f"default {made.default}, {made.provisioner}, {made.mode}; claim of {seen[NAMED]}"
    return compared(
        expected,
        measured,
        "The class is kept as it was sent, and the claim that names it has it.",
        "The class is not as sent, or the claim has another.",
    )


@claim("ch09-sc-02")
def the_newest_default_counts(timeline: Timeline) -> Verdict:
    """Check which class claims without one get when there are two defaults.

    Rows: as in ch09-sc-01.
    """
    marked, rule = classes_run.defaults_sent(timeline), classes_run.class_expected(timeline)
    seen = classes_run.class_seen(timeline)
    if sum(marked.values()) < 2 or LATE not in seen or EARLY not in seen:
        return cannot_tell("two default classes, and claims without a class")
    names = classes_run.CLAIMS
    expected = ", ".join(f"{name} {rule[name]}" for name in names if name in seen)
    measured = ", ".join(f"{name} {seen[name]}" for name in names if name in seen)
    return compared(
        expected,
        measured,
        "Two defaults are allowed, and the newest one counts.",
        "The claims have other classes than the newest default lets one expect.",
    )


@claim("ch09-sc-10")
def a_cluster_comes_with_what_its_maker_puts_in(timeline: Timeline) -> Verdict:
    """Check which classes were there before the run made any.

    Rows: the watch of StorageClasses, before the first row of the session.
    """
    if not classes_run.defaults_sent(timeline):
        return cannot_tell("look at the classes before a run")
    first = classes_run.first_classes(timeline)
    expected = f"{STANDARD} (default), {LOCAL_PATH}, {classes_run.WAIT}"
    measured = "; ".join(
        f"{made.name}{' (default)' if made.default else ''}, {made.provisioner}, {made.mode}"
        for made in first.values()
    )
    held = measured == expected
    return Verdict(
        held,
        "The cluster came with one class, the one that its maker put in."
        if held
        else "The cluster came with other classes.",
        expected,
        measured or "none",
    )


@claim("ch09-sc-03")
def the_type_is_a_parameter(timeline: Timeline) -> Verdict:
    """Check the types that the parameter chooses among, and what EC2 makes of three of them.

    Rows: EC2's answers, and its refusal of an io1 volume without Iops.
    """
    made = ebs_run.volumes(timeline)
    if not made or not ebs_run.refused(timeline):
        return cannot_tell(NO_VOLUMES)
    found = sorted({v.type for v in made})
    free = {v.answered for v in made if v.type == "gp3" and v.asked is None}
    told = f"{', '.join(found)}; gp3 has {', '.join(str(n) for n in free)}"
    expected = f"{', '.join(sorted(ebs.TYPES))}; gp3 has {ebs.TYPES['gp3'].free_iops}"
    code = ebs_run.refused(timeline)
    held = told == expected and code == "InvalidParameterDependency"
    return Verdict(
        held,
        "Six types, the book's four among them; io1 must be told how many IOPS."
        if held
        else "EC2 makes other types of it.",
        f"{expected}; io1 without Iops: InvalidParameterDependency",
        f"{told}; io1 without Iops: {code}",
    )


@claim("ch09-sc-04")
def io1_has_fifty_a_gib_at_most(timeline: Timeline) -> Verdict:
    """Check that an io1 volume is made for the class's number times its size, 50 a GiB at most.

    Rows: EC2's answers to requests for io1, and its description of Iops.
    """
    made = [v for v in ebs_run.volumes(timeline) if v.type == "io1" and v.answered is not None]
    text = ebs_run.described(timeline, "Iops")
    limits = re.search(r"io1: ([\d,]+) - ([\d,]+)", text)
    if not made or limits is None:
        return cannot_tell("io1 volume that EC2 was asked for")
    kind = ebs.TYPES["io1"]
    rule = [ebs.iops(kind, v.gib, v.per_gib) for v in made]
    low, high = (int(limit.replace(",", "")) for limit in limits.groups())
    most = max((v.answered or 0) / v.gib for v in made)
    held = rule == [v.answered for v in made] and (low, high) == kind.iops and most <= kind.per_gib
    return Verdict(
        held,
        "IOPS of io1: the class's number for each GiB, 50 at most."
        if held
        else "An io1 volume was made for another number than class and size say.",
        f"{', '.join(str(n) for n in rule)}; from {kind.iops} in all, {kind.per_gib} a GiB at most",
        f"{', '.join(str(v.answered) for v in made)}; from {(low, high)} in all, "
        f"{most:g} a GiB at most",
    )


@claim("ch09-sc-05")
def provisioned_iops_cost_three_times(timeline: Timeline) -> Verdict:
    """Check the price of gp2, of io1 with the same IOPS, and of gp3, all of the same size.

    Rows: EC2's answers to requests for the size at which prices are compared. The prices are the
    model's list.
    """
    made = {
        v.type: v for v in ebs_run.volumes(timeline) if v.gib == ebs_run.COMPARED and not v.mine
    }
    if not {"gp2", "io1", "gp3"} <= set(made):
        return cannot_tell("volumes of gp2, io1 and gp3 of one size")
    operations = ebs.iops(ebs.TYPES["gp2"], ebs_run.COMPARED)
    dear = ebs.price(ebs.TYPES["io1"], ebs_run.COMPARED, made["io1"].answered)
    plain = ebs.price(ebs.TYPES["gp2"], ebs_run.COMPARED)
    new = ebs.price(ebs.TYPES["gp3"], ebs_run.COMPARED, made["gp3"].answered)
    same = made["io1"].answered == made["gp3"].answered == operations
    held = same and 2.5 <= dear / plain <= 3.5 and new < plain
    return Verdict(
        held,
        "io1 costs about three times gp2 of the same size and IOPS; today gp3 costs less than both."
        if held
        else "The prices of the three are otherwise.",
        f"{operations} IOPS each; io1 2.5 to 3.5 times gp2, gp3 less than gp2",
        f"{made['io1'].answered} and {made['gp3'].answered} IOPS; io1 {dear / plain:.1f} times "
        f"gp2, gp3 {new:.0f} against {plain:.0f} dollars",
    )


@claim("ch09-sc-06")
def two_classes_for_two_demands(timeline: Timeline) -> Verdict:
    """Check the two io1 classes as stored, and the volumes of one size that they lead to.

    Rows: the watch of the two classes; EC2's answers to requests for io1 of 10 GiB.
    """
    kept = {name: ebs_run.stored(timeline, name) for name in (ebs_run.HIGH, ebs_run.MEDIUM)}
    made = [v for v in ebs_run.volumes(timeline) if v.type == "io1" and v.gib == 10 and not v.mine]
    if None in kept.values() or not made:
        return cannot_tell("two io1 classes and their volumes")
    kind = ebs.TYPES["io1"]
    rates = [ebs_run.CLASSES[name]["iopsPerGB"] for name in kept]
    expected = "; ".join(f"iopsPerGB {rate}: {ebs.iops(kind, 10, int(rate))}" for rate in rates)
    measured = "; ".join(
        f"iopsPerGB {(said or {}).get('iopsPerGB')}: {volume.answered}"
        for said, volume in zip(kept.values(), made, strict=False)
    )
    return compared(
        expected,
        measured,
        "Two classes of one type, and twice the IOPS for the same size.",
        "The two classes do not lead to these volumes.",
    )


@claim("ch09-sc-07")
def the_number_must_be_a_text(timeline: Timeline) -> Verdict:
    """Check that a class whose iopsPerGB is a bare number is refused, and a quoted one is kept.

    Rows: the refusal of the class "unquoted"; the watch of the class with the quoted number.
    """
    what = f"StorageClass/{timeline.meta.get('namespace')}-unquoted"
    refusal = timeline.value(source="session", object=what, field="refusal")
    kept = ebs_run.stored(timeline, ebs_run.HIGH)
    if kept is None:
        return cannot_tell("class with a bare and one with a quoted number")
    message = str(refusal.get("message")) if isinstance(refusal, dict) else "nothing refused"
    named = "iopsPerGB" in message or "parameters" in message
    held = named and "string" in message and kept.get("iopsPerGB") == "50"
    return Verdict(
        held,
        "A bare number is refused before anybody reads it; in quotes it is kept."
        if held
        else "The bare number was taken, or refused for another reason.",
        'refused: a string is expected; kept: "50"',
        f'{message}; kept: "{kept.get("iopsPerGB")}"',
    )


@claim("ch09-sc-08")
def a_throughput_disk_is_never_small(timeline: Timeline) -> Verdict:
    """Check the class for sequential work, and the least size that EC2 makes of its type.

    Rows: the watch of the class; EC2's description of Size; its answer, which names no IOPS.
    """
    kept = ebs_run.stored(timeline, ebs_run.STREAM)
    said = re.search(r"st1 and sc1: ([\d,]+) -", ebs_run.described(timeline, "Size"))
    made = [v for v in ebs_run.volumes(timeline) if v.type == "st1" and not v.mine]
    if kept is None or said is None or not made:
        return cannot_tell("class of the type st1 and EC2's description of sizes")
    least = ebs.TYPES["st1"].size[0]
    measured = f"type {kept.get('type')}, {said[1]} GiB at least, IOPS: {made[0].answered}"
    expected = f"type st1, {least} GiB at least, IOPS: None"
    return compared(
        expected,
        measured,
        f"The class is kept; no volume of it is smaller than {least} GiB, and none is sold by "
        "IOPS.",
        "The class or the least size is another.",
    )


@claim("ch09-sc-09")
def cold_storage_is_the_cheapest(timeline: Timeline) -> Verdict:
    """Check the class for cold data, a claim that names it, and that no type costs less.

    Rows: the watch of class and claim; EC2's answers, one for each type at least.
    """
    kept = ebs_run.stored(timeline, ebs_run.COLD)
    what = f"PersistentVolumeClaim/{ebs_run.COLD_CLAIM}"
    named = timeline.value(source="watch", object=what, field="spec.storageClassName")
    types = {v.type for v in ebs_run.volumes(timeline)} & set(ebs.TYPES)
    if kept is None or named is None or not types:
        return cannot_tell("class for cold data and claim that names it")
    cheapest = min(types, key=lambda name: ebs.TYPES[name].price.gib)
    measured = (
        f"type {kept.get('type')}, claim of {classes_run.short(timeline, str(named))}, "
        f"cheapest a GiB: {cheapest}"
    )
    expected = f"type sc1, claim of {ebs_run.COLD}, cheapest a GiB: sc1"
    return compared(
        expected,
        measured,
        "The claim has the class for cold data, the cheapest type of all.",
        "The claim has another class, or another type is cheaper.",
    )


@claim("own-ch09-binding-01")
def a_mode_says_when_a_claim_is_bound(timeline: Timeline) -> Verdict:
    """Check that Immediate binds before there is a Pod, and WaitForFirstConsumer not before it.

    Rows: the manifests of claims and Pods; the claims' "status.phase". A claim that is never bound
    is not bound before its Pod.
    """
    if any(classes_run.pod_after(timeline, name) is None for name in BINDING):
        return cannot_tell("two claims of two binding modes, each with its Pod")
    bound = {name: classes_run.bound_since_pod(timeline, name) for name in BINDING}
    expected = {BINDING[name]: _before(BINDING[name] != WAIT) for name in BINDING}
    measured = {
        BINDING[name]: _before(after is not None and after < 0) for name, after in bound.items()
    }
    return compared(
        expected,
        measured,
        "Immediate binds a claim before there is a Pod; WaitForFirstConsumer waits for one.",
        "A claim was bound before its Pod, or after it, against its mode.",
    )


@claim("own-ch09-binding-02")
def who_binds_at_once_guesses_the_zone(timeline: Timeline) -> Verdict:
    """Check which Pod runs, by the zone of the volume that its claim had to take.

    Rows: the manifests of volumes, claims and Pods; whether each Pod runs.
    """
    expected = {BINDING[name]: classes_run.fate_expected(timeline, name) for name in BINDING}
    measured = {BINDING[name]: classes_run.fate(timeline, name) for name in BINDING}
    if None in (*expected.values(), *measured.values()):
        return cannot_tell("two Pods in a zone, of whose claims each has a volume in each zone")
    return compared(
        expected,
        measured,
        "Bound at once, a claim has the smallest volume that is large enough, in any zone; bound "
        "with the Pod, one in the Pod's zone.",
        "A Pod runs, or waits, against the zone of its volume.",
    )


@claim("own-ch09-growth-01")
def a_class_permits_growth(timeline: Timeline) -> Verdict:
    """Check what comes of three changes to a bound claim, by its class' allowVolumeExpansion.

    Rows: the StorageClass' manifest; "asked" of the claim.
    """
    sent = [
        row.value
        for row in timeline.where(source="session", field="manifest")
        if row.object.startswith("StorageClass/") and isinstance(row.value, dict)
    ]
    asked = classes_run.growth_seen(timeline)
    if not sent or len(asked) < len(classes_run.CHANGES):
        return cannot_tell("bound claim that was asked to change three times")
    allowed = sent[0].get("allowVolumeExpansion") is True
    expected = classes_run.growth_expected(allowed=allowed)
    measured = {one.name: one.came for one in asked}
    return compared(
        expected,
        measured,
        "Only a class that allows it lets a claim ask for more; a bound claim neither shrinks nor "
        "changes its class.",
        "A change of the bound claim came out otherwise.",
    )


def _before(early: bool) -> str:
    return "before its Pod" if early else "not before its Pod"
