"""Let the node run short of memory, and see whom the kubelet evicts."""

import asyncio
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Any

from helpers.experiments import eviction, pods
from helpers.kube.errors import DeadlineExceeded
from helpers.lesson.experiment import Bench, Trouble
from helpers.model.eviction import REASON, THRESHOLD
from helpers.model.evictions import next_to_go
from helpers.model.manifests import LESSON_LABEL
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline
from helpers.model.verdicts import CLOCK, held
from helpers.model.workloads import ready_pods, rolled_out, watched

PODS = ("database", "web", "reports")
ROLLED_OUT = 40.0  # seconds for rollouts that go on
READY_FOR = 6.0
STILL = 10.0  # seconds without a change after which a Pod that is not ready is not waited for
NEARLY = 0.9  # of a Pod's own number: then the kubelet's is not that of its first moment
FIRST = "16Mi," * 40
"""What the filler holds for its first 20 s where nobody else is above a request: by then the
kubelet has a number for it. Without one it would take the filler for a Pod that uses nothing."""
HIGHEST = 1_000_000_000  # of the priorities that a user may give


async def observe(bench: Bench, work: Path) -> None:
    """Fill the node on which all three are; nothing is filled where they are not."""
    bench.progress("Waiting until the node has memory")  # till then nobody new comes to it
    await bench.wait(eviction.relieved, eviction.RELIEF_WITHIN, "the node to have memory")
    await ready(bench)
    found = [pod for name in PODS for pod in ready_pods(bench.timeline, name)]
    nodes = [watched(bench.timeline, pod, "spec.nodeName") for pod in found]
    if nodes != [eviction.NODE] * len(PODS):
        return
    await night(bench, await measured(bench, [pod.removeprefix("Pod/") for pod in found]))


async def ready(bench: Bench) -> None:
    """Wait until all three have been ready for a while, or nothing changes any more."""
    began = time()

    def settled(timeline: Timeline) -> bool:
        last = max([began, *(row.time for row in timeline.where(source="watch"))])
        return held(timeline, all_ready, READY_FOR) or time() - last > STILL

    bench.progress("Waiting until all three are ready")
    with suppress(DeadlineExceeded):  # the check tells who is not ready
        await bench.wait(settled, ROLLED_OUT, "the three to be ready")


def all_ready(timeline: Timeline) -> bool:
    """Tell whether each of the three has been rolled out, and has one Pod that is ready."""
    return all(rolled_out(timeline, n) and len(ready_pods(timeline, n)) == 1 for n in PODS)


async def measured(bench: Bench, names: list[str]) -> int:
    """Wait until the kubelet's numbers are those of these Pods; return what is left, in bytes.

    They may be 15 s old, those of the node and those of a Pod each by itself.
    """
    await asyncio.gather(*(pods.read(bench, name, seconds=1) for name in names))
    own = {
        name: NEARLY * float(str(bench.timeline.value(object=f"Pod/{name}", field=USAGE)))
        for name in names
    }
    offered = watched(bench.timeline, f"Node/{eviction.NODE}", "status.allocatable.memory")
    most = Quantity.parse(str(offered)).bytes + THRESHOLD.bytes - sum(own.values())
    for second in range(eviction.SETTLE_WITHIN):
        bench.progress("Waiting for the kubelet's numbers", second / eviction.SETTLE_WITHIN)
        seen = await bench.call(eviction.read, bench)
        if seen["left"] < most and all(seen.get(name, 0) > own[name] for name in names):
            return seen["left"]
        await tick(bench)
    raise Trouble(
        "The kubelet's numbers did not come",
        f"After {eviction.SETTLE_WITHIN} s they are not those of the three Pods.",
        "The machine may be too busy. Check again.",
    )


async def night(bench: Bench, left: int) -> None:
    """Fill the node until somebody is evicted; what has filled it goes again, whatever came.

    It requests no memory, so that it finds a place whatever the others request; by its priority it
    is the last to go of those who use more than they requested.
    """
    name, fillers = f"{bench.place.namespace}-night", []
    first = FIRST if all(c.over <= 0 for c in next_to_go(bench.timeline, PODS)) else ""
    again = eviction.AGAIN_AFTER * (2 if first else 1)
    priority: Any = {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name, "labels": {LESSON_LABEL: bench.place.lesson}},
        "value": HIGHEST,
        "preemptionPolicy": "Never",
    }
    try:
        await bench.apply(priority)
        for second in range(round(eviction.EVICT_WITHIN)):
            bench.progress("Night: the node runs short of memory", second / eviction.EVICT_WITHIN)
            if bench.timeline.last(source="event", field=REASON) is not None:
                return
            if second % again == 0 and left > THRESHOLD.bytes:
                fillers.append(f"night-{len(fillers) + 1}")
                pod = eviction.filler(bench.place, fillers[-1], left)
                pod["spec"]["priorityClassName"] = name
                (container,) = pod["spec"]["containers"]
                container["resources"] = {"requests": {"cpu": "200m"}}
                container["args"][1] = first + container["args"][1]
                await bench.apply(pod)
            await tick(bench)
            left = (await bench.call(eviction.read, bench))["left"]
        raise Trouble(
            "Nobody was evicted",
            f"For {eviction.EVICT_WITHIN:g} s the kubelet has let all Pods be.",
            "The machine may be too busy. Check again.",
        )
    finally:
        for filler in fillers:
            await bench.delete("Pod", filler)
        await bench.delete("PriorityClass", name)


async def tick(bench: Bench) -> None:
    """Wait for the check's next second."""
    now = bench.timeline.value(source=CLOCK, field="seconds")

    def passed(timeline: Timeline) -> bool:
        return timeline.value(source=CLOCK, field="seconds") != now

    await bench.wait(passed, 10.0, "the next second")


USAGE = "stat.memory_usage"
