"""The book's 2 × 2: a tight limit and a low request, beside an idle and a busy neighbour."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated

from helpers.charts.sharing import SharingChart
from helpers.experiments import pods
from helpers.forms.fields import Entry, quantity
from helpers.kube.guard import CLUSTER
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import cfs, manifests
from helpers.model.needs import Need
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline

CORE = 1
NODE = f"{CLUSTER}-worker"
WINDOW = 3  # seconds of each measurement
SLOW_BELOW = 0.85  # of what it could have: what is less is told as slow

NEITHER = "neither: a pod is slow only beside a busy neighbour"
LIMIT = "the one with the tight limit"
REQUEST = "the one with the low request"
BOTH = "both"


def _weight(entry: Entry) -> str:
    return f"A weight of {cfs.shares(Quantity.parse(str(entry)))} CPU shares."


def _quota(entry: Entry) -> str:
    quota = cfs.quota_us(Quantity.parse(str(entry))) or cfs.PERIOD_US
    return f"{quota / 1000:g} ms of CPU time in every {cfs.PERIOD_US // 1000} ms."


@dataclass(frozen=True)
class Shared:
    """Two pods on one core: the one that is measured, in two fittings, and its neighbour."""

    limit: Annotated[str, quantity("tight limits.cpu", explain=_quota)] = "300m"
    request: Annotated[str, quantity("low requests.cpu", explain=_weight)] = "50m"
    neighbour: Annotated[str, quantity("neighbour's requests.cpu", explain=_weight)] = "400m"


class LimitAndRequestHurtApart(Experiment[Shared]):
    """Four cells: {low request, tight limit} × {idle, busy neighbour}, all on one core.

    The pod starts with a low request and no limit, alone and then beside a busy neighbour; there
    it is resized in place to a tight limit with a request to match, and then the neighbour goes.
    """

    id = "limit-and-request-hurt-apart"
    title = "When a limit hurts, and when a request"
    seconds = 20
    measures = True
    needs = frozenset({Need.NODES})
    spec = Shared
    script = Script(
        prediction=LIMIT,
        misconceptions={
            "a limit is felt only beside busy neighbours": NEITHER,
            "a request is a cap": BOTH,
        },
    )
    measured = (
        f"<p>Both pods are pinned to core {CORE} of one node, so they have to share it. Each dot "
        f"is the CPU that <code>web</code> used in {WINDOW} seconds, from its own control group; "
        "what the whole core can give on this machine is what it used alone and without a limit."
        "</p><p>In the tight cells the pod asks for as much as its limit, so that nothing but the "
        "limit can hold it back.</p>"
    )

    def question(self) -> Choice:
        """Ask which of the two is slow while the neighbour is idle."""
        return Choice(
            "Two pods want a whole core. One has a <b>tight limit</b>, the other a <b>low request"
            "</b> and no limit. Which one is slow while nobody else wants the core?",
            (NEITHER, LIMIT, REQUEST, BOTH),
        )

    def build(self, values: Shared, place: Place) -> Manifest:
        """Return the pod as it starts: with a low request, and without a limit."""
        return _pinned(place, "web", values.request)

    async def run(self, bench: Bench, values: Shared) -> None:
        """Go through the four cells."""
        limit = Quantity.parse(values.limit).canonical
        bench.progress("Starting web, alone on its core", 0.0)
        await bench.apply(self.build(values, bench.place))
        await pods.started(bench, "web")
        bench.progress("Low request, idle neighbour", 0.05)
        await pods.read(bench, "web", seconds=WINDOW)
        bench.progress("Starting a busy neighbour", 0.3)
        await bench.apply(_pinned(bench.place, "neighbour", values.neighbour))
        await pods.started(bench, "neighbour")
        bench.progress("Low request, busy neighbour", 0.35)
        await asyncio.gather(
            pods.read(bench, "web", seconds=WINDOW),
            pods.read(bench, "neighbour", seconds=WINDOW),
        )
        bench.progress(f"Resizing web to a limit of {limit}", 0.55)
        await pods.resized(bench, "web", limit=limit, request=limit)
        bench.progress("Tight limit, busy neighbour", 0.6)
        await pods.read(bench, "web", seconds=WINDOW, limit=limit)
        bench.progress("Deleting the neighbour", 0.8)
        await bench.delete("Pod", "neighbour")
        bench.progress("Tight limit, idle neighbour", 0.85)
        await pods.read(bench, "web", seconds=WINDOW, limit=limit)
        bench.progress("4 cells", 1.0)

    def chart(self, timeline: Timeline) -> SharingChart:
        """Return the chart of the four cells."""
        return SharingChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return which fitting is slow beside an idle neighbour, by the CPU used, in cores.

        Alone and without a limit, the pod has all that the core can give: never slow.
        """
        used = {(c.fitting, c.place): c.measured for c in SharingChart(timeline).cells}
        whole, tight = used["low request", "idle"], used["tight limit", "idle"]
        if whole is None or tight is None:
            return None
        return LIMIT if _slow(tight, whole) else NEITHER

    def difference(self, timeline: Timeline) -> str:
        """Say in which cells the pod was slow, and whether that was predicted."""
        said = str(timeline.value(source="learner", field="prediction"))
        used = {(c.fitting, c.place): c.measured or 0.0 for c in SharingChart(timeline).cells}
        whole = used["low request", "idle"]
        limit = _felt(
            "tight limit", used["tight limit", "idle"], used["tight limit", "busy"], whole
        )
        request = _felt("low request", whole, used["low request", "busy"], whole)
        answer = str(self.outcome(timeline))
        words = "as you said" if said == answer else f"you said: {said}"
        return (
            f"<b>Slow while nobody else wants the core: {answer.partition(':')[0]}</b>; {words}. "
            f"{limit} {request}"
            "<p>Next: which request would give <code>web</code> half of the core beside its "
            "neighbour?</p>"
        )


def _slow(used: float, whole: float) -> bool:
    return used < SLOW_BELOW * whole


def _felt(what: str, idle: float, busy: float, whole: float) -> str:
    """Say where a fitting made the pod slow; all in cores, `whole` is what the core can give."""
    alone, beside = _slow(idle, whole), _slow(busy, whole)
    numbers = f"{idle:.2f} cores alone, {busy:.2f} beside it"
    if alone and _slow(busy, idle):
        return f"The {what} is slow alone, and slower beside the busy neighbour: {numbers}."
    if alone:
        return f"The {what} is slow, whatever the neighbour does: {numbers}."
    if beside:
        return f"The {what} is slow only beside the busy neighbour: {numbers}."
    return f"The {what} is not felt, not even beside the busy neighbour: {numbers}."


def _pinned(place: Place, name: str, request: str) -> Manifest:
    return manifests.burn_pod(
        namespace=place.namespace,
        lesson=place.lesson,
        name=name,
        threads=1,
        core=CORE,
        requests={"cpu": request},
        node=NODE,
    )
