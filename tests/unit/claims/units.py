"""Timelines of the topic units."""

from __future__ import annotations

from helpers.model import manifests
from helpers.model.timeline import Timeline, Value
from tests.unit.claims.requests_and_limits import PLACE, above_and_below_among, greedy
from tests.unit.claims.story import Story, trials


def with_and_without_i(*, first_dies: bool = True, second_dies: bool = False, use: int) -> Story:
    story = Story()
    for name, limit, dies in (("without", "100M", first_dies), ("with", "100Mi", second_dies)):
        limits = {"memory": limit}
        story.pod(manifests.burn_pod(**PLACE, name=name, memory=["85Mi"], limits=limits))
        if dies:
            story.died(name)
    return story.row("exec", "Pod/with", "stat.memory_usage", use)


def limited(
    limits: dict[str, str], reading: str, value: Value, story: Story | None = None
) -> Story:
    story = (story or Story()).pod(manifests.burn_pod(**PLACE, limits=limits))
    return story.row("exec", "Pod/burn", f"stat.{reading}", value)


CPU: dict[str, str | None] = {"0.5": "500m", "500m": "500m", "1000m": "1", "1": "1"}
TINY: dict[str, str | None] = {"0.001": "1m", "0.0005": "1m", "0.1m": "1m"}
BYTES: dict[str, str | None] = {
    "128974848": "128974848",
    "129e6": "129e6",
    "129M": "129M",
    "123Mi": "123Mi",
}
KILO: dict[str, str | None] = {"64k": "64k", "64Ki": "64Ki"}
MEGA: dict[str, str | None] = {"100M": "100M", "100Mi": "100Mi"}
GIGA: dict[str, str | None] = {"1G": "1G", "1Gi": "1Gi", "1000M": "1G"}
LARGE: dict[str, str | None] = {f"1{p}{i}": f"1{p}{i}" for p in "TPE" for i in ("", "i")}
NO_SUFFIX = "unable to parse quantity's suffix"
WARNING = 'spec.containers[0].resources.limits[memory]: fractional byte value "400m" is invalid'

HOLDS: dict[str, list[Timeline]] = {
    "ch08-units-01": [
        trials("cpu", CPU),
        limited({"cpu": "0.5"}, "quota_us", 50_000, trials("cpu", CPU)),
    ],
    "ch08-units-02": [
        trials("cpu", TINY),
        limited({"cpu": "1m"}, "quota_us", 1_000, trials("cpu", TINY)),
    ],
    "ch08-units-03": [trials("cpu", {"0.25": "250m"})],
    "ch08-units-04": [
        trials("memory", BYTES),
        trials("memory", BYTES).trial("memory", warnings=[WARNING], **{"400m": "400m"}),
        # From 500Pi the server warns of fractions that are none.
        trials("memory", BYTES).trial(
            "memory", warnings=[WARNING.replace("400m", "500Pi")], **{"500Pi": "500Pi"}
        ),
        limited({"memory": "129M"}, "memory_limit", 128_999_424, trials("memory", BYTES)),
    ],
    "ch08-units-05": [trials("memory", KILO).trial("memory", NO_SUFFIX, **{"64K": None})],
    "ch08-units-06": [
        trials("memory", MEGA),
        above_and_below_among(trials("memory", MEGA)),
        limited({"memory": "100M"}, "memory_limit", 99_999_744, trials("memory", MEGA)),
    ],
    "ch08-units-07": [trials("memory", GIGA)],
    "ch08-units-08": [
        trials("memory", LARGE),
        trials("memory", LARGE | {"8Ei": "9223372036854775807"}),
    ],
    "ch08-units-09": [with_and_without_i(use=101_000_000)],
}

FAILS: dict[str, list[Timeline]] = {
    "ch08-units-01": [
        trials("cpu", CPU | {"0.5": "1"}),
        trials("cpu", CPU | {"500m": None}),
        limited({"cpu": "0.5"}, "quota_us", 5_000, trials("cpu", CPU)),
    ],
    "ch08-units-02": [
        trials("cpu", TINY | {"0.1m": "0"}),
        trials("cpu", TINY | {"0.0005": None}),
        limited({"cpu": "1m"}, "quota_us", 100, trials("cpu", TINY)),
    ],
    "ch08-units-03": [trials("cpu", {"0.25": "0.25"})],
    "ch08-units-04": [
        trials("memory", BYTES | {"129e6": None}),
        trials("memory", BYTES).trial("memory", **{"400m": "400m"}),  # no warning
        limited({"memory": "129M"}, "memory_limit", 135_266_304, trials("memory", BYTES)),
    ],
    "ch08-units-05": [
        trials("memory", KILO).trial("memory", **{"64K": "64k"}),
        trials("memory", KILO | {"64k": "64Ki"}).trial("memory", NO_SUFFIX, **{"64K": None}),
        trials("memory", KILO).trial("memory", "too large", **{"64K": None}),
    ],
    "ch08-units-06": [
        trials("memory", MEGA | {"100M": "100Mi"}),
        limited({"memory": "100M"}, "memory_limit", 104_857_600, trials("memory", MEGA)),
    ],
    "ch08-units-07": [trials("memory", GIGA | {"1000M": "1000M"})],
    "ch08-units-08": [
        trials("memory", LARGE | {"1Ei": "1E"}),
        trials("memory", LARGE | {"8Ei": "8Ei"}),
    ],
    "ch08-units-09": [
        with_and_without_i(first_dies=False, use=101_000_000),
        with_and_without_i(second_dies=True, use=101_000_000),
        with_and_without_i(use=90_000_000),
    ],
}

CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch08-units-01": [trials("cpu", {"0.5": "500m", "250m": "250m"})],
    "ch08-units-02": [trials("cpu", {"1m": "1m"})],
    "ch08-units-03": [trials("cpu", {"250m": "250m"})],
    "ch08-units-04": [trials("memory", {"129M": "129M", "123Mi": "123Mi"})],
    "ch08-units-05": [trials("memory", KILO)],
    "ch08-units-06": [trials("memory", {"100M": "100M"})],
    "ch08-units-07": [trials("memory", {"1Gi": "1Gi"})],
    "ch08-units-08": [trials("memory", {"1T": "1T", "1Ti": "1Ti"})],
    "ch08-units-09": [greedy("85Mi", "100M", dies=True)],
}
