"""Bring out a next version of each service, one after the other, once nothing is under way."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import time

from helpers.kube.errors import DeadlineExceeded, NotFound
from helpers.lesson.experiment import Bench
from helpers.model.timeline import Row, Timeline
from helpers.model.workloads import rolled_out

TEAM = ("shop", "search", "mail")
WITHIN = 60.0  # seconds for a rollout that goes on
STILL = 6.0  # seconds without a change after which a rollout is stuck
VERSION = "kubernetes-workbook/version"


async def observe(bench: Bench, work: Path) -> None:
    """Wait until nothing is under way, then release; what is stuck is noted as stuck."""
    if not await done(bench, lambda timeline: all(rolled_out(timeline, app) for app in TEAM)):
        return
    for app in TEAM:
        bench.progress(f"Rolling out the next version of {app}")
        annotations = {VERSION: str(time())}
        template = {"template": {"metadata": {"annotations": annotations}}}
        with suppress(NotFound):
            written = await bench.call(bench.session.patch, "Deployment", app, {"spec": template})
            version = written["metadata"]["generation"]

            def out(timeline: Timeline, app: str = app, version: int = version) -> bool:
                seen = timeline.value(
                    source="watch", object=f"Deployment/{app}", field="metadata.generation"
                )
                return isinstance(seen, int) and seen >= version and rolled_out(timeline, app)

            went = await done(bench, out)
            bench.timeline.append(Row(time(), "session", f"Deployment/{app}", "released", went))
            if not went:
                return


async def done(bench: Bench, condition: Callable[[Timeline], bool]) -> bool:
    """Wait until the condition holds; False once nothing has changed for STILL seconds."""
    began = time()

    def decided(timeline: Timeline) -> str | None:
        if condition(timeline):
            return "yes"
        last = max([began, *(row.time for row in timeline.where(source="watch"))])
        return "no" if time() - last > STILL else None

    with suppress(DeadlineExceeded):
        return await bench.wait(decided, WITHIN, "a rollout") == "yes"
    return False
