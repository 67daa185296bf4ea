"""The grid of what survives what: its rule, how a run is read, and how the chart shows it."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.charts.survives import SurvivesChart
from helpers.experiments.survives import WhatSurvives
from helpers.lesson.run import plain
from helpers.model import statefulset, survives, volumes
from helpers.model.lost_node import NODE_READY
from helpers.model.statefulset import DELETE, NAME, Kept
from helpers.model.survives import (
    CELLS,
    CLAIM,
    CLAIMLESS,
    EMPTY,
    EVENTS,
    GONE,
    KILLED,
    KINDS,
    LOST,
    NEW,
    NONE,
    OWNER,
    OWNERS,
    RETAINED,
    SAME,
    SCALED,
    SET,
)
from helpers.model.timeline import Row
from tests.unit.claims.statefulset import WHERE, Sets

RULE = {
    EMPTY: (SAME, NEW, NEW, NEW, None, NEW),
    CLAIM: (SAME, SAME, SAME, SAME, NONE, NONE),
    RETAINED: (SAME, SAME, SAME, SAME, NONE, NONE),
    SET: (SAME, SAME, SAME, SAME, NEW, NONE),
}


def test_the_rule_of_each_cell() -> None:
    for kind in KINDS:
        for event, expected in zip(EVENTS, RULE[kind], strict=True):
            if expected is not None:
                assert survives.rule(event, kind, Kept()) == expected, (event, kind)
    assert len(CELLS) == 23
    assert (CLAIMLESS, EMPTY) not in CELLS


@pytest.mark.parametrize(
    ("kept", "changed"),
    [
        (Kept(when_scaled=DELETE), SCALED),
        (Kept(when_deleted=DELETE), OWNER),
    ],
)
def test_a_policy_changes_one_cell(kept: Kept, changed: str) -> None:
    other = [cell for cell in CELLS if survives.rule(*cell, kept) != survives.rule(*cell, Kept())]
    assert other == [(changed, SET)]


def started() -> Sets:
    """All four kinds serve; their Pods stand on node a."""
    story = Sets()
    for kind in (EMPTY, CLAIM, RETAINED):
        spec = statefulset.server_spec(volumes.empty_dir("data"))
        story.sent(volumes.deployment(**WHERE, name=OWNERS[kind], spec=spec))
    story.set(replicas=1)
    for kind in KINDS:
        pod = f"{NAME}-0" if kind == SET else f"{OWNERS[kind]}-aa"
        story.made(pod).ready(pod)
    for node in "ab":
        story.row("watch", f"Node/{node}", NODE_READY, "True")
    return story


def waiting(story: Sets, pod: str) -> Sets:
    reason = "status.conditions.PodScheduled.reason"
    story.made(pod, 2).row("watch", f"Pod/{pod}", reason, "Unschedulable")
    return story


def test_who_serves_since_when() -> None:
    story = started()
    since = story.at
    for kind in KINDS:
        assert survives.serving(story, kind, 0.0) is not None
        assert survives.serving(story, kind, since + 0.005) is None
    path = "status.containerStatuses.randserver"
    story.row("watch", "Pod/scratch-aa", f"{path}.ready", True)
    story.row("watch", "Pod/scratch-aa", f"{path}.restartCount", 1)
    found = survives.serving(story, EMPTY, since + 0.005)
    assert found is not None
    assert found.name == "scratch-aa"


def test_a_deployment_without_its_claim_is_helpless() -> None:
    story = waiting(started().going("plain-aa"), "plain-bb")
    assert not survives.helpless(story, CLAIM, 0.0)  # it may still find a node
    story.row("watch", "PersistentVolumeClaim/plain", "exists", False)
    assert survives.helpless(story, CLAIM, 0.0)
    assert not survives.helpless(story, CLAIM, story.at)  # that was before
    assert not survives.helpless(story, RETAINED, 0.0)  # it serves


def test_on_a_lost_node_a_claim_binds_and_a_name_waits() -> None:
    story = started()
    going = "metadata.deletionTimestamp"
    for pod in (f"{NAME}-0", "keeper-aa"):
        story.row("watch", f"Pod/{pod}", going, "2026-11-24T19:00:00Z")
    waiting(story, "keeper-bb")
    assert not survives.helpless(story, SET, 0.0)  # a Pod that ends, on a node that lives
    assert not survives.helpless(story, RETAINED, 0.0)
    story.row("watch", "Node/a", NODE_READY, "Unknown")
    assert survives.helpless(story, SET, 0.0)
    assert survives.helpless(story, RETAINED, 0.0)
    story.row("watch", "Node/a", NODE_READY, "True")
    assert not survives.helpless(story, SET, 0.0)


def told(prediction: Any = None, events: tuple[str, ...] = (KILLED, GONE)) -> Sets:
    """A run as far as these events; the emptyDir has a new file after the second."""
    story = Sets()
    if prediction is not None:
        story.append(Row(0.0, "learner", "Card/what-survives", "prediction", list(prediction)))
    story.set(replicas=1)
    before = {kind: f"{kind}-1" for kind in KINDS}
    for event in events:
        after: dict[str, Any] = dict(before)
        if event == GONE:
            after[EMPTY] = "another"
        if event == CLAIMLESS:
            after[CLAIM] = None
        story.row("session", f"Step/{event}", "before", before)
        story.row("session", f"Step/{event}", "after", after)
    return story


def test_a_cell_is_settled_by_the_checksums() -> None:
    cells = {(c.event, c.kind): c for c in survives.cells(told(events=(GONE, CLAIMLESS)))}
    assert cells[GONE, EMPTY].measured == NEW
    assert cells[GONE, SET].measured == SAME
    assert cells[CLAIMLESS, CLAIM].measured == NONE
    assert cells[LOST, SET].measured is None
    assert survives.cells(Sets().set()) == []


def test_the_chart_has_half_a_run_and_the_predictions() -> None:
    experiment = WhatSurvives()
    chart = SurvivesChart(told(experiment.script.prediction))
    rule, dots, said = chart.figure.data
    assert len(dots.x) == 8
    assert len(rule.x) == 3 * len(CELLS)
    assert len(said.x) == len(CELLS)
    assert "agree on 8 of 8 cells" in chart.text
    assert len(chart.table) == len(CELLS)
    right = plain(experiment.difference(told(experiment.script.prediction)))
    assert right.startswith("8 of 8 cells are as you said.")
    wrong = experiment.script.misconceptions["an emptyDir is lost with its container"]
    said_ = plain(experiment.difference(told(wrong)))
    assert said_.startswith("7 of 8 cells")
    assert f"{EMPTY}, {KILLED}: {SAME}, you said {NEW}" in said_
    assert "you said" in plain(experiment.difference(told(events=()))).lower()
