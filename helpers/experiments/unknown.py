"""Six autoscalers that show <unknown> at first, and what they say about it."""

from __future__ import annotations

import contextlib
import functools
import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from helpers.charts.unknown import UnknownChart
from helpers.experiments import scaling
from helpers.forms.fields import choice, quantity, text
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import autoscaling, hpa_conditions
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline

SETTLED_WITHIN = 60.0
OPTIONS = {
    "bare": "bare: its Pods request no CPU",
    "misspelt": "misspelt: it names a Deployment that is not there",
    "printed": "printed: its target is of the group app, as in the book",
    "left": "left and right: two autoscalers, and their Deployments choose by the same label",
    "fresh": "fresh: its Pod has only just started",
}


@dataclass(frozen=True)
class Faults:
    """Three of the faults; mend one, and run again."""

    request: Annotated[
        str | None, quantity("bare: requests.cpu", optional=True, help="Empty: no request.")
    ] = None
    target: Annotated[
        str, text("misspelt: scaleTargetRef.name", help="The Deployment is called misspelt.")
    ] = "mispelt"
    group: Annotated[
        str,
        choice(
            "printed: scaleTargetRef.apiVersion",
            "app/v1",
            "apps/v1",
            help="The book prints app/v1, twice.",
        ),
    ] = "app/v1"


