"""The experiments without a cluster: their questions, manifests, waits and words."""

from __future__ import annotations

import gzip
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from helpers import claims
from helpers.charts.memory import MemoryChart
from helpers.charts.placement import PlacementChart
from helpers.charts.quantities import QuantitiesChart
from helpers.charts.sharing import Cell, SharingChart
from helpers.experiments import placement, pods, quantities, sharing, throttling
from helpers.forms import Form
from helpers.lesson import recording
from helpers.lesson.experiment import Experiment, Place, Trouble
from helpers.lesson.run import plain
from helpers.model import aws, ledger
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline, Value
from tests import course

PLACE = Place("requests-and-limits", "requests-and-limits-0000")
EXPERIMENTS = [made for _, made in course.experiments()]
RECORDINGS = sorted((Path(__file__).resolve().parents[2] / "recordings").glob("*/*.jsonl.gz"))


@pytest.fixture(params=EXPERIMENTS, ids=lambda experiment: experiment.id)
def experiment(request: pytest.FixtureRequest) -> Experiment[Any]:
    return request.param()  # type: ignore[no-any-return]


def form_of(experiment: Experiment[Any]) -> Form[Any]:
    build = experiment.build
    return Form(experiment.spec, lambda values: build(values, PLACE), check=experiment.check)


def test_the_form_begins_right_and_makes_a_whole_manifest(experiment: Experiment[Any]) -> None:
    form = form_of(experiment)
    assert form.errors == {}
    assert form.manifests
    for manifest in form.manifests:
        if aws.is_request(manifest):
            continue  # the account is the lesson's own, and empty when it begins
        metadata: Any = manifest["metadata"]
        if metadata.get("namespace") == "kube-system" or manifest["kind"] == "APIService":
            continue  # some fields of what is the cluster's own, for Bench.change
        # An object of the whole cluster has no namespace.
        assert metadata.get("namespace", PLACE.namespace) == PLACE.namespace
        assert metadata["labels"]["kubernetes-workbook/lesson"] == PLACE.lesson


def test_no_two_experiments_share_an_id() -> None:
    ids = [made.id for made in EXPERIMENTS]
    assert sorted(set(ids)) == sorted(ids)


def test_the_script_is_possible(experiment: Experiment[Any]) -> None:
    form = form_of(experiment)
    form.set(**experiment.script.values)
    assert form.errors == {}
    question = experiment.question()
    for prediction in (experiment.script.prediction, *experiment.script.misconceptions.values()):
        question.commit(prediction)
    assert experiment.script.misconceptions
    assert experiment.script.prediction not in experiment.script.misconceptions.values()


