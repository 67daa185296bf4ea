"""Read what the kernel counted for the web server while its customers asked."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from helpers.kube.errors import CommandFailed, DeadlineExceeded, NotFound, Refused
from helpers.lesson.experiment import Bench
from helpers.model.timeline import Timeline

ROLLED_OUT = 40.0  # seconds for a change of the Deployment
SECONDS = 8  # of counting


def ready(timeline: Timeline) -> bool:
    """Tell whether the Deployment's newest Pods are ready, and the only ones."""
    told = {
        name: timeline.value(source="watch", object="Deployment/web", field=field)
        for name, field in {
            "wanted": "spec.replicas",
            "all": "status.replicas",
            "new": "status.updatedReplicas",
            "ready": "status.readyReplicas",
            "seen": "status.observedGeneration",
            "written": "metadata.generation",
        }.items()
    }
    rolled_out = told["wanted"] == told["all"] == told["new"] == told["ready"]
    return rolled_out and told["seen"] == told["written"]


async def observe(bench: Bench, work: Path) -> None:
    """Wait until the Deployment is rolled out, then count in each of its Pods."""
    with suppress(DeadlineExceeded):  # the check tells that it is not ready
        await bench.wait(ready, ROLLED_OUT, "the Deployment to be rolled out")
    bench.progress(f"Counting for {SECONDS} s")
    pods = await bench.call(bench.session.list, "Pod", "app=web")
    names = [pod["metadata"]["name"] for pod in pods if stays(pod)]
    await asyncio.gather(*(bench.call(count, bench, name) for name in names))


def stays(pod: dict[str, Any]) -> bool:
    """Tell whether a Pod runs and is not about to go."""
    return pod["status"].get("phase") == "Running" and "deletionTimestamp" not in pod["metadata"]


def count(bench: Bench, pod: str) -> None:
    """Count in one Pod; one that ends meanwhile counts nothing."""
    command = ["burn", "stat", "--seconds", str(SECONDS)]

    def read() -> dict[str, object]:
        return {"cpu": json.loads(bench.session.exec(pod, command))}

    with suppress(NotFound, CommandFailed, Refused):
        bench.recorder.sample("exec", f"Pod/{pod}", read)  # type: ignore[arg-type]
