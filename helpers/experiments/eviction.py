"""A node runs short of memory: one pod grows within its request, and another one is evicted."""

from __future__ import annotations

import functools
import html
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Annotated, Any, ClassVar

from helpers.charts.eviction import EvictionChart
from helpers.experiments import pods
from helpers.forms.fields import integer, quantity
from helpers.kube.guard import CLUSTER
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script, Trouble
from helpers.lesson.prediction import Order
from helpers.model import eviction, evictions, manifests
from helpers.model.needs import Need
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value

NODE = f"{CLUSTER}-worker2"
PODS = ("best-effort", "burstable", "guaranteed", "important")
MEBI = 2**20
PROGRAM = 24 * MEBI  # bytes that burn uses beside the memory it is told to hold, at most
LEFT = 50 * MEBI  # bytes that are left when the last pod has grown: half of the threshold
STEPS = 6
MOST = Quantity.parse("1700Mi")
SETTLE_WITHIN = 40  # seconds for the kubelet's numbers, at most 15 s old, to be those of all pods
EVICT_WITHIN = 60.0  # seconds from the last step: the kubelet looks every 10 s
AGAIN_AFTER = 20  # seconds after which the kubelet's numbers hold all that the filler took
RELIEF_WITHIN = 60.0  # seconds until the node says that it has memory again


@dataclass(frozen=True)
class Crowd:
    """What the pods on the node request and use, and how important one of them is."""

    burstable_use: Annotated[str, quantity("memory that burstable uses")] = "550Mi"
    burstable_request: Annotated[str, quantity("burstable's requests.memory")] = "50Mi"
    best_effort_use: Annotated[str, quantity("memory that best-effort uses")] = "300Mi"
    priority: Annotated[int, integer("important's priority", low=0, high=1_000_000)] = 1000


