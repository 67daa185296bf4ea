"""EBS's rules: against EC2's own description of itself, and number by number."""

from __future__ import annotations

import re

import pytest

from helpers.aws import documented
from helpers.charts.ebs import EbsChart
from helpers.model import ebs, ebs_run
from helpers.model.ebs import EbsRefusal
from helpers.model.timeline import Timeline


def numbers(text: str, name: str) -> tuple[int, int]:
    """Return the range that a text gives for a type."""
    found = re.search(rf"{name}: ([\d,]+) (?:\( ?default ?\) )?- ([\d,]+)", text)
    assert found, text
    low, high = (int(part.replace(",", "")) for part in found.groups())
    return low, high


def test_the_limits_are_those_that_ec2_describes() -> None:
    said = documented.volume_limits()
    for name in ("gp2", "gp3", "io1", "io2"):
        assert numbers(said["Size"], name) == ebs.TYPES[name].size
    assert numbers(said["Size"], "st1 and sc1") == ebs.TYPES["st1"].size == ebs.TYPES["sc1"].size
    for name in ("gp3", "io1", "io2"):
        assert numbers(said["Iops"], name) == ebs.TYPES[name].iops
    gp3 = ebs.TYPES["gp3"]
    assert f"{gp3.free_mibps} - {gp3.mibps}" in said["Throughput"]


@pytest.mark.parametrize(
    ("kind", "gib", "per_gib", "iops"),
    [
        ("gp2", 1, None, 100),
        ("gp2", 100, None, 300),
        ("gp2", 1000, None, 3000),
        ("gp2", 5333, None, 15999),
        ("gp2", 16384, None, 16000),
        ("gp3", 1, None, 3000),
        ("gp3", 10, 400, 4000),
        ("gp3", 10, 600, 5000),
        ("io1", 10, 50, 500),
        ("io1", 10, 25, 250),
        ("io1", 10, 60, 500),
        ("io1", 2000, 50, 64000),
        ("io2", 10, 60, 600),
        ("st1", 125, None, None),
    ],
)
def test_the_iops_of_a_volume(kind: str, gib: int, per_gib: int | None, iops: int | None) -> None:
    assert ebs.iops(ebs.TYPES[kind], gib, per_gib) == iops


@pytest.mark.parametrize(
    ("parameters", "gib", "field", "words"),
    [
        ({"type": "io1"}, 10, "iopsPerGB", "io1 needs it"),
        ({"type": "io1", "iopsPerGB": "5"}, 10, "iopsPerGB", "100 are the least"),
        ({"type": "io1", "iopsPerGB": "many"}, 10, "iopsPerGB", "whole number"),
        ({"type": "gp2", "iopsPerGB": "5"}, 10, "iopsPerGB", "no IOPS to choose"),
        ({"type": "st1"}, 1, "size", "from 125 to 16384"),
        ({"type": "gp9"}, 1, "type", "none of gp2"),
    ],
)
def test_what_ebs_does_not_take(
    parameters: dict[str, str], gib: int, field: str, words: str
) -> None:
    with pytest.raises(EbsRefusal, match=words) as refused:
        ebs.request(parameters, gib)
    assert refused.value.field == field


def test_a_class_without_a_type_is_gp3() -> None:
    assert ebs.request({}, 10) == {
        "VolumeType": "gp3",
        "Size": 10,
        "AvailabilityZone": "us-east-1a",
    }


def test_prices() -> None:
    assert ebs.price(ebs.TYPES["gp2"], 1000, 3000) == pytest.approx(100)
    assert ebs.price(ebs.TYPES["io1"], 1000, 3000) == pytest.approx(320)
    assert ebs.price(ebs.TYPES["gp3"], 1000, 3000) == pytest.approx(80)
    assert ebs.price(ebs.TYPES["gp3"], 1000, 4000) == pytest.approx(85)
    unsure = {kind.name for kind in ebs.TYPES.values() if not kind.price.verified}
    assert unsure == {"st1", "sc1"}
    assert not any(kind.price.verified for kind in ebs.BOOKS.values())


def test_throughput() -> None:
    assert ebs.throughput(ebs.TYPES["gp3"], 10, 3000) == 125
    assert ebs.throughput(ebs.TYPES["io1"], 10, 500) == 125
    assert ebs.throughput(ebs.TYPES["io1"], 2000, 64000) == 1000
    assert ebs.throughput(ebs.TYPES["gp2"], 10, 100) == 128
    assert ebs.throughput(ebs.BOOKS["gp2"], 1000, 3000) == 160
    assert ebs.throughput(ebs.TYPES["st1"], 1024) == 40
    assert ebs.throughput(ebs.TYPES["sc1"], 16384) == pytest.approx(192)


def test_the_chart_has_the_lines_and_the_table_both_years() -> None:
    from tests.unit.claims.storage_classes import disks

    assert EbsChart(Timeline()).table == []
    chart = EbsChart(disks())
    (first, *_) = chart.table
    assert first["IOPS, the rule"] == first["IOPS, the book's year"] == 100
    assert len(chart.table) == len(ebs_run.requests())
    lines = {line.name for line in chart.figure.data}
    assert {"gp2", "gp3", "io1, 50/GiB", "io1, 25/GiB", "st1", "sc1"} <= lines
    assert len(chart.figure.data[-2].x) == sum(bool(row["IOPS, answered"]) for row in chart.table)
