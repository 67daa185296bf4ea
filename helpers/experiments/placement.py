"""The scheduler counts requests: idle pods fill the small workers, and one has to wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import time
from typing import Annotated, Any

from helpers.charts.placement import PlacementChart
from helpers.experiments import pods
from helpers.forms.fields import quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import manifests, scheduling
from helpers.model.needs import Need
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline

LEAST = Quantity.parse("250m")
"""With it twelve Pods fit at most, as many as the question asks about."""
MOST_PODS = 24
PLACED_WITHIN = 10.0  # seconds for the scheduler to decide on a Pod


@dataclass(frozen=True)
class Sleepers:
    """Pods that ask for CPU and then sleep."""

    request: Annotated[str, quantity("requests.cpu")] = "400m"


class RequestsAreCounted(Experiment[Sleepers]):
    """How many idle pods fit on the workers, by what they ask for.

    First a pod that asks for nothing and is busy, then sleepers, one after the other, until the
    scheduler finds no node for the next.
    """

    id = "the-scheduler-counts-requests"
    title = "The scheduler counts requests"
    seconds = 5
    needs = frozenset({Need.SMALL_WORKERS})
    spec = Sleepers
    script = Script(
        prediction=6.0,
        values={"request": "400m"},
        misconceptions={
            "the workers are one pool": 7.0,
            "the scheduler looks at what is used": 12.0,
        },
    )
    measured = (
        "<p>The workbook watches nodes and pods. A bar is the sum of <code>requests.cpu</code> of "
        "the pods that the scheduler has bound to the node, the line is the node's <code>status."
        "allocatable.cpu</code>. Pods of other namespaces are counted in.</p>"
        "<p>The last pod has the condition <code>PodScheduled</code> with the reason <code>"
        "Unschedulable</code>; the event <code>FailedScheduling</code> says why.</p>"
    )

    def question(self) -> Number:
        """Ask for a number of pods."""
        return Number(self.ask(Sleepers()), 0, 12, "pods", start=0)

    def ask(self, values: Sleepers) -> str:
        """Put the question for this request."""
        return (
            f"Each pod asks for <b>{values.request}</b> of CPU, and then sleeps. The two workers "
            "have 1500m each to give. How many pods fit?"
        )

    def check(self, values: Sleepers) -> Mapping[str, str]:
        """Refuse requests so small that dozens of pods would have to be made."""
        if Quantity.parse(values.request) < LEAST:
            return {"request": f"requests.cpu: ask for at least {LEAST}, for the sake of time."}
        return {}

    def build(self, values: Sleepers, place: Place) -> Manifest:
        """Return the first of the sleepers."""
        return _sleeper(values, place, 1)

    async def run(self, bench: Bench, values: Sleepers) -> None:
        """Fill the workers until a pod has to wait."""
        bench.progress("Starting a busy pod that asks for nothing")
        await bench.call(bench.recorder.watch, "Node")
        await bench.call(note_others, bench)
        await bench.apply(
            manifests.burn_pod(
                namespace=bench.place.namespace, lesson=bench.place.lesson, threads=1
            )
        )
        await pods.started(bench, "burn")
        # Before the sleepers come: starting them takes CPU, and burn has no claim to any.
        bench.progress("Reading what the busy pod uses")
        await pods.read(bench, "burn", seconds=1)
        for number in range(1, MOST_PODS + 1):
            manifest = _sleeper(values, bench.place, number)
            name = str(manifest["metadata"]["name"])
            await bench.apply(manifest)
            await bench.wait(_decided(name), PLACED_WITHIN, f"the scheduler to decide on {name}")
            if pods.unschedulable(bench.timeline, name):
                await bench.wait(_event(name), PLACED_WITHIN, f"the event about {name}")
                break
            bench.progress(f"{number} pods placed")
        bench.progress(f"{_placed(bench.timeline)} pods placed", 1.0)

    def chart(self, timeline: Timeline) -> PlacementChart:
        """Return the chart of requests by node."""
        return PlacementChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return how many sleepers have a node, once the scheduler found none for the next."""
        _, waiting = scheduling.board(timeline)
        full = any(p.name.startswith("sleeper-") and p.unschedulable is not None for p in waiting)
        return _placed(timeline) if full else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many fit and why, and what the scheduler said to the next."""
        said = timeline.value(source="learner", field="prediction")
        values = timeline.value(source="learner", field="values")
        assert isinstance(values, dict)
        request = Quantity.parse(str(values["request"]))
        placed = _placed(timeline)
        nodes, _ = scheduling.board(timeline)
        left = [int(node.free("cpu") * 1000) for node in nodes if not node.tainted]
        event = timeline.last(source="event", field="FailedScheduling")
        # The second half of the message is about preemption, of which this lesson does not treat.
        why = str(event.value).split(" preemption:")[0] if event is not None else ""
        words = f" The next one waits: <q>{why}</q>" if why else ""
        fit = {0: "No pod fits", 1: "One pod fits"}.get(placed, f"{placed} pods fit")
        told = ", as you said" if said == self.outcome(timeline) else f"; you said {said:g}"
        return (
            f"<b>{fit}{told}.</b> {_room(left, request, placed)}{words}"
            f"<p>Next: at which request {_next(placed)} And does it matter that <code>burn</code> "
            "is busy?</p>"
        )


def _room(left: Sequence[int], request: Quantity, placed: int) -> str:
    """Say why no more fit: what is left on each node, in millicores, against one request."""
    most, asked = max(left, default=0), request.millicores
    if most >= asked:
        return f"There is room for more still: a node has {most}m that nobody has asked for."
    begin = {0: "No node", 1: "It sleeps, but no node"}.get(placed, "They all sleep, but no node")
    together = "" if sum(left) < asked else "; room on several nodes is no room for a pod"
    return (
        f"{begin} has more than {most}m that nobody has asked for, less than {request}{together}."
    )


def _next(placed: int) -> str:
    return "do exactly two pods fit?" if placed != 2 else "does exactly one pod fit on each node?"


def _sleeper(values: Sleepers, place: Place, number: int) -> Manifest:
    return manifests.burn_pod(
        namespace=place.namespace,
        lesson=place.lesson,
        name=f"sleeper-{number}",
        requests={"cpu": values.request},
    )


def note_others(bench: Bench) -> None:
    """Note, for each node, what the pods of other namespaces have asked of it."""
    answer, _ = bench.session.api.call("GET", "/api/v1/pods")
    on: dict[str, list[Mapping[str, Any]]] = {}
    for pod in answer["items"]:
        node = pod["spec"].get("nodeName")
        if node and pod["metadata"]["namespace"] != bench.session.namespace:
            on.setdefault(node, []).append(pod)
    for node, found in on.items():
        row = Row(time(), "session", f"Node/{node}", "requested", scheduling.requested(found))
        bench.timeline.append(row)


def _decided(name: str) -> Any:
    def condition(timeline: Timeline) -> bool:
        bound = pods.field(timeline, name, "spec.nodeName") is not None
        return bound or pods.unschedulable(timeline, name)

    return condition


def _event(name: str) -> Any:
    def condition(timeline: Timeline) -> bool:
        object = f"Pod/{name}"
        found = timeline.last(source="event", object=object, field="FailedScheduling")
        return found is not None

    return condition


def _placed(timeline: Timeline) -> int:
    nodes, _ = scheduling.board(timeline)
    return sum(pod.name.startswith("sleeper-") for node in nodes for pod in node.pods)
