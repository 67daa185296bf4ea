"""Timelines of the topic storage-classes."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.model import classes_run, ebs, ebs_run, volumes
from helpers.model.classes_run import (
    ACCEPTED,
    BINDING,
    CHANGES,
    EARLY,
    GENERAL,
    LATE,
    NAMED,
    NEWER,
    NO_CLASS,
    OPTED_OUT,
    REFUSED,
    WAIT,
)
from helpers.model.timeline import Row, Timeline
from helpers.model.volumes import DEFAULT_CLASS, LOCAL_PATH, STANDARD
from tests.unit.claims.story import Story

SPACE = "storage-classes-3f2a"
RIGHT = {EARLY: GENERAL, LATE: NEWER, NAMED: GENERAL, OPTED_OUT: NO_CLASS}


def told() -> Story:
    story = Story()
    story.meta["namespace"] = SPACE
    return story


def kind_of(story: Story, name: str, created: str, **more: str) -> None:
    what = f"StorageClass/{name if name == STANDARD else f'{SPACE}-{name}'}"
    story.at += 0.01
    fields = {
        "exists": True,
        "metadata.creationTimestamp": created,
        "provisioner": more.get("provisioner", LOCAL_PATH),
        "volumeBindingMode": more.get("mode", WAIT),
        f"metadata.annotations.{DEFAULT_CLASS}": more.get("default", "true"),
    }
    for field, value in fields.items():  # one look, one moment
        story.append(Row(story.at, "watch", what, field, value))
    if name != STANDARD:
        story.row("session", what, "manifest", {})


def defaults(
    got: Mapping[str, str] = RIGHT, *, newer: str = "true", first: str = "true", mode: str = WAIT
) -> Story:
    """Two classes beside the cluster's own, and what four claims got."""
    story = told()
    values = {"standard": "false", "general": "true", "newer": newer}
    story.row("learner", "Card/two-default-classes", "values", values)
    if first != "none":
        kind_of(story, STANDARD, "2026-11-24T18:00:00Z", default=first)
    # A change may be seen before it is said to have been sent.
    story.row("watch", f"StorageClass/{STANDARD}", f"metadata.annotations.{DEFAULT_CLASS}", "false")
    story.row("session", f"StorageClass/{STANDARD}", "change", {})
    kind_of(story, GENERAL, "2026-11-24T19:00:00Z", mode=mode)
    kind_of(story, NEWER, "2026-11-24T19:00:15Z", default=newer)
    for name, kind in got.items():
        what = f"PersistentVolumeClaim/{name}"
        story.row("watch", what, "exists", True)
        full = {NO_CLASS: None, STANDARD: STANDARD}.get(kind, f"{SPACE}-{kind}")
        story.row("watch", what, "spec.storageClassName", full)
    return story


SIZES = "Valid sizes: gp2: 1 - 16,384 GiB st1 and sc1: 125 - 16,384 GiB"
RANGES = "Valid ranges: gp3: 3,000 (default) - 80,000 IOPS io1: 100 - 64,000 IOPS"
BARE = ".parameters.iopsPerGB: expected string, got 50"


def disks(
    *,
    without: tuple[str, ...] = (),
    answers: Mapping[int, int] | None = None,
    code: str = "InvalidParameterDependency",
    sizes: str = SIZES,
    ranges: str = RANGES,
    bare: str = BARE,
    kept: Mapping[str, str] | None = None,
    cold: str = ebs_run.COLD,
) -> Story:
    """The classes for EBS, stored, and EC2's answers; `answers` are other IOPS by request."""
    story = told()
    for name, parameters in ebs_run.CLASSES.items():
        what = f"StorageClass/{SPACE}-{name}"
        story.row("watch", what, "exists", True)
        for key, value in {**parameters, **((kept or {}) if name == ebs_run.HIGH else {})}.items():
            story.row("watch", what, f"parameters.{key}", value)
    if bare:
        refusal = {"verb": "dry-run", "message": bare}
        story.row("session", f"StorageClass/{SPACE}-unquoted", "refusal", refusal)
    claim = f"PersistentVolumeClaim/{ebs_run.COLD_CLAIM}"
    story.row("watch", claim, "spec.storageClassName", f"{SPACE}-{cold}")
    for name, text in (("Size", sizes), ("Iops", ranges)):
        story.row("aws", ebs_run.ACTION, f"described.{name}", text)
    for number, asked in enumerate(ebs_run.requests()):
        if asked["VolumeType"] in without:
            continue
        free = ebs.TYPES[str(asked["VolumeType"])].free_iops or None
        number_of = (answers or {}).get(number, asked.get("Iops", free))
        answer = {"VolumeType": asked["VolumeType"], "Size": asked["Size"], "Iops": number_of}
        value = {"parameters": asked, "answer": answer}
        story.row("aws", ebs_run.ACTION, "answer", value)
    if code:
        story.row("aws", ebs_run.ACTION, "refusal", {"code": code})
    return story


def wrong_type() -> Story:
    """An st1 class that was stored as something else."""
    story = disks()
    return story.row("watch", f"StorageClass/{SPACE}-{ebs_run.STREAM}", "parameters.type", "gp2")


