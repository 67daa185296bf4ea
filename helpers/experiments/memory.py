"""A memory limit kills: memory in steps until the limit, beside a CPU limit that only slows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from helpers.charts.memory import MemoryChart
from helpers.experiments import pods
from helpers.forms.fields import quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import manifests, memory
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline

STEP = Quantity.parse("16Mi")
EVERY = 0.5  # seconds between two steps
MOST = Quantity.parse("512Mi")
END_WITHIN = 30.0  # seconds for a pod that goes over its limit to be killed
CPU_LIMIT = "250m"
HELD = "185Mi"
"""What both pods of the pair hold; with the program itself about 195 MiB."""
_STEP_LINE = re.compile(r"^(\S+) burn: step .* \((\d+) bytes\)$", re.MULTILINE)
PAIR = {"without-i": "200M", "with-i": "200Mi"}

SLOWER = "it gets slower, as with CPU"
KILLED = "it is killed, and started again"
ERROR = "it gets an error and goes on with what it has"
MOVED = "it is moved to a node with more room"


@dataclass(frozen=True)
class Greedy:
    """A program that takes more memory from step to step."""

    limit: Annotated[str, quantity("limits.memory")] = "64Mi"
    most: Annotated[str, quantity("memory it takes")] = "128Mi"


class MemoryLimitKills(Experiment[Greedy]):
    """Memory in steps over a limit, beside busy threads over theirs.

    A third pair holds the same amount under 200M and under 200Mi.
    """

    id = "a-memory-limit-kills"
    title = "A memory limit kills"
    seconds = 10
    measures = True
    spec = Greedy
    script = Script(
        prediction=KILLED,
        values={"limit": "64Mi", "most": "128Mi"},
        misconceptions={
            "memory is handed out more slowly, as CPU is": SLOWER,
            "over-use is a matter of placement": MOVED,
        },
    )
    measured = (
        f"<p><code>greedy</code> takes {STEP} more every half second, touches every page of it, "
        "and writes a line to its log; a dot is such a line. The cross is the moment at which the "
        "watch saw the container end, with the reason and the exit code that the kubelet reports."
        "</p><p><code>burn</code> beside it has two busy threads and a CPU limit of "
        f"{CPU_LIMIT}; its dots are windows of its control group's counters.</p>"
    )

    def question(self) -> Choice:
        """Ask what happens at the limit."""
        return Choice(self.ask(Greedy()), (SLOWER, ERROR, MOVED, KILLED))

    def ask(self, values: Greedy) -> str:
        """Put the question for this limit."""
        return (
            f"The program takes {STEP} more every half second, up to <b>{values.most}</b>. Its "
            f"limit is <b>{values.limit}</b>. What happens when it wants more than that?"
        )

    def check(self, values: Greedy) -> Mapping[str, str]:
        """Refuse amounts that would fill a small worker."""
        if not STEP <= Quantity.parse(values.most) <= MOST:
            return {"most": f"memory it takes: choose between {STEP} and {MOST}."}
        return {}

    def build(self, values: Greedy, place: Place) -> Manifest:
        """Return the pod that takes memory in steps."""
        most = Quantity.parse(values.most).bytes
        sizes = range(STEP.bytes, most + 1, STEP.bytes)
        return manifests.burn_pod(
            namespace=place.namespace,
            lesson=place.lesson,
            name="greedy",
            memory=[f"{size // 2**20}Mi" for size in sizes],
            every=EVERY,
            limits={"memory": values.limit},
            requests={"memory": min(values.limit, str(STEP), key=Quantity.parse)},
        )

    async def run(self, bench: Bench, values: Greedy) -> None:
        """Start all pods, and read on until the greedy one has ended or has what it wants."""
        place = bench.place
        greedy = self.build(values, place)
        bench.progress("Starting burn beside greedy", 0.0)
        await bench.apply(
            manifests.burn_pod(
                namespace=place.namespace,
                lesson=place.lesson,
                threads=2,
                limits={"cpu": CPU_LIMIT},
                requests={"cpu": "100m"},
            )
        )
        for name, limit in PAIR.items():
            await bench.apply(_holding(place, name, limit))
        await bench.apply(greedy)
        await pods.started(bench, "burn")
        steps = manifests.memory_steps(greedy["spec"]["containers"][0])
        log = _Log(bench, "greedy")
        # One window a second; the steps, and a few seconds more to start, to be killed, to restart.
        windows = round(len(steps) * EVERY) + 8
        for number in range(windows):
            bench.progress("Reading burn while greedy grows", 0.8 * number / windows)
            await pods.read(bench, "burn", seconds=1, limit=CPU_LIMIT)
            await bench.call(log.read)
            if _restarted(bench.timeline, "greedy") or log.steps == len(steps):
                break
        bench.progress("Waiting for the pair", 0.9)
        await bench.wait(_killed("without-i"), END_WITHIN, "the pod without the i to be killed")
        await bench.call(log.read)
        bench.progress("4 pods", 1.0)

    def chart(self, timeline: Timeline) -> MemoryChart:
        """Return the chart of memory and CPU over time."""
        return MemoryChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return that it was killed and started again, by the watch; None for one that lives."""
        killed = bool(MemoryChart(timeline).kills)
        return KILLED if killed and _restarted(timeline, "greedy") else None

    def difference(self, timeline: Timeline) -> str:
        """Say how greedy ended, how burn fared, and what was predicted."""
        said = str(timeline.value(source="learner", field="prediction"))
        chart = MemoryChart(timeline)
        used = max((window.cores for window in chart.cpu), default=0.0)
        slow = f"Two threads over their CPU limit go on, at {used:.2f} cores."
        if not chart.kills:
            return (
                f"<b>It stayed within its limit, and lives.</b> {slow} You said: {said}."
                "<p>Next: with which limit does it not come through?</p>"
            )
        right = "as you said" if said == self.outcome(timeline) else f"you said: {said}"
        return (
            f"<b>The kernel killed it: {memory.KILLED}, exit code {memory.EXIT_CODE}, and a "
            f"restart; {right}.</b> {slow}"
            "<p>Next: give it a limit with which it comes through. How much must that be?</p>"
        )


