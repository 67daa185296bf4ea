"""The rules of the lessons on volumes: how long files live, where Pods run, what phases follow."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.charts.empty_dir_limits import LimitsChart
from helpers.experiments.disk_of_the_book import Disk, DiskOfTheBook
from helpers.experiments.empty_dir_limits import Bounds, EmptyDirLimits
from helpers.experiments.life_of_a_file import LifeOfAFile, Shared
from helpers.experiments.released_volume import Kept, ReleasedVolume
from helpers.lesson import recording
from helpers.lesson.experiment import Place
from helpers.lesson.run import plain
from helpers.model import ec2_volumes, empty_dirs, files, matching, reclaiming, volumes, zones
from helpers.model.timeline import Row, Timeline, Value
from helpers.model.volumes import OLD_ZONE, ZONE
from helpers.model.zones import PENDING

PLACE = Place("volumes", "volumes-3f2a")


def told(*rows: tuple[str, str, str, Value]) -> Timeline:
    timeline = Timeline()
    for number, (source, object, field, value) in enumerate(rows):
        timeline.append(Row(float(number), source, object, field, value))
    return timeline


def test_an_empty_dir_outlives_containers_alone() -> None:
    assert empty_dirs.rule(empty_dirs.MOMENTS) == [1, 1, 2, 3]
    assert empty_dirs.rule([]) == []


def test_what_the_shell_prints_is_read() -> None:
    printed = f"{'a' * 64} 7 one/random.bin\n{'b' * 64} 8 two words.bin\n"
    value = files.row("start", "randserver", "/data", printed)
    assert value["files"] == {"one/random.bin": "a" * 64, "two words.bin": "b" * 64}
    assert value["inodes"] == {"one/random.bin": 7, "two words.bin": 8}
    timeline = told(("exec", "Pod/x", "files", value))
    assert [look.moment for look in files.looks(timeline)] == ["start"]
    assert files.looks(timeline, "other") == []
    assert files.numbered(files.looks(timeline)) == [[1, 2]]


@pytest.mark.parametrize(
    ("selector", "claimed", "where"),
    [
        ({ZONE: "us-east-1b"}, True, PENDING),
        ({ZONE: "us-east-1a"}, True, "us-east-1a"),
        ({}, True, "us-east-1a"),
        ({OLD_ZONE: "us-east-1a"}, False, PENDING),
        ({ZONE: "us-east-1b"}, False, "us-east-1b"),
        ({}, False, None),
    ],
)
def test_a_pod_runs_where_volume_and_selector_agree(
    selector: dict[str, str], claimed: bool, where: str | None
) -> None:
    spec: Any = {"nodeSelector": selector}
    if claimed:
        spec["volumes"] = [volumes.claimed("data", "disk")]
    assert zones.rule(spec, frozenset({"us-east-1a"})) == where


@pytest.mark.parametrize(
    ("kind", "size", "iops"),
    [
        ("gp2", 5, 100),
        ("gp2", 34, 102),
        ("gp2", 16384, 16000),
        ("gp3", 10, 3000),
        ("st1", 500, None),
    ],
)
def test_operations_follow_from_type_and_size(kind: str, size: int, iops: int | None) -> None:
    assert ec2_volumes.iops(kind, size) == iops


def test_a_size_that_the_type_does_not_have_is_named_in_the_form() -> None:
    assert "125 to 16384" in DiskOfTheBook().check(Disk(size=5, kind="st1"))["size"]
    assert DiskOfTheBook().check(Disk(size=65536, kind="gp3")) == {}


def test_forms_refuse_what_would_fill_a_worker() -> None:
    assert set(EmptyDirLimits().check(Bounds(memory="1Gi", size="1Ki"))) == {"memory", "size"}
    assert set(LifeOfAFile().check(Shared(size="1.5"))) == {"size"}
    assert LifeOfAFile().check(Shared(size="1Mi")) == {}


def test_a_claims_shelf_is_read_by_short_names() -> None:
    timeline = recording.load("volumes-and-claims", "which-volume-a-claim-gets")
    assert [volume.name for volume in matching.shelf(timeline)] == list(matching.SHELF)
    assert [o.measured for o in matching.outcomes(timeline)] == ["middle", "large"]


def released(policy: str, *steps: tuple[str, str]) -> Timeline:
    made = ReleasedVolume().build(Kept(policy), PLACE)[0]
    return told(
        ("learner", "Card/x", "prediction", reclaiming.WORDS[reclaiming.AVAILABLE]),
        ("session", "StorageClass/kept", "manifest", made),
        *(
            ("session", "PersistentVolume/x", "step", {"step": step, "phase": phase})
            for step, phase in steps
        ),
    )


def test_the_released_volume_is_told_for_either_policy() -> None:
    bound, gone = (reclaiming.CLAIMED, "Bound"), (reclaiming.LET_GO, "gone")
    timeline = released("Delete", bound, gone)
    assert reclaiming.policy(timeline) == "Delete"
    assert "Gone, with all that was on it; you said" in plain(ReleasedVolume().difference(timeline))
    chart = ReleasedVolume().chart(timeline)
    assert [row["the rule"] for row in chart.table] == ["Bound", "gone"]
    assert len(chart.figure.data[0].x) == 2
    half = plain(ReleasedVolume().difference(released("Retain", bound)))
    assert "ended before" in half


def test_the_recorded_retained_volume_follows_the_rule() -> None:
    timeline = recording.load("volumes-and-claims", "what-becomes-of-a-released-volume")
    seen = dict(reclaiming.steps(timeline))
    assert seen == reclaiming.PHASES[reclaiming.RETAIN]
    first, last = files.looks(timeline)[0], files.looks(timeline)[-1]
    assert first.checksums == last.checksums


def test_the_recorded_limits_are_those_of_the_manifests() -> None:
    timeline = recording.load("empty-dir", "what-an-empty-dir-may-hold")
    memory, disk = LimitsChart(timeline).table
    assert memory["its end"] == "OOMKilled"
    assert 0.7 * 64 < float(str(memory["written, MiB"])) <= 64
    assert 'exceeds the limit "8Mi"' in str(disk["its end"])
