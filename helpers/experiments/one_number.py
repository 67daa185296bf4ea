"""One number on its way: from a container's cgroup to `kubectl top`, hop by hop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic, time
from typing import Annotated

from helpers.charts.hops import HopsChart
from helpers.experiments import metrics_cluster, pods
from helpers.forms.fields import quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script, Trouble
from helpers.lesson.prediction import Number
from helpers.model import manifests, metrics_server
from helpers.model.needs import Need
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline

SEEN_WITHIN = 60.0
LEAST, MOST = Quantity.parse("100m"), Quantity.parse("1")


@dataclass(frozen=True)
class Step:
    """A busy container under a CPU limit: its number."""

    limit: Annotated[str, quantity("limits.cpu")] = "300m"


class OneNumber(Experiment[Step]):
    """After how many seconds each hop tells of a container that is busy from its start."""

    id = "one-number-five-readers"
    title = "One number, five readers"
    seconds = 25
    needs = frozenset({Need.NODES})
    spec = Step
    script = Script(
        prediction=15.0,
        values={"limit": "300m"},
        misconceptions={"kubectl top asks the container": 1.0},
    )
    measured = (
        "<p>One reader after the other is asked, again and again: <code>cpu.stat</code> inside the "
        "container; the kubelet's <code>/metrics/cadvisor</code> and <code>/metrics/resource</code>"
        " through the node's proxy; <code>metrics.k8s.io</code>; and <code>kubectl top</code>. A "
        "dot is when a reader first told at least half of the limit, counted from the container's "
        "start. A reader is asked about once a second, so a dot may be that much late.</p>"
    )

    def question(self) -> Number:
        """Ask for seconds."""
        return Number(self.ask(Step()), 0, 60, "s")

    def ask(self, values: Step) -> str:
        """Put the question for this limit."""
        return (
            f"A container is busy from its start and uses <b>{values.limit}</b>. After how many "
            "seconds does <code>kubectl top</code> show it?"
        )

    def check(self, values: Step) -> Mapping[str, str]:
        """Refuse a limit that is lost in the noise, or more than a core of this machine."""
        if not LEAST <= Quantity.parse(values.limit) <= MOST:
            return {"limit": f"limits.cpu: choose from {LEAST} to {MOST}."}
        return {}

    def build(self, values: Step, place: Place) -> Manifest:
        """Return the busy pod."""
        return manifests.burn_pod(
            namespace=place.namespace,
            lesson=place.lesson,
            threads=1,
            limits={"cpu": values.limit},
            requests={"cpu": "50m"},
        )

    async def run(self, bench: Bench, values: Step) -> None:
        """Start the pod, and ask each reader until it tells."""
        bench.progress("Looking at what is installed", 0.0)
        await bench.call(metrics_cluster.note_parts, bench)
        await bench.call(metrics_cluster.note_top, bench, "nodes")
        bench.progress("Starting the pod", 0.1)
        await bench.apply(self.build(values, bench.place))
        await pods.started(bench, "burn")
        await bench.call(_follow, bench, float(Quantity.parse(values.limit).cores))

    def chart(self, timeline: Timeline) -> HopsChart:
        """Return the chart of delays by hop."""
        return HopsChart(timeline)

    def outcome(self, timeline: Timeline) -> float | None:
        """Return after how many seconds `kubectl top` told at least half of the limit."""
        return metrics_server.seen_after(timeline).get("kubectl top")

    def difference(self, timeline: Timeline) -> str:
        """Say when the first and the last reader knew."""
        said = timeline.value(source="learner", field="prediction")
        seen = metrics_server.seen_after(timeline)
        last = seen.get("kubectl top")
        if last is None:
            return f"<b>kubectl top never showed it; you said {said:g} s.</b>"
        longest = max(seen, key=lambda hop: seen[hop])
        return (
            f"<b>kubectl top showed it after {last:.0f} s; you said {said:g} s.</b> The kernel's "
            f"own account told it after {seen.get('cgroup', 0):.0f} s; the slowest reader was "
            f"{longest}, after {seen[longest]:.0f} s. metrics-server asks the kubelets every "
            f"{metrics_server.resolution():g} s here, and every 60 s unless told otherwise."
            "<p>Next: is a smaller number on its way for longer?</p>"
        )


def _follow(bench: Bench, cores: float) -> None:
    started = time()
    node = str(pods.field(bench.timeline, "burn", "spec.nodeName"))
    bench.timeline.append(Row(started, "session", "Pod/burn", "step", cores))
    until = monotonic() + SEEN_WITHIN
    while not bench.cancelled.is_set():
        seen = metrics_server.seen_after(bench.timeline)
        # kubectl top costs a second of CPU: it is asked once the API that it reads has an answer.
        waiting = [hop for hop in metrics_server.HOPS if hop not in seen]
        if "metrics API" in waiting and "kubectl top" in waiting:
            waiting.remove("kubectl top")
        if not waiting:
            return
        bench.progress(f"{len(seen)} of 5 readers know", 0.2 + 0.16 * len(seen))
        if monotonic() > until:
            raise Trouble(
                "The number did not arrive",
                f"After {SEEN_WITHIN:g} s {', '.join(waiting)} did not tell it.",
                "`workbook reset` puts metrics-server back in order; then run this again.",
            )
        for hop in waiting:
            told = metrics_cluster.hop(bench, hop, node, started)
            if told is not None:
                bench.timeline.append(Row(time(), "kubelet", "Pod/burn", hop, told))
        bench.cancelled.wait(0.5)
