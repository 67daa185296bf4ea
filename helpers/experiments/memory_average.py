"""An autoscaler on memory and CPU at once: which of the two wins, and where it ends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from helpers.charts.metered import MeteredChart, Panel
from helpers.experiments import scaling
from helpers.forms.fields import integer, quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import hpa, hpa_metrics, metered
from helpers.model.needs import Need
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline

MOST = 8
"""Replicas that the two workers have room for, beside what else runs there."""
LIMITS: dict[str, str | None] = {"cpu": "100m", "memory": "96Mi"}
PROGRAM = Quantity.parse("24Mi").bytes
"""Bytes that fib takes besides its heap, at most."""
START_WITHIN = 30.0
SETTLED_WITHIN = 150.0
"""Seconds; each step waits for a reading of every new Pod, which may take 25 s."""
PANELS = (Panel("fib", 1, "Memory on average, MB a Pod", " MB", 1e9),)


@dataclass(frozen=True)
class Held:
    """What each Pod holds, and what the autoscaler is told."""

    heap: Annotated[
        str, quantity("HEAP", help="Memory that every Pod of fib takes at its start, and keeps.")
    ] = "40Mi"
    average: Annotated[
        str,
        quantity("averageValue", help="The target: memory in bytes a Pod, on average."),
    ] = "20M"
    utilization: Annotated[
        int,
        integer(
            "averageUtilization",
            low=1,
            high=500,
            help="The other target: CPU used, in percent of what the Pods request, on average.",
        ),
    ] = 60
    most: Annotated[int, integer("maxReplicas", low=1, high=MOST)] = 6


class MemoryOfEachReplica(Experiment[Held]):
    """Pods that each hold a heap, idle, and an autoscaler with a target for memory and one for CPU.

    It ends when the numbers no longer change.
    """

    id = "more-replicas-hold-more-memory"
    title = "More replicas, and the memory of each"
    seconds = 75
    needs = frozenset({Need.FLAGS})
    spec = Held
    script = Script(
        prediction=6.0,
        values={"heap": "40Mi", "average": "20M", "utilization": 60, "most": 6},
        misconceptions={
            "three Pods share what one holds": 3.0,
            "nothing to do, so one is enough": 1.0,
        },
    )
    measured = (
        "<p>The orange dots are the average in the autoscaler's own status, the orange line is "
        "<code>status.desiredReplicas</code>, and the blue dotted one a twin of the controller: "
        "its rules, from its source, on what the status and the metrics API said.</p>"
        "<p>Memory is the working set that metrics-server serves: all that the container holds, "
        "less the part of the page cache that could go at once. It is measured every 10 s here "
        "(stock 15 s to 60 s), and the autoscaler syncs every 5 s (stock 15 s).</p>"
    )

    def question(self) -> Number:
        """Ask for the replicas in the end."""
        return Number(self.ask(Held()), 1, MOST, "replicas", start=1)

    def ask(self, values: Held) -> str:
        """Put the question for these values."""
        return (
            f"Nobody asks these Pods for anything. Each holds a heap of <b>{values.heap}</b>. "
            f"The autoscaler may have up to {values.most} of them, and wants "
            f"<b>{values.average}</b> of memory and {values.utilization} % of CPU a Pod. "
            "How many will there be in the end?"
        )

    def check(self, values: Held) -> Mapping[str, str]:
        """Refuse what the server or fib would refuse, and a heap above the limit.

        Upstream: K pkg/apis/autoscaling/validation/validation.go, validateMetricTarget.
        """
        wrong = {}
        if Quantity.parse(values.average).bytes <= 0:
            wrong["average"] = "averageValue must be positive; 20M is 20 million bytes."
        if not re.fullmatch(r"\d+([KMGT]i|[kMGT])?", values.heap):
            wrong["heap"] = "fib reads HEAP as a whole number with Ki, Mi, Gi, or k, M, G."
        elif Quantity.parse(values.heap).bytes + PROGRAM > Quantity.parse("96Mi").bytes:
            wrong["heap"] = (
                f"HEAP: {values.heap} and fib itself do not fit into the limit of 96Mi: the "
                "kernel would kill each Pod. Take 72Mi at most."
            )
        return wrong

    def build(self, values: Held, place: Place) -> list[Manifest]:
        """Return the Deployment and its autoscaler."""
        at: dict[str, Any] = {"namespace": place.namespace, "lesson": place.lesson}
        return [
            metered.holding(values.heap, **at, limits=LIMITS),
            metered.autoscaler(
                **at,
                name="fib",
                metrics=[metered.cpu(values.utilization), metered.memory(values.average)],
                most=values.most,
            ),
        ]

    async def run(self, bench: Bench, values: Held) -> None:
        """Start fib and its autoscaler, and wait until nothing changes any more."""
        bench.progress("Starting fib")
        await scaling.follow(bench)
        for manifest in self.build(values, bench.place):
            await bench.apply(manifest)
        await bench.wait(
            lambda timeline: scaling.ready(timeline, "fib") > 0, START_WITHIN, "a Pod of fib"
        )
        bench.progress("The first Pod runs; its memory is measured", 0.1)
        await bench.wait(_settled, SETTLED_WITHIN, "the number of replicas to settle")
        bench.progress(f"{_replicas(bench.timeline)} replicas", 1.0)

    def chart(self, timeline: Timeline) -> MeteredChart:
        """Return the chart of memory and replicas over time."""
        return MeteredChart(timeline, PANELS)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return how many replicas there are, once every Pod's memory has been judged."""
        return _replicas(timeline) if _settled(timeline) else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many there are, what each holds, and what either metric asked for."""
        said = timeline.value(source="learner", field="prediction")
        values = timeline.value(source="learner", field="values")
        assert isinstance(values, dict)
        now, rounds = _replicas(timeline), hpa_metrics.rounds(timeline, "fib")
        verdict = "as you said" if said == self.outcome(timeline) else f"you said {said:g}"
        known = [round for round in rounds if round.told[1] is not None]
        if not known:
            return f"<b>{now} replicas; {verdict}.</b> No memory was measured in this run."
        first, last = known[0], known[-1]
        begun, ended = (round.told[1] or 0 for round in (first, last))
        target = Quantity.parse(values["average"]).bytes
        if last.desired > first.current:
            went = (
                f"One Pod held {begun / 1e9:.1f} MB; {last.desired} Pods hold {ended / 1e9:.1f} MB "
                f"<i>each</i>, and the target is still {target / 1e6:.1f} MB. Every new Pod brings "
                "its own heap, so the average does not fall and the autoscaler asks again."
            )
        else:
            went = (
                f"Each Pod holds {ended / 1e9:.1f} MB and the target is {target / 1e6:.1f} MB: "
                "within a tenth of it, or below, nothing is added."
            )
        cpu, memory = last.asks
        asked = (
            f" In the end CPU asks for {cpu} and memory for {memory}; the higher one counts."
            if cpu is not None and memory is not None
            else ""
        )
        return (
            f"<b>{now} replica{'' if now == 1 else 's'}; {verdict}.</b> {went}{asked}"
            "<p>Next: what if <code>averageValue</code> is a little above what one Pod holds?</p>"
        )


def _replicas(timeline: Timeline) -> int:
    value = timeline.value(source="watch", object="Deployment/fib", field="spec.replicas")
    return value if isinstance(value, int) else 0


def _settled(timeline: Timeline) -> bool:
    """Tell whether the memory of every Pod has been judged since the number changed last."""
    rows = timeline.where(source="watch", object="Deployment/fib", field="spec.replicas")
    pods = scaling.pods_of(timeline, "fib")
    if not rows or len(pods) != rows[-1].value or scaling.ready(timeline, "fib") != len(pods):
        return False
    measured = []
    for pod in pods:
        seen = timeline.where(source="metrics", object=f"Pod/{pod}", field="cpu")
        if not seen or seen[-1].value is None:
            return False
        measured.append(seen[0].time)
    # The controller may read a second later than we did, and looks every sync.
    judged = max(*measured, rows[-1].time) + hpa.sync_period() + 2
    return timeline.rows[-1].time > judged
