"""The chart of "A StatefulSet starts": the Pods of two sets over time, made and ready."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.model import set_run, statefulset
from helpers.model.set_run import Life
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True, slots=True)
class Grown:
    """How one set grew. Times are seconds since the epoch."""

    name: str
    policy: str
    replicas: int
    sent: float
    lives: tuple[Life, ...]

    @property
    def when_first_ready(self) -> int | None:
        """How many Pods there were when the first one became ready; None: it did not yet.

        A Pod made in the same moment is one that follows from it.
        """
        if not self.lives or (ready := self.lives[0].ready) is None:
            return None
        return sum(life.made < ready for life in self.lives)

    @property
    def took(self) -> float | None:
        """Seconds from when the set was sent until all are ready."""
        times = [life.ready for life in self.lives if life.ready is not None]
        return max(times) - self.sent if len(times) == self.replicas else None

    @property
    def allowed(self) -> list[tuple[float, int]]:
        """When the rule lets how many Pods exist: a step whenever one becomes ready."""
        times = sorted(life.ready for life in self.lives if life.ready is not None)
        steps = [self.sent, *times]
        return [
            (at, statefulset.may_exist(self.policy, self.replicas, ready))
            for ready, at in enumerate(steps)
        ]


def grown(timeline: Timeline) -> list[Grown]:
    """Return the sets of a run in the order in which they were sent."""
    found = []
    for name, manifest in set_run.sets(timeline).items():
        sent = set_run.sent_at(timeline, f"StatefulSet/{name}")
        assert sent is not None
        policy, replicas = statefulset.policy_of(manifest), statefulset.replicas_of(manifest)
        lives = tuple(set_run.first_lives(timeline, name))
        found.append(Grown(name, policy, replicas, sent, lives))
    return found


class OrderChart(TimelineChart):
    """A panel a set: dots are Pods made, the line is how many there may be by the rule."""

    legend = (
        ("measured", "a pod is made"),
        ("rule", "the rule: pods that may exist"),
        ("prediction", "your prediction, when pod 0 is ready"),
    )

    @property
    def runs(self) -> list[Grown]:
        """The sets, yours first."""
        return self._runs

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._runs:
            return "Nothing is measured yet."
        told = []
        for run in self._runs:
            made = ", ".join(f"{life.made - run.sent:.1f}" for life in run.lives)
            took = f", all ready after {run.took:.1f} s" if run.took is not None else ""
            told.append(f"{run.name} ({run.policy}): pods made at {made or 'no'} s{took}")
        said = f" You predicted {self._said:g}." if self._said is not None else ""
        return f"{'; '.join(told)}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a Pod."""
        return [
            {
                "pod": life.name,
                "policy": run.policy,
                "made (s)": round(life.made - run.sent, 2),
                "ready (s)": None if life.ready is None else round(life.ready - run.sent, 2),
                "claim": statefulset.claim_name(run.name, ordinal),
            }
            for run in self._runs
            for ordinal, life in enumerate(run.lives)
        ]

    def _read(self, timeline: Timeline) -> None:
        self._runs = grown(timeline)[:2]
        self._said = predicted_number(timeline)

    def _empty(self) -> go.FigureWidget:
        """Make the figure with its two panels."""
        still = {"fixedrange": True, "zeroline": False}
        traces = []
        for axes in ("", "2"):
            line = marks.rule(axes=axes, hover="by the rule at most %{y}<extra></extra>")
            line.line.shape = "hv"
            traces += [line, marks.measurement(axes=axes, hover="%{text}<extra></extra>")]
        return marks.figure(
            430,
            [*traces, marks.prediction(hover="you predicted %{y:g}<extra></extra>")],
            {
                "xaxis": {**still, "anchor": "y", "showgrid": False},
                "yaxis": {**still, "domain": [0.6, 1], "dtick": 1, "range": [0, 4.4]},
                "xaxis2": {
                    **still,
                    "anchor": "y2",
                    "showgrid": False,
                    "title": {"text": "seconds since the set was sent"},
                },
                "yaxis2": {**still, "domain": [0, 0.4], "dtick": 1, "range": [0, 4.4]},
                "annotations": [marks.heading("", 1.03), marks.heading("", 0.43)],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        *pairs, predicted = made.data
        longest = max(
            [life.ready - run.sent for run in self._runs for life in run.lives if life.ready] + [10]
        )
        with made.batch_update():
            for number in range(2):
                rule, dots = pairs[2 * number : 2 * number + 2]
                run = self._runs[number] if number < len(self._runs) else None
                heading = f"Pods of {run.name}: {run.policy}" if run else "Pods of the other set"
                made.layout.annotations[number].text = heading
                allowed = run.allowed if run else []
                ends = [(longest, allowed[-1][1])] if allowed else []
                points = [(at - run.sent, most) for at, most in allowed] + ends if run else []
                rule.x, rule.y = [x for x, _ in points], [y for _, y in points]
                lives = run.lives if run else ()
                start = run.sent if run else 0.0
                dots.x = [life.made - start for life in lives]
                dots.y = list(range(1, len(lives) + 1))
                dots.text = [f"{life.name} is made" for life in lives]
            first = self._runs[0] if self._runs else None
            ready = first.lives[0].ready if first and first.lives else None
            known = first is not None and ready is not None and self._said is not None
            predicted.x = [ready - first.sent] if known and first and ready else []
            predicted.y = [self._said] if known else []
            made.layout.xaxis.range = [-0.3, longest + 1]
            made.layout.xaxis2.range = [-0.3, longest + 1]
