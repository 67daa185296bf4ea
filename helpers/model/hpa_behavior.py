"""How fast an autoscaler may follow what its metrics ask for: `behavior` and tolerance.

Upstream: K pkg/controller/podautoscaler/horizontal.go (v1.37),
stabilizeRecommendationWithBehaviors, convertDesiredReplicasWithBehaviorRate,
calculateScaleUpLimitWithScalingRules and calculateScaleDownLimitWithBehaviors; the defaults in
pkg/apis/autoscaling/v2/defaults.go.
Times and windows are in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from helpers.model import hpa
from helpers.model.quantity import Quantity
from helpers.model.timeline import Value

Past: TypeAlias = Sequence[tuple[float, int]]
"""Moments, each with the replicas that were proposed then, or by which the number changed."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy: at most `value` Pods, or percent of what there was, in `period` seconds."""

    kind: str
    value: int
    period: int


@dataclass(frozen=True, slots=True)
class Way:
    """What holds for one way, up or down."""

    window: float
    policies: tuple[Policy, ...]
    select: str = "Max"
    tolerance: float = hpa.TOLERANCE


@dataclass(frozen=True, slots=True)
class Behavior:
    """What holds for both ways."""

    up: Way
    down: Way


UP = Way(0.0, (Policy("Pods", 4, 15), Policy("Percent", 100, 15)))
"""The defaults of scaleUp, once `behavior` is there: pkg/apis/autoscaling/v2/defaults.go."""


def down() -> Way:
    """Return the defaults of scaleDown; its window is the flag's."""
    return Way(hpa.stabilisation_window(), (Policy("Percent", 100, 15),))


def behavior(spec: Mapping[str, Value]) -> Behavior | None:
    """Read the behavior in an autoscaler's spec, the defaults filled in; None without one."""
    said = spec.get("behavior")
    if not isinstance(said, Mapping):
        return None
    return Behavior(_way(said.get("scaleUp"), UP), _way(said.get("scaleDown"), down()))


def steady(given: Behavior, current: int, proposed: int, past: Past, now: float) -> int:
    """Return what is left of a proposal after the windows: no dip and no peak of a moment."""
    lowest = min([proposed, *_since(past, now - given.up.window)])
    highest = max([proposed, *_since(past, now - given.down.window)])
    return min(max(current, lowest), highest)


def limited(
    given: Behavior,
    current: int,
    wanted: int,
    *,
    bounds: tuple[int, int],
    changes: Past,
    now: float,
) -> int:
    """Return what the policies and bounds leave of what is wanted; `changes` are those made."""
    least, most = bounds
    if wanted > current:
        return min(wanted, max(_limit(given.up, current, changes, now, 1), current), most)
    if wanted < current:
        return max(wanted, min(_limit(given.down, current, changes, now, -1), current), least)
    return wanted


def _limit(way: Way, current: int, changes: Past, now: float, sign: int) -> int:
    if way.select == "Disabled":
        return current
    proposals = []
    for policy in way.policies:
        before = current - sum(_since(changes, now - policy.period))
        if policy.kind == "Pods":
            proposals.append(before + sign * policy.value)
        elif sign > 0:
            proposals.append(math.ceil(before * (1 + policy.value / 100)))
        else:
            proposals.append(int(before * (1 - policy.value / 100)))
    # The default takes the policy that changes most.
    widest = (way.select != "Min") == (sign > 0)
    return max(proposals) if widest else min(proposals)


def _since(past: Past, moment: float) -> list[int]:
    return [number for when, number in past if when > moment]


def _way(said: Value, usual: Way) -> Way:
    if not isinstance(said, Mapping):
        return usual
    window, listed = said.get("stabilizationWindowSeconds"), said.get("policies")
    tolerance = said.get("tolerance")
    return Way(
        float(window) if isinstance(window, int) else usual.window,
        tuple(_policies(listed)) if isinstance(listed, Sequence) and listed else usual.policies,
        str(said.get("selectPolicy") or usual.select),
        Quantity.parse(str(tolerance)).cores if tolerance is not None else usual.tolerance,
    )


def _policies(listed: Sequence[Value]) -> Iterable[Policy]:
    for item in listed:
        if isinstance(item, Mapping):
            value, period = item.get("value"), item.get("periodSeconds")
            yield Policy(str(item.get("type")), int(str(value)), int(str(period)))
