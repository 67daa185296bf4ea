"""The model of admission against the server: random pods, LimitRange and quota, by dry-run.

WORKBOOK_CASES says how many pods to try (200; 2000 in the long run).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.kube.errors import Refused
from helpers.kube.recorder import Recorder
from helpers.kube.session import Session
from helpers.model import admission, manifests, quotas
from helpers.model.timeline import Timeline

pytestmark = pytest.mark.cluster

CASES = settings(
    max_examples=int(os.environ.get("WORKBOOK_CASES", "200")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
CPU = st.sampled_from(["50m", "100m", "0.2", "300m", "500m", "1", "1100m", "2"])
MEMORY = st.sampled_from(["16Mi", "64Mi", "100M", "128Mi", "256Mi", "512Mi", "600Mi", "1Gi"])
AMOUNTS = st.fixed_dictionaries({}, optional={"cpu": CPU, "memory": MEMORY})
PODS = st.lists(
    st.fixed_dictionaries({"limits": AMOUNTS, "requests": AMOUNTS}), min_size=1, max_size=2
)
QUOTA = {"limits.cpu": "1500m", "requests.memory": "700Mi", "pods": "4"}
ITEM = {
    "type": "Container",
    "default": {"cpu": "500m"},
    "defaultRequest": {"cpu": "200m"},
    "min": {"memory": "32Mi"},
    "max": {"cpu": "1", "memory": "512Mi"},
    "maxLimitRequestRatio": {"cpu": "4"},
}


def place(session: Session) -> dict[str, str]:
    return {"namespace": session.namespace, "lesson": session.lesson}


@pytest.fixture(scope="module")
def quota() -> Iterator[tuple[Session, None, admission.Quota]]:
    """A namespace with a quota alone."""
    with Session.open("quota", Timeline()) as session:
        yield session, None, made_quota(session)


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Session, admission.LimitRange, admission.Quota]]:
    """A namespace with a LimitRange and a quota."""
    with Session.open("both", Timeline()) as session:
        limits: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": {"name": "limits", **labelled(session)},
            "spec": {"limits": [ITEM]},
        }
        session.apply(limits)
        yield session, admission.LimitRange.parse(limits), made_quota(session)


def labelled(session: Session) -> dict[str, Any]:
    label = {manifests.LESSON_LABEL: session.lesson}
    return {"namespace": session.namespace, "labels": label}


def made_quota(session: Session) -> admission.Quota:
    """Make the quota, and wait until its controller counts it and admission knows."""
    manifest = quotas.resource_quota(**place(session), hard=QUOTA)
    recorder = Recorder(session)
    recorder.watch("ResourceQuota")
    session.apply(manifest)
    what = "ResourceQuota/resource-quota"
    recorder.wait(
        lambda t: t.value(source="watch", object=what, field="status.used.pods") == "0",
        10,
        "the quota to be counted",
    )
    recorder.stop()
    until = time.monotonic() + 10
    big = manifests.burn_pod(**place(session), name="big", limits={"cpu": "99", "memory": "99Gi"})
    while True:
        try:
            session.dry_run(big)
        except Refused:
            break
        assert time.monotonic() < until
    return admission.Quota.parse(manifest)


def agree(at: tuple[Session, admission.LimitRange | None, admission.Quota], blocks: Any) -> None:
    session, limits, quota = at
    pod = manifests.pod(name="model", image="burn", **place(session))
    pod["spec"]["containers"] = [
        {"name": f"c{number}", "image": "localhost/workbook/burn:1", "resources": block}
        for number, block in enumerate(blocks)
    ]
    expected = admission.admit(admission.pod_of(pod), limits, [quota])
    said = answer(session, pod)
    if isinstance(said, Refused):
        assert expected.stored is None, said.message
        assert all(message in said.message for message in expected.messages), said.message
    else:
        assert expected.stored is not None, expected.messages
        assert admission.pod_of(said) == expected.stored


def answer(session: Session, pod: manifests.Manifest) -> dict[str, Any] | Refused:
    """Ask the server: the Pod that it would store, or its refusal."""
    try:
        return session.dry_run(pod)
    except Refused as refused:
        return refused


@CASES
@given(PODS)
def test_a_quota_judges_as_the_model_says(quota: Any, blocks: Any) -> None:
    agree(quota, blocks)


@CASES
@given(PODS)
def test_a_limit_range_and_then_a_quota_judge_as_the_model_says(both: Any, blocks: Any) -> None:
    agree(both, blocks)
