"""Read what the kernel counted for each service, once nothing is being rolled out."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from time import time

from helpers.kube.errors import CommandFailed, DeadlineExceeded, NotFound
from helpers.lesson.experiment import Bench
from helpers.model.timeline import Timeline, Value
from helpers.model.workloads import ready_pods, rolled_out

SERVICES = ("shop", "cache", "report")
ROLLED_OUT = 40.0  # seconds for rollouts that go on
STILL = 5.0  # seconds without a change after which a Pod that is not ready is not waited for
SECONDS = 4.8  # of counting: two of report's rounds


async def observe(bench: Bench, work: Path) -> None:
    """Wait for what is under way, then count in each ready Pod at the same time."""
    began = time()

    def settled(timeline: Timeline) -> bool:
        last = max([began, *(row.time for row in timeline.where(source="watch"))])
        return all(rolled_out(timeline, name) for name in SERVICES) or time() - last > STILL

    with suppress(DeadlineExceeded):  # the check tells who is not ready
        await bench.wait(settled, ROLLED_OUT, "the services to be rolled out")
    bench.progress(f"Counting for {SECONDS:g} s")
    ready = [pod for name in SERVICES for pod in ready_pods(bench.timeline, name)]
    await asyncio.gather(*(bench.call(count, bench, pod) for pod in ready))


def count(bench: Bench, pod: str) -> None:
    """Count in one Pod; one that ends meanwhile counts nothing."""
    command = ["burn", "stat", "--seconds", f"{SECONDS:g}"]

    def read() -> dict[str, Value]:
        return {"use": json.loads(bench.session.exec(pod.removeprefix("Pod/"), command))}

    with suppress(NotFound, CommandFailed):
        bench.recorder.sample("exec", pod, read)
