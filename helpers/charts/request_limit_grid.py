"""The chart of "A request without a limit": requests by limits, who is let in and who is not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.model import limit_ranges, request_limit_grid
from helpers.model.request_limit_grid import LIMITS, REQUESTS, Point
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

NONE = 25
"""The place of "none written" on both axes, in millicores."""


class GridChart(TimelineChart):
    """A line a limit; on it the requests that are let in, and those that are refused."""

    legend = (
        ("measured", "let in (a cross: refused)"),
        ("rule", "the rule: let in"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._points:
            return "Nothing is measured yet."
        let_in = sum(point.let_in for point in self._points)
        agree = sum(point.agrees for point in self._points)
        largest = max((p.request for p in self._alone if p.let_in and p.request), default=None)
        said = f" You predicted {self._said:g}m." if self._said is not None else ""
        alone = "none" if largest is None else f"up to {largest}m"
        return (
            f"{let_in} of {len(self._points)} pods are let in; rule and server agree on {agree}. "
            f"Requests without a limit that are let in: {alone}.{said}"
        )

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a pod."""
        return [
            {
                "requests.cpu": _written(point.request),
                "limits.cpu": _written(point.limit),
                "by the rule": "let in" if point.rule else f"refused by {point.by}",
                "the server": "let in" if point.let_in else f"refused: {point.message}",
            }
            for point in self._points
        ]

    def _read(self, timeline: Timeline) -> None:
        self._points = request_limit_grid.points(timeline)
        self._alone = [point for point in self._points if point.limit is None]
        self._limits = limit_ranges.sent(timeline)
        self._said = predicted_number(timeline)

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False}
        rule = marks.rule(hover="%{text}<extra></extra>")
        rule.connectgaps = False
        refused = marks.measurement(hover="refused: %{text}<extra></extra>", size=9)
        refused.marker.symbol = "x-thin"
        refused.marker.line = {"width": 2, "color": marks.MEASUREMENT}
        return marks.figure(
            430,
            [
                rule,
                refused,
                marks.measurement(hover="let in: %{text}<extra></extra>"),
                marks.prediction(hover="you predicted %{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 70, "r": 20, "t": 30, "b": 60},
                "xaxis": {
                    **still,
                    "showgrid": False,
                    "range": [_at(NONE) - 0.4, _at(2000) + 0.4],
                    **_ticks(REQUESTS),
                    "title": {"text": "requests.cpu, as written"},
                },
                "yaxis": {
                    **still,
                    "showgrid": True,
                    "range": [_at(NONE) - 0.7, _at(2000) + 0.5],
                    **_ticks(LIMITS),
                },
                "annotations": [marks.heading("limits.cpu, as written", 1.01)],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, refused, let_in, said = made.data
        windows = [
            (limit, found)
            for limit in (None, *LIMITS)
            if self._limits is not None
            and (found := request_limit_grid.window(self._limits, limit)) is not None
        ]
        with made.batch_update():
            # A little longer than the rule, so that a single request is a line too.
            ends = [
                (limit, span)
                for limit, (low, high) in windows
                for span in (
                    (_at(None), _at(None), "no request"),
                    (_at(low), _at(high), f"{low}m to {high}m"),
                )
            ]
            rule.x = [x for _, (low, high, _) in ends for x in (low - 0.12, high + 0.12, None)]
            rule.y = [y for limit, _ in ends for y in (_at(limit), _at(limit), None)]
            rule.text = [word for _, (_, _, told) in ends for word in (told, told, "")]
            for trace, points in (
                (
                    refused,
                    [p for p in self._points if not p.let_in and p.request in (None, *REQUESTS)],
                ),
                (let_in, [p for p in self._points if p.let_in]),
            ):
                trace.x = [_at(point.request) for point in points]
                trace.y = [_at(point.limit) for point in points]
                trace.text = [_told(point) for point in points]
            known = self._said is not None
            # Above the line of dots, not on it.
            said.x = [_at(max(self._said or 0, NONE))] if known else []
            said.y = [_at(None) + 0.35] if known else []
            said.text = [f"{self._said:g}m without a limit"] if known else []


def _at(millicores: float | None) -> float:
    """Return a place on an axis: its logarithm, and below it a place for none."""
    return math.log2(NONE if millicores is None else max(millicores, NONE))


def _ticks(amounts: tuple[int, ...]) -> dict[str, object]:
    return {
        "tickvals": [_at(None), *map(_at, amounts)],
        "ticktext": ["none", *(f"{amount}m" for amount in amounts)],
    }


def _written(amount: int | None) -> str:
    return "none" if amount is None else f"{amount}m"


def _told(point: Point) -> str:
    words = f"request {_written(point.request)}, limit {_written(point.limit)}"
    return words if point.let_in else f"{words}: {point.message[-80:]}"
