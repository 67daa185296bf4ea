"""An autoscaler under load: how many replicas come, when, and when they go again."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import time
from typing import Annotated, Any

from helpers.charts.autoscaling import AutoscalingChart
from helpers.experiments import scaling
from helpers.forms.fields import integer
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import autoscaling, hpa
from helpers.model.needs import Need
from helpers.model.timeline import Row, Timeline, Value
from helpers.model.trials import Trial

STEPS = 2
"""How often the autoscaler adds Pods before the load ends: the second time it has read what the
first new Pod took over."""
LOAD_SECONDS = 60.0
"""After so many seconds the load ends in any case."""
START_WITHIN = 30.0
LOAD = "Job/fib-load"
LIMITS: dict[str, str | None] = {"cpu": "250m", "memory": "32Mi"}
MOST = 12
"""Replicas of 250m that the two workers have room for."""


@dataclass(frozen=True)
class Scaled:
    """What the autoscaler is told, and how hard the load pushes."""

    least: Annotated[int, integer("minReplicas", low=0, high=MOST)] = 1
    most: Annotated[int, integer("maxReplicas", low=1, high=MOST)] = 10
    utilization: Annotated[
        int,
        integer(
            "averageUtilization",
            low=1,
            high=500,
            help="The target: CPU used, in percent of what the Pods request, on average.",
        ),
    ] = 60
    concurrency: Annotated[
        int,
        integer(
            "requests at a time", low=1, high=16, help="How many requests ab keeps open at once."
        ),
    ] = 4


class LoadMeetsAutoscaler(Experiment[Scaled]):
    """One Pod of fib, an autoscaler, and load until Pods have been added twice.

    After the load, the window in which the autoscaler waits before it removes anything.
    """

    id = "an-autoscaler-follows-its-formula"
    title = "An autoscaler follows its formula"
    seconds = 90
    needs = frozenset({Need.FLAGS})
    spec = Scaled
    measures = True
    script = Script(
        prediction=4.0,
        values={"least": 1, "most": 10, "utilization": 60, "concurrency": 4},
        misconceptions={
            "under load it goes to the maximum": 10.0,
            "over the target it adds one and waits": 2.0,
        },
    )
    measured = (
        "<p>The workbook watches the autoscaler, the Deployment and the Pods, and reads the "
        "metrics API once a second: nobody can watch it. The orange dots are the utilisation in "
        "the autoscaler's own status, the orange line is <code>status.desiredReplicas</code>.</p>"
        "<p>The blue line is a twin of the controller: its rules, from its source, on the recorded "
        "readings. This cluster syncs every 5 s (stock 15 s), measures every 10 s (stock 15 s to "
        "60 s) and waits 20 s before it scales down (stock 300 s). The load ends when Pods have "
        "been added twice.</p>"
    )

    def question(self) -> Number:
        """Ask for the most replicas."""
        return Number(self.ask(Scaled()), 1, MOST, "replicas", start=1)

    def ask(self, values: Scaled) -> str:
        """Put the question for these values."""
        return (
            f"One Pod with <b>250m</b> of CPU gets <b>{values.concurrency}</b> requests at a time "
            f"for up to {LOAD_SECONDS:g} s, more than it can do. The target is "
            f"<b>{values.utilization} %</b>, and up to {values.most} replicas are allowed. "
            "How many will there be at most?"
        )

    def check(self, values: Scaled) -> Mapping[str, str]:
        """Refuse what the server would refuse: no room between the bounds, or none at all.

        Upstream: K pkg/apis/autoscaling/validation/validation.go.
        """
        if values.least == 0:
            return {
                "least": "minReplicas: 0 needs a metric of type Object or External, which can be "
                "read without a Pod. Here 1 is the least."
            }
        if values.most < values.least:
            return {
                "most": f"maxReplicas: {values.most} must be at least minReplicas, "
                f"{values.least}; raise the one or lower the other."
            }
        return {}

    def build(self, values: Scaled, place: Place) -> Manifest:
        """Return the autoscaler."""
        return autoscaling.autoscaler(
            **_at(place),
            least=values.least,
            most=values.most,
            utilization=values.utilization,
        )

    async def run(self, bench: Bench, values: Scaled) -> None:
        """Start fib with its autoscaler, load it, and wait until it is small again."""
        bench.progress("Starting fib")
        await scaling.follow(bench)
        fib = _fib(bench.place)
        await bench.apply(fib)
        await bench.apply(autoscaling.service(**_at(bench.place)))
        await bench.apply(self.build(values, bench.place))
        await bench.wait(
            lambda timeline: scaling.ready(timeline, "fib") > 0, START_WITHIN, "a Pod of fib"
        )
        bench.progress("The load is on", 0.05)
        load = autoscaling.load_job(
            **_at(bench.place),
            requests=100_000,
            concurrency=values.concurrency,
            deadline=LOAD_SECONDS,
        )
        await bench.apply(load)
        await bench.wait(_answered, LOAD_SECONDS + 30, "the autoscaler to answer the load")
        await bench.call(_end_load, bench)
        await bench.wait(_loaded, START_WITHIN, "the load to end")
        bench.progress("The load has ended; the autoscaler waits", 0.5)
        await bench.call(_read_load, bench)
        await bench.call(_read_counters, bench)
        await self._apply_again(bench, fib)
        patience = hpa.stabilisation_window() + 60
        await bench.wait(
            functools.partial(_small, least=values.least), patience, "the autoscaler to scale down"
        )
        bench.progress(f"{_peak(bench.timeline)} replicas at most", 1.0)

    async def _apply_again(self, bench: Bench, fib: Manifest) -> None:
        """Apply the Deployment changed, still without replicas; then ask what 1 would do."""
        changed: Manifest = {**fib, "spec": {"revisionHistoryLimit": 5, **fib["spec"]}}
        await bench.call(bench.session.apply, changed)
        with_replicas: Manifest = {**fib, "spec": {"replicas": 1, **fib["spec"]}}
        answer = await bench.call(bench.session.dry_run, with_replicas)
        stored: dict[str, Value] = {"replicas": answer["spec"]["replicas"]}
        trial = Trial(with_replicas, stored, "", "", [])
        bench.timeline.append(Row(time(), "session", "Deployment/fib", "trial", trial.row))

    def chart(self, timeline: Timeline) -> AutoscalingChart:
        """Return the chart of utilisation and replicas over time."""
        return AutoscalingChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return the most replicas that the autoscaler wanted; None before the load has ended."""
        return (_peak(timeline) or None) if _loaded(timeline) else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many there were, when the first came, and how the twin did."""
        said = timeline.value(source="learner", field="prediction")
        values = timeline.value(source="learner", field="values")
        assert isinstance(values, dict)
        peak, changes = _peak(timeline), hpa.changes(timeline)
        verdict = "as you said" if peak == said else f"you said {said:g}"
        came = first_new(timeline)
        chart = AutoscalingChart(timeline)
        if came is None:
            grown = (
                "No replica was added: utilisation never rose above "
                f"{values['utilization']} % by more than a tenth of it while there was room. "
            )
        else:
            grown = f"The first new one was asked for {came:.0f} s after the load began. "
        right = sum(change.agrees for change in changes)
        twin = f"The twin made {right} of {len(changes)} changes the same way. " if changes else ""
        after = chart.seconds_of_waiting
        window = hpa.stabilisation_window()
        down = (
            f"It scaled down {after:.0f} s after the last reading that asked for as many: the "
            f"window is {window:g} s here, and 300 s in a stock cluster. "
            if after is not None
            else ""
        )
        return (
            f"<b>{peak} replica{'' if peak == 1 else 's'} at most; {verdict}.</b> {grown}{twin}"
            f"{down}<p>Next: what changes if the load keeps 12 requests open, or if the target is "
            "90 %?</p>"
        )


def first_new(timeline: Timeline) -> float | None:
    """Return how many seconds after the load's manifest the first new replica was asked for."""
    sent = timeline.last(source="session", object=LOAD, field="manifest")
    if sent is None:
        return None
    more = [c.at for c in hpa.changes(timeline) if c.desired > c.current and c.at > sent.time]
    return min(more) - sent.time if more else None


