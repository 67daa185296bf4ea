"""The model of quotas with scopes, and of what they count besides Pods, against the server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.kube.errors import Refused
from helpers.kube.recorder import Recorder
from helpers.kube.session import Session
from helpers.model import autoscaling, manifests, object_quotas, volumes
from helpers.model.manifests import Manifest
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value

pytestmark = pytest.mark.cluster

# Each allows little or nothing, so that a Pod in its scope is told by the refusal.
QUOTAS: dict[str, dict[str, Any]] = {
    "scratch": {"scopes": ["BestEffort"], "hard": {"pods": "0"}},
    "served": {"scopes": ["NotBestEffort", "NotTerminating"], "hard": {"requests.memory": "64Mi"}},
    "deadline": {"scopes": ["Terminating"], "hard": {"limits.cpu": "500m"}},
    "critical": {"priority_class": object_quotas.CRITICAL, "hard": {"requests.cpu": "100m"}},
    "objects": {"hard": {"count/services": "0", "services": "5"}},
    "storage": {
        "hard": {
            "requests.storage": "5Gi",
            object_quotas.PER_CLASS: "2Gi",
            "fast.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
            "persistentvolumeclaims": "1",
        }
    },
}
CPU = st.sampled_from(["50m", "200m", "600m"])
MEMORY = st.sampled_from(["32Mi", "128Mi"])
AMOUNTS = st.fixed_dictionaries({}, optional={"cpu": CPU, "memory": MEMORY})
PODS = st.fixed_dictionaries(
    {"requests": AMOUNTS},
    optional={
        "limits": st.fixed_dictionaries({}, optional={"cpu": st.just("600m")}),
        "activeDeadlineSeconds": st.sampled_from([1, 600]),
        "priorityClassName": st.sampled_from([object_quotas.CRITICAL, "system-node-critical"]),
    },
)


@pytest.fixture(scope="module")
def limited() -> Iterator[tuple[Session, list[Manifest]]]:
    """A namespace with all the quotas, each of which has been counted."""
    with Session.open("scopes", Timeline()) as session:
        made = [object_quotas.quota(**place(session), name=n, **q) for n, q in QUOTAS.items()]
        recorder = Recorder(session)
        recorder.watch("ResourceQuota")
        for quota in made:
            session.apply(quota)
        recorder.wait(counted, 20, "the quotas to be counted")
        recorder.stop()
        yield session, made


def place(session: Session) -> dict[str, str]:
    return {"namespace": session.namespace, "lesson": session.lesson}


def counted(timeline: Timeline) -> bool:
    return all(
        timeline.value(source="watch", object=f"ResourceQuota/{n}", field=f"status.used.{r}")
        for n, quota in QUOTAS.items()
        for r in quota["hard"]
    )


def agree(at: tuple[Session, list[Manifest]], manifest: Manifest) -> None:
    session, quotas = at
    expected = object_quotas.refusals(manifest, quotas)
    try:
        session.dry_run(manifest)
        said = ""
    except Refused as refused:
        said = refused.message
    assert bool(said) == bool(expected), (said, expected)
    # The server stops at the first of them.
    assert not expected or any(words in said for words in expected.values()), (said, expected)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(PODS)
def test_pods_are_counted_by_their_scope(limited: Any, drawn: dict[str, Any]) -> None:
    session, _ = limited
    amounts = {kind: drawn[kind] for kind in ("requests", "limits") if kind in drawn}
    pod = manifests.burn_pod(**place(session), name="scoped", **amounts)
    spec: dict[str, Value] = dict(pod["spec"])  # type: ignore[arg-type]
    spec |= {k: v for k, v in drawn.items() if k not in amounts}
    agree(limited, {**pod, "spec": spec})


@pytest.mark.parametrize("size", ["1Gi", "2Gi", "3Gi", "5Gi", "6Gi"])
@pytest.mark.parametrize("of", ["fast", "slow", ""])
def test_claims_are_counted_by_size_and_class(limited: Any, size: str, of: str) -> None:
    session, _ = limited
    claim = volumes.claim(**place(session), name="claim", size=size, storage_class=of)
    agree(limited, claim)
    assert Quantity.parse(size) == object_quotas.usage(claim)["requests.storage"]


def test_services_are_counted_by_number(limited: Any) -> None:
    session, _ = limited
    agree(limited, autoscaling.service(**place(session)))