class WhyUnknown(Experiment[Faults]):
    """Six autoscalers over idle Pods, with five different reasons to know nothing.

    In the end the book's own manifest is shown to the server, and a Deployment scaled by hand.
    """

    id = "why-an-autoscaler-knows-nothing"
    title = "Why an autoscaler knows nothing"
    seconds = 20
    spec = Faults
    script = Script(
        prediction=OPTIONS["fresh"],
        values={"request": None, "target": "mispelt", "group": "app/v1"},
        misconceptions={
            "a percentage needs no request": OPTIONS["bare"],
            "an accepted manifest is a right one": OPTIONS["printed"],
            "autoscalers share the work": OPTIONS["left"],
        },
    )
    measured = (
        "<p>The workbook watches the autoscalers: <code>status.conditions</code> holds why an "
        "autoscaler does nothing, and an event repeats it at every sync. "
        "<code>kubectl describe hpa</code> shows both.</p>"
        "<p>A dot tells whether the autoscaler ended with a number (the condition "
        "<code>ScalingActive</code> is true) or with <code>&lt;unknown&gt;</code>; a blue line, "
        "what its manifest and those around it let one expect.</p>"
    )

    def question(self) -> Choice:
        """Ask which one mends itself."""
        return Choice(
            "All of them show <b>&lt;unknown&gt; / 60%</b> at first. Which one will show a number "
            "if you only wait?",
            list(OPTIONS.values()),
        )

    def check(self, values: Faults) -> Mapping[str, str]:
        """Refuse a name that no object can have."""
        if not values.target or values.target != values.target.strip():
            return {"target": "scaleTargetRef.name: type a name without spaces, such as misspelt."}
        if values.request and not 1 <= Quantity.parse(values.request).millicores <= 500:
            return {"request": "bare: requests.cpu: from 1m to 500m, or empty for no request."}
        return {}

    def build(self, values: Faults, place: Place) -> Manifest:
        """Return the autoscaler as the book prints its target."""
        return _autoscaler(place, "printed", target_api=values.group)

    async def run(self, bench: Bench, values: Faults) -> None:
        """Make them all, wait until each has said its last word, then the book and the hand."""
        bench.progress("Starting six autoscalers")
        await scaling.follow(bench)
        for manifest in _deployments(values, bench.place):
            await bench.apply(manifest)
        names: dict[str, dict[str, Any]] = {
            "bare": {},
            "misspelt": {"target": values.target},
            "left": {},
            "right": {},
            "fresh": {},
        }
        for name, given in names.items():
            await bench.apply(_autoscaler(bench.place, name, **given))
        await bench.apply(self.build(values, bench.place))
        bench.progress("Waiting for the first metrics", 0.2)
        await bench.call(_show_the_books, bench)
        for name in [*names, "printed"]:
            settled = functools.partial(_settled, name=name)
            await bench.wait(settled, SETTLED_WITHIN, f"{name} to say what it is about")
        if not values.request:  # its autoscaler is blind, and leaves it alone
            bench.progress("Scaling by hand", 0.9)
            await bench.call(bench.session.scale, "Deployment", "bare", 2)
            await bench.wait(
                lambda timeline: scaling.ready(timeline, "bare") >= 2, 30, "two Pods of bare"
            )
        bench.progress("Each has said why", 1.0)

    def chart(self, timeline: Timeline) -> UnknownChart:
        """Return the chart of who shows a number."""
        return UnknownChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return which autoscaler shows a number, by its conditions, once all have settled.

        Where you have mended one there are several: yours, if it is among them.
        """
        if not all(_settled(timeline, name=name) for name in (*OPTIONS, "right")):
            return None
        good = [case.name for case in UnknownChart(timeline).cases if case.number]
        answers = [words for name, words in OPTIONS.items() if name in good]
        said = timeline.value(source="learner", field="prediction")
        return str(said) if said in answers else next(iter(answers), None)

    def difference(self, timeline: Timeline) -> str:
        """Say which of them show a number, and what the others say."""
        said = str(timeline.value(source="learner", field="prediction"))
        cases = UnknownChart(timeline).cases
        good = [case.name for case in cases if case.number]
        name = next((name for name, words in OPTIONS.items() if words == said), said)
        verdict = "and so you said" if said == self.outcome(timeline) else f"you said {name}"
        which = " and ".join(good) if good else "None of them"
        others = [case for case in cases if not case.number]
        words = "; ".join(f"{case.name}: <q>{html.escape(case.short)}</q>" for case in others[:3])
        return (
            f"<b>{which} show{'' if len(good) > 1 else 's'} a number; {verdict}.</b> "
            f"The others tell why in their conditions. {words}."
            "<p>Next: mend one of them in the form, and run again. The table holds all their "
            "words.</p>"
        )


def _autoscaler(place: Place, name: str, **given: Any) -> Manifest:
    return autoscaling.autoscaler(
        namespace=place.namespace, lesson=place.lesson, name=name, **{"most": 2, **given}
    )


def _deployments(values: Faults, place: Place) -> list[Manifest]:
    half: dict[str, str | None] = {"cpu": "50m"}
    busy: dict[str, str | None] = {"cpu": "100m"}

    def made(name: str, **given: Any) -> Manifest:
        return autoscaling.deployment(
            namespace=place.namespace, lesson=place.lesson, name=name, image="burn", **given
        )

    return [
        made("bare", requests={"cpu": values.request}),
        made("misspelt", requests=half),
        made("printed", requests=half),
        made("left", app="shared", requests=half),
        made("right", app="shared", requests=half),
        made("fresh", args=("--threads", "1"), requests=half, limits=busy),
    ]


def _settled(timeline: Timeline, *, name: str) -> bool:
    """Tell whether an autoscaler has looked at its Pods' metrics, or cannot come so far."""
    found = hpa_conditions.seen(timeline, name)
    waits = "no metrics returned", "did not receive metrics"
    return found is not None and not any(word in found.words for word in waits)


def _show_the_books(bench: Bench) -> None:
    """Show the server the autoscaler as the book prints it: as it is, and with today's version."""
    from helpers.kube.errors import Refused

    manifest = _autoscaler(bench.place, "book", most=10)
    metric = {"type": "Resource", "resource": {"name": "cpu", "targetAverageUtilization": 60}}
    old = {**manifest, "spec": {**manifest["spec"], "metrics": [metric]}}
    for version in ("autoscaling/v2beta1", "autoscaling/v2"):
        with contextlib.suppress(Refused):  # that is what is to be seen; the session notes it
            bench.session.dry_run({**old, "apiVersion": version})
