"""Who gets a role's keys, by the rules; Terraform that is parsed; the form of the card."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from helpers.experiments.pod_roles import TerraformOf, WhoGetsTheKeys
from helpers.forms import Form
from helpers.lesson.experiment import Place
from helpers.lesson.run import Run
from helpers.model import pod_roles, terraform
from helpers.model.autoscaling_iam import NODE_ROLE
from helpers.model.pod_roles import IRSA, ISSUER, KUBE2IAM, POD_IDENTITY, STS, WAYS, Given
from helpers.model.terraform import NoTerraform, parse
from tests.unit.claims.cluster_autoscaler import given_keys

GIVEN = Given("Autoscaler", "lesson-1", "cluster-autoscaler")
HOST = ISSUER.removeprefix("https://")
PLACE = Place("adding-nodes", "adding-nodes-1a2b")


def heard(namespace: str = "lesson-1", account: str = "cluster-autoscaler", aud: str = STS) -> Any:
    sub = f"system:serviceaccount:{namespace}:{account}"
    return {"iss": ISSUER, "sub": sub, "aud": [aud]}


@pytest.mark.parametrize(
    ("claims", "taken"),
    [
        (heard(), True),
        (heard(account="copycat"), False),
        (heard(namespace="kube-system"), False),
        (heard(aud="pods.eks.amazonaws.com"), False),
        (heard() | {"iss": "https://elsewhere.example"}, False),
        (heard() | {"aud": STS}, True),
        ({}, False),
    ],
)
def test_a_web_identity_is_taken_when_all_conditions_are_met(claims: Any, taken: bool) -> None:
    document = GIVEN.trust(IRSA)
    action, who = "sts:AssumeRoleWithWebIdentity", pod_roles.provider_arn()
    assert pod_roles.trusts(document, action, who, pod_roles.context(claims)) is taken
    assert not pod_roles.trusts(document, "sts:AssumeRole", who, pod_roles.context(claims))


def test_each_trust_names_its_own_principal() -> None:
    for way, action, principal in (
        (KUBE2IAM, "sts:AssumeRole", NODE_ROLE),
        (POD_IDENTITY, "sts:TagSession", "pods.eks.amazonaws.com"),
    ):
        for other in WAYS:
            trusted = pod_roles.trusts(GIVEN.trust(other), action, principal, {})
            assert trusted is (other == way)


def test_a_condition_that_is_not_understood_is_not_met() -> None:
    document: Any = GIVEN.trust(KUBE2IAM)
    document["Statement"][0]["Condition"] = {"StringLike": {"x": "*"}}
    assert not pod_roles.trusts(document, "sts:AssumeRole", NODE_ROLE, {})


def test_the_claims_of_a_token_are_read() -> None:
    body = base64.urlsafe_b64encode(json.dumps(heard()).encode()).decode().rstrip("=")
    assert pod_roles.claims(f"x.{body}.y") == heard()


@pytest.mark.parametrize("way", WAYS)
def test_terraform_says_the_same_as_the_request(way: str) -> None:
    found = parse(terraform.terraform(GIVEN, way))
    assert found.trust == GIVEN.trust(way)
    assert found.lost == []
    assert found.blocks["aws_iam_role.autoscaler"]["name"] == f'"{GIVEN.name(way)}"'


def test_another_account_is_another_trust() -> None:
    other = Given("Autoscaler", "lesson-1", "default")
    assert parse(terraform.terraform(other, IRSA)).trust != GIVEN.trust(IRSA)


def test_the_books_names_lead_nowhere_and_todays_do() -> None:
    assert sorted(parse(terraform.PRINTED).lost) == sorted(terraform.LOST)
    today = parse(terraform.TODAY)
    assert today.lost == []
    assert today.used == ("aws_iam_role.cluster_autoscaler",)
    assert today.trust is None


def test_words_in_quotes_are_no_references() -> None:
    found = parse('resource "a" "b" {\n  x = "see aws_iam_role.other"\n  y = c.d.e\n}\n')
    assert found.used == ("c.d",)
    assert parse('x = "a ${c.d.e} $${f.g}"\n').used == ("c.d",)
    assert parse('x = f("see c.d", e.g)\n').used == ("e.g",)
    assert parse("x = f(data.a.b.c, local.d, var.e)\n").used == ("data.a.b",)


@pytest.mark.parametrize("text", ["a = [1", 'resource "x" {', "a = = 1\n"])
def test_what_is_no_terraform_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(NoTerraform) as refused:
        parse(text)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("field", "value", "label"),
    [
        ("account", "Cluster_Autoscaler", "ServiceAccount"),
        ("account", "copycat", "ServiceAccount"),
        ("account", "-a", "ServiceAccount"),
        ("role", "with blanks", "role"),
        ("role", "x" * 51, "role"),
    ],
)
def test_the_form_refuses_what_would_be_refused(field: str, value: str, label: str) -> None:
    card = WhoGetsTheKeys()
    form = Form(card.spec, lambda values: card.build(values, PLACE), check=card.check)
    form.set(**{field: value})
    assert form.errors[field].startswith(f"{label}:")
    assert not form.manifests


def test_the_namespace_is_that_of_trust_and_association_and_not_of_the_pods() -> None:
    card = WhoGetsTheKeys()
    form = Form(card.spec, lambda values: card.build(values, PLACE), check=card.check)
    form.set(namespace="kube-system")
    sent: list[Any] = form.manifests
    assert "system:serviceaccount:kube-system:cluster-autoscaler" in str(sent[2])
    assert sent[4]["parameters"]["namespace"] == "kube-system"
    assert {one["metadata"]["namespace"] for one in sent[5:]} == {PLACE.namespace}


def test_terraform_of_a_run_is_shown_with_what_the_parser_found() -> None:
    card = WhoGetsTheKeys()
    shown = TerraformOf(Run(given_keys(), card))
    assert shown._repr_html_().count("the same trust as was sent") == 3
    assert repr(shown).startswith("# kube2iam\n")
    shown = TerraformOf(Run(given_keys(same=False), card))
    assert "another trust than was sent" in shown._repr_html_()


def test_a_wrong_cell_is_told_with_its_reason() -> None:
    story = given_keys()
    story.row("learner", "Card/x", "prediction", ["yes"] * 9)
    told = WhoGetsTheKeys().difference(story)
    assert "You said 6 of 9 right" in told
    assert "With IRSA, the copycat gets none; you said yes (it is so)" in told
    assert "were enough with kube2iam" in told
