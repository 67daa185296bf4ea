"""The chart of "A limit alone is a request too": three marks on one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.model.quantity import Quantity
from helpers.model.resources import asked
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

POD = "Pod/quiet"
STORED = "spec.containers.quiet.resources.requests.memory"
MEBI = 2**20


class RequestChart(TimelineChart):
    """What the pod asks for: predicted, by the rule, and as it was stored; all in MiB."""

    legend = (
        ("measured", "stored by the API server"),
        ("rule", "the rule"),
        ("prediction", "your prediction"),
    )

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "showgrid": False, "zeroline": False}
        return marks.figure(
            150,
            [
                marks.rule(hover="by the rule %{x:g} MiB<extra></extra>"),
                marks.measurement(hover="stored: %{x:g} MiB<extra></extra>"),
                marks.prediction(hover="you predicted %{x:g} MiB<extra></extra>"),
            ],
            {
                "xaxis": {**still, "showgrid": True, "range": [-4, 132], "ticksuffix": " MiB"},
                "yaxis": {**still, "range": [-0.6, 0.6], "visible": False},
                "annotations": [marks.heading("Memory that the pod asks for", 1.03)],
            },
        )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if self.measured is None:
            return "Nothing is measured yet."
        said = "" if self.prediction is None else f" You predicted {self.prediction:g} MiB."
        return f"The pod asks for {self.measured:g} MiB; by the rule {self.rule:g} MiB.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """The one pod; nothing before it was measured."""
        if self.measured is None:
            return []
        return [{"pod": "quiet", "stored (MiB)": self.measured, "the rule (MiB)": self.rule}]

    def _read(self, timeline: Timeline) -> None:
        self.prediction = predicted_number(timeline)
        sent = asked(timeline, POD)
        self.rule = _mebi(sent.request("memory") if sent is not None else None)
        stored = timeline.value(source="watch", object=POD, field=STORED)
        self.measured = _mebi(Quantity.parse(stored) if isinstance(stored, str) else None)

    def _draw(self, made: go.FigureWidget) -> None:
        line, dot, diamond = made.data
        with made.batch_update():
            line.x, line.y = ([self.rule] * 2, [-0.5, 0.5]) if self.rule is not None else ([], [])
            dot.x, dot.y = ([self.measured], [0]) if self.measured is not None else ([], [])
            diamond.x, diamond.y = (
                ([self.prediction], [0]) if self.prediction is not None else ([], [])
            )


def _mebi(amount: Quantity | None) -> float | None:
    return None if amount is None else amount.bytes / MEBI
