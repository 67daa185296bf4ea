"""The chart of an autoscaler at work: utilisation against target, replicas against the twin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.charts.figure import MEASUREMENT, QUIET
from helpers.model import hpa
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from helpers.model.hpa import Sync

OBJECT = "HorizontalPodAutoscaler/fib"
_USED = "status.currentMetrics.Resource.resource.current.averageUtilization"
_TARGET = "spec.metrics.Resource.resource.target.averageUtilization"
_TOLD = 2.0  # seconds within which two rows belong to one moment


class AutoscalingChart(TimelineChart):
    """Utilisation and replicas over time, since the autoscaler was made."""

    legend = (
        ("measured", "measured"),
        ("rule", "the target; the twin of the controller"),
        ("prediction", "your prediction"),
    )

    @property
    def waiting(self) -> tuple[float, float] | None:
        """From the last sync whose readings asked for as many to the first removal, in seconds.

        None if nothing was removed.
        """
        down = [n for n, sync in enumerate(self._syncs) if sync.desired < sync.current]
        if not down:
            return None
        first = down[0]
        begun = first
        while begun > 0 and self._asks_for_less(self._syncs[begun - 1]):
            begun -= 1
        return self._syncs[max(begun - 1, 0)].at - self._began, self._syncs[first].at - self._began

    @property
    def seconds_of_waiting(self) -> float | None:
        """How long the autoscaler held on to what the readings no longer asked for."""
        span = self.waiting
        return None if span is None else span[1] - span[0]

    @property
    def peak(self) -> tuple[float, int] | None:
        """When there were most replicas wanted, in seconds, and how many."""
        most = max((sync.desired for sync in self._syncs), default=None)
        if most is None:
            return None
        return next(s.at for s in self._syncs if s.desired == most) - self._began, most

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        changes = [sync for sync in self._syncs if sync.changed]
        if not self._syncs:
            return "The autoscaler has not looked yet."
        steps = (
            ", ".join(f"{c.desired} at {c.at - self._began:.0f} s" for c in changes) or "no change"
        )
        most = max((percent for _, percent in self._used), default=0)
        right = sum(change.agrees for change in changes)
        words = (
            f"Utilisation rose to {most} % against a target of {self._target} %. Replicas: "
            f"{self._syncs[0].desired}, then {steps}. The twin agrees with {right} of "
            f"{len(changes)} changes."
        )
        said = f" You predicted {self._said:g} at most." if self._said is not None else ""
        return words + said

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a sync at which the numbers changed: seconds, utilisation, replicas, rules."""
        rows: list[dict[str, Value]] = []
        before: tuple[object, ...] = ()
        for sync in self._syncs:
            now = (sync.told, sync.current, sync.desired, sync.predicted)
            if now == before:
                continue
            before = now
            rows.append(
                {
                    "seconds": round(sync.at - self._began),
                    "utilisation (%)": sync.told,
                    "replicas before": sync.current,
                    "the readings ask for": sync.proposed,
                    "desired, the twin": sync.predicted,
                    "desired, the controller": sync.desired,
                    "rules that decided": ", ".join(sync.because),
                    "difference": sync.difference,
                }
            )
        return rows

    @staticmethod
    def _asks_for_less(sync: Sync) -> bool:
        return sync.proposed is not None and sync.proposed < sync.current

    def _read(self, timeline: Timeline) -> None:
        made = timeline.where(source="watch", object=OBJECT, field="exists")
        self._began = made[0].time if made else 0.0
        self._syncs = tuple(hpa.syncs(timeline)) if made else ()
        target = timeline.value(source="watch", object=OBJECT, field=_TARGET)
        self._target = target if isinstance(target, int) else 60
        self._used = tuple(
            (row.time - self._began, row.value)
            for row in timeline.where(source="watch", object=OBJECT, field=_USED)
            if isinstance(row.value, int)
        )
        self._load = self._span(timeline)
        said = timeline.value(source="learner", field="prediction")
        self._said = said if isinstance(said, int | float) else None

    def _span(self, timeline: Timeline) -> tuple[float, float] | None:
        job = "Job/fib-load"
        sent = timeline.last(source="session", object=job, field="manifest")
        if sent is None:
            return None
        done = timeline.last(source="watch", object=job, field="status.conditions.Complete.status")
        until = done.time if done is not None else timeline.rows[-1].time
        return sent.time - self._began, until - self._began

    def _empty(self) -> go.FigureWidget:
        import plotly.graph_objects as go

        axis = {"showgrid": False, "zeroline": False, "fixedrange": True, "ticklabelstandoff": 4}
        scale = {"showline": False, "zeroline": True, "fixedrange": True, "ticklabelstandoff": 8}
        steps = {"shape": "hv", "width": 2.5}
        band = {"mode": "lines", "fill": "toself", "line": {"width": 0}, "hoverinfo": "skip"}
        return marks.figure(
            450,
            [
                go.Scatter(name="load", fillcolor="rgba(128,136,144,0.2)", **band),
                go.Scatter(
                    name="window",
                    fillcolor="rgba(128,136,144,0.26)",
                    xaxis="x2",
                    yaxis="y2",
                    **band,
                ),
                marks.rule(hover="the target: %{y} %<extra></extra>"),
                marks.measurement(
                    size=9, hover="after %{x:.0f} s: %{y} % of the request<extra></extra>"
                ),
                go.Scatter(
                    name="desiredReplicas",
                    mode="lines",
                    line={**steps, "color": MEASUREMENT},
                    xaxis="x2",
                    yaxis="y2",
                    hovertemplate="after %{x:.0f} s: %{y} desired<extra></extra>",
                ),
                go.Scatter(
                    name="the rule",
                    mode="lines",
                    line={**steps, "color": marks.RULE, "dash": "dot"},
                    xaxis="x2",
                    yaxis="y2",
                    hovertemplate="the twin after %{x:.0f} s: %{y}<extra></extra>",
                ),
                marks.prediction(hover="you predicted %{y:g} at most<extra></extra>").update(
                    xaxis="x2", yaxis="y2"
                ),
            ],
            {
                "xaxis": {**axis, "anchor": "y", "showticklabels": False},
                "yaxis": {**scale, "domain": [0.58, 1], "ticksuffix": " %", "nticks": 4},
                "xaxis2": {
                    **axis,
                    "anchor": "y2",
                    "matches": "x",
                    "ticksuffix": " s",
                    "title": {
                        "text": "since the autoscaler was made",
                        "font": {"size": 12.5},
                    },
                },
                "yaxis2": {**scale, "domain": [0, 0.42], "dtick": 2},
                "annotations": [
                    marks.heading("CPU used, in percent of what the Pods request", 1.03),
                    marks.heading("Replicas wanted", 0.45),
                    self._note("the load"),
                    self._note("the window", axes="2"),
                ],
            },
        )

    @staticmethod
    def _note(text: str, axes: str = "") -> dict[str, object]:
        return {
            "text": text,
            "x": 0,
            "y": 0,
            "xref": f"x{axes}",
            "yref": f"y{axes}",
            "xanchor": "left",
            "yanchor": "top",
            "xshift": 4,
            "visible": False,
            "showarrow": False,
            "font": {"size": 11.5, "color": QUIET},
        }

    def _draw(self, made: go.FigureWidget) -> None:
        load, window, target, used, desired, twin, predicted = made.data
        times = [sync.at - self._began for sync in self._syncs]
        end = max([*times, *(time for time, _ in self._used), 60.0])
        most_used = max([percent for _, percent in self._used] + [self._target, 100])
        peak = self.peak
        most = max(
            [sync.desired for sync in self._syncs] + [self._said or 0, peak[1] if peak else 0, 4]
        )
        with made.batch_update():
            made.layout.xaxis.range = [-1, end + 2]
            made.layout.yaxis.range = [-2, most_used * 1.12]
            made.layout.yaxis2.range = [0, most + 0.8]
            _shade(window, self.waiting, most + 0.8)
            for note, span, top in (
                (made.layout.annotations[2], self._load, most_used * 1.12),
                (made.layout.annotations[3], self.waiting, most + 0.8),
            ):
                note.visible = span is not None
                if span is not None:
                    note.x, note.y = span[0], top
            target.x, target.y = ([0, end], [self._target] * 2) if self._syncs else ([], [])
            used.x, used.y = [time for time, _ in self._used], [p for _, p in self._used]
            desired.x, desired.y = times, [sync.desired for sync in self._syncs]
            twin.x, twin.y = times, [sync.predicted for sync in self._syncs]
        # Not in the batch: there, a y that stays while x changes is lost on its way to the browser.
        _shade(load, self._load, most_used * 1.12)
        at = peak[0] if peak else 0
        predicted.x, predicted.y = ([at], [self._said]) if self._said is not None else ([], [])


def _shade(trace: go.Scatter, span: Sequence[float] | None, top: float) -> None:
    if span is None:
        trace.x, trace.y = [], []
        return
    left, right = span
    trace.x, trace.y = [left, left, right, right], [0, top, top, 0]
