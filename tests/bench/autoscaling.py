"""How soon an autoscaler answers a load."""

from __future__ import annotations

import time

from helpers.cluster import kind
from helpers.kube.recorder import Recorder
from helpers.kube.session import Session
from helpers.model import autoscaling
from helpers.model.timeline import Timeline
from tests.bench.cluster import need_cluster, say
from tests.bench.figure import Figure, median

ROUNDS = 5
AIM_SECONDS = 30.0
STOCK_SECONDS = 43.0
"""Measured once, with stock periods: sync 15 s, metrics 15 s."""
WITHIN = 120.0


def first_replica() -> list[Figure]:
    """From the load's manifest to the first new replica that is wanted, five times."""
    need_cluster()
    took = []
    for number in range(ROUNDS):
        took.append(one_round())
        say(f"    round {number + 1}: {took[-1]:.1f} s")
    what = "from the load to the first new replica"
    beside = {"aim, s": AIM_SECONDS, "stock periods, measured once, s": STOCK_SECONDS}
    return [median(what, "s", took, **beside)]


def one_round() -> float:
    """Start fib, its autoscaler and a load; return the seconds until a second replica is wanted."""
    timeline = Timeline()
    with Session.open("bench", timeline) as session:
        recorder = Recorder(session)
        at = {"namespace": session.namespace, "lesson": "bench"}
        try:
            recorder.watch("Deployment")
            limits: dict[str, str | None] = {"cpu": "250m", "memory": "32Mi"}
            session.apply(autoscaling.deployment(**at, limits=limits))
            session.apply(autoscaling.service(**at))
            session.apply(autoscaling.autoscaler(**at))
            recorder.wait(lambda line: _replicas(line, "status.readyReplicas") > 0, 60, "fib")
            began = time.monotonic()
            session.apply(autoscaling.load_job(**at, requests=100_000, deadline=WITHIN))
            wanted = "a second replica to be wanted"
            recorder.wait(lambda line: _replicas(line, "spec.replicas") > 1, WITHIN, wanted)
            took = time.monotonic() - began
        finally:
            recorder.stop()
        namespace = session.namespace
    # The next round begins on a cluster that is quiet again.
    kind.kubectl("wait", f"namespace/{namespace}", "--for=delete", "--timeout=60s")
    return took


def _replicas(timeline: Timeline, field: str) -> int:
    value = timeline.value(source="watch", object="Deployment/fib", field=field)
    return value if isinstance(value, int) else 0
