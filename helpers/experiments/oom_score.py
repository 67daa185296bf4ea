"""Three classes on one node: whom the kernel would kill first, and who gets a wanted core."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from helpers.charts.oom_score import OomScoreChart
from helpers.experiments import pods
from helpers.forms.fields import quantity
from helpers.kube.guard import CLUSTER
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import manifests, oom_scores
from helpers.model.needs import Need
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value

NODE = f"{CLUSTER}-worker"
CORE = 1
WINDOW = 2  # seconds of each measurement
NAMES = ("best-effort", "burstable", "guaranteed")
GUARANTEED = {"cpu": "300m", "memory": "64Mi"}
MOST = Quantity.parse("1500Mi")
_RUNTIME = (
    "for p in /proc/[0-9]*; do "
    'if [ "$(cat $p/comm 2>/dev/null)" = containerd ]; then cat $p/oom_score_adj; exit; fi; done'
)


@dataclass(frozen=True)
class Asked:
    """What the Burstable pod requests."""

    memory: Annotated[str, quantity("burstable's requests.memory")] = "1Gi"
    cpu: Annotated[str, quantity("burstable's requests.cpu")] = "100m"


class ClassesOnANode(Experiment[Asked]):
    """One pod of each class, busy on one core; the kernel's word on each is read inside it."""

    id = "what-the-node-makes-of-a-class"
    title = "What the node makes of a class"
    seconds = 14
    needs = frozenset({Need.NODES})
    spec = Asked
    measures: ClassVar[bool] = True
    script = Script(
        prediction=958.0,
        misconceptions={
            "what the node offers to pods counts": 500.0,
            "a request protects wholly": 0.0,
        },
    )
    measured = (
        "<p><code>/proc/1/oom_score_adj</code> is read in each container. A fourth pod, which may "
        "see the processes of its node, reads that of the container runtime, containerd: where the "
        "node lacks the capability <code>SYS_RESOURCE</code>, it cannot go below its own.</p>"
        f"<p>Each pod has one busy thread, all on core {CORE}. They start one after the other; the "
        f"bars are what each used in {WINDOW} seconds, by its own control group.</p>"
    )

    def question(self) -> Number:
        """Ask for the Burstable pod's oom_score_adj."""
        return Number(self.ask(Asked()), 0, 1000)

    def ask(self, values: Asked) -> str:
        """Put the question for this request."""
        return (
            "When memory runs out, the kernel kills the process with the highest score; <code>"
            "oom_score_adj</code> is added to it, from -1000 (never) to 1000 (first). The worker "
            f"offers 2Gi to its pods, and <b>burstable</b> requests <b>{values.memory}</b>. What "
            "is its <code>oom_score_adj</code>?"
        )

    def check(self, values: Asked) -> Mapping[str, str]:
        """Refuse requests for which the worker has no room, or which ask for nothing."""
        wrong = {}
        if not 0 < Quantity.parse(values.memory).bytes <= MOST.bytes:
            wrong["memory"] = f"burstable's requests.memory: between 1 and {MOST}."
        if not 10 <= Quantity.parse(values.cpu).millicores <= 500:
            wrong["cpu"] = "burstable's requests.cpu: between 10m and 500m, for there is one core."
        return wrong

    def build(self, values: Asked, place: Place) -> list[Manifest]:
        """Return the three pods in the order in which they start."""
        return [
            _busy(place, "best-effort"),
            _busy(place, "burstable", requests={"cpu": values.cpu, "memory": values.memory}),
            _busy(place, "guaranteed", limits=GUARANTEED, requests=GUARANTEED),
        ]

    async def run(self, bench: Bench, values: Asked) -> None:
        """Start one pod after the other, and read all that run after each start."""
        await bench.call(bench.recorder.watch, "Node")
        await bench.apply(_looking(bench.place))
        running: list[str] = []
        for number, manifest in enumerate(self.build(values, bench.place)):
            name = NAMES[number]
            bench.progress(f"Starting {name}", number / 3)
            await bench.apply(manifest)
            await pods.started(bench, name)
            running.append(name)
            bench.progress(f"Reading {', '.join(running)}", (number + 0.5) / 3)
            limit = GUARANTEED["cpu"]
            await asyncio.gather(
                *(
                    pods.read(
                        bench, pod, seconds=WINDOW, limit=limit if pod == "guaranteed" else None
                    )
                    for pod in running
                )
            )
        bench.progress("Reading oom_score_adj", 0.95)
        await pods.started(bench, "look")
        for name in NAMES:
            await bench.call(_score, bench, name, ["cat", "/proc/1/oom_score_adj"])
        await bench.call(_score, bench, "look", ["sh", "-c", _RUNTIME])
        bench.progress("3 pods", 1.0)

    def chart(self, timeline: Timeline) -> OomScoreChart:
        """Return the chart of scores and of CPU."""
        return OomScoreChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return the oom_score_adj that was read in burstable's container."""
        found = {score.name: score.measured for score in oom_scores.scores(timeline)}
        return found.get("burstable")

    def difference(self, timeline: Timeline) -> str:
        """Say the score and where it comes from, and what the classes got of the core."""
        said = timeline.value(source="learner", field="prediction")
        chart = OomScoreChart(timeline)
        score = next((s for s in chart.scores if s.name == "burstable"), None)
        if score is None or score.measured is None or chart.capacity is None:
            return f"<b>The score could not be read;</b> you said {said:g}."
        last = chart.shares[-1] if chart.shares else {}
        used = ", ".join(f"{name} {cores:.2f}" for name, cores in last.items())
        return (
            f"<b>burstable has {score.measured}; you said {said:g}.</b> The kubelet divides the "
            f"request by the whole memory of the machine, {chart.capacity / 2**30:.1f} GiB, and "
            f"not by what the node offers to pods. Cores used, all three busy: {used}."
            "<p>Next: how much would <code>burstable</code> have to request for a score of 950?"
            "</p>"
        )


def _busy(place: Place, name: str, **resources: Mapping[str, str]) -> Any:
    return manifests.burn_pod(
        namespace=place.namespace,
        lesson=place.lesson,
        name=name,
        threads=1,
        core=CORE,
        node=NODE,
        **resources,  # type: ignore[arg-type]
    )


def _looking(place: Place) -> Manifest:
    """Return a pod that sees the processes of its node."""
    made: Any = manifests.burn_pod(
        namespace=place.namespace, lesson=place.lesson, name="look", node=NODE
    )
    made["spec"]["hostPID"] = True
    return made  # type: ignore[no-any-return]


def _score(bench: Bench, name: str, command: list[str]) -> None:
    """Read an oom_score_adj inside a pod: its own, or in "look" that of the runtime."""

    def read() -> dict[str, Value]:
        return {"oom_score_adj": int(bench.session.exec(name, command, deadline=20))}

    bench.recorder.sample("exec", f"Pod/{name}", read)
