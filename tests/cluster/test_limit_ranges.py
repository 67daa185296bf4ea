"""LimitRanges against the server: what it refuses in one, and what `kubectl run` makes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.cluster import kind
from helpers.kube.errors import Refused
from helpers.kube.session import Session
from helpers.model import bare_pods, limit_ranges, manifests
from helpers.model.timeline import Timeline

pytestmark = pytest.mark.cluster

CPU = st.sampled_from(["100m", "200m", "500m", "1", "1500m", "2"])
RATIO = st.sampled_from(["0.5", "1", "1500m", "4", "12"])
AMOUNT = st.fixed_dictionaries({"cpu": CPU})
ITEMS = st.fixed_dictionaries(
    {},
    optional={
        "default": AMOUNT,
        "default_request": AMOUNT,
        "min": AMOUNT,
        "max": AMOUNT,
        "ratio": st.fixed_dictionaries({"cpu": RATIO}),
    },
)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session.open("limit-ranges", Timeline()) as session:
        yield session


def place(session: Session) -> dict[str, str]:
    return {"namespace": session.namespace, "lesson": session.lesson}


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(ITEMS)
def test_a_limit_range_is_refused_as_the_model_says(session: Session, item: Any) -> None:
    manifest = limit_ranges.limit_range(**place(session), **item)
    expected = list(limit_ranges.refusals(manifest, "cpu"))
    try:
        session.dry_run(manifest)
        said = ""
    except Refused as refused:
        said = refused.message
    assert bool(said) == bool(expected), (said, expected)
    for field, words in expected:
        assert f"spec.limits[0].{field}[cpu]" in said
        assert words in said


def test_kubectl_run_makes_the_pod_of_the_lesson(session: Session) -> None:
    done = kind.kubectl(
        *("run", "example", f"--image={manifests.IMAGES}/burn:1", "--dry-run=server"),
        *(f"--namespace={session.namespace}", "--output=json", "--", "--threads", "0"),
    )
    theirs: Any = json.loads(done.stdout)
    ours = session.dry_run(bare_pods.kubectl_run(**place(session), name="example"))
    assert theirs["kind"] == "Pod"
    assert theirs["metadata"]["labels"] == {"run": "example"}
    assert theirs["metadata"]["labels"].items() <= ours["metadata"]["labels"].items()
    for spec in (theirs["spec"], ours["spec"]):
        for name in ("volumes", "tolerations"):
            spec.pop(name, None)
        for container in spec["containers"]:
            container.pop("volumeMounts", None)
    assert theirs["spec"] == ours["spec"]
