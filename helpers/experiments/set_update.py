"""A StatefulSet gets a new template: how many Pods follow, and in which order."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from helpers.charts.set_update import UpdateChart
from helpers.experiments import sets
from helpers.forms.fields import integer
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import set_run, statefulset
from helpers.model.statefulset import NAME
from helpers.model.timeline import Timeline

REPLICAS = 3
UPDATED_WITHIN = 60.0  # seconds for three Pods, one after the other
FIRST, ALL = "the update", "partition 0"


@dataclass(frozen=True)
class Rolling:
    """Where an update stops."""

    partition: Annotated[
        int,
        integer("rollingUpdate.partition", low=0, high=3, help="The server's own choice is 0."),
    ] = 2


class SetIsUpdated(Experiment[Rolling]):
    """Change the template under a partition; then take the partition away."""

    id = "a-partition-holds-back"
    title = "A StatefulSet is updated"
    seconds = 15
    spec = Rolling
    script = Script(
        prediction=1.0,
        values={"partition": 2},
        misconceptions={
            "the partition is the number of pods that are updated": 2.0,
            "an update always reaches all pods": 3.0,
        },
    )
    measured = (
        "<p>A set of three pods gets another value of an environment variable, which makes a new "
        "revision of it. A dot is the moment in which a pod of the new revision was made, as its "
        "label <code>controller-revision-hash</code> says. When nothing more happens, the same "
        "manifest is sent with <code>partition: 0</code>.</p>"
    )

    def question(self) -> Number:
        """Ask how many Pods are of the new revision before the partition is taken away."""
        return Number(self.ask(Rolling()), 0, REPLICAS, "pods", start=0)

    def ask(self, values: Rolling) -> str:
        """Put the question for this partition."""
        return (
            f"A set of three pods has <code>partition: <b>{values.partition}</b></code>. Its "
            "template is changed. How many pods are replaced by new ones?"
        )

    def build(self, values: Rolling, place: Place) -> Manifest:
        """Return the set with the new template, as it is sent first of the two changes."""
        return _set(place, values.partition, 2)

    async def run(self, bench: Bench, values: Rolling) -> None:
        """Start the set, change it, wait until it rests, then let the rest follow."""
        place = bench.place
        bench.progress("Three pods of the first revision", 0.0)
        await sets.apply(bench, _set(place, values.partition, 1))
        await sets.ready(bench, f"{NAME}-", REPLICAS)
        left = statefulset.held_back(REPLICAS, values.partition)
        for step, partition, updated in ((FIRST, values.partition, REPLICAS - left), (ALL, 0, 3)):
            bench.progress(f"{step}: one pod after the other", 0.3 if step == FIRST else 0.6)
            sets.begin(bench, step)
            await bench.apply(_set(place, partition, 2))
            await bench.wait(
                _rests(updated), UPDATED_WITHIN, f"{updated} pods of the new revision, all ready"
            )
        await bench.call(_refused, bench)
        bench.progress("3 pods updated", 1.0)

    def chart(self, timeline: Timeline) -> UpdateChart:
        """Return the chart of Pods of the new revision over time."""
        return UpdateChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return how many Pods of the set were made anew before the partition was taken away."""
        steps = set_run.renewed(timeline, NAME) or []
        return len(steps[0]) if len(steps) > 1 else None

    def difference(self, timeline: Timeline) -> str:
        """Say which Pods were replaced, and in which order the rest came."""
        said = timeline.value(source="learner", field="prediction")
        shown = UpdateChart(timeline)
        first = [life.name for life in shown.first]
        rest = [life.name for life in shown.rest]
        which = (
            f"Only {' and '.join(first)}"
            if 0 < len(first) < REPLICAS
            else (f"All, in the order {', '.join(first)}" if first else "None")
        )
        words = (
            f"<b>{len(first)} of {REPLICAS} pods are replaced; you said {said:g}.</b> {which}: the "
            "update begins at the largest ordinal, and keeps those below the partition."
        )
        if rest:
            words += f" With partition 0, {', '.join(rest)} followed, one after the other."
        return f"{words}<p>Next: which partition tries a new version on no pod at all?</p>"


def _refused(bench: Bench) -> None:
    """Send the set with another order of its Pods; the session notes the refusal."""
    from helpers.kube.errors import Refused

    other: Any = _set(bench.place, 0, 2)
    other["spec"]["podManagementPolicy"] = statefulset.ORDERED
    with contextlib.suppress(Refused):
        bench.session.apply(other)


def _set(place: Place, partition: int, version: int) -> Manifest:
    return statefulset.stateful_set(
        namespace=place.namespace,
        lesson=place.lesson,
        replicas=REPLICAS,
        claims=False,
        partition=partition,
        version=version,
    )


def _rests(updated: int) -> Callable[[Timeline], bool]:
    """Return a condition: all Pods are ready, and so many of them are of the new revision."""

    def condition(timeline: Timeline) -> bool:
        what = {"source": "watch", "object": f"StatefulSet/{NAME}"}
        news = timeline.value(**what, field="status.updateRevision")
        began = timeline.last(source="session", field="begin")
        seen = timeline.last(**what, field="status.observedGeneration")
        if began is None or seen is None or seen.time < began.time:
            return False  # its controller has not heard of the change yet
        now = set_run.ready_pods(timeline, f"{NAME}-")
        new = [life for life in now if set_run.revision(timeline, life) == news]
        return len(now) == REPLICAS and len(new) == updated

    return condition
