"""A claim that is bound at once, and one that waits for its Pod, and which Pod can run."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from helpers.charts.binding_mode import BindingChart, when
from helpers.forms.fields import choice
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import classes_run, manifests, volumes
from helpers.model.classes_run import BINDING, IMMEDIATE, RUNS, WAIT
from helpers.model.needs import Need
from helpers.model.timeline import Timeline

WITHIN = 30.0
ZONES = ("us-east-1b", "us-east-1a")
DISKS = {"us-east-1a": "1Gi", "us-east-1b": "2Gi"}
"""For each claim there is a small volume in one zone, and a larger one in the other."""
BOTH, FIRST, LAST, NEITHER = "both", f"only that of {IMMEDIATE}", f"only that of {WAIT}", "neither"


@dataclass(frozen=True)
class Where:
    """Where the Pods must run, and how much their claims ask for."""

    zone: Annotated[str, choice("the Pod's zone", *ZONES)] = ZONES[0]
    size: Annotated[str, choice("requests.storage", "1Gi", "2Gi")] = "1Gi"


class BoundAtOnceOrWithThePod(Experiment[Where]):
    """The same claim under both binding modes, and a Pod for each that must be in one zone."""

    id = "bound-at-once-or-with-the-pod"
    title = "Bound at once, or with the Pod"
    seconds = 8
    needs = frozenset({Need.SMALL_WORKERS, Need.WHOLE_CLUSTER})
    spec = Where
    script = Script(
        prediction=LAST,
        values={"zone": ZONES[0], "size": "1Gi"},
        misconceptions={
            "the controller knows where the Pod will be": BOTH,
            "who binds first has the better choice": FIRST,
        },
    )
    measured = (
        "<p>Two classes without a provisioner, one for each mode, and for each a volume of 1Gi in "
        "us-east-1a and one of 2Gi in us-east-1b, made beforehand: so it is the binding alone that "
        "is compared. A dot is when the claim's phase became Bound, in seconds since its Pod was "
        "sent; the blue line is the rule: when the claim was sent, or when the Pod was. Whether a "
        "Pod runs is read from its container's state and from <code>PodScheduled</code>.</p>"
    )

    def question(self) -> Choice:
        """Ask which of the two Pods runs."""
        return Choice(self.ask(Where()), [BOTH, FIRST, LAST, NEITHER])

    def ask(self, values: Where) -> str:
        """Put the question for these values."""
        return (
            f"Two claims of {values.size}, one of a class with <b>Immediate</b>, one with "
            "<b>WaitForFirstConsumer</b>. Each has its own two volumes to choose from: 1Gi in "
            "us-east-1a, 2Gi in us-east-1b. Then each gets a Pod that must run in "
            f"<b>{values.zone}</b>. Which Pod runs?"
        )

    def build(self, values: Where, place: Place) -> list[Manifest]:
        """Return, for each mode, the class, its volumes, the claim and the Pod."""
        return [manifest for name in BINDING for manifest in _set(values, place, name)]

    async def run(self, bench: Bench, values: Where) -> None:
        """Make classes, volumes and claims; once both are decided about, make the Pods."""
        sets = {name: _set(values, bench.place, name) for name in BINDING}
        bench.progress("Two classes, four volumes", 0.0)
        await bench.call(bench.recorder.watch, "PersistentVolumeClaim", "Pod")
        for made in sets.values():
            for manifest in made[:3]:
                await bench.apply(manifest)
        for name, made in sets.items():
            bench.progress("Two claims", 0.3)
            await bench.apply(made[3])
            waits = BINDING[name] == WAIT
            await bench.wait(_decided(name, waits=waits), WITHIN, f"the claim {name}")
        for name, made in sets.items():
            bench.progress("Two Pods", 0.6)
            await bench.apply(made[4])

            def told(timeline: Timeline, name: str = name) -> str | None:
                return classes_run.fate(timeline, name)

            await bench.wait(told, WITHIN, f"Pod/{name} to run, or to be told why not")
        bench.progress("Both Pods are decided about", 1.0)

    def chart(self, timeline: Timeline) -> BindingChart:
        """Return the chart of when each was bound, and of what became of its Pod."""
        return BindingChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return whose Pod's container the watch saw run; None while one of them is undecided."""
        fates = {mode: classes_run.fate(timeline, name) for name, mode in BINDING.items()}
        if None in fates.values():
            return None
        ran = [mode for mode, fate in fates.items() if fate == RUNS]
        return BOTH if len(ran) == len(fates) else f"only that of {ran[0]}" if ran else NEITHER

    def difference(self, timeline: Timeline) -> str:
        """Say whose Pod runs, and when the claims were bound."""
        said = str(timeline.value(source="learner", field="prediction"))
        which = self.outcome(timeline)
        if which is None:
            return f"<b>The run did not come so far; you said: {html.escape(said)}.</b>"
        told = "as you said" if said == which else f"you said: {html.escape(said)}"
        bound = []
        for name, mode in BINDING.items():
            bound.append(f"{mode} {when(classes_run.bound_since_pod(timeline, name))}")
        event = timeline.last(source="event", field="FailedScheduling")
        words = html.escape(str(event.value).split(" preemption:")[0]) if event else ""
        why = f" The scheduler: <q>{words}</q>" if words and which != BOTH else ""
        return (
            f"<b>Which Pod runs: {which}; {told}.</b> The claims were bound: {', '.join(bound)}. "
            "Who binds at once takes the smallest volume that is large enough, wherever it is."
            f"{why}<p>Next: for which zone and size do both run? For which neither?</p>"
        )


def _set(values: Where, place: Place, name: str) -> list[Manifest]:
    class_name = volumes.wide(place.namespace, name)
    kind = volumes.storage_class(
        namespace=place.namespace,
        lesson=place.lesson,
        name=name,
        provisioner="kubernetes.io/no-provisioner",
        binding_mode=BINDING[name],
    )
    disks = [
        volumes.persistent_volume(
            namespace=place.namespace,
            lesson=place.lesson,
            name=f"{name}-{zone[-1]}",
            # A folder that every node has: the Pods do not use it.
            source=volumes.host_folder("/tmp"),
            capacity=size,
            storage_class=class_name,
            zones=[zone],
        )
        for zone, size in DISKS.items()
    ]
    claim = volumes.claim(
        namespace=place.namespace,
        lesson=place.lesson,
        name=name,
        size=values.size,
        storage_class=class_name,
    )
    pod = manifests.burn_pod(namespace=place.namespace, lesson=place.lesson, name=name)
    spec = dict(pod["spec"])  # type: ignore[arg-type]
    spec["volumes"] = [volumes.claimed("data", name)]
    spec["nodeSelector"] = {volumes.ZONE: values.zone}
    return [kind, *disks, claim, {**pod, "spec": spec}]


def _decided(name: str, *, waits: bool) -> Callable[[Timeline], bool]:
    what = f"PersistentVolumeClaim/{name}"

    def condition(timeline: Timeline) -> bool:
        if waits:
            event = timeline.last(source="event", object=what, field="WaitForFirstConsumer")
            return event is not None
        return timeline.value(source="watch", object=what, field="status.phase") == "Bound"

    return condition
