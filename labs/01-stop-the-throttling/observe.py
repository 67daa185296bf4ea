"""Read what the kernel counted for the web server while its customers asked."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from helpers.kube.errors import CommandFailed, DeadlineExceeded, NotFound, Refused
from helpers.lesson.experiment import Bench
from helpers.model.timeline import Timeline
from helpers.model.workloads import rolled_out

WITHIN = 40.0  # seconds for a change of the Deployment
SECONDS = 8  # of counting


async def observe(bench: Bench, work: Path) -> None:
    """Wait until the Deployment is rolled out, then count in each of its Pods."""

    def ready(timeline: Timeline) -> bool:
        return rolled_out(timeline, "web")

    with suppress(DeadlineExceeded):  # the check tells that it is not ready
        await bench.wait(ready, WITHIN, "the Deployment to be rolled out")
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
