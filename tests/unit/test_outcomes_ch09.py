"""What each run of chapter 9 answers to its question: what it measured, not what was expected."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from helpers.experiments import (
    empty_dir,
    one_volume_many_pods,
    stateful_sets,
    storage_classes,
    volumes_and_claims,
    volumes_of_the_cloud,
    what_survives,
)
from helpers.experiments.binding_mode import FIRST
from helpers.experiments.default_class import OPTIONS as CLASSES
from helpers.experiments.growing_claim import OPTIONS as GROWTH
from helpers.experiments.network_disk import OPTIONS as DISKS
from helpers.experiments.set_keeps import AGAIN
from helpers.experiments.survives import BY_RULE
from helpers.lesson.experiment import Experiment
from helpers.model import (
    claim_run,
    classes_run,
    ec2_volumes,
    empty_dirs,
    lost_node,
    matching,
    reclaiming,
    set_run,
    shared_volume,
    survives,
    zones,
)
from helpers.model.timeline import Row, Value
from tests.unit.other_runs import Change, OtherRun, answers, without, words


def the_class_came_to_late(name: str) -> Change:
    """Let late have another class, or none."""

    def change(row: Row) -> Row:
        mine = (row.source, row.object) == ("watch", "PersistentVolumeClaim/late")
        if not mine or row.field != "spec.storageClassName":
            return row
        return replace(row, value=str(row.value).replace("newer", name) if name else None)

    return change


def at_once_ran_too(row: Row) -> Row:
    """The reason why a Pod has no node turns into the start of its container."""
    if not (row.object == "Pod/at-once" and row.field == "status.conditions.PodScheduled.reason"):
        return row
    field = "status.containerStatuses.at-once.state.running.startedAt"
    return replace(row, field=field, value="2026-11-25T00:00:00Z")


def the_next_container_wrote_anew(row: Row) -> Row:
    value: Any = row.value
    if row.field != "files" or value["moment"] != empty_dirs.KILLED:
        return row
    return replace(row, value=value | {"files": {"random.bin": "0" * 64}})


def answered(iops: int | None) -> Change:
    """Let EC2's stand-in answer so many IOPS, whatever it was asked for."""

    def change(row: Row) -> Row:
        if (row.object, row.field) != ("ec2:CreateVolume", "answer"):
            return row
        value: Any = row.value
        return replace(row, value=value | {"answer": value["answer"] | {"Iops": iops}})

    return change


def later(field: str, object: str) -> Change:
    """Let what a field's rows tell have happened 100 s later."""

    def change(row: Row) -> Row:
        mine = row.field == field and row.object.startswith(object)
        return replace(row, time=row.time + 100) if mine else row

    return change


def pending_is_placed(row: Row) -> Row:
    """The reason why a Pod has no node turns into the name of the one in us-east-1b."""
    if not (row.object == "Pod/yours" and row.field == "status.conditions.PodScheduled.reason"):
        return row
    return replace(row, field="spec.nodeName", value="workbook-worker2")


def one_file_is_new_in_the_end(row: Row) -> Row:
    if (row.object, row.field) != (f"Step/{AGAIN}", "files"):
        return row
    value: Any = row.value
    return replace(row, value=value | {"randserver": ["0" * 64, *value["randserver"][1:]]})


def only_at_once_runs(row: Row) -> Row:
    names = {"Pod/at-once": "Pod/with-pod", "Pod/with-pod": "Pod/at-once"}
    return replace(row, object=names.get(row.object, row.object))


E, C, V = empty_dir, volumes_of_the_cloud, volumes_and_claims
S, M, F = storage_classes, one_volume_many_pods, stateful_sets
OTHER_RUNS: list[OtherRun] = [
    (E.LifeOfAFile, the_next_container_wrote_anew, empty_dirs.WORDS[empty_dirs.KILLED]),
    (E.LifeOfAFile, without("files"), None),
    (E.EmptyDirLimits, words("wrote", ("60", "124"), object="in-memory"), 124.0),
    (E.EmptyDirLimits, without("wrote", source="log"), None),
    (C.DiskOfTheBook, words("step", ("in-use", "gone")), ec2_volumes.WORDS[ec2_volumes.GONE]),
    (C.ZoneOfADisk, pending_is_placed, zones.WORDS[zones.ZONES[1]]),
    (C.ZoneOfADisk, without("status.conditions.PodScheduled.reason", "Pod/yours"), None),
    (V.WhichVolume, words("spec.volumeName", ("middle", "large"), object="first"), matching.LARGE),
    (V.WhichVolume, without("status.phase", "PersistentVolumeClaim/first"), None),
    (V.ClaimPhases, without("exists", "Pod/randserver-"), claim_run.WORDS[claim_run.CLAIM_MADE]),
    (V.ClaimPhases, without("exists", "PersistentVolume/"), None),
    (
        V.ReleasedVolume,
        words("step", ("Released", "Available")),
        reclaiming.WORDS[reclaiming.AVAILABLE],
    ),
    (S.TwoDefaults, the_class_came_to_late("general-purpose"), CLASSES[classes_run.GENERAL]),
    (S.TwoDefaults, the_class_came_to_late(""), CLASSES[classes_run.NO_CLASS]),
    (S.BoundAtOnceOrWithThePod, only_at_once_runs, FIRST),
    (S.BoundAtOnceOrWithThePod, at_once_ran_too, "both"),
    (
        S.BoundAtOnceOrWithThePod,
        without("status.conditions.PodScheduled.reason", "at-once"),
        None,
    ),
    (S.ClassesForEbs, answered(50), 50),
    (S.ClassesForEbs, answered(32000), None),
    (S.ClassesForEbs, answered(None), None),
    (S.AClaimGrows, words("asked", ("refused", "grown")), GROWTH["grown"]),
    (M.ReplicasShareOneVolume, words("step", ('"running": 3', '"running": 2')), 2),
    (M.ReplicasShareOneVolume, words("step", ('"asked": 3', '"asked": 2')), None),
    (
        M.OneDiskTwoNodes,
        words("stage", (shared_volume.WAITS, shared_volume.PENDING)),
        DISKS[shared_volume.PENDING],
    ),
    (
        M.UpdateOfOneReplica,
        words("status.conditions.Progressing.reason", ("ProgressDeadlineExceeded", "Other")),
        None,
    ),
    (F.SetStarts, later(set_run.READY, "Pod/randserver-0"), 3),
    (F.SetStarts, without(set_run.READY, "Pod/randserver-0"), None),
    (F.SetLosesItsPods, one_file_is_new_in_the_end, 2),
    (F.SetLosesItsPods, without("files", AGAIN), None),
    (F.SetIsUpdated, without("begin", "partition 0"), None),
    (F.NodeIsLost, later("put back", "Node/"), lost_node.AT_ONCE),
    (F.NodeIsLost, without("put back"), None),
    (
        what_survives.WhatSurvives,
        words("after", ('"StatefulSet": null', '"StatefulSet": "0"'), object=survives.LOST),
        (*BY_RULE[:-1], survives.NEW),
    ),
    (what_survives.WhatSurvives, without("after", survives.LOST), None),
]


@pytest.mark.parametrize(("made", "change", "answer"), OTHER_RUNS)
def test_another_run_gives_another_answer(
    made: type[Experiment[Any]], change: Change, answer: Value
) -> None:
    answers(made, change, answer)
