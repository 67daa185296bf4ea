"""Let the node run short of memory, and see whom the kubelet evicts."""

import asyncio
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Any

from helpers.experiments import eviction, pods
from helpers.kube.errors import DeadlineExceeded, Refused
from helpers.lesson.experiment import Bench, Trouble
from helpers.model import manifests
from helpers.model.eviction import REASON, THRESHOLD
from helpers.model.evictions import next_to_go
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value
from helpers.model.verdicts import CLOCK, held
from helpers.model.workloads import ready_pods, rolled_out, watched

PODS = ("database", "web", "reports")
NIGHT = "night"
ROLLED_OUT = 60.0  # seconds for rollouts that go on, and for a node to get memory again
READY_FOR = 6.0
KNOWN_WITHIN = 10  # seconds until the server knows a PriorityClass that it has taken
STILL = 10.0  # seconds without a change after which a Pod that is not ready is not waited for
NEARLY = 0.9  # of a Pod's own number: then the kubelet's is not that of its first moment
HIGHEST = 1_000_000_000  # of the priorities that a user may give


async def observe(bench: Bench, work: Path) -> None:
    """Fill the node, if the database is there and ready; else there is nothing to be seen.

    Who fills it comes before, and holds next to nothing: a kubelet that has no number of a Pod yet
    takes it for one that uses nothing, and spares it while there is anybody else.
    """
    important = f"{bench.place.namespace}-{NIGHT}"
    try:
        await come(bench, important)
        await ready(bench)
        if there(bench.timeline, "database"):
            names = [name for app in PODS for name in there(bench.timeline, app)]
            await fill(bench, await measured(bench, names))
    finally:
        await bench.delete("Pod", NIGHT)
        await bench.delete("PriorityClass", important)
    if evicted(bench.timeline):
        bench.progress("Morning: waiting until the node has memory again")
        (grown, *_) = bench.timeline.where(source="exec", object=f"Pod/{NIGHT}", field="grows")
        with suppress(DeadlineExceeded):  # who was evicted is known
            await eviction.relief(bench, grown.time)


async def come(bench: Bench, important: str) -> None:
    """Apply the Pod that will fill the node, before all is ready that it waits for.

    It requests no memory, so that it finds a place whatever the others request; by its priority it
    is the last to go of those who use more than they requested.
    """
    priority: Any = {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {
            "name": important,
            "labels": {manifests.LESSON_LABEL: bench.place.lesson},
        },
        "value": HIGHEST,
        "preemptionPolicy": "Never",
    }
    await bench.apply(priority)
    pod: Any = manifests.burn_pod(
        namespace=bench.place.namespace,
        lesson=bench.place.lesson,
        name=NIGHT,
        requests={"cpu": "10m"},
        node=eviction.NODE,
    )
    pod["spec"]["priorityClassName"] = important
    # The node may still say that it is short, from the night before.
    taint = {"key": "node.kubernetes.io/memory-pressure", "operator": "Exists"}
    pod["spec"]["tolerations"] = [taint]
    for _ in range(KNOWN_WITHIN):
        # The server looks the class up in a copy of its own, which follows a moment later.
        with suppress(Refused):
            await bench.apply(pod)
            return
        await tick(bench)
    await bench.apply(pod)


async def ready(bench: Bench) -> None:
    """Wait until all three have been ready for a while, or nothing changes any more.

    To a node that is short of memory nobody comes who does not tolerate it: that is waited for.
    """
    began = time()

    def settled(timeline: Timeline) -> bool:
        last = max([began, *(row.time for row in timeline.where(source="watch"))])
        rests = time() - last > STILL and eviction.relieved(timeline)
        return rests or held(timeline, all_ready, READY_FOR)

    bench.progress("Waiting until all three are ready")
    with suppress(DeadlineExceeded):  # the check tells who is not ready
        await bench.wait(settled, ROLLED_OUT, "the three to be ready")


def all_ready(timeline: Timeline) -> bool:
    """Tell whether each of the three has been rolled out, and has one Pod that is ready."""
    return all(rolled_out(timeline, n) and len(ready_pods(timeline, n)) == 1 for n in PODS)


def there(timeline: Timeline, app: str) -> list[str]:
    """Return the names of the Pods with this label that are ready on the node."""
    return [
        pod.removeprefix("Pod/")
        for pod in ready_pods(timeline, app)
        if watched(timeline, pod, "spec.nodeName") == eviction.NODE
    ]


async def measured(bench: Bench, names: list[str]) -> int:
    """Wait until the kubelet's numbers are those of these Pods; return what is left, in bytes.

    They may be 15 s old, those of the node and those of a Pod each by itself. Where nobody is above
    a request, there must be one of the Pod that will fill the node too: it is the first to go.
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
        if all(seen.get(name, 0) > own[name] for name in names) and seen["left"] < most:
            others = any(c.over > 0 for c in next_to_go(bench.timeline, PODS))
            if others or seen.get(NIGHT, 0) > 0:
                return seen["left"]
        await tick(bench)
    raise Trouble(
        "The kubelet's numbers did not come",
        f"After {eviction.SETTLE_WITHIN} s they are not those of the Pods.",
        "The machine may be too busy. Check again.",
    )


async def fill(bench: Bench, left: int) -> None:
    """Let the Pod that has come hold all but LEFT of what is `left`, until somebody is evicted.

    What was left may have been told too low, as Pods that have just ended still count for some
    seconds: then it holds more.
    """
    for second in range(round(eviction.EVICT_WITHIN)):
        bench.progress("Night: the node runs short of memory", second / eviction.EVICT_WITHIN)
        if second % eviction.AGAIN_AFTER == 0 and left > THRESHOLD.bytes:
            await bench.call(grow, bench, (left - eviction.LEFT - eviction.PROGRAM) >> 20)
        await tick(bench)
        if evicted(bench.timeline):
            return
        left = (await bench.call(eviction.read, bench))["left"]
    raise Trouble(
        "Nobody was evicted",
        f"For {eviction.EVICT_WITHIN:g} s the kubelet has let all Pods be.",
        "The machine may be too busy. Check again.",
    )


def grow(bench: Bench, size: int) -> None:
    """Start a program in the Pod that holds so many MiB more; the row comes before it."""

    def said() -> dict[str, Value]:
        return {"grows": f"{size}Mi"}

    bench.recorder.sample("exec", f"Pod/{NIGHT}", said)
    bench.session.exec(NIGHT, ["sh", "-c", f"burn --memory {size}Mi > /dev/null 2>&1 &"])


def evicted(timeline: Timeline) -> bool:
    """Tell whether the kubelet has evicted somebody since the Pod began to grow."""
    grown = timeline.where(source="exec", object=f"Pod/{NIGHT}", field="grows")
    told = timeline.where(source="event", field=REASON)
    return any(row.time > first.time for first in grown[:1] for row in told)


async def tick(bench: Bench) -> None:
    """Wait for the check's next second, or until somebody is evicted."""
    now = bench.timeline.value(source=CLOCK, field="seconds")

    def passed(timeline: Timeline) -> bool:
        return evicted(timeline) or timeline.value(source=CLOCK, field="seconds") != now

    await bench.wait(passed, 10.0, "the next second")


USAGE = "stat.memory_usage"
