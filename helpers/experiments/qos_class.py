"""Which class a pod gets: one of yours beside the telling cases, and a whole table of them."""

from __future__ import annotations

import contextlib
import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from helpers.charts.qos_class import ClassChart
from helpers.experiments import pods, trying
from helpers.forms.fields import choice, quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import manifests, qos_cases
from helpers.model.qos import CLASSES
from helpers.model.qos_cases import BARE, OWN
from helpers.model.resources import refusals
from helpers.model.timeline import Timeline, Value

NOTHING = "no other container"
SECOND = "a second container without resources"
INIT = "an init container without resources"


@dataclass(frozen=True)
class Declared:
    """What the containers of a pod declare."""

    cpu_request: Annotated[str | None, quantity("requests.cpu", optional=True)] = None
    memory_request: Annotated[str | None, quantity("requests.memory", optional=True)] = None
    cpu_limit: Annotated[str | None, quantity("limits.cpu", optional=True)] = "500m"
    memory_limit: Annotated[str | None, quantity("limits.memory", optional=True)] = "256Mi"
    beside: Annotated[
        str,
        choice(
            "beside it",
            NOTHING,
            SECOND,
            INIT,
            help="An init container runs first, and ends before the others start.",
        ),
    ] = INIT


class ClassFollows(Experiment[Declared]):
    """The class of your pod, of the book's, and of every combination of requests and limits.

    All are shown to the API server with dry-run; two of the book's run, for a resize that would
    change their class.
    """

    id = "the-class-follows-from-requests-and-limits"
    title = "The class follows from requests and limits"
    seconds = 6
    spec = Declared
    script = Script(
        prediction="Burstable",
        misconceptions={
            "an init container does not count": "Guaranteed",
            "a container without resources decides": "BestEffort",
        },
    )
    measured = (
        "<p>Each pod is sent to the API server with dry-run: the server fills in what is missing, "
        "gives the pod its <code>status.qosClass</code>, answers, and keeps nothing. <i>Table</i> "
        "holds all of them, every combination of CPU and memory too.</p>"
        "<p>The book's three pods and one with a request of <code>1m</code> really run. The one "
        "that is Guaranteed is then asked to resize, once in a way that would change its class and "
        "once in a way that would not.</p>"
    )

    def question(self) -> Choice:
        """Ask for the class."""
        return Choice(self.ask(Declared()), CLASSES)

    def ask(self, values: Declared) -> str:
        """Put the question for these resources."""
        given = [
            f"{name} <b>{amount}</b>"
            for name, amount in (
                ("requests.cpu", values.cpu_request),
                ("requests.memory", values.memory_request),
                ("limits.cpu", values.cpu_limit),
                ("limits.memory", values.memory_limit),
            )
            if amount
        ]
        words = ", ".join(given) or "no resources at all"
        return f"A container has {words}. There is <b>{values.beside}</b>. Which class is the pod?"

    def check(self, values: Declared) -> Mapping[str, str]:
        """Refuse what the server would refuse."""
        block = manifests.resources(requests=_requests(values), limits=_limits(values))
        fields = {
            "requests.cpu": "cpu_request",
            "requests.memory": "memory_request",
            "limits.cpu": "cpu_limit",
            "limits.memory": "memory_limit",
        }
        return {
            fields[where]: f"{where}: {error.hint} The server says: {error.message}."
            for where, error in refusals(block).items()
        }

    def build(self, values: Declared, place: Place) -> Manifest:
        """Return the learner's pod."""
        made: Any = manifests.burn_pod(
            namespace=place.namespace,
            lesson=place.lesson,
            name=OWN,
            requests=_requests(values),
            limits=_limits(values),
        )
        if values.beside == SECOND:
            made["spec"]["containers"].append(dict(BARE, name="second"))
        if values.beside == INIT:
            made["spec"]["initContainers"] = [dict(BARE, name="first")]
        return made  # type: ignore[no-any-return]

    async def run(self, bench: Bench, values: Declared) -> None:
        """Show all pods to the server, then run the book's, and try to change a class."""
        place = bench.place
        cases = qos_cases.manifests_of(place.namespace, place.lesson)
        bench.progress("Showing your pod to the server", 0.0)
        await bench.call(trying.dry_run, bench, self.build(values, place))
        for number, manifest in enumerate(cases, 1):
            bench.progress(f"{number} of {len(cases)} pods", 0.5 * number / len(cases))
            await bench.call(trying.dry_run, bench, manifest)
        bench.progress("Running the book's pods", 0.6)
        running: list[Any] = [*qos_cases.book(place.namespace, place.lesson)]
        for manifest in running:
            await bench.apply(manifest)
        await pods.started(bench, *(str(made["metadata"]["name"]) for made in running))
        bench.progress("Resizing", 0.9)
        await bench.call(_resize, bench, {"requests": {"cpu": "250m"}})
        same = {"cpu": "400m"}
        await bench.call(_resize, bench, {"requests": same, "limits": same})
        bench.progress(f"{len(cases) + 1} pods", 1.0)

    def chart(self, timeline: Timeline) -> ClassChart:
        """Return the chart of the telling cases by class."""
        return ClassChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return the class that the server gave your pod; None where it refused it."""
        own = _own(timeline)
        return None if own is None else own.measured

    def difference(self, timeline: Timeline) -> str:
        """Say which class the pod got, whether that was predicted, and what resize said."""
        said = timeline.value(source="learner", field="prediction")
        cases = ClassChart(timeline).cases
        own = _own(timeline)
        if own is None or own.measured is None:
            why = html.escape(own.message) if own is not None else ""
            return f"<b>The server refused your pod; you said {said}.</b> <q>{why}</q>"
        right = "as you said" if said == own.measured else f"you said {said}"
        agree = sum(case.measured == case.rule for case in cases)
        refusal = timeline.value(source="session", field="refusal")
        message = refusal.get("message") if isinstance(refusal, Mapping) else None
        words = (
            f" The server would not have it changed by a resize: <q>{html.escape(str(message))}</q>"
            if message
            else ""
        )
        return (
            f"<b>Your pod is {own.measured}; {right}.</b> The rule and the server agree on {agree} "
            f"of {len(cases)} pods.{words}"
            "<p>Next: what is the smallest change that makes your pod Guaranteed?</p>"
        )


def _own(timeline: Timeline) -> qos_cases.Case | None:
    """Return your pod and what the server said to it; None before that."""
    return next((case for case in qos_cases.cases(timeline) if case.name == OWN), None)


def _requests(values: Declared) -> dict[str, str | None]:
    return {"cpu": values.cpu_request, "memory": values.memory_request}


def _limits(values: Declared) -> dict[str, str | None]:
    return {"cpu": values.cpu_limit, "memory": values.memory_limit}


def _resize(bench: Bench, resources: Mapping[str, Value]) -> None:
    """Ask for a resize; the session notes a refusal."""
    from helpers.kube.errors import Refused

    with contextlib.suppress(Refused):
        bench.session.resize("guaranteed", "guaranteed", resources)
