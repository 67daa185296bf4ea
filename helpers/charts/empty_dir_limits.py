"""The chart of "What an emptyDir may hold": what was written, beside what may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.model import empty_dir_limits as limits
from helpers.model.empty_dir_limits import IN_MEMORY, ON_DISK
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

PODS = (IN_MEMORY, ON_DISK)
COUNTS = {IN_MEMORY: "limits.memory", ON_DISK: "sizeLimit"}


class LimitsChart(TimelineChart):
    """A column a Pod: the line is what its volume may hold, the dot what it held in the end."""

    legend = (
        ("measured", "written when the Pod was ended"),
        ("rule", "the rule: what the volume may hold"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self.table:
            return "Nothing is measured yet."
        told = "; ".join(
            f"{row['Pod']}: {row['written, MiB'] if row['written, MiB'] is not None else 'nothing'}"
            f" of {row['may hold, MiB']} MiB by {row['counted by']}"
            for row in self.table
        )
        said = f" You predicted {self._said:g} MiB." if self._said is not None else ""
        return f"Written into each volume: {told}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a Pod."""
        return [
            {
                "Pod": pod,
                "may hold, MiB": self._limits[pod],
                "counted by": COUNTS[pod],
                "written, MiB": self._written[pod],
                "its end": self._ends[pod],
            }
            for pod in PODS
            if self._limits[pod] is not None
        ]

    def _read(self, timeline: Timeline) -> None:
        self._limits = {pod: limits.limit(timeline, pod) for pod in PODS}
        self._written = {pod: limits.written(timeline, pod) for pod in PODS}
        self._ends = {pod: limits.end(timeline, pod) for pod in PODS}
        self._said = predicted_number(timeline)

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False}
        rule = marks.rule(hover="may hold %{y:g} MiB<extra></extra>")
        rule.connectgaps = False
        return marks.figure(
            340,
            [
                rule,
                marks.measurement(hover="%{y:g} MiB written<extra></extra>", size=13),
                marks.prediction(hover="you predicted %{y:g} MiB<extra></extra>"),
            ],
            {
                "margin": {"l": 58, "r": 20, "t": 34, "b": 40},
                "xaxis": {
                    **still,
                    "showgrid": False,
                    "range": [-0.6, 1.6],
                    "tickvals": [0, 1],
                    "ticktext": ["in memory", "on disk"],
                },
                "yaxis": {**still, "rangemode": "tozero"},
                "annotations": [marks.heading("MiB in the volume", 1.02)],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, measured, predicted = made.data
        known = [(n, self._limits[pod]) for n, pod in enumerate(PODS) if self._limits[pod]]
        ended = [(n, self._written[pod]) for n, pod in enumerate(PODS) if self._ends[pod]]
        with made.batch_update():
            rule.x = [x for place, _ in known for x in (place - 0.3, place + 0.3, None)]
            rule.y = [y for _, amount in known for y in (amount, amount, None)]
            measured.x = [place for place, _ in ended]
            measured.y = [amount for _, amount in ended]
            said = self._said
            # Beside the dot rather than under it, where both are the same.
            predicted.x, predicted.y = ([], []) if said is None else ([-0.1], [said])
            most = [amount or 0 for _, amount in (*known, *ended)] + [said or 0, 16]
            made.layout.yaxis.range = [0, 1.12 * max(most)]
