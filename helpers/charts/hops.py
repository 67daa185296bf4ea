"""The chart of "One number, five readers": when each of them tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.model import metrics_server
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go


class HopsChart(TimelineChart):
    """A row a hop: by when it must know, and when it knew."""

    legend = (
        ("measured", "when this reader told the number"),
        ("rule", "the rule: by then, on an idle machine"),
        ("prediction", "your prediction for kubectl top"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence."""
        if not self._seen:
            return "Nobody has told the number yet."
        told = "; ".join(f"{hop} after {seconds:.1f} s" for hop, seconds in self._seen.items())
        said = f" You predicted {self._said:g} s for kubectl top." if self._said is not None else ""
        return f"The number was told by {told}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a hop."""
        return [
            {
                "reader": hop,
                "told it after (s)": round(seconds, 1),
                "by the rule, at most (s)": metrics_server.at_most(hop),
            }
            for hop, seconds in self._seen.items()
        ]

    def _read(self, timeline: Timeline) -> None:
        self._seen = metrics_server.seen_after(timeline)
        self._said = predicted_number(timeline)

    def _empty(self) -> go.FigureWidget:
        """Make the figure with its five rows."""
        hops = list(metrics_server.HOPS)
        return marks.figure(
            300,
            [
                marks.rule(hover="at most %{x:g} s<extra></extra>"),
                marks.prediction(hover="you predicted %{x:g} s<extra></extra>"),
                marks.measurement(hover="%{y} after %{x:.1f} s<extra></extra>"),
            ],
            {
                "margin": {"l": 100, "r": 20, "t": 30, "b": 48},
                "xaxis": {
                    "title": "seconds after the container's start",
                    "rangemode": "tozero",
                    "fixedrange": True,
                    "zeroline": False,
                },
                "yaxis": {
                    "categoryorder": "array",
                    "categoryarray": hops[::-1],
                    "range": [-0.6, len(hops) - 0.4],
                    "fixedrange": True,
                    "zeroline": False,
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, predicted, measured = made.data
        ends = [metrics_server.at_most(hop) for hop in metrics_server.HOPS]
        with made.batch_update():
            rule.connectgaps = False
            rule.x = [x for end in ends for x in (0, end, None)]
            rule.y = [y for hop in metrics_server.HOPS for y in (hop, hop, None)]
            measured.x, measured.y = list(self._seen.values()), list(self._seen)
            said = self._said
            predicted.x = [said] if said is not None else []
            predicted.y = ["kubectl top"] if said is not None else []
            made.layout.xaxis.range = [-1, max([*ends, *self._seen.values(), said or 0]) + 2]