def _holding(place: Place, name: str, limit: str) -> Manifest:
    return manifests.burn_pod(
        namespace=place.namespace,
        lesson=place.lesson,
        name=name,
        memory=[HELD],
        limits={"memory": limit},
        requests={"memory": "16Mi"},
    )


class _Log:
    """Turns the lines that burn writes about its memory into rows, each once."""

    def __init__(self, bench: Bench, name: str) -> None:
        self.steps = 0
        """How many steps the container that runs now has made."""
        self._bench = bench
        self._name = name
        self._seen: set[str] = set()

    def read(self) -> None:
        """Read the log, and that of the container before the last restart."""
        before = self._lines(previous=True) if _restarted(self._bench.timeline, self._name) else []
        now = self._lines(previous=False)
        self.steps = len(now)
        for when, size in [*before, *now]:
            if when not in self._seen:
                self._seen.add(when)
                row = Row(
                    datetime.fromisoformat(when).timestamp(),
                    "exec",
                    f"Pod/{self._name}",
                    "log.holding",
                    size,
                )
                self._bench.timeline.append(row)

    def _lines(self, *, previous: bool) -> list[tuple[str, int]]:
        """Return time and bytes of each step; nothing while there is no log to read."""
        from helpers.kube.errors import Refused

        session = self._bench.session
        path = session.api.kind("Pod").path(session.namespace, self._name, "log")
        query: dict[str, object] = {"timestamps": "true"}
        if previous:
            query["previous"] = "true"
        try:
            text = session.api.text(path, query, what=f"Pod/{self._name}")
        except Refused:
            return []  # the container has not started yet
        return [(when, int(size)) for when, size in _STEP_LINE.findall(text)]


def _restarted(timeline: Timeline, name: str) -> bool:
    count = pods.field(timeline, name, f"status.containerStatuses.{name}.restartCount")
    return isinstance(count, int) and count > 0


def _killed(name: str) -> Callable[[Timeline], bool]:
    path = f"status.containerStatuses.{name}"

    def condition(timeline: Timeline) -> bool:
        return any(
            pods.field(timeline, name, f"{path}.{state}.terminated.reason") == memory.KILLED
            for state in ("state", "lastState")
        )

    return condition
