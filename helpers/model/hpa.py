"""A twin of the horizontal autoscaler: the same rules on the same inputs, read from a Timeline.

Upstream: K pkg/controller/podautoscaler (v1.37): replica_calculator.go, horizontal.go and
metrics/utilization.go.  CPU is in millicores, times are in seconds since the epoch.

Rows that it reads:

- source "watch", object "HorizontalPodAutoscaler/<name>": its spec and status; "Deployment/<name>"
  and the Pods that the Deployment's selector chooses: phase, readiness, requests;
- source "metrics", object "Pod/<name>", field "cpu": what the metrics API served of this Pod,
  {"timestamp", "window", "cpu"} ("cpu" a quantity), None once it serves nothing more of it.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import zip_longest

from helpers.model.periods import flags
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline, Value

TOLERANCE = 0.1
"""K pkg/controller/podautoscaler/config/v1alpha1/defaults.go, HorizontalPodAutoscalerTolerance."""
INITIALIZATION = 300.0
"""Seconds for which a Pod's first readings count only if the Pod was ready all the while.

The same file, HorizontalPodAutoscalerCPUInitializationPeriod."""
READINESS_DELAY = 30.0
"""Seconds; the same file, HorizontalPodAutoscalerInitialReadinessDelay."""

_FLAG = "horizontal-pod-autoscaler-"
LAG = 2.0
"""Seconds by which our reading of the metrics API may be older or newer than the controller's."""

EARLY = 0.25
"""Seconds by which two syncs may seem nearer to each other than they were."""

RULES = (
    "tolerance",
    "truncated percentage",
    "missing metrics",
    "unready pods",
    "scale-up cap",
    "stabilisation",
    "bounds",
)
"""The rules that bend the plain formula, replicas × utilisation ÷ target, rounded up."""
UNEXPLAINED = "unexplained"


def sync_period() -> float:
    """Return how many seconds lie between two syncs of an autoscaler on the workbook's cluster."""
    return seconds(flags("kube-controller-manager")[f"{_FLAG}sync-period"])


def stabilisation_window() -> float:
    """Return the window of scaling down on the workbook's cluster, in seconds."""
    return seconds(flags("kube-controller-manager")[f"{_FLAG}downscale-stabilization"])


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an autoscaler is told: least and most replicas, and a target in percent of requests."""

    least: int
    most: int
    target: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What the metrics API served of a Pod: CPU in millicores over a window that ended at `at`."""

    at: float
    window: float
    cpu: int


@dataclass(frozen=True, slots=True)
class Pod:
    """What the autoscaler looks at of a Pod; `request` in millicores, None without one."""

    name: str
    phase: str
    ready: bool | None = None
    ready_since: float = 0.0
    started: float | None = None
    request: int | None = None
    leaving: bool = False


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a sync begins with: the replicas that are wanted now, bounds, readings and Pods."""

    current: int
    bounds: Bounds
    readings: Mapping[str, Reading]
    pods: Sequence[Pod]
    now: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the readings alone ask for: replicas, and the utilisation in percent."""

    replicas: int
    utilization: float


