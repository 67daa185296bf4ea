"""The chart of "A CPU limit throttles": the share of periods stopped, and CPU used, by limit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.charts.figure import PREDICTION
from helpers.model import cfs
from helpers.model.manifests import busy_threads, containers
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

NO_LIMIT = "no limit"

SWEEP = ("100m", "250m", "500m", "1", "1500m", "2", NO_LIMIT)
"""The limits along the axis, measured or not yet; others are added where they belong."""


@dataclass(frozen=True, slots=True)
class Point:
    """One limit: what the rule says of it and what was measured; shares in percent, CPU in cores.

    A value is None where it is not known yet.
    """

    limit: str
    stopped_rule: float | None = None
    stopped: float | None = None
    used_rule: float | None = None
    used: float | None = None


class ThrottlingChart(TimelineChart):
    """Prediction, rule and measurement by limit; reads a Timeline and nothing else."""

    legend = (
        ("measured", "measured"),
        ("rule", "the rule: quota = limit × 100 ms"),
        ("prediction", "your prediction"),
    )

    @property
    def points(self) -> tuple[Point, ...]:
        """The limits in their order along the axis, no limit last."""
        return self._points

    @property
    def prediction(self) -> tuple[str, float] | None:
        """The limit and the percentage predicted for it, if there is a prediction."""
        return self._prediction

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        seen = [p for p in self._points if p.stopped is not None]
        if not seen:
            return "Nothing is measured yet."
        shares = ", ".join(f"{p.stopped:.0f} % at {_at(p.limit)}" for p in seen)
        words = f"Share of periods in which the container was stopped: {shares}."
        if self._prediction is None:
            return words
        limit, share = self._prediction
        measured = self._measured_there()
        apart = "" if measured is None else f": {self._words(share - measured)}"
        return f"{words} You predicted {share:g} % at {_at(limit)}{apart}."

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a limit: periods stopped in percent and CPU used in cores, rule and measured."""
        return [
            {
                "limits.cpu": p.limit,
                "periods stopped, rule (%)": _rounded(p.stopped_rule, 0),
                "periods stopped, measured (%)": _rounded(p.stopped, 1),
                "CPU used, rule (cores)": _rounded(p.used_rule, 2),
                "CPU used, measured (cores)": _rounded(p.used, 2),
            }
            for p in self._points
            if p.stopped is not None
        ]

    def _read(self, timeline: Timeline) -> None:
        self._points, self._prediction = read(timeline)

    @staticmethod
    def _words(apart: float) -> str:
        """Say how far a prediction was from the measurement; apart is in percentage points."""
        points = round(abs(apart))
        if not points:
            return "that is what was measured"
        unit = "point" if points == 1 else "points"
        return f"you were {points} {unit} {'over' if apart > 0 else 'under'}"

    def _measured_there(self) -> float | None:
        if self._prediction is None:
            return None
        return next((p.stopped for p in self._points if p.limit == self._prediction[0]), None)

    def _empty(self) -> go.FigureWidget:
        """Make the figure with its two panels and no points yet."""
        axis = {"showgrid": False, "zeroline": False, "fixedrange": True, "ticklabelstandoff": 4}
        scale = {"showline": False, "zeroline": True, "fixedrange": True, "ticklabelstandoff": 8}
        note = {"x": 0, "y": 0, "visible": False, "showarrow": False, "font": {"color": PREDICTION}}
        return marks.figure(
            430,
            [
                marks.rule(hover="the rule at %{text}: %{y:.0f} %<extra></extra>"),
                marks.distance(),
                marks.measurement(hover="measured at %{text}: %{y:.1f} %<extra></extra>"),
                marks.prediction(hover="you predicted %{y:.0f} % at %{text}<extra></extra>"),
                marks.rule(axes="2", hover="the rule at %{text}: %{y:.2f} cores<extra></extra>"),
                marks.measurement(
                    axes="2", size=8, hover="measured at %{text}: %{y:.2f} cores<extra></extra>"
                ),
            ],
            {
                "xaxis": {**axis, "anchor": "y", "showticklabels": False},
                "yaxis": {
                    **scale,
                    "domain": [0.37, 1],
                    "range": [-1, 101],  # room for a line at 0 and at 100
                    "tickvals": [0, 25, 50, 75, 100],
                    "ticktext": ["0 %", "25 %", "50 %", "75 %", "100 %"],
                },
                "xaxis2": {
                    **axis,
                    "anchor": "y2",
                    "matches": "x",
                    "title": {"text": "limits.cpu", "font": {"size": 12.5}},
                },
                "yaxis2": {**scale, "domain": [0, 0.19]},
                "annotations": [
                    marks.heading("Periods in which the container was stopped", 1.03),
                    marks.heading("CPU used, in cores", 0.21),
                    note,
                ],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        points, names = self._points, [p.limit for p in self._points]
        places = list(range(len(names)))
        rule, link, measured, predicted, used_rule, used = made.data
        at, share = self._prediction or ("", 0.0)
        here = names.index(at) if at else 0
        there = self._measured_there()
        most = max([p.used_rule or 0.0 for p in points] + [1.0])
        with made.batch_update():
            # Places counted from 0, with names beside them: plotly's own axis of names keeps the
            # order that it saw first, and takes a lone "2" for a number.
            for axis in (made.layout.xaxis, made.layout.xaxis2):
                axis.tickvals, axis.ticktext = places, names
                axis.range = [-0.4, len(names) - 0.6]
            made.layout.yaxis2.range = [0, most * 1.15]
            made.layout.yaxis2.tickvals = [0, round(most)]
            for trace, values in (
                (rule, [p.stopped_rule for p in points]),
                (measured, [p.stopped for p in points]),
                (used_rule, [p.used_rule for p in points]),
                (used, [p.used for p in points]),
            ):
                trace.x, trace.y, trace.text = places, values, names
            # Once each: a batch takes a value that is set back for no change at all.
            predicted.x, predicted.y, predicted.text = ([here], [share], [at]) if at else ([],) * 3
            link.x, link.y = ([], []) if there is None else ([here, here], [share, there])
            note = made.layout.annotations[-1]
            note.visible = there is not None
            if there is not None:
                late = here > len(names) - 3
                note.text = self._words(share - there)
                beside = points[here - 2 : here] if late else points[here + 1 : here + 3]
                note.x, note.y = here, free_height(share, there, beside)
                note.xanchor, note.xshift = ("right", -15) if late else ("left", 15)


def throttling_chart(timeline: Timeline) -> ThrottlingChart:
    """Make the chart of a Timeline; it may be empty still."""
    return ThrottlingChart(timeline)


def read(timeline: Timeline) -> tuple[tuple[Point, ...], tuple[str, float] | None]:
    """Return the points by limit, and the prediction as limit and percentage."""
    wanted = _wanted(timeline)
    measured = {window.name: _point(window, wanted) for window in cfs.windows(timeline)}
    prediction = _prediction(timeline)
    names = {*SWEEP, *measured} | ({prediction[0]} if prediction else set())
    points = tuple(measured.get(name, Point(name)) for name in sorted(names, key=_order))
    return points, prediction


def free_height(share: float, there: float, beside: Sequence[Point]) -> float:
    """Return the height, in percent, where words beside the prediction cover least.

    They stand between the prediction `share` and the measurement `there`, over the points beside.
    """
    taken = [y for point in beside for y in (point.stopped, point.stopped_rule) if y is not None]
    heights = [share + part * (there - share) / 8 for part in (4, 3, 5, 2, 6, 1, 0)]
    # Fifteen points are enough; the first of the heights that has them is nearest to the middle.
    return max(heights, key=lambda y: min([abs(y - other) for other in taken] + [15.0]))


def _point(window: cfs.ThrottleWindow, wanted: float) -> Point:
    return Point(
        window.name,
        stopped_rule=100 * cfs.throttled_share(window.limit, wanted).expected,
        stopped=100 * window.share,
        used_rule=cfs.cpu_used(window.limit, wanted).expected,
        used=window.cores_used,
    )


def _wanted(timeline: Timeline) -> float:
    """Return how many cores the pod's threads could use, by its manifest and the machine."""
    manifest = timeline.value(source="session", field="manifest")
    sent = list(containers(manifest)) if isinstance(manifest, Mapping) else []
    threads, core = busy_threads(sent[0]) if sent else (0, None)
    cores = re.match(r"(\d+) cores?", str(timeline.meta.get("machine")))
    return cfs.demand(threads, int(cores[1]) if cores else threads, pinned=core is not None)


def _prediction(timeline: Timeline) -> tuple[str, float] | None:
    share = timeline.value(source="learner", field="prediction")
    values = timeline.value(source="learner", field="values")
    if not isinstance(share, int | float) or not isinstance(values, Mapping):
        return None
    limit = values.get("limit")
    return Quantity.parse(limit).canonical if isinstance(limit, str) else NO_LIMIT, float(share)


def _order(name: str) -> tuple[bool, int]:
    return (True, 0) if name == NO_LIMIT else (False, Quantity.parse(name).millicores)


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)


def _at(limit: str) -> str:
    return limit if limit == NO_LIMIT else f"a limit of {limit}"
