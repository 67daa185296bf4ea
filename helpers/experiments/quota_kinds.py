"""Five quotas in one namespace: which of them refuses an object, if any does."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import time
from typing import Annotated, Any

from helpers.charts.object_quotas import ObjectQuotasChart
from helpers.experiments import trying
from helpers.forms.fields import integer, quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Table
from helpers.model import autoscaling, manifests, object_quotas
from helpers.model.object_quotas import FAST, NOBODY, PER_CLASS, QUOTAS, ROWS, WORDS
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline

WITHIN = 30.0  # seconds for the quota's controller to count what is there


@dataclass(frozen=True)
class Hard:
    """What each of the five quotas allows."""

    services: Annotated[
        int, integer("objects: count/services", low=0, high=9, help="Services in the namespace.")
    ] = 1
    configmaps: Annotated[
        int,
        integer("objects: count/configmaps", low=0, high=9, help="ConfigMaps in the namespace."),
    ] = 1
    storage: Annotated[
        str,
        quantity(
            "storage: requests.storage",
            help="What all claims together may ask for.",
            explain=lambda value: f"All claims add up to {value} at most.",
        ),
    ] = "5Gi"
    fast: Annotated[
        str,
        quantity(
            "storage: the same, of class fast",
            help=f"The part of it that may be of the StorageClass {FAST}.",
            explain=lambda value: f"Claims of class fast add up to {value} at most.",
        ),
    ] = "2Gi"
    scratch: Annotated[
        int,
        integer("scratch: pods", low=0, high=9, help="Pods that are in the scope BestEffort."),
    ] = 1
    deadline: Annotated[
        str,
        quantity(
            "deadline: requests.cpu",
            help="Of Pods in the scope Terminating: those with an activeDeadlineSeconds.",
            explain=lambda value: f"Pods with a deadline request {value} at most together.",
        ),
    ] = "500m"
    critical: Annotated[
        int,
        integer("critical: pods", low=0, high=9, help=f"Pods of {object_quotas.CRITICAL}."),
    ] = 0


class QuotaKinds(Experiment[Hard]):
    """Objects of several kinds are shown to a namespace with five quotas."""

    id = "what-a-quota-counts"
    title = "Five quotas, eight objects"
    seconds = 5
    spec = Hard
    script = Script(
        prediction=(
            *("objects", "objects", "storage", NOBODY),
            *("scratch", NOBODY, "deadline", "critical"),
        ),
        misconceptions={
            "a namespace begins empty": (
                *("objects", NOBODY, "storage", NOBODY),
                *("scratch", NOBODY, "deadline", "critical"),
            ),
            "every quota counts every pod": (
                *("objects", "objects", "storage", NOBODY),
                *("scratch", "deadline", "deadline", "critical"),
            ),
        },
    )
    measured = (
        "<p>The five quotas are made. Then a Service and a Pod that declares nothing are made, and "
        "counted: a first one of each. The eight objects are sent to the API server with dry-run; "
        "a refusal names the quota. Then a second Service is really sent, and the quota "
        "<i>scratch</i> is lowered to 0 under the Pod that is there.</p>"
    )

    def question(self) -> Table:
        """Ask which quota refuses each object."""
        return Table(self.ask(Hard()), ROWS, ("who refuses it",), WORDS)

    def ask(self, values: Hard) -> str:
        """Put the question for these quotas."""
        return (
            f"<b>objects</b> allows {values.services} Services and {values.configmaps} ConfigMaps; "
            f"<b>storage</b> {values.storage}, of which {values.fast} of class fast; "
            f"<b>scratch</b> {values.scratch} Pods in the scope BestEffort; <b>deadline</b> "
            f"requests of {values.deadline} CPU in the scope Terminating; <b>critical</b> "
            f"{values.critical} Pods of the PriorityClass system-cluster-critical. You have made "
            "one Service and one Pod that declares nothing. Who refuses what comes next?"
        )

    def check(self, values: Hard) -> Mapping[str, str]:
        """Refuse what the server would refuse, and what leaves no room for the first objects."""
        found = {}
        for field, label in (
            ("storage", "storage: requests.storage"),
            ("fast", "storage: the same, of class fast"),
            ("deadline", "deadline: requests.cpu"),
        ):
            if Quantity.parse(getattr(values, field)).amount < 0:
                found[field] = f"{label}: must be greater than or equal to 0."
        for field, label in (
            ("services", "objects: count/services"),
            ("scratch", "scratch: pods"),
        ):
            if getattr(values, field) < 1:
                found[field] = f"{label}: leave room for the first one, which is really made."
        return found

    def build(self, values: Hard, place: Place) -> list[Manifest]:
        """Return the five quotas."""
        hard: dict[str, dict[str, str]] = {
            "objects": {
                "count/services": str(values.services),
                "count/configmaps": str(values.configmaps),
            },
            "storage": {"requests.storage": values.storage, PER_CLASS: values.fast},
            "scratch": {"pods": str(values.scratch)},
            "deadline": {"requests.cpu": values.deadline},
            "critical": {"pods": str(values.critical)},
        }
        scopes = {"scratch": ["BestEffort"], "deadline": ["Terminating"]}
        return [
            object_quotas.quota(
                namespace=place.namespace,
                lesson=place.lesson,
                name=name,
                hard=hard[name],
                scopes=scopes.get(name, ()),
                priority_class=object_quotas.CRITICAL if name == "critical" else None,
            )
            for name in QUOTAS
        ]

    async def run(self, bench: Bench, values: Hard) -> None:
        """Make the quotas and the first objects, show the eight, then try two things for real."""
        place: Any = {"namespace": bench.place.namespace, "lesson": bench.place.lesson}
        bench.progress("Making the quotas", 0.0)
        await bench.call(bench.recorder.watch, "Pod")
        quotas = self.build(values, bench.place)
        for quota in quotas:
            await bench.apply(quota)
        await bench.wait(_counted, WITHIN, "the quotas to be counted")
        bench.progress("Making a Service and a Pod", 0.3)
        await bench.apply(autoscaling.service(**place, name="first"))
        await bench.apply(manifests.burn_pod(**place, name="first"))
        await bench.wait(_first, WITHIN, "the first ones to be counted")
        shown = object_quotas.objects(**place)
        for number, manifest in enumerate(shown, 1):
            bench.progress(f"{number} of {len(shown)} objects", 0.3 + 0.5 * number / len(shown))
            await bench.call(trying.dry_run, bench, manifest)
        bench.progress("A second Service, for real", 0.85)
        await _really(bench, shown[0])
        lowered = self.build(replace(values, scratch=0), bench.place)[QUOTAS.index("scratch")]
        bench.progress("Lowering a quota", 0.9)
        await bench.apply(lowered)
        await bench.wait(_lowered, WITHIN, "the quota to be lowered")
        pods = await bench.call(bench.session.list, "Pod")
        bench.timeline.append(Row(time(), "session", "Pod", "count", len(pods)))
        bench.progress(f"{len(shown)} objects", 1.0)

    def chart(self, timeline: Timeline) -> ObjectQuotasChart:
        """Return the chart of who refuses what."""
        return ObjectQuotasChart(timeline)

    def outcome(self, timeline: Timeline) -> tuple[str, ...] | None:
        """Return which quota the server named for each object; None where it named another."""
        found = tuple(one.measured for one in object_quotas.answered(timeline))
        return found if len(found) == len(ROWS) and all(found) else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many answers were right, and the server's words about the first that was not."""
        chart = ObjectQuotasChart(timeline)
        wrong, found = chart.wrong, object_quotas.answered(timeline)
        right = len(chart.answers) - len(wrong)
        told = f"<b>{right} of {len(chart.answers)} answers are as you said.</b>"
        shown = next((one for one in found if wrong and one.row == wrong[0].row), None)
        if shown is None:
            shown = next((one for one in found if one.measured != NOBODY), None)
        else:
            told += f" You said <q>{wrong[0].said}</q> of {shown.row}."
        if shown is not None:
            words = shown.message.split(" is forbidden: ")[-1] or "It is let in."
            told += f" The server on {shown.row}: <q>{html.escape(words)}</q>"
        return (
            f"{told}<p>Next: raise the ConfigMaps until one more is let in. Who had the first?</p>"
        )


