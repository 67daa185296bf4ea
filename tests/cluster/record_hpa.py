"""Record how autoscalers with several targets answer several loads, for the twin to be judged on.

    python -m tests.cluster.record_hpa

It takes six minutes and writes tests/unit/runs/autoscalers.jsonl.gz. Nothing of it is measured
against a clock, so a busy machine does no harm: the twin is fed what the autoscalers were told.
"""

from __future__ import annotations

import functools
import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers.kube import metrics
from helpers.kube.recorder import Recorder
from helpers.kube.session import Session
from helpers.model import autoscaling, hpa
from helpers.model.manifests import Manifest
from helpers.model.timeline import Timeline

RUN = Path(__file__).resolve().parents[1] / "unit" / "runs" / "autoscalers.jsonl.gz"
TARGETS = {"low": 10, "middle": 50, "high": 90, "steady": 97}
"""Each a Deployment of fib with its autoscaler; its target, in percent. Of the lowest one busy Pod
wants more than the scale-up cap lets it have; of the highest it is within the tolerance."""
STEADY = "steady"
LATE, BUSY_SECONDS = "high", 20
"""Whose Pods are busy for so many seconds before they are ready, and are measured meanwhile."""
LOADS = ((4, 55), (2, 40), (4, 40))
"""Requests at a time, and for how many seconds; after each it is quiet until all is small."""
LIMITS: dict[str, str | None] = {"cpu": "100m", "memory": "32Mi"}
KEPT = ("watch", "metrics", "session", "learner")


def load(session: Session, name: str, number: int, concurrency: int, seconds: float) -> Manifest:
    """Build the load on one Deployment."""
    at = {"namespace": session.namespace, "lesson": session.lesson}
    job: Any = autoscaling.load_job(
        **at, requests=100_000, concurrency=concurrency, deadline=seconds
    )
    job["metadata"]["name"] = f"load-{name}-{number}"
    (container,) = job["spec"]["template"]["spec"]["containers"]
    container["args"][-1] = f"http://{name}/30"
    return dict(job)


def record(timeline: Timeline) -> None:
    """Make the autoscalers, load them, and wait each time until they are small again."""
    with Session.open("autoscalers", timeline) as session:
        recorder = Recorder(session)
        at = {"namespace": session.namespace, "lesson": session.lesson}
        try:
            recorder.watch("HorizontalPodAutoscaler", "Deployment", "Pod", "Job")
            usage = functools.partial(metrics.pod_usage, session)
            recorder.follow("metrics", "cpu", usage, 1.0)
            for name, target in TARGETS.items():
                session.apply(_deployment(at, name))
                session.apply(autoscaling.service(**at, name=name))
                session.apply(autoscaling.autoscaler(**at, name=name, most=6, utilization=target))
            recorder.wait(functools.partial(_small, before={}), 90, "three idle autoscalers")
            for number, (concurrency, seconds) in enumerate(LOADS):
                before = {name: _peaks(timeline, name) for name in TARGETS}
                for name in TARGETS:
                    session.apply(load(session, name, number, concurrency, seconds))
                patience = seconds + hpa.stabilisation_window() + 90
                wait = functools.partial(_small, before=before)
                recorder.wait(wait, patience, "all to be small again")
        finally:
            recorder.stop()


def _deployment(at: Mapping[str, str], name: str) -> Manifest:
    made: Any = autoscaling.deployment(**at, name=name, limits=LIMITS)
    if name == LATE:
        (container,) = made["spec"]["template"]["spec"]["containers"]
        busy = f"timeout {BUSY_SECONDS} python3 -c 'while True: pass'; exec fib"
        container["command"] = ["tini", "--", "sh", "-c", busy]
        container["readinessProbe"] = {
            "tcpSocket": {"port": autoscaling.PORT},
            "periodSeconds": 1,
        }
    return dict(made)


def _peaks(timeline: Timeline, name: str) -> int:
    """Count how often an autoscaler wanted more than one."""
    rows = timeline.where(
        source="watch", object=f"HorizontalPodAutoscaler/{name}", field="status.desiredReplicas"
    )
    return sum(row.value not in (None, 0, 1) for row in rows)


def _small(timeline: Timeline, *, before: Mapping[str, int]) -> bool:
    """Tell whether each has seen its load (if there was one) and wants one replica again."""
    for name in TARGETS:
        status = f"HorizontalPodAutoscaler/{name}"
        used = "status.currentMetrics.Resource.resource.current.averageUtilization"
        now = timeline.value(source="watch", object=status, field=used)
        wanted = timeline.value(source="watch", object=status, field="status.desiredReplicas")
        if before and name != STEADY and _peaks(timeline, name) == before[name]:
            return False
        if not isinstance(now, int) or now > 25 or wanted != 1:
            return False
    return True


def main() -> None:
    """Record, tell what the twin makes of it, and keep what it needs."""
    timeline = Timeline(
        {"what": f"autoscalers at {', '.join(map(str, TARGETS.values()))} % under several loads"}
    )
    try:
        record(timeline)
    finally:
        kept = Timeline(timeline.meta)
        for row in timeline.rows:
            if row.source in KEPT and "managedFields" not in row.field:
                kept.append(row)
        RUN.parent.mkdir(exist_ok=True)
        RUN.write_bytes(gzip.compress(kept.to_jsonl().encode(), mtime=0))
    for name in TARGETS:
        for change in hpa.changes(timeline, name):
            print(name, change)


if __name__ == "__main__":
    main()