def test_an_empty_chart_can_be_shown(experiment: Experiment[Any]) -> None:
    chart = experiment.chart(Timeline())
    assert chart.text
    assert chart.table == []
    assert chart.legend


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name.split(".")[0])
def test_a_recorded_run_holds_its_claims_and_has_words(path: Path) -> None:
    timeline = recording.load(path.parent.name, path.name.removesuffix(".jsonl.gz"))
    (experiment,) = (e() for e in EXPERIMENTS if e.id == timeline.meta["card"])
    for entry in ledger.load():
        if entry.card == timeline.meta["card"] and entry.proof == "claim" and entry.proved:
            verdict = claims.verdict(entry.id, timeline)
            assert verdict.held, verdict
    words = plain(experiment.difference(timeline))
    assert "None" not in words
    assert "you said" in words.lower()
    chart = experiment.chart(timeline)
    assert chart.table
    assert "nan" not in chart.text
    assert chart.figure.data


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name.split(".")[0])
def test_a_recording_loaded_and_saved_has_the_same_bytes(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson, card = path.parent.name, path.name.removesuffix(".jsonl.gz")
    timeline = recording.load(lesson, card)
    monkeypatch.setenv("WORKBOOK_RECORDINGS", str(tmp_path))
    again = recording.save(timeline, lesson, card)
    assert gzip.decompress(again.read_bytes()) == gzip.decompress(path.read_bytes())
    assert recording.save(timeline, lesson, card).read_bytes() == path.read_bytes()


def recorded(card: str) -> Timeline:
    return recording.load("requests-and-limits", card)


def test_the_placement_chart_counts_what_is_placed_and_what_fits() -> None:
    chart = PlacementChart(recorded("the-scheduler-counts-requests"))
    assert chart.fit == chart.rule == 6
    bars = chart.figure.data[1]
    assert len(bars.x) == 6
    assert set(bars.y) == {0.4}
    strokes = chart.figure.data[2]
    assert strokes.connectgaps is False
    assert [row["the scheduler's words"] for row in chart.table][-1].startswith("0/3 nodes")


def test_the_sharing_chart_has_four_cells_near_their_rule() -> None:
    chart = SharingChart(recorded("limit-and-request-hurt-apart"))
    for cell in chart.cells:
        assert cell.rule is not None
        assert cell.measured == pytest.approx(cell.rule, rel=0.3, abs=0.05)
    assert list(chart.figure.data[1].y) == [cell.measured for cell in chart.cells]
    assert [cell.predicted for cell in chart.cells] == [False, None, True, None]


def test_the_memory_chart_has_the_kill_at_the_limit() -> None:
    timeline = recorded("a-memory-limit-kills")
    chart = MemoryChart(timeline)
    assert chart.kills
    before = [size for second, size in chart.held if second < chart.kills[0]]
    assert before == sorted(before)
    assert max(before) < 64
    assert list(chart.figure.data[2].y) == [64] * len(chart.kills)
    assert all(use.cores == pytest.approx(0.25, abs=0.05) for use in chart.cpu)
    assert {row["what"] for row in chart.table} >= {"OOMKilled", "holds 16 MiB"}


def test_the_quantities_chart_shows_what_is_lost() -> None:
    chart = QuantitiesChart(recorded("what-a-quantity-means"))
    assert [round(point.measured or 0, 1) for point in chart.points] == [
        *(2.3, 4.6, 6.9),
        *(9.1, 11.2, 13.3),
    ]
    words = {row["written"]: row["the server's words"] for row in chart.table}
    assert "suffix" in str(words["64K"])
    assert "fractional byte value" in str(words["400m"])


def test_the_sweep_holds_the_learners_limit_last_and_nothing_below_the_request() -> None:
    sweep = throttling._sweep
    assert sweep(throttling.Burn("500m", "100m", 2)) == (
        *("2", "1500m", "1", "250m", "100m"),
        "500m",
    )
    assert sweep(throttling.Burn("0.3", "200m", 2)) == ("2", "1500m", "1", "500m", "250m", "300m")
    assert sweep(throttling.Burn("3", "1500m", 2)) == ("2", "1500m", "3")


def seen(**fields: Value) -> Timeline:
    timeline = Timeline()
    for number, (field, value) in enumerate(fields.items()):
        path = field.replace("__", ".").replace("STATUS", "status.containerStatuses.burn")
        timeline.append(Row(float(number), "watch", "Pod/burn", path, value))
    return timeline


def test_a_pod_runs_when_its_container_has_started() -> None:
    condition = pods.running("burn")
    assert not condition(Timeline())
    assert not condition(seen(STATUS__state__waiting__reason="ContainerCreating"))
    assert condition(seen(STATUS__state__running__startedAt="2026-11-23T07:00:00Z"))


def test_a_pod_waits_for_nodes_that_were_not_ready_a_moment_ago() -> None:
    taints = "0/3 nodes are available: 3 node(s) had untolerated taint(s). preemption: none."
    fields = {"status__conditions__PodScheduled__reason": "Unschedulable"}
    said = "status__conditions__PodScheduled__message"
    assert not pods.running("burn")(seen(**fields, **{said: taints}))
    full = "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu."
    with pytest.raises(Trouble, match="room"):
        pods.running("burn")(seen(**fields, **{said: full}))


@pytest.mark.parametrize(
    ("fields", "title", "words"),
    [
        (
            {
                "STATUS__image": "localhost/workbook/burn:9",
                "STATUS__state__waiting__reason": "ErrImageNeverPull",
            },
            "image",
            "burn:9",
        ),
        (
            {
                "STATUS__state__waiting__reason": "ImagePullBackOff",
                "STATUS__state__waiting__message": "Back-off pulling image",
            },
            "image",
            "Back-off",
        ),
        (
            {
                "STATUS__state__waiting__reason": "RunContainerError",
                "STATUS__state__waiting__message": "no such command",
            },
            "does not start",
            "no such command",
        ),
        (
            {
                "status__conditions__PodScheduled__reason": "Unschedulable",
                "status__conditions__PodScheduled__message": "2 Insufficient cpu",
            },
            "room",
            "Insufficient cpu",
        ),
    ],
)
def test_a_pod_that_never_will_run_is_trouble(
    fields: dict[str, Value], title: str, words: str
) -> None:
    with pytest.raises(Trouble) as trouble:
        pods.running("burn")(seen(**fields))
    assert title in trouble.value.title
    assert words in f"{trouble.value.message} {trouble.value.hint}"


def test_a_limit_is_in_force_when_the_kubelet_reports_it_in_whatever_spelling() -> None:
    condition = pods.limit_in_force("burn", "500m")
    assert not condition(Timeline())
    assert not condition(seen(STATUS__resources__limits__cpu="1"))
    assert condition(seen(STATUS__resources__limits__cpu="0.5"))


@pytest.mark.parametrize(
    ("left", "request_", "placed", "words"),
    [
        ([300, 300], "400m", 6, "They all sleep, but no node has more than 300m"),
        ([300, 300], "400m", 6, "room on several nodes is no room for a pod"),
        ([700, 0], "800m", 1, "It sleeps, but no node has more than 700m"),
        ([1500, 1500], "2", 0, "No node has more than 1500m"),
        ([600, 100], "400m", 4, "There is room for more still: a node has 600m"),
    ],
)
def test_the_placement_tells_what_was_left(
    left: list[int], request_: str, placed: int, words: str
) -> None:
    said = placement._room(left, Quantity.parse(request_), placed)
    assert words in said
    assert ("several nodes" in said) is (
        sum(left) >= Quantity.parse(request_).millicores > max(left)
    )


@pytest.mark.parametrize(
    ("idle", "busy", "words"),
    [
        (1.0, 0.11, "slow only beside the busy neighbour: 1.00 cores alone, 0.11 beside it"),
        (0.3, 0.3, "slow, whatever the neighbour does"),
        (0.6, 0.3, "slow alone, and slower beside"),
        (1.0, 0.95, "not felt, not even beside"),
    ],
)
def test_the_sharing_tells_where_a_fitting_is_felt(idle: float, busy: float, words: str) -> None:
    assert words in sharing._felt("tight limit", idle, busy, 1.0)


@pytest.mark.parametrize(
    ("prediction", "alone", "words"),
    [
        (sharing.LIMIT, 0.3, "the one with the tight limit; as you said."),
        (sharing.NEITHER, 0.3, "the one with the tight limit; you said: neither"),
        (sharing.NEITHER, 0.98, "neither; as you said."),
        (sharing.LIMIT, 0.98, "neither; you said: the one with the tight limit."),
    ],
)
def test_the_sharing_answers_its_question_by_what_was_measured(
    monkeypatch: pytest.MonkeyPatch, prediction: str, alone: float, words: str
) -> None:
    cells = (
        Cell("low request", "idle", measured=1.0),
        Cell("low request", "busy", measured=0.2),
        Cell("tight limit", "idle", measured=alone),
        Cell("tight limit", "busy", measured=alone),
    )
    monkeypatch.setattr(sharing, "SharingChart", lambda _: SimpleNamespace(cells=cells))
    timeline = Timeline()
    timeline.append(Row(0.0, "learner", "Card/x", "prediction", prediction))
    assert words in plain(sharing.LimitAndRequestHurtApart().difference(timeline))


@pytest.mark.parametrize(
    ("limit", "throttled", "cpu", "words"),
    [
        ("500m", 30, 1.5, "use up 50 ms of quota in 25 ms"),
        ("500m", 12, 1.1, "too busy to tell"),
        ("2", 0, 5.9, "not used up"),
    ],
)
def test_the_difference_tells_a_rule_from_a_busy_machine(
    limit: str, throttled: int, cpu: float, words: str
) -> None:
    timeline = Timeline({"cores": 2})
    values: Value = {"limit": limit, "request": "100m", "threads": 2}
    timeline.append(Row(0.0, "learner", "Card/x", "prediction", 62.0))
    timeline.append(Row(0.0, "learner", "Card/x", "values", values))
    read: dict[str, Value] = {
        "seconds": 3.0,
        "periods": 30,
        "throttled": throttled,
        "throttled_seconds": 1.0,
        "cpu_seconds": cpu,
        "quota_us": 50000,
        "period_us": 100000,
        "cgroup": "v1",
        "limit": limit,
    }
    for name, value in read.items():
        timeline.append(Row(5.0, "exec", "Pod/burn", f"stat.{name}", value))
    assert words in plain(throttling.CpuLimitThrottles().difference(timeline))


def test_the_units_form_lets_a_wrong_quantity_pass_to_the_server() -> None:
    form = form_of(quantities.QuantitiesAreRead())
    form.set(memory="64K", cpu="half")
    assert form.errors == {}
    manifest: Any = form.manifest
    assert manifest["spec"]["containers"][0]["resources"]["limits"] == {
        "cpu": "half",
        "memory": "64K",
    }
    assert quantities._memory("64K").startswith("The rule: refused")
    assert "64,000 bytes" in quantities._memory("64k")
    assert "500m" in quantities._cpu("0.5")
