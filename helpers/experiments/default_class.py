"""The default StorageClass: none, two, and which claim gets which."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from helpers.charts.default_class import DefaultClassChart
from helpers.forms.fields import choice
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import classes_run, volumes
from helpers.model.classes_run import (
    CLAIMS,
    EARLY,
    GENERAL,
    LATE,
    NAMED,
    NEWER,
    NO_CLASS,
    OPTED_OUT,
)
from helpers.model.needs import Need
from helpers.model.timeline import Timeline
from helpers.model.volumes import DEFAULT_CLASS, LOCAL_PATH, STANDARD

WITHIN = 20.0
RETRO_WITHIN = 45.0  # seconds; the controller looks at unbound claims every 15
OPTIONS = {
    GENERAL: "general-purpose: it is the default already",
    NEWER: "newer: it was made a default last",
    NO_CLASS: "none: it is left without a class",
    STANDARD: "standard: the cluster's own",
}


@dataclass(frozen=True)
class Defaults:
    """Which of three classes carry the annotation."""

    standard: Annotated[
        str, choice("standard", "false", "true", help="The cluster's own class.")
    ] = "false"
    general: Annotated[str, choice("general-purpose", "true", "false")] = "true"
    newer: Annotated[str, choice("newer", "true", "false", help="Made after general-purpose.")] = (
        "true"
    )


class TwoDefaults(Experiment[Defaults]):
    """Claims that name no class, before and after there is a default, and with two of them."""

    id = "two-default-classes"
    title = "Two defaults"
    seconds = 20
    needs = frozenset({Need.WHOLE_CLUSTER})
    spec = Defaults
    script = Script(
        prediction=OPTIONS[NEWER],
        values={"standard": "false", "general": "true", "newer": "true"},
        misconceptions={
            "the first default stays the default": OPTIONS[GENERAL],
            "there can be one default only": OPTIONS[NO_CLASS],
            "the cluster's own class comes first": OPTIONS[STANDARD],
        },
    )
    measured = (
        "<p>The workbook watches classes and claims. The annotation of the cluster's own class is "
        "changed for the run, and put back at its end (also when the kernel dies: by the next "
        "lesson, or by <code>workbook reset</code>).</p><p>A dot is the claim's <code>"
        "spec.storageClassName</code>, a blue line what the rule says for the classes as they were "
        "made. The controller looks at claims without a class every 15 s.</p>"
    )

    def question(self) -> Choice:
        """Ask for the class of the late claim."""
        return Choice(
            "First nobody is a default; then the classes of the form are made, one after the "
            "other. After that the claim <b>late</b> is made, which names no class. Which one does "
            "it get?",
            list(OPTIONS.values()),
        )

    def build(self, values: Defaults, place: Place) -> list[Manifest]:
        """Return the change of the cluster's class, the two classes and the four claims."""
        here: dict[str, str] = {"namespace": place.namespace, "lesson": place.lesson}

        def made(name: str, default: str) -> Manifest:
            return volumes.storage_class(
                namespace=place.namespace,
                lesson=place.lesson,
                name=name,
                provisioner=LOCAL_PATH,
                binding_mode=classes_run.WAIT,
                default=default == "true",
            )

        def claim(name: str, **more: Any) -> Manifest:
            return volumes.claim(**here, name=name, **more)

        return [
            claim(EARLY),
            made(GENERAL, values.general),
            made(NEWER, values.newer),
            claim(LATE),
            claim(NAMED, storage_class=volumes.wide(place.namespace, GENERAL)),
            claim(OPTED_OUT, storage_class=""),
        ]

    async def run(self, bench: Bench, values: Defaults) -> None:
        """Take the default away, make a claim, then the classes, then the other claims."""
        early, general, newer, *rest = self.build(values, bench.place)
        bench.progress("Looking at what is there", 0.0)
        await bench.call(bench.recorder.watch, "StorageClass", "PersistentVolumeClaim")
        await bench.change(_annotated(values.standard))
        bench.progress("A claim without a class", 0.1)
        await bench.apply(early)
        await bench.wait(_there(EARLY), WITHIN, "the claim early")
        for name, manifest, default in (
            (GENERAL, general, values.general),
            (NEWER, newer, values.newer),
        ):
            await bench.apply(manifest)
            await bench.wait(
                lambda timeline, name=name: name in classes_run.classes(timeline),  # type: ignore[misc]
                WITHIN,
                f"the class {name}",
            )
            if default == "true" and classes_run.class_seen(bench.timeline)[EARLY] == NO_CLASS:
                bench.progress("Does the claim that is there already get it?", 0.3)
                await bench.wait(_classed(EARLY), RETRO_WITHIN, "early to get a class")
        bench.progress("Three more claims", 0.9)
        for manifest in rest:
            await bench.apply(manifest)
        for name in CLAIMS:
            await bench.wait(_there(name), WITHIN, f"the claim {name}")
        bench.progress("All claims are there", 1.0)

    def chart(self, timeline: Timeline) -> DefaultClassChart:
        """Return the chart of which claim has which class."""
        return DefaultClassChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return the words for the class that the watch saw in the claim late."""
        return OPTIONS.get(classes_run.class_seen(timeline).get(LATE, ""))

    def difference(self, timeline: Timeline) -> str:
        """Say which class the late claim has, and what the early one got."""
        said = str(timeline.value(source="learner", field="prediction"))
        seen = classes_run.class_seen(timeline)
        if LATE not in seen:
            return f"<b>There was no claim late; you said: {html.escape(said)}.</b>"
        got = seen[LATE]
        told = "as you said" if said == self.outcome(timeline) else f"you said: {html.escape(said)}"
        marked = sum(classes_run.defaults_sent(timeline).values())
        why = {
            0: "Nobody is a default, so it waits without a class until somebody is.",
            1: "There is one default, and that is it.",
        }.get(marked, f"{marked} classes are defaults. Nobody refused that; the newest counts.")
        early = seen[EARLY]
        then = (
            f"The claim <b>early</b>, made before, has {early}."
            if early != NO_CLASS
            else "The claim <b>early</b> has none either."
        )
        return (
            f"<b>late has {got}; {told}.</b> {why} {then}"
            "<p>Next: take the annotation from newer. Then from both: who of the four has a class "
            "still?</p>"
        )


def _annotated(default: str) -> Manifest:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": STANDARD, "annotations": {DEFAULT_CLASS: default}},
    }


def _there(name: str) -> Callable[[Timeline], bool]:
    return lambda timeline: name in classes_run.class_seen(timeline)


def _classed(name: str) -> Callable[[Timeline], bool]:
    return lambda timeline: classes_run.class_seen(timeline).get(name, NO_CLASS) != NO_CLASS
