"""The arithmetic of `make bench`: a bound that is missed must be told."""

from __future__ import annotations

import json
from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench import __main__ as bench
from tests.bench import cluster
from tests.bench.cluster import NotMeasured
from tests.bench.figure import Figure, cold_start, median, p95, percentile, used_memory

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1)


@pytest.mark.parametrize(
    ("count", "share", "expected"),
    [(20, 0.95, 19), (40, 0.95, 38), (100, 0.95, 95), (21, 0.95, 20), (1, 0.95, 1), (4, 0.5, 2)],
)
def test_percentile_of_the_first_whole_numbers(count: int, share: float, expected: int) -> None:
    assert percentile(range(count, 0, -1), share) == expected


@given(numbers)
def test_percentile_is_one_of_the_values_and_enough_are_below(values: list[float]) -> None:
    found = percentile(values, 0.95)
    assert found in values
    assert sum(value <= found for value in values) >= 0.95 * len(values)
    assert percentile(values, 0.0) == min(values)
    assert percentile(values, 1.0) == max(values)


def test_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.95)


@pytest.mark.parametrize(
    ("value", "bound", "holds"),
    [(1.15, 1.15, True), (1.1501, 1.15, False), (3.0, None, None), (None, 45, False)],
)
def test_holds(value: float | None, bound: float | None, holds: bool | None) -> None:
    figure = Figure("what", "s", value, bound)
    assert figure.holds is holds
    assert figure.report()["holds"] is holds


def test_the_verdict_is_on_the_value_and_not_on_what_is_shown() -> None:
    report = Figure("what", "s", 45.0004, 45).report()
    assert (report["value"], report["holds"]) == (45.0, False)


def test_p95_fails_by_two_slow_ones_of_twenty_and_not_by_one() -> None:
    assert p95("edit", 50, [10.0] * 19 + [400.0]).holds is True
    slow = p95("edit", 50, [10.0] * 18 + [400.0] * 2)
    assert (slow.value, slow.holds) == (400.0, False)
    assert slow.report()["median"] == 10.0
    assert median("apply", "ms", [3, 1, 2]).report()["value"] == 2


def record(command: str, began: str, seconds: float, good: bool = True, *steps: str) -> str:
    return json.dumps(
        {
            "command": command,
            "began": f"2026-01-02T{began}+00:00",
            "seconds": seconds,
            "good": good,
            "steps": dict.fromkeys(steps, 1.0),
        }
    )


COLD = ("node image", "kind creates the cluster")


def test_cold_start_is_the_last_that_made_the_node_image() -> None:
    records = "\n".join(
        [
            record("start", "08:00:00", 700.0, True, *COLD),
            record("environment", "10:00:00", 60.0),
            record("start", "10:01:01", 500.0, True, *COLD),
            record("start", "11:00:00", 900.0, False, *COLD),
            record("start", "12:00:00", 30.0, True, "JupyterLab"),
            record("up", "13:00:00", 600.0, True, *COLD),
        ]
    )
    found = cold_start(records)
    assert found is not None
    assert found[0] == pytest.approx(561.0)
    assert found[1]["began"] == "2026-01-02T10:01:01+00:00"


def test_cold_start_does_not_count_an_environment_of_long_before() -> None:
    early = record("environment", "10:00:00", 60.0)
    found = cold_start(f"{early}\n{record('start', '10:30:00', 500.0, True, *COLD)}")
    assert found is not None
    assert found[0] == pytest.approx(500.0)
    assert cold_start(early) is None
    assert cold_start("") is None


def test_used_memory_leaves_out_the_page_cache_and_keeps_files_in_memory() -> None:
    assert used_memory("v1", 1000, "cache 1\ntotal_cache 400\ntotal_shmem 30\ntotal_rss 5") == 630
    assert used_memory("v2", 1000, "anon 500\nfile 400\nshmem 30") == 630


def test_what_cannot_be_measured_is_told_and_does_not_hold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> list[Figure]:
        raise NotMeasured("the cable is cut")

    monkeypatch.setitem(bench.FIGURES, "form", broken)
    (said,) = bench.measure("form")
    assert isinstance(said, dict)
    assert said["holds"] is False
    assert "the cable is cut" in str(said["error"])
    assert "✗" in capsys.readouterr().err


@pytest.mark.parametrize(("value", "status"), [(44.0, 0), (46.0, 1)])
def test_prints_one_document_and_fails_when_a_bound_is_missed(
    value: float, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "as_it_was", nullcontext)
    monkeypatch.setattr(cluster, "there", lambda: True)
    monkeypatch.setattr(bench, "FIGURES", {"one": lambda: [Figure("one", "s", value, 45)]})
    assert bench.main(["--only", "one"]) == status
    document = json.loads(capsys.readouterr().out)
    assert [one["holds"] for one in document["figures"]] == [status == 0]


@pytest.mark.parametrize("name", bench.TAKE_DOWN)
@pytest.mark.parametrize(
    ("running", "options", "measured"),
    [(True, [], False), (True, ["--take-down"], True), (False, [], True)],
)
def test_takes_a_running_cluster_down_only_when_told_to(
    name: str,
    running: bool,
    options: list[str],
    *,
    measured: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    calls = []

    def fake() -> list[Figure]:
        calls.append(name)
        return [Figure(name, "s", 1, 45)]

    monkeypatch.setattr(cluster, "as_it_was", nullcontext)
    monkeypatch.setattr(cluster, "there", lambda: running)
    monkeypatch.setattr(bench, "FIGURES", {name: fake})
    assert bench.main(["--only", name, *options]) == (0 if measured else 1)
    assert bool(calls) is measured
    (said,) = json.loads(capsys.readouterr().out)["figures"]
    assert ("error" in said) is not measured


def test_the_figures_that_take_the_cluster_down_are_named() -> None:
    assert set(bench.TAKE_DOWN) <= set(bench.FIGURES)
