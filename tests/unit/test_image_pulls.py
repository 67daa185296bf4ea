"""What becomes of a Pod whose image must be pulled, without a cluster."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from helpers.charts.image_pull import PullChart
from helpers.experiments.image_pull import ImagePull, Pulling
from helpers.forms import Form
from helpers.lesson.experiment import Place
from helpers.lesson.run import plain
from helpers.model import aws
from helpers.model.image_pulls import (
    ABSENT,
    LOGIN,
    NAME,
    NEVER,
    RUNS,
    STRANGER,
    came_out,
    outcome,
    pull_secret,
    seen,
)
from helpers.model.timeline import Row, Timeline
from tests.unit.claims.image_pulls import pulled

PLACE = Place("images-in-pods", "images-in-pods-0000")


@pytest.mark.parametrize(
    ("tag", "policy", "login", "becomes"),
    [
        ("0.0.1", "IfNotPresent", True, RUNS),
        ("0.0.1.", "Always", True, ABSENT),
        ("0.0.1", "Always", False, LOGIN),
        ("0.0.1", "Never", True, NEVER),
        ("0.0.1+b5", "IfNotPresent", True, NAME),
        ("", "IfNotPresent", True, NAME),
    ],
)
def test_name_policy_and_login_decide(tag: str, policy: str, login: bool, becomes: str) -> None:
    assert outcome(tag, ["0.0.1"], policy=policy, login=login) == becomes


def test_the_secret_logs_in_as_aws_to_the_accounts_registry() -> None:
    made: Any = pull_secret(namespace="x", lesson="x", token="t")
    auths = json.loads(made["stringData"][".dockerconfigjson"])["auths"]
    assert base64.b64decode(auths[aws.REGISTRY]["auth"]) == b"AWS:t"


def test_a_pod_that_waits_and_then_runs_has_both_outcomes() -> None:
    dot = next(pod for pod in seen(pulled()) if pod.name == "dot")
    assert (dot.first, dot.last, dot.rule) == (ABSENT, RUNS, ABSENT)
    assert came_out(pulled(), STRANGER) == LOGIN
    assert came_out(Timeline(), STRANGER) == ""


def test_the_chart_draws_half_a_run() -> None:
    half = Timeline()
    for row in pulled().rows[:6]:
        half.append(row)
    for timeline in (Timeline(), half, pulled()):
        assert PullChart(timeline).figure.data
    assert "no login" in PullChart(pulled()).text


def test_the_difference_tells_that_nothing_has_come_out() -> None:
    timeline = Timeline()
    timeline.append(Row(0.0, "learner", "Card/x", "prediction", ABSENT))
    assert "you said" in plain(ImagePull().difference(timeline))


def test_a_space_is_refused_with_the_fields_name() -> None:
    made = ImagePull()
    form = Form(made.spec, lambda values: made.build(values, PLACE), check=made.check)
    form.set(tag="0.0.1 ")
    assert list(form.errors) == ["tag"]
    assert made.build(Pulling(secret="none"), PLACE)[1]["spec"].get("imagePullSecrets") is None  # type: ignore[union-attr]
