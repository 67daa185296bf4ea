"""The way back to a revision, as kubectl takes it, and what a run of the tagging lesson reads."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.model import rollback_run, rollouts
from helpers.model.rollback_run import COMMIT, MOVING, QUESTIONS, STEPS, WORDS, Cell
from helpers.model.rollouts import HASH, REVISION
from helpers.model.timeline import Timeline
from tests.unit.claims.tagging import rolled


def replica_set(revision: str | None, owner: str = "d") -> dict[str, Any]:
    annotations = {} if revision is None else {REVISION: revision}
    template = {"metadata": {"labels": {"app": "d", HASH: "abc"}}, "spec": {"a": revision}}
    return {
        "metadata": {"annotations": annotations, "ownerReferences": [{"uid": owner}]},
        "spec": {"template": template},
    }


# By k8s.io/kubectl pkg/polymorphichelpers/rollback.go, deploymentRevision.
@pytest.mark.parametrize(
    ("revisions", "asked", "found"),
    [
        (["1", "2", "3"], 0, "2"),
        (["3", "1", "2"], 0, "2"),
        (["3", "10", "9"], 0, "9"),
        (["1", "2", "3"], 1, "1"),
        (["1", "2", "3"], 3, "3"),
        (["1", "2", "3"], 4, None),
        (["1"], 0, None),
        ([None, "2", "x"], 0, None),
        ([], 1, None),
    ],
)
def test_the_former_replica_set_is_found_by_its_number(
    revisions: list[str | None], asked: int, found: str | None
) -> None:
    former = rollouts.former([replica_set(revision) for revision in revisions], asked)
    assert (former and former["spec"]["template"]["spec"]["a"]) == found


def test_another_deployments_replica_sets_do_not_count() -> None:
    both = [replica_set("1"), replica_set("2", owner="e"), {"metadata": {}}]
    assert rollouts.owned(both, "d") == [both[0]]


def test_the_template_is_without_its_hash_and_the_replica_set_is_left_alone() -> None:
    one = replica_set("1")
    assert rollouts.template(one) == {"metadata": {"labels": {"app": "d"}}, "spec": {"a": "1"}}
    assert one["spec"]["template"]["metadata"]["labels"][HASH] == "abc"


def answers(timeline: Timeline) -> dict[tuple[str, str], Cell]:
    return {(cell.row, cell.column): cell for cell in rollback_run.cells(timeline)}


@pytest.mark.parametrize("policy", ["Always", "IfNotPresent"])
@pytest.mark.parametrize("back", [1, 2])
def test_each_cell_is_read_as_its_rule_says(policy: str, back: int) -> None:
    cells = answers(rolled(policy=policy, back=back))
    assert len(cells) == len(WORDS) * len(QUESTIONS)
    for cell in cells.values():
        assert cell.answer is cell.rule, cell
    assert cells[WORDS[MOVING], QUESTIONS[2]].answer is (policy == "IfNotPresent")


def test_an_answer_is_told_from_its_rule() -> None:
    named = answers(rolled(names={"2" * 40: ""}))
    assert named[WORDS[COMMIT], QUESTIONS[0]].answer is False
    assert answers(rolled(went=2))[WORDS[MOVING], QUESTIONS[2]].answer is True
    unlabelled = answers(rolled(labels={3: ""}))
    assert unlabelled[WORDS[MOVING], QUESTIONS[1]].answer is False


def test_half_a_run_is_not_known() -> None:
    whole, half = rolled(), Timeline()
    for row in whole.rows:
        if row.object == f"Step/{STEPS[2]}":
            break
        half.append(row)
    run = rollback_run.run_of(half)
    assert [run.release_after(MOVING, step) for step in STEPS] == [1, 2, None, None]
    assert all(cell.answer is None for cell in rollback_run.cells(half))