def zoned(
    size: str = "1Gi",
    zone: str = "us-east-1b",
    *,
    bound: tuple[float, float] = (-1.0, 1.0),
    runs: tuple[bool, bool] = (False, True),
    pods: bool = True,
) -> Story:
    """Two claims of two binding modes: when they are bound, and whether their Pods run."""
    story = told()
    place = {"namespace": SPACE, "lesson": "x"}
    for name, after, well in zip(BINDING, bound, runs, strict=True):
        kind = volumes.wide(SPACE, name)
        for where, held in (("us-east-1a", "1Gi"), ("us-east-1b", "2Gi")):
            disk = volumes.persistent_volume(
                **place,
                name=f"{name}-{where[-1]}",
                source=volumes.host_folder("/tmp"),
                capacity=held,
                storage_class=kind,
                zones=[where],
            )
            story.row("session", f"PersistentVolume/{disk['metadata']['name']}", "manifest", disk)
        claim = volumes.claim(**place, name=name, size=size, storage_class=kind)
        what, pod = f"PersistentVolumeClaim/{name}", f"Pod/{name}"
        story.row("session", what, "manifest", claim)
        sent = story.at + 5.0
        story.append(Row(sent + after, "watch", what, "status.phase", "Bound"))
        story.at = sent
        if pods:
            spec = {"spec": {"nodeSelector": {volumes.ZONE: zone}}}
            story.append(Row(sent, "session", pod, "manifest", spec))
        story.at += 5.0
        if well:
            started = f"status.containerStatuses.{name}.state.running.startedAt"
            story.row("watch", pod, started, "now")
        else:
            reason = "status.conditions.PodScheduled.reason"
            story.row("watch", pod, reason, "Unschedulable")
    return story


def changed(
    *, allowed: bool = False, grow: str = "", shrink: str = REFUSED, asked: int = 3
) -> Story:
    """A bound claim is asked to grow, to shrink, and to change its class."""
    story = told()
    story.row("session", "StorageClass/x", "manifest", {"allowVolumeExpansion": allowed})
    came = (grow or (ACCEPTED if allowed else REFUSED), shrink, REFUSED)
    for name, how in list(zip(CHANGES, came, strict=True))[:asked]:
        value = {"name": name, "came": how, "words": "no"}
        story.row("session", "PersistentVolumeClaim/data", "asked", value)
    return story


HOLDS: dict[str, list[Timeline]] = {
    "ch09-sc-01": [defaults()],
    "ch09-sc-02": [defaults()],
    "ch09-sc-03": [disks()],
    "ch09-sc-04": [disks()],
    "ch09-sc-05": [disks()],
    "ch09-sc-06": [disks()],
    "ch09-sc-07": [disks()],
    "ch09-sc-08": [disks()],
    "ch09-sc-09": [disks()],
    "ch09-sc-10": [defaults()],
    "own-ch09-binding-01": [zoned()],
    "own-ch09-binding-02": [
        zoned(),
        zoned(zone="us-east-1a", runs=(True, True)),
        zoned("2Gi", runs=(True, True)),
        zoned("2Gi", "us-east-1a", runs=(False, False)),
    ],
    "own-ch09-growth-01": [changed(), changed(allowed=True)],
}
FAILS: dict[str, list[Timeline]] = {
    "ch09-sc-01": [defaults(RIGHT | {NAMED: NEWER}), defaults(mode="Immediate")],
    "ch09-sc-02": [
        defaults(RIGHT | {LATE: GENERAL}),
        defaults(RIGHT | {EARLY: NO_CLASS}),
        defaults(RIGHT | {OPTED_OUT: NEWER}),
    ],
    "ch09-sc-03": [disks(without=("io2",)), disks(answers={5: 100}), disks(code="Other")],
    "ch09-sc-04": [
        disks(answers={1: 600}),
        disks(ranges=RANGES.replace("64,000", "32,000")),
    ],
    "ch09-sc-05": [disks(answers={8: 1000}), disks(answers={9: 16000})],
    "ch09-sc-06": [disks(answers={2: 500}), disks(kept={"iopsPerGB": "40"})],
    "ch09-sc-07": [disks(bare=""), disks(bare="forbidden"), disks(kept={"iopsPerGB": "5"})],
    "ch09-sc-08": [disks(sizes=SIZES.replace("125", "500")), wrong_type()],
    "ch09-sc-09": [disks(cold=ebs_run.STREAM), disks(without=("sc1",))],
    "ch09-sc-10": [defaults(first="false"), defaults(first="none")],
    "own-ch09-binding-01": [zoned(bound=(1.0, 1.0)), zoned(bound=(-1.0, -1.0))],
    "own-ch09-binding-02": [zoned(runs=(True, True)), zoned(runs=(False, False))],
    "own-ch09-growth-01": [
        changed(grow=ACCEPTED),
        changed(allowed=True, grow=REFUSED),
        changed(shrink=ACCEPTED),
    ],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch09-sc-01": [Story(), disks()],
    "ch09-sc-02": [Story(), defaults(newer="false")],
    "ch09-sc-03": [Story(), disks(code="")],
    "ch09-sc-04": [disks(without=("io1",))],
    "ch09-sc-05": [disks(without=("gp3",))],
    "ch09-sc-06": [disks(without=("io1",))],
    "ch09-sc-07": [Story()],
    "ch09-sc-08": [disks(sizes="")],
    "ch09-sc-09": [Story(), defaults()],
    "ch09-sc-10": [Story(), disks()],
    "own-ch09-binding-01": [defaults(), zoned(pods=False)],
    "own-ch09-binding-02": [defaults(), zoned("5Gi"), zoned(pods=False)],
    "own-ch09-growth-01": [defaults(), changed(asked=2)],
}
assert tuple(RIGHT) == classes_run.CLAIMS