class NodeRunsShort(Experiment[Crowd]):
    """Five pods on one small worker; the last one fills it, and the kubelet has to choose.

    The one that fills it stays below its request, so that it is not the one to go.
    """

    id = "a-node-runs-short-of-memory"
    title = "A node runs short of memory"
    seconds = 50
    needs = frozenset({Need.NODES, Need.SMALL_WORKERS, Need.WHOLE_CLUSTER})
    spec = Crowd
    measures: ClassVar[bool] = True
    script = Script(
        prediction=("burstable", "best-effort", "important", "guaranteed"),
        misconceptions={
            "the QoS class decides": ("best-effort", "burstable", "important", "guaranteed"),
            "the largest goes first": ("important", "burstable", "best-effort", "guaranteed"),
        },
    )
    measured = (
        "<p>All pods are pinned to one worker, which offers 2Gi to pods and evicts when less than "
        f"{eviction.THRESHOLD} is left of it and its reserve. Their memory, and what is left, are "
        "the kubelet's own numbers, the ones by which it judges.</p>"
        "<p>When they have settled, the workbook starts a fifth pod, <code>filler</code>. It grows "
        "in small steps until half of the threshold is left, always within its own request: a "
        "jump over the edge would be an OOM kill, and not an eviction.</p>"
    )

    def question(self) -> Order:
        """Ask for the order of the victims."""
        return Order(self.ask(Crowd()), PODS)

    def ask(self, values: Crowd) -> str:
        """Put the question for these pods."""
        return (
            f"<b>best-effort</b> requests nothing and uses {values.best_effort_use}; <b>burstable"
            f"</b> requests {values.burstable_request} and uses {values.burstable_use}; <b>"
            "guaranteed</b> requests 200Mi and uses 150Mi; <b>important</b> requests 50Mi, uses "
            f"650Mi, and has a priority of {values.priority}. The node runs short of memory: in "
            "which order does the kubelet evict them?"
        )

    def check(self, values: Crowd) -> Mapping[str, str]:
        """Refuse a crowd that the worker cannot hold, or that leaves nothing to fill."""
        own, rest = Quantity.parse(values.burstable_use), Quantity.parse(values.best_effort_use)
        wrong = {}
        for name, amount in (("burstable_use", own), ("best_effort_use", rest)):
            if amount.bytes < MEBI:
                wrong[name] = "Let it use at least 1Mi."
        if not wrong and own.bytes + rest.bytes > 1000 * MEBI:
            wrong["burstable_use"] = "burstable and best-effort may use 1000Mi together: the rest "
            wrong["burstable_use"] += "of the worker's 2Gi is taken by the other pods."
        most = min(700 * MEBI, own.bytes + rest.bytes + 400 * MEBI)
        if not 0 <= Quantity.parse(values.burstable_request).bytes <= most:
            wrong["burstable_request"] = (
                "burstable's requests.memory: at most 700Mi, and at most 400Mi more than burstable "
                "and best-effort use together, or the scheduler finds no room for the filler."
            )
        return wrong

    def build(self, values: Crowd, place: Place) -> list[Manifest]:
        """Return the PriorityClass and the pods that are there before the node runs short."""
        priority: Manifest = {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {
                "name": f"{place.namespace}-important",
                "labels": {manifests.LESSON_LABEL: place.lesson},
            },
            "value": values.priority,
            "preemptionPolicy": "Never",
        }
        # With a few millicores it would take most of a minute to use its memory.
        half = {"cpu": "200m", "memory": "200Mi"}
        important = _holding(place, "important", "650Mi", requests={"memory": "50Mi"})
        important["spec"]["priorityClassName"] = priority["metadata"]["name"]
        return [
            priority,
            _holding(place, "best-effort", values.best_effort_use),
            _holding(
                place,
                "burstable",
                values.burstable_use,
                requests={"memory": values.burstable_request},
            ),
            _holding(place, "guaranteed", "150Mi", requests=half, limits=half),
            important,
        ]

    async def run(self, bench: Bench, values: Crowd) -> None:
        """Start the pods, let the numbers settle, fill the node, and wait for the victim."""
        bench.progress("Starting four pods on one worker", 0.0)
        await bench.call(bench.recorder.watch, "Node")
        await bench.wait(relieved, RELIEF_WITHIN, f"{NODE} to have memory")
        for manifest in self.build(values, bench.place):
            await bench.apply(manifest)
        await pods.started(bench, *PODS)
        left = await _settled(bench, values)
        bench.progress("Filling the node", 0.5)
        since = time()
        await _fill(bench, "filler", left)
        await _evicted(bench)
        bench.progress("Waiting until the node has memory again", 0.9)
        await relief(bench, since)
        bench.progress("one victim", 1.0)

    def chart(self, timeline: Timeline) -> EvictionChart:
        """Return the chart of use and request by pod."""
        return EvictionChart(timeline)

    def outcome(self, timeline: Timeline) -> tuple[str, ...] | None:
        """Return the order with the pod that was evicted first at its head.

        A run tells no more than the first: the others stand as they were predicted.
        """
        first = evictions.victim(timeline)
        if first not in PODS:
            return None
        said = timeline.value(source="learner", field="prediction")
        others = said if isinstance(said, list | tuple) else PODS
        return (first, *(str(pod) for pod in others if pod != first))

    def difference(self, timeline: Timeline) -> str:
        """Say who went, by which part of the rule, and what was predicted."""
        said = timeline.value(source="learner", field="prediction")
        first = str(said[0]) if isinstance(said, list | tuple) and said else "nobody"
        chart = EvictionChart(timeline)
        if chart.victim is None:
            return f"<b>Nobody was evicted.</b> You said that {first} goes first."
        right = "as you said" if first == chart.victim else f"you said {first}"
        ruled = chart.order[0].name if chart.order else chart.victim
        reason = chart.reason if ruled == chart.victim else f"The rule names {ruled}."
        event = timeline.last(source="event", object=f"Pod/{chart.victim}", field=eviction.REASON)
        words = f" <q>{html.escape(str(event.value).strip())}</q>" if event is not None else ""
        return (
            f"<b>{chart.victim} goes first; {right}.</b> {reason}{words}"
            "<p>Next: let <code>burstable</code> request as much as it uses. Who goes then? And "
            "if <code>important</code> has a priority of 0?</p>"
        )


def _holding(
    place: Place,
    name: str,
    size: str,
    requests: Mapping[str, str] | None = None,
    limits: Mapping[str, str] | None = None,
) -> Any:
    return manifests.burn_pod(
        namespace=place.namespace,
        lesson=place.lesson,
        name=name,
        memory=[size],
        requests=requests,
        limits=limits,
        node=NODE,
        restart_policy="Never",
    )


async def _fill(bench: Bench, name: str, left: int) -> None:
    """Start the pod that fills the node, and wait until it runs."""
    await bench.apply(filler(bench.place, name, left))
    await bench.wait(pods.running(name), pods.START_WITHIN, f"Pod/{name} to run")


