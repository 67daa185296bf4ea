"""Storage classes: the default rule, and what a run shows of binding and growth."""

from __future__ import annotations

import pytest

from helpers.charts.binding_mode import BindingChart
from helpers.charts.default_class import DefaultClassChart
from helpers.charts.growing_claim import GrowthChart
from helpers.model import classes_run
from helpers.model.classes_run import ACCEPTED, GROW, PENDING, REFUSED, RUNS, Class
from tests.unit.claims.storage_classes import defaults
from tests.unit.claims.story import Story

OLD, NEW = "2026-11-24T19:00:00Z", "2026-11-24T19:00:01Z"


@pytest.mark.parametrize(
    ("classes", "default"),
    [
        ([], None),
        ([Class("a", False, OLD)], None),
        ([Class("a", True, OLD), Class("b", True, NEW)], "b"),
        ([Class("a", True, NEW), Class("b", False, NEW)], "a"),
        ([Class("b", True, NEW), Class("a", True, NEW)], "a"),
    ],
)
def test_the_newest_default_counts(classes: list[Class], default: str | None) -> None:
    assert classes_run.default_of(classes) == default


def test_the_default_chart_has_a_row_a_claim() -> None:
    chart = DefaultClassChart(defaults())
    assert [row["seen"] for row in chart.table] == [
        "general-purpose",
        "newer",
        "general-purpose",
        "no class",
    ]
    assert all(row["seen"] == row["by the rule"] for row in chart.table)


def test_a_claim_is_bound_at_once_or_after_its_pod() -> None:
    story = Story()
    for name in classes_run.BINDING:
        claim = f"PersistentVolumeClaim/{name}"
        story.row("session", claim, "manifest", {})
        if name == "at-once":
            story.row("watch", claim, "status.phase", "Bound")
    story.at += 2
    for name in classes_run.BINDING:
        story.row("session", f"Pod/{name}", "manifest", {})
    story.row("watch", "PersistentVolumeClaim/with-pod", "status.phase", "Bound")
    running = "status.containerStatuses.with-pod.state.running.startedAt"
    story.row("watch", "Pod/with-pod", running, OLD)
    story.row("watch", "Pod/at-once", "status.conditions.PodScheduled.reason", "Unschedulable")
    assert classes_run.bound_after(story, "at-once") == pytest.approx(0.01)
    assert (classes_run.bound_after(story, "with-pod") or 0) > 2
    assert classes_run.fate(story, "at-once") == PENDING
    assert classes_run.fate(story, "with-pod") == RUNS
    assert (classes_run.bound_since_pod(story, "at-once") or 0) < -1
    assert "s before its Pod was sent, its Pod is Pending" in BindingChart(story).text


def test_growth_needs_the_class_and_nothing_shrinks() -> None:
    assert classes_run.growth_expected(allowed=True)[GROW] == ACCEPTED
    assert set(classes_run.growth_expected(allowed=False).values()) == {REFUSED}
    story = Story().row("learner", "Card/x", "values", {"allowed": "true", "size": "2Gi"})
    value = {"name": GROW, "came": ACCEPTED, "words": "waiting"}
    story.row("session", "PersistentVolumeClaim/data", "asked", value)
    (row,) = GrowthChart(story).table
    assert row["by the rule"] == row["seen"] == ACCEPTED
