"""What each run of chapter 9 answers to its question: what it measured, not what was expected."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
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
from helpers.lesson import recording
from helpers.lesson.experiment import Experiment
from helpers.lesson.judgement import Judgement
from helpers.lesson.prediction import plain
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
from helpers.model.timeline import Row, Timeline, Value
from tests import course

CHAPTER = "ch09"
EXPERIMENTS = [
    (taught.lesson, made)
    for taught in course.taught()
    if taught.path.parent.name == CHAPTER
    for made in taught.experiments
]
AGREES = re.compile(r"[,;] (as|and so) you said")
Change = Callable[[Row], Row | None]
each = pytest.mark.parametrize(
    ("lesson", "made"), EXPERIMENTS, ids=lambda one: getattr(one, "id", None)
)


def changed(recorded: Timeline, change: Change) -> Timeline:
    """Return a recorded run with each row as `change` has it; None leaves it out."""
    timeline = Timeline(recorded.meta)
    for row in recorded.rows:
        if (kept := change(row)) is not None:
            timeline.append(kept)
    return timeline


def saying(recorded: Timeline, prediction: Value) -> Timeline:
    def change(row: Row) -> Row:
        mine = (row.source, row.field) == ("learner", "prediction")
        return replace(row, value=prediction) if mine else row

    return changed(recorded, change)


@each
def test_every_run_answers_for_itself(lesson: str, made: type[Experiment[Any]]) -> None:
    assert "outcome" in vars(made), lesson


@each
def test_the_recorded_run_answers_as_its_script_says(
    lesson: str, made: type[Experiment[Any]]
) -> None:
    experiment, recorded = made(), recording.load(lesson, made.id)
    run = saying(recorded, experiment.script.prediction)
    assert experiment.judge(experiment.question(), run) == Judgement("right")


@each
def test_a_run_in_which_nothing_was_measured_answers_nothing(
    lesson: str, made: type[Experiment[Any]]
) -> None:
    experiment, recorded = made(), recording.load(lesson, made.id)

    def told(row: Row) -> Row | None:
        sent = row.source == "session" and row.field == "manifest"
        return row if sent or row.source == "learner" else None

    assert experiment.outcome(changed(recorded, told)) is None
    assert experiment.outcome(Timeline()) is None
    assert experiment.difference(changed(recorded, told))


@each
def test_the_words_and_the_judgement_agree(lesson: str, made: type[Experiment[Any]]) -> None:
    experiment, recorded = made(), recording.load(lesson, made.id)
    script = experiment.script
    for said in (script.prediction, *script.misconceptions.values()):
        run = saying(recorded, said)
        right = experiment.judge(experiment.question(), run).result == "right"
        words = plain(experiment.difference(run))
        verdict = AGREES.search(words) is not None
        assert verdict is right or (right and "you said" in words.lower())


def recorded(made: type[Experiment[Any]]) -> Timeline:
    return next(recording.load(lesson, made.id) for lesson, other in EXPERIMENTS if other is made)


def words(field: str, *pairs: tuple[str, str], object: str = "") -> Change:
    """Replace words in the values, as JSON, of a field's rows; `object` is part of their name."""

    def change(row: Row) -> Row:
        if row.field != field or object not in row.object or row.source == "learner":
            return row
        text = json.dumps(row.value)
        for old, new in pairs:
            text = text.replace(old, new)
        return replace(row, value=json.loads(text))

    return change


def without(field: str, object: str = "", source: str = "") -> Change:
    """Leave out rows of a field; `object` is part of their name."""

    def change(row: Row) -> Row | None:
        out = row.field == field and object in row.object and source in row.source
        return None if out else row

    return change


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
OTHER_RUNS: list[tuple[type[Experiment[Any]], Change, Value]] = [
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
    experiment, run = made(), changed(recorded(made), change)
    assert experiment.outcome(run) == answer
    judged = experiment.judge(experiment.question(), saying(run, experiment.script.prediction))
    assert judged.result == ("not judged" if answer is None else "wrong")
    assert experiment.difference(run)
