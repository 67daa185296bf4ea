"""What an autoscaler may tell of CPU or memory: its rule on each reading that was served by then.

We read the metrics API once a second, and the controller at a moment of its own; which of two
readings it was given we cannot know.  So a number that it tells is judged against all readings that
may have been served between the round before and this one, and only once we know them all: a newer
reading has come, and no read of ours came too late to miss none (source "recorder", object
"metrics", field "gap", at its end).
Upstream: K pkg/controller/podautoscaler (v1.37), replica_calculator.go.  Percent, or thousandths of
a byte; times in seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.model import hpa, hpa_metrics
from helpers.model.hpa_conditions import HPA
from helpers.model.hpa_metrics import Metric, Round
from helpers.model.timeline import Timeline

SLOWEST = 5.0
"""Seconds that a read of ours may take, and its row is older than its answer; else it is a gap."""


@dataclass(frozen=True, slots=True)
class Told:
    """A number that an autoscaler told, and those that its rule makes of what was served."""

    at: float
    told: int
    rule: tuple[int, ...]

    @property
    def agrees(self) -> bool:
        """Whether it told one of those."""
        return self.told in self.rule


def told(timeline: Timeline, name: str, metric: Metric) -> list[Told]:
    """Return each number that an autoscaler told anew of a resource, where it can be judged."""
    history = hpa.History(timeline, f"{HPA}/{name}")
    moments = sorted({row.time for row in timeline.where(source="metrics", field="cpu")})
    gaps = [row.time for row in timeline.where(source="recorder", object="metrics", field="gap")]
    found: list[Told] = []
    before: Round | None = None
    number: int | None = None
    for round in hpa_metrics.rounds(timeline, name):
        now = round.told[metric.number]
        if now is not None and now != number:
            since = (before.at if before else round.at - hpa.sync_period()) - SLOWEST
            served = _served(history, moments, since, round.at)
            if served and not any(served[0] <= gap <= served[-1] for gap in gaps):
                made = {_rule(history, moment, round, metric) for moment in served}
                rule = tuple(sorted(number for number in made if number is not None))
                found.append(Told(round.at, now, rule))
        before, number = round, now
    return found


def _served(history: hpa.History, moments: list[float], since: float, at: float) -> list[float]:
    """Return when what may have been read by a round was served; none while we do not know all."""
    after = [moment for moment in moments if moment > at][:1]
    if not after:
        return []
    known = [moment for moment in moments if moment <= since][-1:]
    known += [moment for moment in moments if since < moment <= at]
    # What was measured after the round was not read in it.
    newest = max((_measured(history, pod, after[0]) for pod in history.known), default=0.0)
    return known + (after if newest <= at else [])


def _rule(history: hpa.History, moment: float, round: Round, metric: Metric) -> int | None:
    """Return what the rule makes of what was served at a moment, for the Pods of a round."""
    pods, seen_at = history.pods(round.at)
    if metric.percent is not None:
        bounds = hpa.Bounds(0, 0, metric.percent)
        given = hpa.Inputs(round.current, bounds, history.served(moment), pods, seen_at)
        proposal = hpa.propose(given)
    else:
        held = {
            pod.name: hpa_metrics.milli(value["memory"])
            for pod in pods
            if isinstance(value := history.at(f"Pod/{pod.name}", "cpu", moment), Mapping)
        }
        proposal = hpa_metrics.plain(round.current, metric.target, held, pods)
    return None if proposal is None else int(proposal.utilization)


def _measured(history: hpa.History, pod: str, moment: float) -> float:
    value = history.at(pod, "cpu", moment)
    return hpa.moment_of(str(value["timestamp"])) if isinstance(value, Mapping) else 0.0
