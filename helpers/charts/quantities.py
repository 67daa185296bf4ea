"""The chart of "What a quantity means": how much less memory one gets without the i, by prefix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.model.memory import PREFIXES, Prefix
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value
from helpers.model.trials import Reading, readings

if TYPE_CHECKING:
    import plotly.graph_objects as go

ASKED = "G"
"""The prefix that the prediction is about."""


@dataclass(frozen=True, slots=True)
class Point:
    """One prefix: what is lost without the i, in percent; measured is None until it is known."""

    prefix: Prefix
    rule: float
    measured: float | None

    @property
    def name(self) -> str:
        """The pair as the axis names it."""
        return f"{self.prefix.decimal} for {self.prefix.binary}"


class QuantitiesChart(TimelineChart):
    """Prediction, rule and the server's answers by prefix; the table holds every spelling."""

    legend = (
        ("measured", "what the server stored"),
        ("rule", "the rule: 1 − (1000 ÷ 1024)ⁿ"),
        ("prediction", "your prediction"),
    )

    @property
    def points(self) -> tuple[Point, ...]:
        """The prefixes, smallest first."""
        return self._points

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        seen = [p for p in self._points if p.measured is not None]
        if not seen:
            return "Nothing is measured yet."
        losses = ", ".join(f"{p.measured:.1f} % with {p.name}" for p in seen)
        words = f"Memory that is missing without the i: {losses}."
        if self._prediction is None:
            return words
        return f"{words} You predicted {self._prediction:g} % for {ASKED}."

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a spelling: what was written, what is stored, how much that is, and any words."""
        return [_row(reading) for reading in self._readings]

    def _read(self, timeline: Timeline) -> None:
        memory = readings(timeline, "memory")
        self._readings = [*memory, *readings(timeline, "cpu")]
        stored = {r.text: r.quantity for r in memory}
        self._points = tuple(_point(prefix, stored) for prefix in PREFIXES)
        self._prediction = predicted_number(timeline)

    def _empty(self) -> go.FigureWidget:
        """Make the figure without points."""
        axis = {
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "range": [-0.5, len(PREFIXES) - 0.5],
            "tickvals": list(range(len(PREFIXES))),
            "ticktext": [f"{prefix.decimal} for {prefix.binary}" for prefix in PREFIXES],
        }
        return marks.figure(
            330,
            [
                marks.rule(hover="the rule: %{y:.1f} %<extra></extra>"),
                marks.distance(),
                marks.measurement(hover="%{text}: %{y:.2f} % less<extra></extra>"),
                marks.prediction(hover="you predicted %{y:g} %<extra></extra>"),
            ],
            {
                "xaxis": {**axis, "title": {"text": "written for meant"}},
                "yaxis": {
                    "fixedrange": True,
                    "zeroline": True,
                    "range": [0, 15.5],
                    "tickvals": [0, 5, 10, 15],
                    "ticktext": ["0 %", "5 %", "10 %", "15 %"],
                },
                "annotations": [marks.heading("Memory that is missing without the i", 1.03)],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        # Places, not names: plotly keeps the order in which an axis of names first met them.
        places = list(range(len(self._points)))
        names = [p.name for p in self._points]
        seen = [p for p in self._points if p.measured is not None]
        rule, link, measured, predicted = made.data
        with made.batch_update():
            rule.x, rule.y = (places, [p.rule for p in self._points]) if seen else ([], [])
            measured.x, measured.y = places, [p.measured for p in self._points]
            measured.text = names
            here = next(n for n, p in enumerate(self._points) if p.prefix.decimal == ASKED)
            known = self._prediction is not None
            predicted.x, predicted.y = ([here], [self._prediction]) if known else ([], [])
            there = self._points[here].measured
            both = known and there is not None
            link.x = [here, here] if both else []
            link.y = [self._prediction, there] if both else []


def _point(prefix: Prefix, stored: dict[str, Quantity | None]) -> Point:
    small, large = stored.get(f"1{prefix.decimal}"), stored.get(f"1{prefix.binary}")
    measured = 100 * float(1 - small.amount / large.amount) if small and large else None
    return Point(prefix, 100 * prefix.missing, measured)


def _row(reading: Reading) -> dict[str, Value]:
    amount = ""
    if (quantity := reading.quantity) is not None:
        amount = (
            f"{quantity.millicores:,} millicores"
            if reading.resource == "cpu"
            else f"{quantity.bytes:,} bytes"
        )
    return {
        "field": f"limits.{reading.resource}",
        "written": reading.text,
        "stored": reading.stored or "refused",
        "that is": amount,
        "the server's words": "; ".join(reading.warnings) if reading.stored else reading.message,
    }
