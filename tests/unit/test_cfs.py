"""The rule of CPU limits, and windows read from a Timeline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.model import cfs
from helpers.model.band import Band
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline


def limit(text: str) -> Quantity:
    return Quantity.parse(text)


@pytest.mark.parametrize(
    ("text", "quota"),
    [("100m", 10_000), ("250m", 25_000), ("500m", 50_000), ("1", 100_000), ("2", 200_000)],
)
def test_a_millicore_is_100_microseconds_per_period(text: str, quota: int) -> None:
    assert cfs.quota_us(limit(text)) == quota


@pytest.mark.parametrize("text", ["1m", "0.1m", "9m", "10m"])
def test_no_limit_is_tighter_than_ten_millicores(text: str) -> None:
    assert cfs.quota_us(limit(text)) == 1_000


def test_without_a_limit_there_is_no_quota() -> None:
    assert cfs.quota_us(None) is None
    assert cfs.quota_us(limit("0")) is None


def test_threads_can_use_no_more_than_the_machine_has() -> None:
    assert cfs.demand(1, 2) == 1
    assert cfs.demand(8, 2) == 2
    assert cfs.demand(8, 2, pinned=True) == 1
    assert cfs.demand(0, 2) == 0


# Measured with two busy threads on a machine of two cores: periods with a stop, and all periods.
MEASURED = [("250m", 42, 42), ("500m", 41, 42), ("1", 42, 43), ("1500m", 40, 42), ("2", 0, 42)]


@pytest.mark.parametrize(("text", "throttled", "periods"), MEASURED)
def test_the_rule_agrees_with_what_was_measured(text: str, throttled: int, periods: int) -> None:
    assert throttled / periods in cfs.throttled_share(limit(text), 2)


@pytest.mark.parametrize(("text", "decides"), [("1500m", True), ("1700m", False), ("2", False)])
def test_near_the_demand_nothing_is_claimed(text: str, decides: bool) -> None:
    assert cfs.decides(limit(text), 2, 2) is decides


@pytest.mark.parametrize(("text", "able"), [("1", 1.3), ("1500m", 1.0), ("1500m", 1.8)])
def test_nothing_is_claimed_either_near_what_the_machine_can_give(text: str, able: float) -> None:
    assert cfs.decides(limit(text), 2, 2)
    assert not cfs.decides(limit(text), 2, 2, able)
    assert cfs.decides(limit("500m"), 2, 2, able)


def test_a_limit_well_over_the_demand_decides() -> None:
    assert cfs.decides(limit("2"), 1, 2)
    assert cfs.throttled_share(limit("2"), 1).expected == 0
    assert cfs.cpu_used(limit("2"), 1).expected == 1


@given(st.integers(1, 64_000), st.integers(1, 64), st.integers(1, 64))
def test_nobody_uses_more_than_limit_or_demand(milli: int, threads: int, cores: int) -> None:
    wanted = cfs.demand(threads, cores)
    used = cfs.cpu_used(limit(f"{milli}m"), wanted).expected
    assert used <= max(milli / 1000, 0.01)
    assert used <= wanted
    assert cfs.throttled_share(limit(f"{milli}m"), wanted).expected == (1 if used < wanted else 0)


def test_a_band_must_hold_its_expectation() -> None:
    with pytest.raises(ValueError, match="does not lie between"):
        Band(1, 0, 2, "cores")


def test_a_band_reads_as_a_person_would_say_it() -> None:
    assert str(Band(0.85, 1, 1, "share")) == "100 % (85 % to 100 %)"
    assert str(Band(0.425, 0.5, 0.6, "cores")) == "0.5 cores (0.425 to 0.6)"
    assert str(Band(1, 1, 1, "cores")) == "1 core"


STAT = {
    "stat.seconds": 3.0,
    "stat.periods": 30,
    "stat.throttled": 29,
    "stat.throttled_seconds": 4.2,
    "stat.cpu_seconds": 1.5,
    "stat.quota_us": 50_000,
    "stat.period_us": 100_000,
    "stat.cgroup": "v1",
    "stat.limit": "500m",
}


def add(timeline: Timeline, end: float, **changed: object) -> None:
    for field, value in (STAT | {f"stat.{name}": value for name, value in changed.items()}).items():
        timeline.append(Row(end, "exec", "Pod/burn", field, value))


def test_windows_are_read_in_their_order() -> None:
    timeline = Timeline()
    add(timeline, 10.0)
    add(timeline, 20.0, limit=None, quota_us=None, periods=0, throttled=0, cpu_seconds=6)
    first, second = cfs.windows(timeline)
    assert (first.name, first.share, first.cores_used) == ("500m", 29 / 30, 0.5)
    assert (second.name, second.share, second.cores_used) == ("no limit", 0, 2)
    assert second.quota_us is None


@pytest.mark.parametrize("missing", STAT)
def test_a_window_that_is_being_written_is_left_out(missing: str) -> None:
    timeline = Timeline()
    for field, value in STAT.items():
        if field != missing:
            timeline.append(Row(10.0, "exec", "Pod/burn", field, value))
    assert len(cfs.windows(timeline)) == (1 if missing == "stat.cgroup" else 0)


def test_rows_of_others_do_not_matter() -> None:
    timeline = Timeline()
    timeline.append(Row(10.0, "exec", "Pod/other", "stat.seconds", 3.0))
    timeline.append(Row(10.0, "exec", "Pod/burn", "note", "hello"))
    assert cfs.windows(timeline) == ()


@pytest.mark.parametrize(
    ("text", "shares", "pod", "container"),
    [
        ("1", 1024, 39, 100),
        ("500m", 512, 20, 59),
        ("250m", 256, 10, 35),
        ("1m", 2, 1, 1),
        ("0", 2, 1, 1),
        ("1000", 262144, 10000, 10000),
    ],
)
def test_a_request_becomes_shares_and_weights(
    text: str, shares: int, pod: int, container: int
) -> None:
    assert cfs.shares(limit(text)) == shares
    assert cfs.pod_weight(shares) == pod
    assert cfs.container_weight(shares) == container


def test_pods_compete_by_shares_or_by_the_kubelets_weight() -> None:
    assert cfs.weight_of_pod(limit("300m"), "v1") == 307
    assert cfs.weight_of_pod(limit("300m"), "v2") == 12
    assert cfs.weight_of_pod(None, "v1") == 2


@given(st.integers(2, 262144), st.integers(2, 262144))
def test_more_shares_never_weigh_less(one: int, other: int) -> None:
    small, large = sorted((one, other))
    assert 1 <= cfs.pod_weight(small) <= cfs.pod_weight(large) <= 10000
    assert 1 <= cfs.container_weight(small) <= cfs.container_weight(large) <= 10000


def test_a_core_is_divided_by_weight_and_what_is_left_goes_to_others() -> None:
    weight = {"a": 102, "b": 306}
    assert cfs.divide(1, {"a": 1, "b": 1}, weight) == {"a": 0.25, "b": 0.75}
    assert cfs.divide(1, {"a": 1, "b": 0.5}, weight) == {"a": 0.5, "b": 0.5}
    assert cfs.divide(1, {"a": 1}, weight) == {"a": 1}
    assert cfs.divide(1, {"a": 0.1, "b": 0.2}, weight) == {"a": 0.1, "b": 0.2}
    assert cfs.divide(1, {}, {}) == {}


GROUPS = st.dictionaries(
    st.sampled_from("abcdef"), st.tuples(st.floats(0, 4), st.integers(1, 10000)), min_size=1
)


@given(st.floats(0.1, 8), GROUPS)
def test_all_is_given_out_and_nobody_gets_more_than_wanted(
    capacity: float, groups: dict[str, tuple[float, int]]
) -> None:
    wanted = {name: want for name, (want, _) in groups.items()}
    got = cfs.divide(capacity, wanted, {name: weight for name, (_, weight) in groups.items()})
    assert sum(got.values()) == pytest.approx(min(capacity, sum(wanted.values())), abs=1e-9)
    assert all(got[name] <= wanted[name] + 1e-9 for name in wanted)
