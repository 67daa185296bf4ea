"""A quota, then a LimitRange: what becomes of pods that write no resources."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Annotated

from helpers.charts.bare_pods import BarePodsChart
from helpers.experiments import trying
from helpers.forms.fields import quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import bare_pods, limit_ranges, quota_run, quotas
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline

MOST = 6
WITHIN = 20.0  # seconds for the quota's controller, or for a pod to be seen


@dataclass(frozen=True)
class Both:
    """What the namespace may claim, and what a container is given that writes nothing."""

    hard: Annotated[
        str,
        quantity(
            "hard limits.cpu",
            help="What all Pods of the namespace together may have.",
            explain=lambda value: f"All CPU limits of the namespace add up to {value} at most.",
        ),
    ] = "2"
    default: Annotated[
        str,
        quantity(
            "default.cpu",
            help="The limit of a container that has none.",
            explain=lambda value: f"A container without a limit gets {value}.",
        ),
    ] = "1"
    request: Annotated[
        str,
        quantity(
            "defaultRequest.cpu",
            help="The request of a container that has none.",
            explain=lambda value: f"A container without a request gets {value}.",
        ),
    ] = "500m"


class BarePods(Experiment[Both]):
    """How many pods that write nothing are let in once there is a LimitRange beside the quota."""

    id = "pods-that-write-nothing"
    title = "Pods that write nothing, under a quota"
    seconds = 5
    spec = Both
    script = Script(
        prediction=2.0,
        misconceptions={
            "who writes nothing is refused": 0.0,
            "the quota of limits counts requests": 4.0,
            "who writes nothing costs nothing": 6.0,
        },
    )
    measured = (
        "<p>The quota is made first, and a pod that writes nothing is shown to the server with "
        "dry-run. Then the LimitRange is made, and six such pods are sent, each the object that "
        "<code>kubectl run</code> makes (a test compares them). A dot is how many there are, and "
        "the quota's <code>status.used</code>, after each.</p>"
    )

    def question(self) -> Number:
        """Ask for a number of pods. The slider does not begin at the answer."""
        return Number(self.ask(Both()), 0, MOST, "pods", start=1)

    def ask(self, values: Both) -> str:
        """Put the question for these values."""
        return (
            f"A quota allows <b>limits.cpu: {values.hard}</b>. A LimitRange has the default "
            f"<b>{values.default}</b> and the defaultRequest <b>{values.request}</b>. You send six "
            "pods that write no resources. How many are let in?"
        )

    def check(self, values: Both) -> Mapping[str, str]:
        """Refuse what the server would refuse."""
        found = {}
        if Quantity.parse(values.hard).amount < 0:
            found["hard"] = "hard limits.cpu: must be greater than or equal to 0."
        if Quantity.parse(values.default).millicores < 1:
            found["default"] = "default.cpu: choose 1m or more."
        if Quantity.parse(values.request).amount < 0:
            found["request"] = "defaultRequest.cpu: must not be negative."
        for path, words in limit_ranges.refusals(_limit_range(values, Place("x", "x")), "cpu"):
            field = {"default": "default", "defaultRequest": "request"}[path]
            found.setdefault(field, f"{path}.cpu: the server says: {words}.")
        return found

    def build(self, values: Both, place: Place) -> list[Manifest]:
        """Return the quota and the LimitRange."""
        quota = quotas.resource_quota(
            namespace=place.namespace, lesson=place.lesson, hard={"limits.cpu": values.hard}
        )
        return [quota, _limit_range(values, place)]

    async def run(self, bench: Bench, values: Both) -> None:
        """Make the quota, ask about a pod, make the LimitRange, and send the pods."""
        quota, limits = self.build(values, bench.place)
        bench.progress("Making the quota", 0.0)
        await bench.call(bench.recorder.watch, "Pod")
        await bench.apply(quota)
        await bench.wait(quota_run.filled, WITHIN, "the quota to be counted")
        bare = bare_pods.kubectl_run(bench.place.namespace, bench.place.lesson, "bare")
        await bench.call(trying.until, bench, bare, lambda trial: trial.stored is None)
        await bench.call(trying.dry_run, bench, bare)
        bench.progress("Making the LimitRange", 0.2)
        await bench.apply(limits)
        await bench.call(trying.until, bench, bare, lambda t: "must specify" not in t.message)
        await bench.call(trying.dry_run, bench, bare)
        for number in range(1, MOST + 1):
            bench.progress(f"{number} of {MOST} pods", 0.2 + 0.7 * number / MOST)
            await _send(bench, number)
        deployments = await bench.call(bench.session.list, "Deployment")
        bench.timeline.append(Row(time(), "session", "Deployment", "count", len(deployments)))
        made = sum(one.made for one in bare_pods.tries(bench.timeline))
        bench.progress(f"{made} pods", 1.0)

    def chart(self, timeline: Timeline) -> BarePodsChart:
        """Return the chart of pods let in and of the quota's gauge."""
        return BarePodsChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return how many of the six pods were made."""
        done = bare_pods.tries(timeline)
        return sum(one.made for one in done) if len(done) == MOST else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many were let in, what the quota counts for each, and the words of refusal."""
        said = timeline.value(source="learner", field="prediction")
        done = bare_pods.tries(timeline)
        made = [one for one in done if one.made]
        refused = next((one for one in done if not one.made), None)
        told = f"<b>{len(made)} of {len(done)} pods are let in; you said {said:g}.</b>"
        if made:
            told += f" After the first the quota counts {made[0].used}: the pod said nothing of it."
        if refused is not None:
            words = html.escape(refused.message.split(" is forbidden: ")[-1])
            told += f" Number {refused.number} is refused: <q>{words}</q>"
        return f"{told}<p>Next: which default lets all six in?</p>"


def _limit_range(values: Both, place: Place) -> Manifest:
    return limit_ranges.limit_range(
        namespace=place.namespace,
        lesson=place.lesson,
        default={"cpu": values.default, "memory": "512Mi"},
        default_request={"cpu": values.request, "memory": "256Mi"},
    )


async def _send(bench: Bench, number: int) -> None:
    """Send a pod; wait until it is seen and the quota counts it, or note why it was refused."""
    from helpers.kube.errors import Refused

    name = f"example-{number}"
    what = f"Pod/{name}"
    pod = bare_pods.kubectl_run(bench.place.namespace, bench.place.lesson, name)
    before = bench.timeline.value(source="watch", object=quota_run.QUOTA, field=quota_run.USED)
    try:
        await bench.apply(pod)
    except Refused as refused:
        bench.timeline.append(Row(time(), "session", what, "asked", refused.message))
        return

    def counted(timeline: Timeline) -> bool:
        used = timeline.value(source="watch", object=quota_run.QUOTA, field=quota_run.USED)
        return used != before and bool(timeline.where(source="watch", object=what, field="exists"))

    await bench.wait(counted, WITHIN, f"{what} to be seen, and counted")
    bench.timeline.append(Row(time(), "session", what, "asked", True))
