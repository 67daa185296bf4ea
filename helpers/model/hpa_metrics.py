"""The twin of the autoscaler for other metrics than CPU, for several at once, and for `behavior`.

Upstream: K pkg/controller/podautoscaler (v1.37): replica_calculator.go, calcPlainMetricReplicas and
GetExternalPerPodMetricReplicas; horizontal.go, computeReplicasForMetrics and reconcileAutoscaler.
Amounts are in thousandths (`Quantity.MilliValue`), times in seconds since the epoch.

Rows that it reads, besides those of `helpers.model.hpa`:

- source "session", field "manifest": the autoscaler as it was sent;
- source "metrics": of "Pod/<name>" the field "cpu" ({"cpu", "memory", ...}) and a field called like
  each custom metric; of "External/<metric>" a field called like the metric.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.model import hpa, hpa_behavior
from helpers.model.hpa import Pod, Proposal
from helpers.model.hpa_behavior import Behavior
from helpers.model.hpa_conditions import HPA, part, sent
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value

NEAR = 3.0
"""Seconds by which a reading of ours may be older or newer than the controller's."""

_HERE = {
    "Resource": ("resource",),
    "Pods": ("pods", "metric"),
    "External": ("external", "metric"),
}


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of an autoscaler: its kind (Resource, Pods, External), name and target.

    `percent` or `average` (thousandths a Pod) is the target, the other one None.
    """

    number: int
    kind: str
    name: str
    percent: int | None
    average: int | None

    @property
    def target(self) -> int:
        """The target, whichever it is."""
        return self.percent if self.percent is not None else self.average or 0


@dataclass(frozen=True, slots=True)
class Round:
    """One round of the controller over all metrics.

    `told` is what the autoscaler's status shows of each metric (percent, or thousandths a Pod),
    `asks` the replicas that each asks for (None: no answer), `proposed` what comes of that,
    `predicted` the twin's replicas and `desired` the real ones.
    """

    at: float
    current: int
    told: tuple[int | None, ...]
    asks: tuple[int | None, ...]
    proposed: int | None
    predicted: int
    desired: int
    because: tuple[str, ...]
    difference: str

    @property
    def agrees(self) -> bool:
        """Whether the twin says what the controller did."""
        return self.predicted == self.desired

    @property
    def changed(self) -> bool:
        """Whether the number of replicas was changed."""
        return self.current != self.desired


RULES = ("tolerance", "missing metrics", "unready pods", "scale-up cap", "stabilisation", "bounds")
"""The rules that bend ⌈replicas × value ÷ target⌉; with `behavior` the cap is its policies."""


def metrics(manifest: Mapping[str, Value]) -> list[Metric]:
    """Return the metrics of an autoscaler's manifest."""
    listed = part(manifest, "spec").get("metrics")
    found = []
    for number, item in enumerate(listed if isinstance(listed, Sequence) else ()):
        if isinstance(item, Mapping):
            kind = str(item.get("type"))
            target = part(item, _HERE[kind][0], "target")
            percent, average = target.get("averageUtilization"), target.get("averageValue")
            name = str(part(item, *_HERE[kind]).get("name"))
            whole = percent if isinstance(percent, int) else None
            found.append(Metric(number, kind, name, whole, milli(average) if average else None))
    return found