def _at(place: Place) -> dict[str, Any]:
    return {"namespace": place.namespace, "lesson": place.lesson}


def _fib(place: Place) -> Manifest:
    return autoscaling.deployment(**_at(place), limits=LIMITS)


def _answered(timeline: Timeline) -> bool:
    """Tell whether Pods were added STEPS times since the load began, or the load has ended."""
    sent = timeline.last(source="session", object=LOAD, field="manifest")
    rows = timeline.where(source="watch", object="Deployment/fib", field="spec.replicas")
    told = [(row.time, row.value) for row in rows if isinstance(row.value, int)]
    added = [
        at
        for (_, before), (at, after) in itertools.pairwise(told)
        if after > before and sent is not None and at > sent.time
    ]
    return len(added) >= STEPS or _loaded(timeline)


def _end_load(bench: Bench) -> None:
    """Interrupt ab, on which it prints what it has so far, as at its deadline."""
    from helpers.kube.errors import CommandFailed, NotFound, Refused

    for pod in _load_pods(bench.timeline):
        with suppress(CommandFailed, NotFound, Refused):  # its deadline was sooner
            bench.session.exec(pod, ["pkill", "-INT", "-x", "ab"])


def _load_pods(timeline: Timeline) -> list[str]:
    rows = timeline.where(source="watch", field="spec.containers.fib-load.image")
    return list(dict.fromkeys(row.object.removeprefix("Pod/") for row in rows))


