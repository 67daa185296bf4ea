"""A quota on CPU limits: a Deployment grows until admission refuses the next Pod."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Annotated, Any

from helpers.charts.fifth_replica import QuotaChart
from helpers.forms.fields import quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import manifests, quotas
from helpers.model.quantity import Quantity
from helpers.model.quota_run import Step, filled, steps
from helpers.model.timeline import Row, Timeline

MOST = 6
WITHIN = 30.0  # seconds for a step of the Deployment, or for the quota's controller
LEAST, LARGEST = Quantity.parse("100m"), Quantity.parse("4")


@dataclass(frozen=True)
class Shared:
    """What the namespace may claim, and what each replica claims of it."""

    hard: Annotated[
        str,
        quantity(
            "hard limits.cpu",
            help="What all Pods of the namespace together may have.",
            explain=lambda value: f"All CPU limits of the namespace add up to {value} at most.",
        ),
    ] = "2"
    limit: Annotated[str, quantity("limits.cpu")] = "500m"


class GrowingDeployment(Experiment[Shared]):
    """How many replicas a quota lets in, who refuses the next, and what becomes of it."""

    id = "the-fifth-replica"
    title = "A Deployment grows under a quota"
    seconds = 10
    spec = Shared
    script = Script(
        prediction=4.0,
        values={"hard": "2", "limit": "500m"},
        misconceptions={
            "the sixth is made and waits, Pending": 6.0,
            "it needs room below the quota, so one fewer": 3.0,
        },
    )
    measured = (
        "<p>The workbook watches the Deployment, its ReplicaSet, their Pods and the ResourceQuota, "
        "and scales the Deployment from 1 to 6. A dot is <code>status.readyReplicas</code> or the "
        "quota's <code>status.used</code> once that step has come to rest: all replicas ready, or "
        "the event <code>FailedCreate</code> has told of the one that is missing.</p>"
    )

    def question(self) -> Number:
        """Ask for a number of Pods. The slider does not begin at the answer."""
        return Number(self.ask(Shared()), 0, 6, "pods", start=0)

    def ask(self, values: Shared) -> str:
        """Put the question for these values."""
        return (
            f"The quota allows <b>limits.cpu: {values.hard}</b> in the namespace. A Deployment "
            f"whose Pods have a limit of <b>{values.limit}</b> is scaled to 6. How many Pods will "
            "there be, running or Pending?"
        )

    def check(self, values: Shared) -> Mapping[str, str]:
        """Refuse what the server would refuse, and what the workers could not hold."""
        hard, limit = Quantity.parse(values.hard), Quantity.parse(values.limit)
        found = {}
        if hard.amount < 0:
            found["hard"] = "hard limits.cpu: must be greater than or equal to 0."
        if not LEAST <= limit <= LARGEST:
            found["limit"] = f"limits.cpu: choose between {LEAST} and {LARGEST}."
        return found

    def build(self, values: Shared, place: Place) -> list[Manifest]:
        """Return the quota and the Deployment."""
        # The request is small: the lesson is about the quota, not about room on the nodes.
        return [
            quotas.resource_quota(
                namespace=place.namespace, lesson=place.lesson, hard={"limits.cpu": values.hard}
            ),
            manifests.idle_deployment(
                namespace=place.namespace,
                lesson=place.lesson,
                name="example",
                limits={"cpu": values.limit},
                requests={"cpu": "10m"},
            ),
        ]

    async def run(self, bench: Bench, values: Shared) -> None:
        """Make the quota and the Deployment, then scale step by step."""
        quota, deployment = self.build(values, bench.place)
        bench.progress("Making the quota", 0.0)
        await bench.call(bench.recorder.watch, "Deployment", "ReplicaSet", "Pod")
        await bench.apply(quota)
        await bench.wait(filled, WITHIN, "the quota to be counted")
        await bench.apply(deployment)
        for replicas in range(1, MOST + 1):
            bench.progress(f"{replicas} of {MOST} replicas", replicas / (MOST + 1))
            if replicas > 1:
                await bench.call(bench.session.scale, "Deployment", "example", replicas)

            def rests(timeline: Timeline, replicas: int = replicas) -> Step | None:
                return next((s for s in steps(timeline) if s.asked == replicas and s.rests), None)

            await bench.wait(rests, WITHIN, f"{replicas} replicas, or a refusal")
            ready = await bench.call(_count, bench)
            bench.timeline.append(Row(time(), "session", "Deployment/example", "step", ready))
        bench.progress(f"{steps(bench.timeline)[-1].ready} pods", 1.0)

    def chart(self, timeline: Timeline) -> QuotaChart:
        """Return the chart of replicas and of the quota's gauge."""
        return QuotaChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return how many Pods there are, running or not, once the Deployment was scaled to 6."""
        done = steps(timeline)
        return done[-1].pods if done and done[-1].asked == MOST else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many there are, who refused the next, and that nothing is Pending."""
        said = timeline.value(source="learner", field="prediction")
        values = timeline.value(source="learner", field="values")
        assert isinstance(values, dict)
        done = steps(timeline)
        made = done[-1].ready if done else 0
        event = timeline.last(source="event", field="FailedCreate")
        if event is None:
            return (
                f"<b>{made} pods run; you said {said:g}.</b> {made} times {values['limit']} is "
                f"within the quota of {values['hard']}, so nothing was refused."
                "<p>Next: at which limit is exactly one pod missing?</p>"
            )
        return (
            f"<b>{made} pods run; you said {said:g}.</b> The next would go over the quota, and so "
            "the API server does not make it: no pod waits, and the scheduler never hears of one. "
            f"The {html.escape(event.object)} tells: <q>{html.escape(str(event.value))}</q>"
            "<p>Next: set the limit to 600m. What happens to what is left of the quota?</p>"
        )


def _count(bench: Bench) -> dict[str, Any]:
    found = bench.session.list("Pod", "app=example")
    running = [p for p in found if p["status"].get("phase") == "Running"]
    return {"pods": len(found), "pending": len(found) - len(running)}
