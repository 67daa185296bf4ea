"""What each run of chapter 8 answers to its question: what it measured, not what was expected."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from helpers.experiments import (
    adding_nodes,
    autoscaling_on_cpu,
    autoscaling_on_metrics,
    limit_ranges,
    metrics_server,
    quality_of_service,
    requests_and_limits,
    resource_quotas,
)
from helpers.experiments.pending_pods import ELSE
from helpers.experiments.sharing import NEITHER
from helpers.experiments.unknown import OPTIONS as UNKNOWN
from helpers.experiments.zones import FIRST
from helpers.lesson.experiment import Experiment
from helpers.model.timeline import Row, Value
from tests.unit.other_runs import (
    Change,
    OtherRun,
    answers,
    changed,
    recorded,
    saying,
    without,
    words,
)


def one_g_is_one_gi(row: Row) -> Row:
    if row.field != "trial" or '"sent"' not in json.dumps(row.value):
        return row
    value: Any = json.loads(json.dumps(row.value))
    if '"memory": "1G"' in json.dumps(value["stored"]):
        value["stored"] = value["sent"] | {
            "spec": json.loads(json.dumps(value["stored"]["spec"]).replace('"1G"', '"1Gi"'))
        }
    return replace(row, value=value)


def top_is_late(row: Row) -> Row:
    return replace(row, time=row.time + 10) if row.field == "kubectl top" else row


def something_else_is_busy(row: Row) -> Row:
    return replace(row, value=9) if row.field == "stat.throttled" and row.value else row


def one_is_let_in_more(row: Row) -> Row:
    mine = (row.object, row.field) == ("Pod/example-3", "asked")
    return replace(row, value=True) if mine else row


def busy_without_its_limit(row: Row) -> Row:
    """The last reading of web is that of a whole core."""
    mine = (row.object, row.field) == ("Pod/web", "stat.cpu_seconds")
    return replace(row, value=3.0) if mine else row


def bare_has_a_number(row: Row) -> Row:
    if row.object != "HorizontalPodAutoscaler/bare" or "ScalingActive" not in row.field:
        return row
    value = {"reason": "ValidMetricFound", "status": "True"}.get(row.field.rpartition(".")[2])
    return replace(row, value=value) if value else row


def the_first_machine_will_do(row: Row) -> Row:
    mine = (row.object, row.field) == ("Pod/db", "spec.nodeName") and row.value
    return replace(row, value=f"{str(row.value)[:-1]}1") if mine else row


def the_largest_went(row: Row) -> Row:
    evicted = row.field == "Evicted" or row.value == "Evicted"
    return replace(row, object="Pod/important") if evicted else row


R, Q, S = requests_and_limits, quality_of_service, resource_quotas
L, M, N = limit_ranges, autoscaling_on_metrics, adding_nodes
OTHER_RUNS: list[OtherRun] = [
    (R.QuantitiesAreRead, one_g_is_one_gi, 0.0),
    (R.RequestsAreCounted, without("spec.nodeName", "sleeper-6"), 5),
    (R.RequestsAreCounted, without("status.conditions.PodScheduled.reason"), None),
    (R.CpuLimitThrottles, something_else_is_busy, None),
    (R.LimitAndRequestHurtApart, busy_without_its_limit, NEITHER),
    (R.MemoryLimitKills, words("status.containerStatuses.greedy.restartCount", ("1", "0")), None),
    (Q.ClassFollows, words("trial", ("Burstable", "BestEffort"), object="Pod/yours"), "BestEffort"),
    (Q.ClassesOnANode, words("oom_score_adj", ("95", "50"), object="burstable"), 508),
    (S.GrowingDeployment, words("step", ('"pods": 4', '"pods": 5')), 5),
    (S.GrowingDeployment, words("scale", ("6", "5")), None),
    (S.Oracle, without("trial", "pod-8"), None),
    (S.QuotaKinds, words("trial", (" quota: objects", " quota: another")), None),
    (L.RequestAlone, without("trial", "r1001-"), None),
    (L.BarePods, one_is_let_in_more, 3),
    (L.BarePods, without("asked", "example-6"), None),
    (metrics_server.OneNumber, without("kubectl top"), None),
    (metrics_server.KubectlTopFails, words("available", ("1", "0")), 0),
    (metrics_server.KubectlTopFails, without("end", "no replica"), None),
    (Q.NodeRunsShort, the_largest_went, ("important", "burstable", "best-effort", "guaranteed")),
    (autoscaling_on_cpu.LoadMeetsAutoscaler, words("status.desiredReplicas", ("4", "5")), 5),
    (autoscaling_on_cpu.LoadMeetsAutoscaler, without("status.conditions.Complete.status"), None),
    (M.MemoryOfEachReplica, without("cpu", source="metrics"), None),
    (M.OwnMetrics, words("spec.replicas", ("6", "8"), object="Deployment/worker"), 8),
    (M.OwnMetrics, without("answer", "sqs:PurgeQueue"), None),
    (N.ObjectsOfTheAutoscaler, words("shown", ('"accepted": false', '"accepted": true')), 6),
    (N.ObjectsOfTheAutoscaler, without("shown", "Deployment"), None),
    (N.RightsOfTheAutoscaler, words("refusal", ("AccessDenied", "Invalid"), object="ec2:"), 7),
    (N.WhoGetsTheKeys, without("refusal", "IRSA/copycat"), None),
    (
        N.PendingPodsMakeNodes,
        words("metadata.labels.node.kubernetes.io/instance-type", ("2xlarge", "4xlarge")),
        ELSE,
    ),
    (N.PendingPodsMakeNodes, without("spec.nodeName", "web-"), None),
    (N.BusyAndIdlePods, without("exists", "Node/"), "neither"),
    (N.BusyAndIdlePods, without("end", "Phase/idle"), None),
    (N.WhatKeepsANode, without("exists", "Node/"), None),
    (N.OneGroupAZone, the_first_machine_will_do, FIRST),
    (N.OneGroupAZone, without("spec.nodeName", "Pod/db"), None),
]


@pytest.mark.parametrize(("made", "change", "answer"), OTHER_RUNS)
def test_another_run_gives_another_answer(
    made: type[Experiment[Any]], change: Change, answer: Value
) -> None:
    answers(made, change, answer)


def test_a_number_that_comes_later_is_another_answer() -> None:
    recording_, late = recorded(metrics_server.OneNumber), metrics_server.OneNumber()
    before, after = (late.outcome(run) for run in (recording_, changed(recording_, top_is_late)))
    assert isinstance(before, float)
    assert after == pytest.approx(before + 10)


def test_a_word_that_means_what_was_stored_is_right() -> None:
    def equal(row: Row) -> Row:
        """Return a row of a run whose default is what one container writes itself: 300m."""
        if row.source != "session":
            return row
        return replace(row, value=json.loads(json.dumps(row.value).replace('"1"', '"300m"')))

    inherited = limit_ranges.Inheritance()
    run = changed(recorded(limit_ranges.Inheritance), equal)
    place = inherited.question().cells.index(("limit 300m", "limits"))
    for word, result in (("as written", "right"), ("default", "right"), ("refused", "wrong")):
        said = [str(each) for each in inherited.script.prediction]  # type: ignore[union-attr]
        said[place] = word
        assert inherited.judge(inherited.question(), saying(run, said)).result == result


def test_each_autoscaler_that_shows_a_number_is_a_right_answer() -> None:
    blind, run = autoscaling_on_cpu.WhyUnknown(), recorded(autoscaling_on_cpu.WhyUnknown)
    mended = changed(run, bare_has_a_number)
    results = {
        name: blind.judge(blind.question(), saying(mended, words)).result
        for name, words in UNKNOWN.items()
    }
    assert [name for name, result in results.items() if result == "right"] == ["bare", "fresh"]
    assert blind.outcome(changed(run, without("status.conditions.AbleToScale.status"))) is None
