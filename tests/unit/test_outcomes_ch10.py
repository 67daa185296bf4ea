"""What each run of chapter 10 answers to its question: what it measured, not what was expected."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from helpers.experiments import (
    images_in_pods,
    labels,
    lifecycle_policies,
    repositories_push_and_pull,
    tagging_strategies,
    who_may_push_and_pull,
)
from helpers.lesson.experiment import Experiment
from helpers.model import build_arguments, image_pulls, traced
from helpers.model.timeline import Row, Value
from tests.unit.other_runs import Change, OtherRun, answers, without, words


def sent_whole(row: Row) -> Row:
    """The second push sends what the first had sent."""
    mine = (row.object, row.field) == ("Image/randserver:0.0.2", "push")
    return replace(row, value={**row.value, "sent": 31_200_000}) if mine else row  # type: ignore[dict-item]


def the_third_runs_another(row: Row) -> Row:
    mine = row.object == "Pod/third" and row.field.endswith("imageID") and row.value
    return replace(row, value=f"of@sha256:{'0' * 64}") if mine else row


def a_day_late(row: Row) -> Row:
    """After the seventeenth day the images are those that its pushes left."""
    text = json.dumps(row.value)
    if row.object != "ecr:ListImages" or '"count": 800' not in text or "build-0051" not in text:
        return row
    return replace(row, value=json.loads(text.replace('"count": 800', '"count": 850')))


def one_stays(row: Row) -> Row | None:
    """moto lists one image more than the rules leave."""
    return words("answer", ('"names": [', '"names": ["prod-1", '), object="ecr:ListImages")(row)


def nothing_of_yours(row: Row) -> Row | None:
    return None if row.object == "Pod/yours" and row.source == "watch" else row


def not_denied(action: str) -> Change:
    return words("refusal", ("AccessDenied", "Other"), object=action)


P, W, T = repositories_push_and_pull, who_may_push_and_pull, tagging_strategies
MANAGED = W.ManagedPolicies.script.prediction
ONE = W.OneRepository.script.prediction
VERSIONS = T.FixFeatureBreak.script.prediction
UNLABELLED = tuple(
    "no" if at % 3 == 1 else said
    for at, said in enumerate(T.RollbackByTag.script.prediction)  # type: ignore[arg-type]
)
THREE = lifecycle_policies.ThreeRules.script.prediction
WAITING = "status.containerStatuses.yours.state.waiting.message"
OTHER_RUNS: list[OtherRun] = [
    (P.SecondPush, sent_whole, 31.2),
    (P.SecondPush, without("push", "randserver:0.0.2"), None),
    (P.TagMoves, the_third_runs_another, 2),
    (P.TagMoves, without("status.containerStatuses.second.imageID"), None),
    (lifecycle_policies.KeepsEightHundred, a_day_late, 18),
    (lifecycle_policies.KeepsEightHundred, without("answer", "ecr:ListImages"), None),
    (lifecycle_policies.ThreeRules, one_stays, (THREE[0], "stays", *THREE[2:])),  # type: ignore
    (lifecycle_policies.ThreeRules, without("answer", "ecr:ListImages"), None),
    (W.ManagedPolicies, not_denied("ecr:DeleteRepository"), (*MANAGED[:16], *("yes",) * 4)),  # type: ignore
    (W.ManagedPolicies, without("refusal", "ecr:PutImage"), None),
    (W.OneRepository, not_denied("ecr:GetAuthorizationToken"), ("yes", "yes", *ONE[2:])),  # type: ignore
    (W.OneRepository, without("request", "User/janedoe"), None),
    (images_in_pods.ImagePull, words(WAITING, ("not found", "401")), image_pulls.LOGIN),
    (images_in_pods.ImagePull, nothing_of_yours, None),
    (T.NewerTag, without("tags"), None),
    (T.FixFeatureBreak, words("answer", ("0", "1"), object="Pod/exact"), ("yes", *VERSIONS[1:])),  # type: ignore
    (T.FixFeatureBreak, without("answer", "Pod/major"), None),
    (T.RollbackByTag, words("labels", ("revision", "other")), UNLABELLED),
    (T.RollbackByTag, without("names", "Tag/latest"), None),
    (labels.BuildArguments, words("labels", ('": ""', '": "$"')), build_arguments.WORDS),
    (labels.BuildArguments, words("labels", ("git-commit", "other")), build_arguments.ABSENT),
    (labels.BuildArguments, words("labels", ('": ""', '": "?"')), None),
    (labels.ImageLabels, words("kind", ("commit", "blob")), traced.NONE),
    (labels.ImageLabels, without("kind"), None),
]


@pytest.mark.parametrize(("made", "change", "answer"), OTHER_RUNS)
def test_another_run_gives_another_answer(
    made: type[Experiment[Any]], change: Change, answer: Value
) -> None:
    answers(made, change, answer)
