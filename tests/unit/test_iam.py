"""The model of IAM's evaluation, by the cases of its user guide."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.aws import documented
from helpers.experiments import one_repository
from helpers.forms import Form
from helpers.lesson.experiment import Place
from helpers.model import aws, iam
from helpers.model.iam import decide, matches

HERE, THERE = aws.repository_arn("randserver"), aws.repository_arn("billing")


def statement(effect: str, action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"Version": "2012-10-17", "Statement": list(statements)}]


ALLOW = statement("Allow", "ecr:*", "*")


@pytest.mark.parametrize(
    ("documents", "decision"),
    [
        ([], "not allowed"),
        (policy(ALLOW), "allowed"),
        (policy(statement("Allow", "ecr:PutImage", HERE)), "allowed"),
        (policy(statement("Allow", ["ecr:List*", "ecr:Put?mage"], [THERE, HERE])), "allowed"),
        (policy(statement("Allow", "ECR:putimage", HERE)), "allowed"),
        (policy(statement("Allow", "ecr:PutImage", THERE)), "not allowed"),
        (policy(statement("Allow", "ecr:PutImage", HERE.upper())), "not allowed"),
        (policy(statement("Allow", "ecr:BatchGetImage", HERE)), "not allowed"),
        (policy(ALLOW, statement("Deny", "ecr:PutImage", HERE)), "denied"),
        (policy(statement("Deny", "ecr:*", aws.repository_arn("rand*")), ALLOW), "denied"),
        (policy(ALLOW, statement("Deny", "ecr:PutImage", THERE)), "allowed"),
        ([*policy(ALLOW), *policy(statement("Deny", "*", "*"))], "denied"),
        (policy({"Effect": "Allow", "NotAction": "ecr:Delete*", "Resource": "*"}), "allowed"),
        (policy({"Effect": "Allow", "NotAction": "ecr:Put*", "Resource": "*"}), "not allowed"),
        (policy({"Effect": "Allow", "Action": "*", "NotResource": HERE}), "not allowed"),
        (policy(statement("Allow", "*", "*", Condition={"Bool": {"x": "true"}})), "not allowed"),
        ([{"Statement": ALLOW}], "allowed"),
    ],
)
def test_an_explicit_deny_wins_then_an_allow(documents: Any, decision: str) -> None:
    assert decide(documents, "ecr:PutImage", HERE) == decision


def test_the_login_is_about_no_repository() -> None:
    assert iam.resource_of(iam.TOKEN, "randserver") == "*"
    assert iam.resource_of("ecr:PutImage", "randserver") == HERE
    for resource, decision in (
        (HERE, "not allowed"),
        (f"{HERE}*", "not allowed"),
        ("*", "allowed"),
    ):
        documents = policy(statement("Allow", iam.TOKEN, resource))
        assert decide(documents, iam.TOKEN, iam.resource_of(iam.TOKEN, "randserver")) == decision


@pytest.mark.parametrize(
    ("pattern", "text", "met"),
    [("a*", "abc", True), ("a?", "abc", False), ("a.c", "abc", False), ("*", "", True)],
)
def test_a_pattern_is_met_by_the_whole_text(pattern: str, text: str, met: bool) -> None:
    assert matches(pattern, text) is met


@pytest.mark.parametrize(
    ("resource", "good"),
    [("*", True), (HERE, True), (aws.repository_arn("rand*"), True), ("randserver", False),
     ("arn:aws:ecr", False)],
)  # fmt: skip
def test_the_form_refuses_what_is_no_arn(resource: str, good: bool) -> None:
    made = one_repository.OneRepository()
    place = Place("x", "x-0")
    form = Form(made.spec, lambda values: made.build(values, place), check=made.check)
    form.set(resource=resource)
    assert (form.errors == {}) is good


def test_each_action_of_ecr_is_about_a_repository_or_about_the_registry() -> None:
    actions = documented.ecr_actions()
    assert actions[iam.TOKEN] is actions["ecr:DescribeRegistry"] is False
    for name in ("PutImage", "DescribeRepositories", "TagResource"):
        assert actions[f"ecr:{name}"] is True
