"""metrics-server without a cluster: the hops, the faults, the two charts and their words."""

from __future__ import annotations

import pytest

from helpers.charts.faults import FaultsChart
from helpers.charts.hops import HopsChart
from helpers.experiments.metrics_cluster import _mean
from helpers.experiments.no_metrics import Broken, KubectlTopFails
from helpers.experiments.one_number import OneNumber, Step
from helpers.model import metrics_server as model
from tests.unit.claims.metrics_server import STOCK, broken, followed


def test_a_hop_has_seen_the_step_when_it_tells_half_of_it() -> None:
    story = followed(late=20)
    seen = model.seen_after(story)
    assert list(seen) == list(model.HOPS)
    assert seen["cgroup"] == pytest.approx(0.01)
    assert seen["kubectl top"] == pytest.approx(20.05)
    assert "kubectl top" not in model.seen_after(story, share=1.0)  # it told 299m of 300m


def test_the_rule_of_the_hops_follows_from_the_periods() -> None:
    assert model.at_most("cAdvisor") == model.at_most("kubelet") == 20
    assert model.at_most("metrics API") == 2 * 20 + model.resolution()
    bounds = [model.at_most(hop) for hop in model.HOPS]
    assert bounds == sorted(bounds)
    assert bounds[-1] < 60  # the minute that the book waits


def test_each_fault_has_its_reason_and_its_replicas() -> None:
    found = {f.name: (f.reason, f.available) for f in model.faults(broken())}
    assert found == {
        "wrong port": ("ServicePortError", 1),
        "wrong selector": ("MissingEndpoints", 1),
        "no replica": ("MissingEndpoints", 0),
        "certificates checked": ("MissingEndpoints", 0),
    }


def test_only_the_flag_is_taken_away() -> None:
    (container,) = model.certificates_checked(STOCK)["spec"]["template"]["spec"]["containers"]
    assert container == {"name": "metrics-server", "args": ["--cert-dir=/tmp"]}


LABELS = 'container="burn",namespace="{space}",pod="burn"'
LINE = "container_cpu_usage_seconds_total{{" + LABELS + "}} 3.0 110000"


def test_a_counter_is_a_mean_since_the_start() -> None:
    assert _mean(LINE.format(space="ours"), "ours", 100.0) == pytest.approx(0.3)
    assert _mean(LINE.format(space="other"), "ours", 100.0) is None
    assert _mean(LINE.format(space="ours"), "ours", 110.0) is None


def test_the_chart_of_hops_tells_what_it_shows() -> None:
    story = followed()
    story.row("learner", "Card/x", "prediction", 5.0)
    chart = HopsChart(story)
    assert "kubectl top after 20.1 s" in chart.text
    assert "You predicted 5 s" in chart.text
    assert [row["reader"] for row in chart.table] == list(model.HOPS)
    assert list(chart.figure.data[2].y) == list(model.HOPS)


def test_the_chart_of_faults_tells_what_it_shows() -> None:
    chart = FaultsChart(broken())
    assert "wrong port: ServicePortError, 1 available" in chart.text
    assert [row["available"] for row in chart.table] == [1, 1, 0, 0]
    ground, names, *_ = chart.figure.data
    assert ground.x.count(None) == 4
    assert names.text[0] == "1"
    assert chart.figure.layout.title.text.startswith("1 wrong port · 2 ")


def test_what_kubectl_did_is_told_and_not_assumed() -> None:
    assert "kubectl top failed in 4 of 4 faults" in FaultsChart(broken()).text
    assert "kubectl top failed in 0 of 4 faults" in FaultsChart(broken(works=True)).text


def test_the_difference_follows_what_was_seen() -> None:
    story = followed(late=33)
    story.row("learner", "Card/x", "prediction", 5.0)
    assert "after 33 s; you said 5 s" in OneNumber().difference(story)
    made = broken(available={"wrong port": 0})
    made.row("learner", "Card/x", "prediction", 4)
    assert "In 1 of the four faults" in KubectlTopFails().difference(made)
    assert "1 available (wrong selector)" in KubectlTopFails().difference(made)


def test_values_that_would_spoil_the_lesson_are_refused() -> None:
    assert "port" in KubectlTopFails().check(Broken(port=443))
    assert KubectlTopFails().check(Broken(port=80)) == {}
    assert "limit" in OneNumber().check(Step(limit="50m"))
    assert "limit" in OneNumber().check(Step(limit="2"))
    assert OneNumber().check(Step(limit="1")) == {}
