"""A limit alone is a request too: send a pod, and read back what it asks for.

The smallest whole experiment. Copy it to helpers/experiments/, its chart to helpers/charts/ and its
claim to helpers/claims/; docs/writing-a-lesson.md goes through it step by step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from chart import MEBI, RequestChart

from helpers.experiments import pods
from helpers.forms.fields import quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import manifests
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline

LEAST, MOST = Quantity.parse("32Mi"), Quantity.parse("128Mi")


@dataclass(frozen=True)
class Quiet:
    """A pod that sleeps: what its form holds. A field's default is what the form begins with."""

    limit: Annotated[str, quantity("limits.memory")] = "64Mi"
    request: Annotated[str | None, quantity("requests.memory", optional=True)] = None


class LimitIsARequest(Experiment[Quiet]):
    """What a pod asks for when its manifest names a limit and no request."""

    id = "a-limit-is-a-request"
    title = "A limit alone is a request too"
    seconds = 3
    spec = Quiet
    script = Script(
        prediction=64.0,
        values={"limit": "64Mi", "request": None},
        misconceptions={"who names no request asks for nothing": 0.0},
    )
    measured = (
        "<p>The workbook watches the pod. The dot is <code>resources.requests.memory</code> in the "
        "pod that the API server stored.</p>"
    )

    def question(self) -> Number:
        """Ask for an amount of memory. The slider does not begin at the answer."""
        return Number(self.ask(Quiet()), 0, 128, "MiB", step=8, start=0)

    def ask(self, values: Quiet) -> str:
        """Put the question for these values."""
        request = f"a request of <b>{values.request}</b>" if values.request else "no request"
        return (
            f"The manifest names a memory limit of <b>{values.limit}</b> and {request}. "
            "How much does the pod ask for, once the API server has stored it?"
        )

    def check(self, values: Quiet) -> Mapping[str, str]:
        """Refuse limits under which the program does not start, or that leave the slider."""
        if not LEAST <= Quantity.parse(values.limit) <= MOST:
            return {"limit": f"limits.memory: choose between {LEAST} and {MOST}."}
        return {}

    def build(self, values: Quiet, place: Place) -> Manifest:
        """Return the pod, with what the form holds and nothing else."""
        return manifests.burn_pod(
            namespace=place.namespace,
            lesson=place.lesson,
            name="quiet",
            limits={"memory": values.limit},
            requests={"memory": values.request},
        )

    async def run(self, bench: Bench, values: Quiet) -> None:
        """Send the pod and wait until it runs; the watch writes down what was stored."""
        bench.progress("Starting the pod", 0.0)
        await bench.apply(self.build(values, bench.place))
        await pods.started(bench, "quiet")
        bench.progress("1 pod read back", 1.0)

    def chart(self, timeline: Timeline) -> RequestChart:
        """Return the chart of the three amounts."""
        return RequestChart(timeline)

    def outcome(self, timeline: Timeline) -> float | None:
        """Return what the pod asks for as it was stored, in MiB; None before it is read back."""
        return RequestChart(timeline).measured

    def difference(self, timeline: Timeline) -> str:
        """Say what the pod asks for, and why."""
        said = timeline.value(source="learner", field="prediction")
        values = timeline.value(source="learner", field="values")
        assert isinstance(values, dict)
        stored = RequestChart(timeline).measured or 0.0
        why = (
            "The manifest names a request, and the server keeps it."
            if values["request"]
            else "The manifest names none, so the server has copied the limit into it."
        )
        limit = Quantity.parse(str(values["limit"])).bytes / MEBI
        return (
            f"<b>The pod asks for {stored:g} MiB; you said {said:g}.</b> {why}"
            f"<p>Next: its limit is {limit:g} MiB. How do you make it ask for half of that?</p>"
        )
