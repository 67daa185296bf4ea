"""Each claim: a Timeline on which it holds, one on which it must fail, one that cannot tell."""

from collections.abc import Callable

import pytest

from helpers import claims
from helpers.model import cfs, manifests
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline

PLACE = {"namespace": "requests-and-limits-3f2a", "lesson": "requests-and-limits"}
Seen = tuple[int, int, float]
"""Periods with a stop, all periods, and cores used in a window of 3 s."""


def burn(
    seen: dict[str | None, Seen],
    *,
    threads: int = 2,
    request: str = "100m",
    cores: int = 2,
    quota: Callable[[Quantity], int | None] = cfs.quota_us,
) -> Timeline:
    """Make the Timeline of a burn pod that was resized through the limits and measured at each."""
    timeline = Timeline({"cores": cores})
    manifest = manifests.burn_pod(**PLACE, threads=threads, requests={"cpu": request})
    timeline.append(Row(0, "session", "Pod/burn", "manifest", manifest))
    for step, (limit, (throttled, periods, used)) in enumerate(seen.items(), 1):
        start = 10.0 * step
        if limit is not None:
            resize = {"container": "burn", "resources": {"limits": {"cpu": limit}}}
            timeline.append(Row(start, "session", "Pod/burn", "resize", resize))
        rows = {
            "seconds": 3.0,
            "periods": periods,
            "throttled": throttled,
            "throttled_seconds": 0.0,
            "cpu_seconds": 3.0 * used,
            "quota_us": None if limit is None else quota(Quantity.parse(limit)),
            "period_us": 100_000,
            "cgroup": "v1",
            "limit": limit,
        }
        for name, value in rows.items():
            timeline.append(Row(start + 4, "exec", "Pod/burn", f"stat.{name}", value))
    return timeline


# As measured with two busy threads on two cores.
GOOD: dict[str | None, Seen] = {
    None: (0, 0, 1.9),
    "2": (0, 42, 1.9),
    "1500m": (40, 42, 1.49),
    "1": (42, 43, 1.0),
    "500m": (41, 42, 0.51),
    "250m": (42, 42, 0.26),
}

HOLDS: dict[str, list[Timeline]] = {
    "ch08-requests-03": [burn(GOOD), burn({None: (0, 0, 0.7)})],
    "ch08-requests-04": [burn(GOOD), burn({"1m": (30, 30, 0.01)})],
    "ch08-requests-08": [
        burn(GOOD),
        burn({"500m": (30, 30, 0.5)}, threads=1),
        burn({"2": (0, 30, 1.0)}, threads=1, cores=2),
        # The machine was busy at 1500m: that window decides nothing, the other one holds.
        burn({"1500m": (5, 30, 1.1), "250m": (30, 30, 0.26)}),
    ],
}

FAILS: dict[str, list[Timeline]] = {
    "ch08-requests-03": [burn({None: (0, 0, 0.1)}), burn({None: (0, 0, 0.52)}, request="500m")],
    "ch08-requests-04": [
        burn(GOOD, quota=lambda limit: limit.millicores * 200),
        burn({"500m": (30, 30, 0.5)}, quota=lambda limit: None),
    ],
    "ch08-requests-08": [
        burn(GOOD | {"500m": (0, 42, 1.9)}),  # the limit is not enforced
        burn(GOOD | {"500m": (3, 42, 0.5)}),  # it is, yet hardly ever stops
        burn(GOOD | {"500m": (42, 42, 0.2)}),  # it stops far below the quota
        burn(GOOD, quota=lambda limit: limit.millicores * 50),
        burn({"2": (30, 30, 1.0)}, threads=1, cores=2),  # it stops though the quota is not used up
    ],
}

CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch08-requests-03": [burn({None: (0, 0, 1.9)}, request="1900m"), burn({"1": (30, 30, 1.0)})],
    "ch08-requests-04": [burn({None: (0, 0, 1.9)})],
    "ch08-requests-08": [
        burn({None: (0, 0, 1.9), "2": (20, 30, 1.9)}),
        burn({"1500m": (2, 30, 0.9)}),
        burn({"1": (0, 30, 0.9)}, threads=1),
    ],
}


def cases(of: dict[str, list[Timeline]]) -> list[object]:
    return [
        pytest.param(id, timeline, id=f"{id}-{number}")
        for id, timelines in of.items()
        for number, timeline in enumerate(timelines)
    ]


@pytest.mark.parametrize(("id", "timeline"), cases(HOLDS))
def test_it_holds(id: str, timeline: Timeline) -> None:
    assert claims.verdict(id, timeline).held is True


@pytest.mark.parametrize(("id", "timeline"), cases(FAILS))
def test_it_fails(id: str, timeline: Timeline) -> None:
    assert claims.verdict(id, timeline).held is False


@pytest.mark.parametrize(("id", "timeline"), cases(CANNOT_TELL))
def test_it_cannot_tell(id: str, timeline: Timeline) -> None:
    assert claims.verdict(id, timeline).held is None


@pytest.mark.parametrize("id", sorted(claims.registered()))
def test_each_claim_has_a_run_on_which_it_holds_and_one_on_which_it_fails(id: str) -> None:
    assert HOLDS.get(id)
    assert FAILS.get(id)


@pytest.mark.parametrize("id", sorted(claims.registered()))
def test_an_empty_run_cannot_tell(id: str) -> None:
    verdict = claims.verdict(id, Timeline())
    assert verdict.held is None
    assert verdict.text


@pytest.mark.parametrize("id", sorted(claims.registered()))
def test_both_values_are_said(id: str) -> None:
    for timeline in (HOLDS[id][0], FAILS[id][0]):
        verdict = claims.verdict(id, timeline)
        assert verdict.expected
        assert verdict.measured
        assert verdict.text.endswith(".")


def test_a_recording_gives_the_same_verdict() -> None:
    for id, timelines in HOLDS.items():
        again = Timeline.from_jsonl(timelines[0].to_jsonl())
        assert claims.verdict(id, again) == claims.verdict(id, timelines[0])


def test_a_limit_that_was_never_sent_proves_nothing() -> None:
    timeline = Timeline({"cores": 2})
    for row in burn({"500m": (30, 30, 0.5)}).rows:
        if row.field != "resize":
            timeline.append(row)
    assert claims.verdict("ch08-requests-08", timeline).held is None


def test_an_unknown_claim_names_those_like_it() -> None:
    with pytest.raises(KeyError, match="ch08-requests-08"):
        claims.verdict("ch08-request-08", Timeline())


def test_two_claims_cannot_share_an_id() -> None:
    with pytest.raises(ValueError, match="ch08-requests-08"):
        claims.claim("ch08-requests-08")(lambda timeline: claims.verdict("", timeline))