def _used(timeline: Timeline, quota: str, resource: str) -> int | None:
    seen = timeline.value(
        source="watch", object=f"ResourceQuota/{quota}", field=f"status.used.{resource}"
    )
    return None if seen is None else int(Quantity.parse(str(seen)).amount)


def _counted(timeline: Timeline) -> bool:
    """Tell whether each quota has counted; until then it refuses whatever it would count.

    All but the first find nothing: Pods of an earlier run that are still going are counted too.
    """
    firsts = {
        "objects": "count/configmaps",
        "storage": "requests.storage",
        "scratch": "pods",
        "deadline": "requests.cpu",
        "critical": "pods",
    }
    used = {name: _used(timeline, name, firsts[name]) for name in QUOTAS}
    return used.pop("objects") is not None and not any(found != 0 for found in used.values())


def _first(timeline: Timeline) -> bool:
    """Tell whether the first Service and the first Pod are counted."""
    return _used(timeline, "objects", "count/services") == _used(timeline, "scratch", "pods") == 1


def _lowered(timeline: Timeline) -> bool:
    field = "status.hard.pods"
    return timeline.value(source="watch", object="ResourceQuota/scratch", field=field) == "0"


async def _really(bench: Bench, service: Manifest) -> None:
    """Send a Service, and note how many there are then; a refusal is in the Timeline already."""
    from helpers.kube.errors import Refused

    try:
        await bench.apply(service)
        said = "made"
    except Refused as refused:
        said = refused.message
    bench.timeline.append(Row(time(), "session", "Service/second", "asked", said))
    services = await bench.call(bench.session.list, "Service")
    bench.timeline.append(Row(time(), "session", "Service", "count", len(services)))