def _loaded(timeline: Timeline) -> bool:
    for condition in ("Complete", "Failed"):
        field = f"status.conditions.{condition}.status"
        if timeline.value(source="watch", object=LOAD, field=field) == "True":
            return True
    return False


def _small(timeline: Timeline, *, least: int) -> bool:
    replicas = timeline.value(source="watch", object="Deployment/fib", field="spec.replicas")
    told = scaling.status(timeline, "fib", "desiredReplicas")
    field = "currentMetrics.Resource.resource.current.averageUtilization"
    used = scaling.status(timeline, "fib", field)
    return replicas == told == least and isinstance(used, int) and used < autoscaling.IDLE_PERCENT


def _peak(timeline: Timeline) -> int:
    rows = timeline.where(
        source="watch", object="HorizontalPodAutoscaler/fib", field="status.desiredReplicas"
    )
    return max((row.value for row in rows if isinstance(row.value, int)), default=0)


def _read_load(bench: Bench) -> None:
    """Note the last line of the load: how many requests were answered.

    ab's own words go to standard error, and the two streams may come in another order.
    """
    for pod in _load_pods(bench.timeline):
        lines = bench.session.logs(pod, tail=20).splitlines()
        own = [line for line in lines if line.startswith("load: ")] or lines or [""]

        def read(line: str = own[-1]) -> dict[str, Value]:
            return {"last line": line.strip()}

        bench.recorder.sample("log", f"Pod/{pod}", read)


def _read_counters(bench: Bench) -> None:
    """Note how many requests each Pod of fib has answered, by its own counter."""
    from helpers.kube.errors import Refused

    api = bench.session.api
    for pod in scaling.pods_of(bench.timeline, "fib"):
        path = api.kind("Pod").path(
            bench.session.namespace, f"{pod}:{autoscaling.PORT}", "proxy/metrics"
        )
        try:
            text = api.text(path, what=f"Pod/{pod}")
        except Refused:
            continue  # it has only just come, or is going
        counted = [line for line in text.splitlines() if line.startswith("fib_requests_total{")]
        total = sum(int(float(line.split()[-1])) for line in counted if '"200"' in line)

        def read(total: int = total) -> dict[str, Value]:
            return {"fib_requests_total": total}

        bench.recorder.sample("exec", f"Pod/{pod}", read)
