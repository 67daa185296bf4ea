"""A CPU limit throttles: the share of periods in which a busy container is stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from helpers.charts.throttling import ThrottlingChart, throttling_chart
from helpers.experiments import pods
from helpers.forms.fields import Entry, integer, quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import cfs, manifests
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline

WINDOW = 3  # seconds of each measurement: 30 periods
LADDER = ("2", "1500m", "1", "500m", "250m", "100m")

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


def _quota(entry: Entry) -> str:
    limit = Quantity.parse(str(entry))
    cores = f"{limit.cores:g} core{'' if limit.cores <= 1 else 's'}"
    return f"{cores}: {limit.millicores / 10:g} ms of CPU time in every 100 ms."


@dataclass(frozen=True)
class Burn:
    """A pod with busy threads: what its form holds."""

    limit: Annotated[str, quantity("limits.cpu", explain=_quota)] = "500m"
    request: Annotated[str, quantity("requests.cpu")] = "100m"
    threads: Annotated[int, integer("busy threads", low=1, high=8)] = 2


class CpuLimitThrottles(Experiment[Burn]):
    """The share of 100 ms periods in which a container is stopped, by its CPU limit.

    One pod, first without a limit, then resized in place through a ladder of limits. The
    learner's own limit comes last, so the pod ends as the manifest on the screen says.
    """

    id = "a-cpu-limit-throttles"
    title = "A CPU limit throttles"
    seconds = 30
    measures = True
    spec = Burn
    script = Script(
        prediction=100.0,
        values={"limit": "500m", "request": "100m", "threads": 2},
        misconceptions={
            "the share of periods is the share of time": 75.0,
            "a limit is felt only beside busy neighbours": 0.0,
        },
    )
    measured = (
        "<p>The kernel keeps an account for each container: in how many 100 ms periods it ran, and "
        "in how many of these it was stopped because its quota was used up (<code>nr_periods"
        "</code> and <code>nr_throttled</code> in <code>cpu.stat</code>). The program "
        f"<code>burn stat</code> reads it inside the container, {WINDOW} seconds apart; a dot is "
        "the difference of two readings. These counters are exact, and no other load on the "
        "machine blurs them.</p>"
        "<p>The pod starts without a limit and is then resized in place, the largest limit first "
        "and yours last. It cannot go the other way: a limit may be changed while a container "
        "runs, but not taken away.</p>"
    )

    def question(self) -> Number:
        """Ask for a share of periods, in percent."""
        return Number(self.ask(Burn()), 0, 100, "%")

    def ask(self, values: Burn) -> str:
        """Put the question for this limit and this number of threads."""
        return (
            f"{_threads(values.threads)}, limit <b>{values.limit}</b>. "
            "In what share of the 100 ms periods is the container stopped?"
        )

    def build(self, values: Burn, place: Place) -> Manifest:
        """Return the pod, with its limit."""
        return _burn(values, place, values.limit)

    async def run(self, bench: Bench, values: Burn) -> None:
        """Start without a limit, then resize and measure, step by step."""
        sweep = _sweep(values)
        bench.progress("Starting the pod", 0.0)
        await bench.apply(_burn(values, bench.place, None))
        await pods.started(bench, "burn")
        for step, limit in enumerate((None, *sweep)):
            done = step / (len(sweep) + 1)
            if limit is not None:
                bench.progress(f"Resizing to {limit}", done)
                await pods.resized(bench, "burn", limit=limit)
            bench.progress(f"Reading at {limit or 'no limit'}", done)
            await pods.read(bench, "burn", seconds=WINDOW, limit=limit)
        bench.progress(f"{len(sweep) + 1} limits", 1.0)

    def chart(self, timeline: Timeline) -> ThrottlingChart:
        """Return the chart of stopped periods and CPU used, by limit."""
        return throttling_chart(timeline)

    def outcome(self, timeline: Timeline) -> float | None:
        """Return in what share of the periods the container was stopped at its limit, in percent.

        None while that is not read, and where something else took the CPU that its threads wanted.
        """
        found = _mine(timeline)
        return None if found is None or found.disturbed else 100 * found.window.share

    def difference(self, timeline: Timeline) -> str:
        """Say why that many periods were stopped, and how far off the prediction was."""
        said = timeline.value(source="learner", field="prediction")
        assert isinstance(said, int | float)
        found = _mine(timeline)
        assert found is not None
        threads = _threads(found.threads)
        quota, want = 100 * found.limit.cores, 100 * found.demand
        measured = (
            f"{100 * found.window.share:.0f} % of the periods were stopped; you said {said:g} %."
        )
        if quota >= want:
            return (
                f"<b>{threads} can use {want:.0f} ms of CPU in a period, and the quota is "
                f"{quota:g} ms.</b> It is not used up before the period ends: {measured}"
                "<p>Next: what is the largest limit at which they are stopped?</p>"
            )
        if found.disturbed:
            return (
                f"<b>The machine was too busy to tell.</b> {threads} could use up {quota:g} ms of "
                f"quota in each period, but something else took the CPU: {measured}"
                "<p>Next: wait for what else runs on this machine, and run it again.</p>"
            )
        # With the quota gone, all threads stand still until the next period begins.
        spent = 100 * quota / want
        return (
            f"<b>{threads} use up {quota:g} ms of quota in {spent:.0f} ms.</b> Then all of them "
            f"stand still for the other {100 - spent:.0f} ms of the period, so nearly every period "
            f"counts: {measured}"
            "<p>Next: change the limit or the threads. When does the share fall?</p>"
        )


@dataclass(frozen=True, slots=True)
class _Mine:
    """What was read at the learner's own limit; demand is what the threads could use, in cores."""

    limit: Quantity
    threads: int
    demand: float
    window: cfs.ThrottleWindow

    @property
    def disturbed(self) -> bool:
        """Whether the threads did not get the CPU to use up a quota that is below their demand."""
        short = self.limit.cores < self.demand
        return short and self.window.share not in cfs.throttled_share(self.limit, self.demand)


def _mine(timeline: Timeline) -> _Mine | None:
    """Return what was read at the learner's own limit; None while it is not."""
    values = timeline.value(source="learner", field="values")
    if not isinstance(values, Mapping):
        return None
    limit, threads = Quantity.parse(str(values["limit"])), int(str(values["threads"]))
    windows = {window.limit: window for window in cfs.windows(timeline)}
    cores = timeline.meta.get("cores")
    demand = cfs.demand(threads, float(cores) if isinstance(cores, int) else threads)
    return _Mine(limit, threads, demand, windows[limit]) if limit in windows else None


def _burn(values: Burn, place: Place, limit: str | None) -> Manifest:
    return manifests.burn_pod(
        namespace=place.namespace,
        lesson=place.lesson,
        threads=values.threads,
        limits={"cpu": limit},
        requests={"cpu": values.request},
    )


def _sweep(values: Burn) -> tuple[str, ...]:
    """Return the limits from large to small, the learner's own last; none below the request."""
    own, least = Quantity.parse(values.limit), Quantity.parse(values.request)
    ladder = (limit for limit in LADDER if least <= Quantity.parse(limit) != own)
    return (*ladder, own.canonical)


def _threads(count: int) -> str:
    word = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{word.capitalize()} busy thread{'' if count == 1 else 's'}"