def propose(given: Inputs, without: str = "") -> Proposal | None:
    """Return the replicas that the readings ask for, None where the rule ends in an error.

    `without` names a rule to leave out.  Upstream: replica_calculator.go, GetResourceReplicas and
    groupPods; metrics/utilization.go, GetResourceUtilizationRatio (integer percent).
    """
    current, target, readings = given.current, given.bounds.target, given.readings
    ready, unready, missing = _group(given)
    if without == "unready pods":
        ready, unready = ready + [name for name in unready if name in readings], []
    if without == "missing metrics":
        missing = []
    requests = {pod.name: pod.request for pod in given.pods}
    if not ready or None in requests.values():
        return None
    asked = {name: request for name, request in requests.items() if request}
    used = {name: readings[name].cpu for name in ready if name in asked}
    if not used:
        return None
    cut = without != "truncated percentage"
    tolerance = 0.0 if without == "tolerance" else TOLERANCE
    percent = _percent(used, asked, cut)
    ratio = percent / target
    up_with_unready = bool(unready) and ratio > 1.0
    if not up_with_unready and not missing:
        stays = _within(ratio, tolerance)
        return Proposal(current if stays else math.ceil(ratio * len(ready)), percent)
    if missing and ratio < 1.0:
        used |= {name: asked.get(name, 0) * max(100, target) // 100 for name in missing}
    elif missing and ratio > 1.0:
        used |= dict.fromkeys(missing, 0)
    if up_with_unready:
        used |= dict.fromkeys(unready, 0)
    again = _percent(used, asked, cut) / target
    replicas = math.ceil(again * len(used))
    turned = (ratio < 1.0 < again) or (again < 1.0 < ratio)
    against = (again < 1.0 and replicas > current) or (again > 1.0 and replicas < current)
    stays = _within(again, tolerance) or turned or against
    return Proposal(current if stays else replicas, percent)


def settle(given: Inputs, proposed: int, recent: Sequence[int], without: str = "") -> int:
    """Return the replicas that the autoscaler sets: steadied, capped and within bounds.

    `recent` are the proposals of the window.  Upstream: horizontal.go, stabilizeRecommendation,
    convertDesiredReplicasWithRules and calculateScaleUpLimit (an autoscaler without `behavior`).
    """
    steady = proposed if without == "stabilisation" else max([proposed, *recent])
    bounds = given.bounds
    most = bounds.most if without == "scale-up cap" else max(2 * given.current, 4)
    if without == "bounds":
        return steady
    return max(bounds.least, min(steady, most, bounds.most))


@dataclass(frozen=True, slots=True)
class Sync:
    """One round of the controller: what it was given, what the twin says, what it did.

    `at` is seconds since the epoch; `current` the replicas at its beginning; `proposed` what the
    readings alone ask for (None: an error); `predicted` the twin's replicas, `desired` the real
    ones; `utilization` in percent, as the twin and as the autoscaler (`told`) work it out.
    """

    at: float
    current: int
    proposed: int | None
    predicted: int
    desired: int
    utilization: float | None
    told: int | None
    because: tuple[str, ...]
    difference: str
    changed: bool

    @property
    def agrees(self) -> bool:
        """Whether the twin says what the controller did."""
        return self.predicted == self.desired


def syncs(timeline: Timeline, name: str = "fib") -> list[Sync]:
    """Replay every sync of an autoscaler with the rules, on the inputs that the Timeline holds.

    A sync that changed the status is seen; between two of those, others came in equal steps.
    """
    history = History(timeline, f"HorizontalPodAutoscaler/{name}")
    found: list[Sync] = []
    recommended: list[tuple[float, int]] = []
    window = stabilisation_window()
    for at in history.syncs():
        bounds, current, desired = history.bounds(at), history.current(at), history.desired(at)
        if bounds is None or current is None or desired is None:
            continue
        # Until the first metrics come the status says 0, and nothing is scaled.
        desired = desired or current
        if not recommended:
            recommended.append((at, current))
        told = history.told(at)
        given = _fitting(history, at, told, current, bounds)
        recent = [count for when, count in recommended if when >= at - window]
        outcome, proposal = _outcome(given, recent), propose(given)
        others = {rule: _outcome(given, recent, rule) for rule in RULES}
        explains = [rule for rule, other in others.items() if other == desired]
        difference = "" if outcome == desired else (explains or [UNEXPLAINED])[0]
        if proposal is not None:
            recommended.append((at, proposal.replicas))
        found.append(
            Sync(
                at,
                current,
                None if proposal is None else proposal.replicas,
                outcome,
                desired,
                None if proposal is None else proposal.utilization,
                told,
                tuple(rule for rule, other in others.items() if other != outcome),
                difference,
                current != desired,
            )
        )
    return found


def changes(timeline: Timeline, name: str = "fib") -> list[Sync]:
    """Return the syncs at which the autoscaler changed the number of replicas."""
    return [sync for sync in syncs(timeline, name) if sync.changed]


def seconds(text: str) -> float:
    """Read a duration of Go, such as 5m0s, 10.021s or 300ms. Raises ValueError."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
    parts = re.findall(r"([\d.]+)(h|ms|m|s)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is not a duration")
    return sum(float(number) * units[unit] for number, unit in parts)


def moment_of(text: str) -> float:
    """Read a time of the API server, such as 2026-11-23T10:59:33Z, as seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()


def _outcome(given: Inputs, recent: Sequence[int], without: str = "") -> int:
    """Return the replicas after one sync, with a rule left out if one is named.

    Upstream: horizontal.go, reconcileAutoscaler.
    """
    current, bounds = given.current, given.bounds
    if current == 0 or current > bounds.most:
        return min(current, bounds.most)
    if current < bounds.least:
        return bounds.least
    proposal = propose(given, without)
    return current if proposal is None else settle(given, proposal.replicas, recent, without)


def _fitting(history: History, at: float, told: int | None, current: int, bounds: Bounds) -> Inputs:
    """Return what the controller was given: of the readings around the sync, those that fit.

    We read the metrics API once a second, so that a new reading may have come to the controller
    first; which it was, the utilisation in the autoscaler's status tells.
    """
    pods, moment = history.pods(at)
    around = [Inputs(current, bounds, readings, pods, moment) for readings in history.readings(at)]
    for given in around:
        proposal = propose(given)
        if (None if proposal is None else int(proposal.utilization)) == told:
            return given
    return around[0]


def _group(given: Inputs) -> tuple[list[str], list[str], list[str]]:
    """Sort Pods into ready, unready and without a reading.  Upstream: groupPods."""
    ready: list[str] = []
    unready: list[str] = []
    missing: list[str] = []
    readings = given.readings
    for pod in given.pods:
        if pod.leaving or pod.phase == "Failed":
            continue
        if pod.phase == "Pending":
            unready.append(pod.name)
        elif pod.name not in readings:
            missing.append(pod.name)
        else:
            (unready if _unready(pod, readings[pod.name], given.now) else ready).append(pod.name)
    return ready, unready, missing


def _unready(pod: Pod, reading: Reading, now: float) -> bool:
    if pod.ready is None or pod.started is None:
        return True
    if pod.started + INITIALIZATION > now:
        return not pod.ready or reading.at < pod.ready_since + reading.window
    return not pod.ready and pod.started + READINESS_DELAY > pod.ready_since


def _percent(used: Mapping[str, int], asked: Mapping[str, int], cut: bool) -> float:
    total = sum(asked[name] for name in used if name in asked)
    share = Fraction(100 * sum(used[name] for name in used if name in asked), total)
    return int(share) if cut else float(share)


def _within(ratio: float, tolerance: float) -> bool:
    return 1.0 - tolerance <= ratio <= 1.0 + tolerance


class History:
    """What stood where at a moment, by the rows of a Timeline; `known` are its Pods, "Pod/..."."""

    def __init__(self, timeline: Timeline, hpa: str) -> None:
        self._values: dict[str, dict[str, tuple[list[float], list[Value]]]] = {}
        self._moments: list[float] = []
        self._status: list[float] = []
        pods: dict[str, None] = {}
        for row in timeline.rows:
            if row.source not in ("watch", "metrics"):
                continue
            if row.source == "metrics" and row.field == "cpu":
                if not self._moments or row.time > self._moments[-1]:
                    self._moments.append(row.time)
            elif row.object == hpa and row.field.startswith("status.") and row.value is not None:
                self._status.append(row.time)
            if row.object.startswith("Pod/"):
                pods[row.object] = None
            self._enter(row)
        self._hpa, self.known = hpa, tuple(pods)

    def _enter(self, row: Row) -> None:
        times, values = self._values.setdefault(row.object, {}).setdefault(row.field, ([], []))
        times.append(row.time)
        values.append(row.value)

    def at(self, object: str, field: str, moment: float) -> Value:
        """Return the value of a field as of a moment."""
        times, values = self._values.get(object, {}).get(field, ([], []))
        place = bisect_right(times, moment)
        return values[place - 1] if place else None

    def syncs(self) -> list[float]:
        """Return when the controller synced: as seen, and evenly in between."""
        seen: list[float] = []
        for when in self._status:
            # The server's own first write of the status has no observedGeneration.
            if self.at(self._hpa, "status.observedGeneration", when) is None:
                continue
            if not seen or when - seen[-1] > 0.5:
                seen.append(when)
        found: list[float] = []
        for one, other in zip_longest(seen, seen[1:]):
            found.append(one)
            if other is not None:
                # They may be late on a busy machine, but never early.
                parts = max(1, int((other - one + EARLY) / sync_period()))
                found += [one + (other - one) * part / parts for part in range(1, parts)]
        return found

    def bounds(self, at: float) -> Bounds | None:
        """Return bounds and target as of a sync, None before they are known."""
        target = "spec.metrics.Resource.resource.target.averageUtilization"
        said = [
            self.at(self._hpa, field, at)
            for field in ("spec.minReplicas", "spec.maxReplicas", target)
        ]
        whole = [value for value in said if isinstance(value, int)]
        return Bounds(*whole) if len(whole) == 3 else None

    def current(self, at: float) -> int | None:
        """Return the replicas with which a sync began."""
        # After the sync: the status holds the replicas with which it began.
        value = self.at(self._hpa, "status.currentReplicas", at + 0.2)
        return value if isinstance(value, int) else None

    def desired(self, at: float) -> int | None:
        """Return the replicas that a sync wanted."""
        value = self.at(self._hpa, "status.desiredReplicas", at + 0.2)
        return value if isinstance(value, int) else None

    def told(self, at: float) -> int | None:
        """Return the utilisation that the status shows after a sync."""
        field = "status.currentMetrics.Resource.resource.current.averageUtilization"
        value = self.at(self._hpa, field, at + 0.2)
        return value if isinstance(value, int) else None

    def pods(self, at: float) -> tuple[list[Pod], float]:
        """Return the Pods as the controller saw them, and when that was."""
        # Its own change of the Deployment makes Pods before its status is written.
        target = f"Deployment/{self.at(self._hpa, 'spec.scaleTargetRef.name', at)}"
        times, _ = self._values.get(target, {}).get("spec.replicas", ([], []))
        written = [when for when in times if at - 0.5 < when <= at]
        moment = min([at, *written]) - 0.03
        chosen = self._selector(target, moment)
        found = [
            self._pod(pod, moment)
            for pod in self.known
            if self.at(pod, "exists", moment) is True
            # Each kind is watched by itself: such a Pod may even be seen before the Deployment.
            and not (written and self._values[pod]["exists"][0][0] > at - 0.5)
            and all(
                self.at(pod, f"metadata.labels.{key}", moment) == value
                for key, value in chosen.items()
            )
        ]
        return found, moment

    def _selector(self, target: str, moment: float) -> dict[str, Value]:
        start = "spec.selector.matchLabels."
        return {
            field.removeprefix(start): self.at(target, field, moment)
            for field in self._values.get(target, {})
            if field.startswith(start)
        }

    def _pod(self, pod: str, moment: float) -> Pod:
        condition = "status.conditions.Ready"
        status = self.at(pod, f"{condition}.status", moment)
        since = self.at(pod, f"{condition}.lastTransitionTime", moment)
        started = self.at(pod, "status.startTime", moment)
        requests = [
            self.at(pod, field, moment)
            for field in self._values.get(pod, {})
            if field.startswith("spec.containers.") and field.endswith(".requests.cpu")
        ]
        asked = [Quantity.parse(text).millicores for text in requests if isinstance(text, str)]
        return Pod(
            pod.removeprefix("Pod/"),
            str(self.at(pod, "status.phase", moment)),
            None if status is None else status == "True",
            moment_of(str(since)) if since else 0.0,
            moment_of(str(started)) if started else None,
            sum(asked) if asked else None,
            self.at(pod, "metadata.deletionTimestamp", moment) is not None,
        )

    def readings(self, at: float) -> list[dict[str, Reading]]:
        """Return the readings as of the sync, then those just before and just after it."""
        place = bisect_right(self._moments, at)
        near = [
            self._moments[number]
            for number in (place - 1, place, place - 2)
            if 0 <= number < len(self._moments)
        ]
        nearest = [when for when in near if abs(when - at) <= LAG or when <= at]
        found = [self.served(when) for when in nearest]
        return found if place else [{}, *found]  # before the first one there was none

    def served(self, moment: float) -> dict[str, Reading]:
        """Return the readings that were served at a moment, by the Pods' names."""
        return dict(self._read(moment))

    def _read(self, moment: float) -> Iterator[tuple[str, Reading]]:
        for pod in self.known:
            value = self.at(pod, "cpu", moment)
            if isinstance(value, Mapping):
                yield (
                    pod.removeprefix("Pod/"),
                    Reading(
                        moment_of(str(value["timestamp"])),
                        seconds(str(value["window"])),
                        Quantity.parse(str(value["cpu"])).millicores,
                    ),
                )
