"""Ask the API server, by a dry run, what becomes of Pods that nobody has written yet."""

from contextlib import suppress
from pathlib import Path
from time import time
from typing import Any

from helpers.kube.errors import DeadlineExceeded, Refused
from helpers.lesson.experiment import Bench
from helpers.model import manifests
from helpers.model.timeline import Row, Timeline
from helpers.model.workloads import rolled_out

WITHIN = 25.0  # seconds for the ReplicaSets to try again: they wait longer after each refusal
GREEDY = {"limits": {"cpu": "8", "memory": "64Mi"}, "requests": {"cpu": "10m", "memory": "8Mi"}}


async def observe(bench: Bench, work: Path) -> None:
    """Wait for the Deployments, then ask for a newcomer who writes nothing, and a greedy one."""

    def ready(timeline: Timeline) -> bool:
        return rolled_out(timeline, "web") and rolled_out(timeline, "report")

    bench.progress("Waiting for the Deployments")
    with suppress(DeadlineExceeded):  # the check tells what is missing
        await bench.wait(ready, WITHIN, "the Deployments to be ready")
    bench.progress("Asking the API server for two newcomers")
    await bench.call(ask, bench, "newcomer", {})
    await bench.call(ask, bench, "greedy", GREEDY)


def ask(bench: Bench, name: str, resources: dict[str, Any]) -> None:
    """Note what the server would make of a Pod's resources; a refusal notes itself."""
    at = {"namespace": bench.place.namespace, "lesson": bench.place.lesson}
    pod = manifests.burn_pod(**at, name=name, **resources)
    with suppress(Refused):
        made = bench.session.dry_run(pod)
        given = made["spec"]["containers"][0].get("resources", {})
        bench.timeline.append(Row(time(), "session", f"Pod/{name}", "dry-run", given))
