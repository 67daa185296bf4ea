"""What experiments with autoscalers do alike: follow the metrics, read replicas and Pods."""

from __future__ import annotations

import functools

from helpers.lesson.experiment import Bench
from helpers.model.timeline import Timeline, Value

READ_EVERY = 1.0
"""Seconds between two reads of the metrics API, which nobody can watch."""


async def follow(bench: Bench) -> None:
    """Record autoscalers, what they scale, and the CPU that the metrics API tells of the Pods."""
    from helpers.kube import metrics

    kinds = ("HorizontalPodAutoscaler", "Deployment", "Pod", "Job", "EndpointSlice")
    await bench.call(bench.recorder.watch, *kinds)
    usage = functools.partial(metrics.pod_usage, bench.session)
    bench.recorder.follow("metrics", "cpu", usage, READ_EVERY)


def status(timeline: Timeline, name: str, field: str) -> Value:
    """Return what the watch saw last of an autoscaler's status."""
    object = f"HorizontalPodAutoscaler/{name}"
    return timeline.value(source="watch", object=object, field=f"status.{field}")


def pods_of(timeline: Timeline, app: str) -> list[str]:
    """Return the names of the Pods that carry the label app, of those that exist."""
    rows = timeline.where(source="watch", field="metadata.labels.app")
    named = dict.fromkeys(row.object for row in rows if row.value == app)
    return [
        object.removeprefix("Pod/")
        for object in named
        if object.startswith("Pod/")
        and timeline.value(source="watch", object=object, field="exists") is True
    ]


def ready(timeline: Timeline, name: str) -> int:
    """Return how many Pods of a Deployment are ready, as its status says."""
    field = "status.readyReplicas"
    value = timeline.value(source="watch", object=f"Deployment/{name}", field=field)
    return value if isinstance(value, int) else 0