def filler(place: Place, name: str, left: int) -> Manifest:
    """Return the pod that grows until LEFT of the `left` bytes remain, within its request."""
    grow = left - LEFT - PROGRAM
    small = 8 * MEBI
    sizes = [grow - small * step for step in reversed(range(STEPS))]
    return _holding_steps(place, name, [max(1, size // MEBI) for size in sizes])


def _holding_steps(place: Place, name: str, sizes: list[int]) -> Manifest:
    return manifests.burn_pod(
        namespace=place.namespace,
        lesson=place.lesson,
        name=name,
        memory=[f"{size}Mi" for size in sizes],
        every=0.5,
        requests={"memory": f"{sizes[-1] + 2 * PROGRAM // MEBI}Mi"},
        node=NODE,
        restart_policy="Never",
    )


async def _settled(bench: Bench, values: Crowd) -> int:
    """Read until the kubelet's numbers are those of all pods; return what is left, in bytes."""
    held = {
        "best-effort": values.best_effort_use,
        "burstable": values.burstable_use,
        "guaranteed": "150Mi",
        "important": "650Mi",
    }
    for second in range(SETTLE_WITHIN):
        bench.progress("Waiting for the kubelet's numbers", 0.1 + 0.4 * second / SETTLE_WITHIN)
        seen = await bench.call(read, bench)
        if all(seen.get(name, 0) >= Quantity.parse(held[name]).bytes for name in PODS):
            left = seen["left"]
            if left < LEFT + 3 * PROGRAM:
                raise Trouble(
                    "The worker is too full",
                    f"Only {left // MEBI}Mi of {NODE} are left.",
                    "Another lesson has pods there: close it, and run again.",
                )
            return left
        # A window of one second in a pod that idles is the clock.
        await pods.read(bench, "guaranteed", seconds=1)
    raise Trouble(
        "The kubelet's numbers did not come",
        f"After {SETTLE_WITHIN} s they are not those of all pods.",
        "The machine may be too busy. Run it again.",
    )


async def _evicted(bench: Bench) -> None:
    """Read the kubelet's numbers until a pod is evicted; fill what is still left.

    What was left before may have been told too low: pods of a run before, which had just ended,
    are in the kubelet's numbers for some seconds more.
    """
    fillers = ["filler"]
    for second in range(round(EVICT_WITHIN)):
        bench.progress("Waiting for the kubelet", 0.6 + 0.3 * second / EVICT_WITHIN)
        if evictions.victim(bench.timeline) is not None:
            return
        left = (await bench.call(read, bench))["left"]
        if second + 1 == AGAIN_AFTER * len(fillers) and left > eviction.THRESHOLD.bytes:
            fillers.append(f"filler-{len(fillers) + 1}")
            await _fill(bench, fillers[-1], left)
        await pods.read(bench, "guaranteed", seconds=1)
    raise Trouble(
        "Nobody was evicted",
        f"For {EVICT_WITHIN:g} s the kubelet of {NODE} has let all pods be.",
        "Look at the chart: was less than the threshold left? Run it again.",
    )


def read(bench: Bench) -> dict[str, int]:
    """Note the memory of each pod and what is left for pods, as the kubelet knows it, in bytes.

    Upstream: K pkg/kubelet/eviction/helpers.go, makeSignalObservations: the working set of the
    control group of all pods against the node's capacity without its reserve.
    """
    session = bench.session
    path = session.api.kind("Node").path("", NODE, "proxy/stats/summary")
    summary, _ = session.api.call(
        "GET", path, query={"only_cpu_and_memory": "true"}, what=f"Node/{NODE}"
    )
    found: dict[str, int] = {}
    for pod in summary.get("pods") or []:
        used = (pod.get("memory") or {}).get("workingSetBytes")
        if pod["podRef"]["namespace"] == session.namespace and used is not None:
            found[pod["podRef"]["name"]] = int(used)
    for container in summary["node"].get("systemContainers") or []:
        if container["name"] == "pods" and "availableBytes" in container.get("memory", {}):
            found["left"] = int(container["memory"]["availableBytes"])
    for name, value in found.items():
        object = f"Node/{NODE}" if name == "left" else f"Pod/{name}"

        def seen(value: int = value) -> dict[str, Value]:
            return {"memory": value}

        bench.recorder.sample("kubelet", object, seen)
    return found


async def relief(bench: Bench, since: float) -> None:
    """Wait until the node has said, since a moment, that it ran short, and then that it has memory.

    The API server hears of both some seconds after the kubelet has evicted somebody: until then the
    scheduler sends pods there, and the kubelet turns them away for good. Raises DeadlineExceeded.
    """
    pressed = functools.partial(_pressed, since=since)
    await bench.wait(pressed, RELIEF_WITHIN, f"{NODE} to say that it ran short")
    await bench.wait(relieved, RELIEF_WITHIN, f"{NODE} to have memory again")


def _pressure(timeline: Timeline) -> Value:
    field = "status.conditions.MemoryPressure.status"
    return timeline.value(source="watch", object=f"Node/{NODE}", field=field)


def _pressed(timeline: Timeline, *, since: float) -> bool:
    rows = timeline.where(
        source="watch", object=f"Node/{NODE}", field="status.conditions.MemoryPressure.status"
    )
    return any(row.value == "True" and row.time > since for row in rows)


def relieved(timeline: Timeline) -> bool:
    """Tell whether the node says that it has memory."""
    return _pressure(timeline) == "False"
