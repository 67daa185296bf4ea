"""The rules of StatefulSets, and what a run shows of them."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.charts.lost_node import LostNodeChart
from helpers.charts.set_update import UpdateChart
from helpers.experiments.stateful_sets import (
    NodeIsLost,
    SetIsUpdated,
    SetStarts,
)
from helpers.forms import Form
from helpers.lesson.experiment import Experiment, Place
from helpers.lesson.run import plain
from helpers.model import lost_node, set_run, statefulset
from helpers.model.statefulset import DELETE, ORDERED, PARALLEL, RETAIN, Kept
from helpers.model.timeline import Row
from tests.unit.claims.statefulset import WHERE, Sets, lost, ordered


def test_names_are_of_set_and_ordinal() -> None:
    assert statefulset.pod_name("web", 0) == "web-0"
    assert statefulset.claim_name("web", 2) == "data-web-2"
    assert statefulset.claim_name("web", 2).startswith(statefulset.claims_of("web"))
    assert statefulset.dns_name("web-0", "web", "here") == "web-0.web.here.svc.cluster.local"


@pytest.mark.parametrize(
    ("policy", "ready", "pods"),
    [(ORDERED, 0, 1), (ORDERED, 2, 3), (ORDERED, 3, 3), (PARALLEL, 0, 3), (PARALLEL, 3, 3)],
)
def test_how_many_may_exist(policy: str, ready: int, pods: int) -> None:
    assert statefulset.may_exist(policy, 3, ready) == pods


@pytest.mark.parametrize(("partition", "old"), [(0, 0), (2, 2), (3, 3), (7, 3)])
def test_a_partition_keeps_those_below_it(partition: int, old: int) -> None:
    assert statefulset.held_back(3, partition) == old


@pytest.mark.parametrize(
    ("kept", "event", "left"),
    [
        (Kept(), "scaled", 3),
        (Kept(), "deleted", 3),
        (Kept(DELETE, RETAIN), "scaled", 1),
        (Kept(DELETE, RETAIN), "deleted", 3),
        (Kept(RETAIN, DELETE), "deleted", 0),
        (Kept(RETAIN, DELETE), "scaled", 3),
        (Kept(DELETE, DELETE), "", 3),
    ],
)
def test_what_a_policy_keeps(kept: Kept, event: str, left: int) -> None:
    assert kept.claims(3, event, 1) == left
    assert kept.opposite.opposite == kept


def test_a_manifest_says_only_what_was_chosen() -> None:
    made: Any = statefulset.stateful_set(**WHERE, policy=ORDERED)
    assert set(made["spec"]) == {
        *("serviceName", "replicas", "selector", "template", "volumeClaimTemplates")
    }
    assert Kept.parse(made) == Kept(RETAIN, RETAIN)
    assert statefulset.policy_of(made) == ORDERED
    assert statefulset.partition_of(made) == 0
    pod = made["spec"]["template"]["spec"]
    assert "volumes" not in pod
    (container,) = pod["containers"]
    assert container["volumeMounts"] == [{"name": "data", "mountPath": "/data"}]
    assert container["securityContext"] == {"readOnlyRootFilesystem": True}
    chosen: Any = statefulset.stateful_set(
        **WHERE, claims=False, when_scaled=DELETE, partition=2, version=3, tolerate=5
    )
    assert "volumeClaimTemplates" not in chosen["spec"]
    assert Kept.parse(chosen) == Kept(DELETE, RETAIN)
    assert statefulset.partition_of(chosen) == 2
    pod = chosen["spec"]["template"]["spec"]
    assert pod["volumes"] == [{"name": "data", "emptyDir": {}}]
    assert pod["tolerations"][0]["tolerationSeconds"] == 5


def test_a_name_has_several_lives() -> None:
    story = ordered().going("randserver-1").made("randserver-1", 2)
    lives = set_run.lives(story, "randserver-1")
    assert [life.uid for life in lives] == ["randserver-1-1", "randserver-1-2"]
    assert lives[0].gone is not None
    assert lives[1].ready is None
    assert [life.name for life in set_run.ready_pods(story, "randserver-")] == [
        "randserver-0",
        "randserver-2",
    ]
    first = set_run.first_lives(story, "randserver")
    assert [life.uid for life in first] == [f"randserver-{n}-1" for n in range(3)]


def test_a_pod_of_an_earlier_run_is_no_life_of_this_one() -> None:
    story = Sets().made("randserver-0", 1).ready("randserver-0").going("randserver-0")
    story.set(replicas=1)
    assert set_run.lives(story, "randserver-") == []
    story.made("randserver-0", 2).ready("randserver-0")
    assert [life.uid for life in set_run.lives(story, "randserver-")] == ["randserver-0-2"]
    # The watch may be quicker than the answer to what was sent.
    quick = Sets().made("randserver-0").set(replicas=1).ready("randserver-0")
    assert [life.uid for life in set_run.ready_pods(quick, "randserver-")] == ["randserver-0-1"]


def test_the_node_is_that_of_this_runs_pod() -> None:
    story = Sets().made("randserver-0", 1, spec__nodeName="b").ready("randserver-0")
    story.going("randserver-0").set(replicas=1).made("randserver-0", 2, spec__nodeName="a")
    assert lost_node.node_of(story, "randserver-") == "a"


def revised(story: Sets, pod: str, revision: str, number: int) -> Sets:
    story.at += 0.5
    now = story.at
    story.row("watch", f"Pod/{pod}", statefulset.REVISION, revision)
    story.at = now  # the fields of an object come in one moment
    story.row("watch", f"Pod/{pod}", "metadata.uid", f"{pod}-{number}")
    return story.ready(pod)


def test_an_update_is_counted_by_the_revision_of_the_pods() -> None:
    story = Sets().set(claims=False, partition=2, version=1)
    for pod in ("randserver-0", "randserver-1", "randserver-2"):
        revised(story, pod, "one", 1)
    story.begin("the update").going("randserver-2")
    revised(story, "randserver-2", "two", 2)
    lives = set_run.lives(story, "randserver-2")
    assert [set_run.revision(story, life) for life in lives] == ["one", "two"]
    story.begin("partition 0").going("randserver-1")
    revised(story, "randserver-1", "two", 2)
    chart = UpdateChart(story)
    assert [life.name for life in chart.first] == ["randserver-2"]
    assert [life.name for life in chart.rest] == ["randserver-1"]
    assert [row["under partition"] for row in chart.table] == [2, 0]
    assert list(chart.figure.data[0].y) == [1, 3, 3]


@pytest.mark.parametrize(
    ("story", "answer"),
    [
        (lost(), lost_node.BACK),
        (lost(early=True), lost_node.AT_ONCE),
        (lost(late=False), lost_node.NEVER),
        (Sets(), None),
    ],
)
def test_a_lost_node_is_told_by_when_the_next_pod_is_made(story: Sets, answer: str | None) -> None:
    assert lost_node.story(story).answer == answer
    chart = LostNodeChart(story)
    assert chart.figure.data
    if answer is not None:
        found = lost_node.story(story)
        assert found.node == lost_node.node_of(story, "randserver-") == "a"
        assert found.spare is not None
        assert len(chart.table) == 5


@pytest.mark.parametrize(
    ("experiment", "values", "label"),
    [
        (SetStarts, {"replicas": 9}, "replicas"),
        (SetStarts, {"port": 0}, "port"),
        (SetStarts, {"port": statefulset.PORT}, "port"),
        (SetIsUpdated, {"partition": -1}, "partition"),
        (NodeIsLost, {"tolerate": 300}, "tolerationSeconds"),
    ],
)
def test_a_form_names_the_field_that_is_wrong(
    experiment: type[Experiment[Any]], values: dict[str, Any], label: str
) -> None:
    made = experiment()
    place = Place("sets", "sets-0000")
    form = Form(made.spec, lambda given: made.build(given, place), check=made.check)
    form.set(**values)
    (wrong,) = form.errors.values()
    assert label in wrong
    assert form.manifest is None


def test_the_words_follow_what_was_measured() -> None:
    for story, words in ((lost(), lost_node.BACK), (lost(early=True), lost_node.AT_ONCE)):
        story.append(Row(0.0, "learner", "Card/x", "prediction", lost_node.BACK))
        said = plain(NodeIsLost().difference(story))
        assert said.lower().startswith(words)
        assert ("as you said" in said) is (words == lost_node.BACK)
    patient, hasty = ordered(), ordered(PARALLEL, patient=False)
    for story, words in ((patient, "1 of 3; you said 3."), (hasty, "3 of 3; you said 3.")):
        story.append(Row(0.0, "learner", "Card/x", "prediction", 3.0))
        assert plain(SetStarts().difference(story)).startswith(words)
