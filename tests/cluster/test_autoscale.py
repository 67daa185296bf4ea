"""kubectl autoscale and kubectl apply against the lesson's manifests."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
import yaml

from helpers.cluster import kind
from helpers.kube import metrics
from helpers.kube.recorder import Recorder
from helpers.kube.session import Session
from helpers.model import autoscaling, hpa
from helpers.model.timeline import Timeline

pytestmark = pytest.mark.cluster


@pytest.fixture
def place(session: Session) -> dict[str, str]:
    return {"namespace": session.namespace, "lesson": session.lesson}


def kubectl_autoscale(session: Session, *cpu: str) -> tuple[dict[str, Any], str]:
    done = kind.kubectl(
        "autoscale", "deployment", "fib", "--min=1", "--max=10", *cpu,
        f"--namespace={session.namespace}", "--dry-run=client", "-o", "yaml",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout), done.stderr


def test_kubectl_autoscale_makes_the_same_object(session: Session, place: dict[str, str]) -> None:
    session.apply(autoscaling.deployment(**place, limits={"cpu": "20m"}))
    ours = session.dry_run(autoscaling.autoscaler(**place))
    theirs, quiet = kubectl_autoscale(session, "--cpu=60%")
    assert theirs["apiVersion"] == ours["apiVersion"] == "autoscaling/v2"
    assert session.dry_run(theirs)["spec"] == ours["spec"]
    assert "deprecated" not in quiet
    old, warned = kubectl_autoscale(session, "--cpu-percent=60")
    assert old["spec"] == theirs["spec"]
    assert "--cpu-percent has been deprecated" in warned


def test_describe_shows_bounds_and_target(session: Session, place: dict[str, str]) -> None:
    session.apply(autoscaling.autoscaler(**place))
    done = kind.kubectl("describe", "hpa", "fib", f"--namespace={session.namespace}")
    words = " ".join(done.stdout.split())
    assert "resource cpu on pods (as a percentage of request): <unknown> / 60%" in words
    assert "Min replicas: 1 Max replicas: 10" in words


def test_client_side_apply_resets_replicas_that_it_names(
    session: Session, place: dict[str, str], tmp_path: Any
) -> None:
    manifest = autoscaling.deployment(**place, limits={"cpu": "20m"})
    file = tmp_path / "deployment.json"

    def apply(**spec: Any) -> int:
        changed = {**manifest, "spec": {**manifest["spec"], **spec}}
        file.write_text(json.dumps(changed))
        done = kind.kubectl("apply", f"--filename={file}")
        assert done.returncode == 0, done.stderr
        found = session.get("Deployment", "fib")
        assert found is not None
        return int(found["spec"]["replicas"])

    assert apply() == 1
    session.scale("Deployment", "fib", 3)
    assert apply(revisionHistoryLimit=5) == 3
    assert apply(replicas=1) == 1
    session.scale("Deployment", "fib", 3)
    assert apply() == 1  # the line is deleted again: kubectl takes the field back to its default


@pytest.mark.long
def test_the_books_job_of_1000_requests(session: Session, place: dict[str, str]) -> None:
    """1,000 requests, four at a time: all are answered, and the autoscaler follows its rules."""
    recorder = Recorder(session)
    timeline = session.timeline
    try:
        recorder.watch("HorizontalPodAutoscaler", "Deployment", "Pod", "Job")
        recorder.follow("metrics", "cpu", partial(metrics.pod_usage, session), 1.0)
        session.apply(autoscaling.deployment(**place, limits={"cpu": "250m", "memory": "32Mi"}))
        session.apply(autoscaling.service(**place))
        session.apply(autoscaling.autoscaler(**place))
        recorder.wait(lambda line: _seen(line, "Deployment/fib", "status.readyReplicas"), 60, "fib")
        session.apply(autoscaling.load_job(**place))
        done = "status.conditions.Complete.status"
        recorder.wait(lambda line: _seen(line, "Job/fib-load", done), 900, "1,000 answers")
        (pod,) = [p for p in session.list("Pod") if p["metadata"]["name"].startswith("fib-load")]
        assert "1000 of 1000 requests" in session.logs(pod["metadata"]["name"], tail=20)
    finally:
        recorder.stop()
    changes = hpa.changes(timeline)
    assert 2 <= max(change.desired for change in changes) <= 10
    assert 10 * sum(change.agrees for change in changes) >= 9 * len(changes)
    assert hpa.UNEXPLAINED not in {change.difference for change in changes}


def _seen(timeline: Timeline, object: str, field: str) -> bool:
    return bool(timeline.value(source="watch", object=object, field=field))