def plain(
    current: int,
    target: int,
    values: Mapping[str, int],
    pods: Sequence[Pod],
    *,
    tolerances: tuple[float, float] = (hpa.TOLERANCE, hpa.TOLERANCE),
    without: str = "",
) -> Proposal | None:
    """Return the replicas that a value of Pods asks for (memory, or a custom metric).

    `tolerances` are those of scaling down and up. Upstream: calcPlainMetricReplicas.
    """
    there = [pod for pod in pods if not pod.leaving and pod.phase != "Failed"]
    unready = [pod.name for pod in there if pod.phase == "Pending"]
    rest = [pod.name for pod in there if pod.phase != "Pending"]
    missing = [name for name in rest if name not in values]
    used = {name: values[name] for name in rest if name in values}
    if not used:
        return None
    if without == "unready pods":
        unready = []
    if without == "missing metrics":
        missing = []
    ready, mean = len(used), sum(used.values()) // len(used)
    ratio = mean / target
    up_with_unready = bool(unready) and ratio > 1.0
    if not up_with_unready and not missing:
        stays = _within(ratio, tolerances, without)
        return Proposal(current if stays else math.ceil(ratio * ready), mean)
    if missing and ratio < 1.0:
        used |= dict.fromkeys(missing, target)
    elif missing and ratio > 1.0:
        used |= dict.fromkeys(missing, 0)
    if up_with_unready:
        used |= dict.fromkeys(unready, 0)
    again = (sum(used.values()) // len(used)) / target
    replicas = math.ceil(again * len(used))
    turned = (ratio < 1.0 < again) or (again < 1.0 < ratio)
    against = (again < 1.0 and replicas > current) or (again > 1.0 and replicas < current)
    stays = _within(again, tolerances, without) or turned or against
    return Proposal(current if stays else replicas, mean)


def external(
    replicas: int,
    target: int,
    total: int,
    *,
    tolerances: tuple[float, float] = (hpa.TOLERANCE, hpa.TOLERANCE),
    without: str = "",
) -> int:
    """Return the replicas that a total asks for; `replicas` are those that are there.

    Upstream: GetExternalPerPodMetricReplicas.
    """
    if replicas and _within(total / (target * replicas), tolerances, without):
        return replicas
    return math.ceil(total / target)


def highest(asks: Sequence[int | None], current: int) -> int | None:
    """Return what several metrics ask for together: the most, None where that is an error.

    A metric without an answer keeps the others from scaling down, but not up.
    Upstream: computeReplicasForMetrics.
    """
    known = [ask for ask in asks if ask is not None]
    if not known or (len(known) < len(asks) and max(known) < current):
        return None
    return max(known)


def rounds(timeline: Timeline, name: str) -> list[Round]:
    """Replay every round of an autoscaler with the rules, on the inputs that the Timeline holds."""
    manifest = sent(timeline, HPA).get(name)
    if manifest is None:
        return []
    replay = _Replay(timeline, name, manifest)
    found: list[Round] = []
    for at in replay.history.syncs():
        given = replay.given(at)
        desired = replay.desired(at)
        if given is None or desired is None:
            continue
        replay.begin(given)
        # What it did tells which of the readings around it the controller was given, if any does.
        ways = [replay.asks(given, reading=number) for number in range(replay.unclear(given))]
        does = [replay.outcome(given, asks)[1] for asks in ways]
        reading = does.index(desired) if desired in does else 0
        asks = ways[reading]
        proposal, predicted = replay.outcome(given, asks)
        others = {
            rule: replay.outcome(given, replay.asks(given, rule, reading=reading), rule)[1]
            for rule in RULES
        }
        explains = [rule for rule, other in others.items() if other == desired]
        found.append(
            Round(
                at,
                given.current,
                given.told,
                asks,
                proposal,
                predicted,
                desired,
                tuple(rule for rule, other in others.items() if other != predicted),
                "" if predicted == desired else (explains or [hpa.UNEXPLAINED])[0],
            )
        )
        replay.end(given, proposal, desired)
    return found


def changes(timeline: Timeline, name: str) -> list[Round]:
    """Return the rounds in which the autoscaler changed the number of replicas."""
    return [round for round in rounds(timeline, name) if round.changed]


def tolerances(spec: Mapping[str, Value]) -> tuple[float, float]:
    """Return the tolerances of an autoscaler's spec, of scaling down and of scaling up."""
    given = hpa_behavior.behavior(spec)
    return (hpa.TOLERANCE,) * 2 if given is None else (given.down.tolerance, given.up.tolerance)


def milli(text: Value) -> int:
    """Read a quantity in thousandths, such as 5 or 4500m."""
    return Quantity.parse(str(text)).millicores


@dataclass(frozen=True, slots=True)
class _Given:
    """What one round begins with; `seen_at` is when its Pods were as they are here."""

    at: float
    current: int
    told: tuple[int | None, ...]
    pods: Sequence[Pod]
    seen_at: float


class _Replay:
    """What one autoscaler was given and did, round by round."""

    def __init__(self, timeline: Timeline, name: str, manifest: Mapping[str, Value]) -> None:
        self.history = hpa.History(timeline, f"{HPA}/{name}")
        self._metrics = metrics(manifest)
        self._status = f"{HPA}/{name}"
        spec = part(manifest, "spec")
        self._behavior: Behavior | None = hpa_behavior.behavior(spec)
        self._allowed = tolerances(spec)
        least, most = spec.get("minReplicas"), spec.get("maxReplicas")
        self._least = least if isinstance(least, int) else 1
        self._most = most if isinstance(most, int) else 1
        self._target = f"Deployment/{part(spec, 'scaleTargetRef').get('name')}"
        self._moments = sorted({row.time for row in timeline.where(source="metrics")})
        self._proposed: list[tuple[float, int]] = []
        self._made: list[tuple[float, int]] = []

    def given(self, at: float) -> _Given | None:
        """Return what a round begins with; None before the first one."""
        if self._of(at, "desiredReplicas") is None:
            return None
        before = self._of(at, "currentReplicas")
        pods, moment = self.history.pods(at)
        told = tuple(self._told(metric, at) for metric in self._metrics)
        # A number of 0 is left out of the status.
        return _Given(at, before if isinstance(before, int) else 0, told, pods, moment)

    def desired(self, at: float) -> int | None:
        """Return the replicas that the controller wanted after a round."""
        value = self._of(at, "desiredReplicas")
        if not isinstance(value, int):
            return None
        # Until the first metrics come the status says 0, and nothing is scaled.
        known = value or any(self._told(metric, at) is not None for metric in self._metrics)
        if known or self._of(at, "conditions.ScaledToZero.status") == "True":
            return value
        before = self._of(at, "currentReplicas")
        return before if isinstance(before, int) else 0

    def begin(self, given: _Given) -> None:
        """Take the first replicas for a first proposal, as recordInitialRecommendation does."""
        if not self._proposed:
            self._proposed.append((given.at, given.current))

    def end(self, given: _Given, proposal: int | None, desired: int) -> None:
        """Remember what was proposed and changed, for the windows and policies."""
        if proposal is not None:
            self._proposed.append((given.at, proposal))
        if desired != given.current:
            self._made.append((self._scaled_at(given.at), desired - given.current))

    def unclear(self, given: _Given) -> int:
        """Return how many readings there are of which the controller may have been given any."""
        return (
            max(
                (
                    len(self._totals(metric, given, told))
                    for metric, told in zip(self._metrics, given.told, strict=True)
                    if metric.kind == "External"
                ),
                default=0,
            )
            or 1
        )

    def asks(self, given: _Given, without: str = "", *, reading: int = 0) -> tuple[int | None, ...]:
        """Return the replicas that each metric asks for; `reading` is one of those unclear."""
        return tuple(
            self._external(metric, given, self._totals(metric, given, told)[reading:], without)
            if metric.kind == "External"
            else None
            if told is None
            else self._utilization(metric, given, told, without)
            if metric.percent is not None
            else self._plain(metric, given, told, without)
            for metric, told in zip(self._metrics, given.told, strict=True)
        )

    def outcome(
        self, given: _Given, asks: Sequence[int | None], without: str = ""
    ) -> tuple[int | None, int]:
        """Return what the metrics ask for together, and the replicas that come of it."""
        current = given.current
        if current > self._most or (0 < current < self._least):
            return None, min(max(current, self._least), self._most)
        proposal = highest(asks, current)
        if proposal is None or (current == 0 and self._least > 0):
            return None, current
        bounds = (0, 10**6) if without == "bounds" else (self._least, self._most)
        if self._behavior is None:
            window = given.at - hpa.stabilisation_window()
            recent = [count for when, count in self._proposed if when >= window]
            steady = proposal if without == "stabilisation" else max([proposal, *recent])
            cap = bounds[1] if without == "scale-up cap" else max(2 * current, 4)
            return proposal, max(bounds[0], min(steady, cap, bounds[1]))
        steady = proposal
        if without != "stabilisation":
            # What was proposed a whole window ago has just become too old.
            now = given.at + hpa.EARLY
            steady = hpa_behavior.steady(self._behavior, current, proposal, self._proposed, now)
        if without == "scale-up cap":
            return proposal, max(bounds[0], min(steady, bounds[1]))
        # The change of a round that came one period ago has just become too old.
        now = given.at + hpa.EARLY
        limited = hpa_behavior.limited
        return proposal, limited(
            self._behavior, current, steady, bounds=bounds, changes=self._made, now=now
        )

    def _scaled_at(self, at: float) -> float:
        """Return when a change was made: where our row of it came late, the status tells better."""
        told = self._of(at, "lastScaleTime")  # in whole seconds, the rest cut off
        return min(at, hpa.moment_of(told) + 1) if isinstance(told, str) else at

    def _plain(self, metric: Metric, given: _Given, told: int, without: str) -> int | None:
        # Which Pods had a value we know; what it was on average, the status tells exactly.
        served = [self._values(metric, given.pods, when) for when in self._near(given.seen_at)]
        found = [
            values
            for values in served
            if (made := plain(given.current, metric.target, values, given.pods))
            and made.utilization == told
        ]
        names = (found or served)[0] or [pod.name for pod in given.pods if pod.phase == "Running"]
        proposal = plain(
            given.current,
            metric.target,
            dict.fromkeys(names, told),
            given.pods,
            tolerances=self._allowed,
            without=without,
        )
        return None if proposal is None else proposal.replicas

    def _values(self, metric: Metric, pods: Sequence[Pod], moment: float) -> dict[str, int]:
        """Return what was served of a metric at a moment, by the Pods' names."""
        field = "cpu" if metric.kind == "Resource" else metric.name
        served = {pod.name: self.history.at(f"Pod/{pod.name}", field, moment) for pod in pods}
        return {
            name: milli(value[metric.name] if isinstance(value, Mapping) else value)
            for name, value in served.items()
            if value is not None
        }

    def _near(self, moment: float) -> list[float]:
        """Return a moment, and those about it when something else was served."""
        return [moment, *(when for when in self._moments if abs(when - moment) <= NEAR)]

    def _utilization(self, metric: Metric, given: _Given, told: int, without: str) -> int | None:
        bounds = hpa.Bounds(self._least, self._most, metric.target)
        around = [
            hpa.Inputs(given.current, bounds, readings, given.pods, given.seen_at)
            for readings in self.history.readings(given.at)
        ]
        for inputs in around:
            fits = hpa.propose(inputs)
            if fits is not None and int(fits.utilization) == told:
                asked = hpa.propose(inputs, without)
                return None if asked is None else asked.replicas
        return None

    def _totals(self, metric: Metric, given: _Given, told: int | None) -> list[int]:
        """Return the totals that the controller may have read: one, if the status tells which."""
        object, replicas = f"External/{metric.name}", self._replicas(given)
        served = [self.history.at(object, metric.name, when) for when in self._near(given.at)]
        totals = list(dict.fromkeys(milli(value) for value in served if value is not None))
        fits = [total for total in totals if replicas and math.ceil(total / replicas) == told]
        return fits[:1] or totals

    def _external(
        self, metric: Metric, given: _Given, totals: Sequence[int], without: str
    ) -> int | None:
        if not totals:
            return None
        return external(
            self._replicas(given),
            metric.target,
            totals[0],
            tolerances=self._allowed,
            without=without,
        )

    def _replicas(self, given: _Given) -> int:
        there = self.history.at(self._target, "status.replicas", given.seen_at)
        return there if isinstance(there, int) else 0

    def _told(self, metric: Metric, at: float) -> int | None:
        """Return what the status shows of a metric."""
        # The recorder names a list's items by their type where no two are of one, else by number;
        # a metric without an answer is of none.
        for key in (metric.number, metric.kind):
            begin = f"currentMetrics.{key}"
            name = ".".join((begin, *_HERE[metric.kind], "name"))
            if self._of(at, name) != metric.name:
                continue
            inside = f"{begin}.{_HERE[metric.kind][0]}.current"
            if metric.percent is not None:
                value = self._of(at, f"{inside}.averageUtilization")
                return value if isinstance(value, int) else None
            text = self._of(at, f"{inside}.averageValue")
            # For no Pods at all it is divided by zero, and negative.
            return milli(text) if isinstance(text, str) and not text.startswith("-") else None
        return None

    def _of(self, at: float, field: str) -> Value:
        return self.history.at(self._status, f"status.{field}", at + 0.2)


def _within(ratio: float, tolerances: tuple[float, float], without: str) -> bool:
    below, above = (0.0, 0.0) if without == "tolerance" else tolerances
    return 1.0 - below <= ratio <= 1.0 + above
