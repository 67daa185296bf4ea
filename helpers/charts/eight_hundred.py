"""The chart of "A rule that keeps 800 images": what a repository holds, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.model import lifecycle_run
from helpers.model.lifecycle_run import DAYS
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go


class KeptImagesChart(TimelineChart):
    """Images at the end of each day; grey what they would be without the rule."""

    legend = (
        ("measured", "images listed at the end of the day"),
        ("rule", "what the rule keeps at most"),
        ("prediction", "your prediction: the day of the first expiry"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._done:
            return "Nothing is measured yet."
        last = self._done[-1]
        first = next((day for day in self._done if day.taken), None)
        when = f"the first image went on day {first.number}" if first else "no image went"
        said = f" You predicted day {self._prediction:g}." if self._prediction is not None else ""
        return f"After {last.number} days there are {last.left} images; {when}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a day."""
        return [
            {
                "day": day.number,
                "after the pushes": day.pushed,
                "taken by the rule (model)": day.taken,
                "left": day.left,
                "oldest": day.oldest,
            }
            for day in self._done
        ]

    def _read(self, timeline: Timeline) -> None:
        self._run = lifecycle_run.days(timeline)
        self._done = [d for d in self._run.days if d.left is not None] if self._run else []
        self._prediction = predicted_number(timeline)

    def _empty(self) -> go.FigureWidget:
        import plotly.graph_objects as go

        still = {"fixedrange": True, "zeroline": False}
        pushed = go.Scatter(
            name="pushed so far",
            mode="lines",
            line={"color": marks.QUIET, "width": 1.5, "dash": "dot"},
            hovertemplate="%{y} pushed so far<extra></extra>",
        )
        return marks.figure(
            340,
            [
                pushed,
                marks.rule(hover="at most %{y} stay<extra></extra>"),
                marks.measurement(hover="day %{x}: %{y} images<extra></extra>", size=9),
                marks.prediction(hover="you predicted day %{x:g}<extra></extra>"),
            ],
            {
                "xaxis": {
                    **still,
                    "range": [0.5, DAYS + 0.5],
                    "dtick": 2,
                    "tick0": 1,
                    "showgrid": False,
                    "title": {"text": "day"},
                },
                "yaxis": {**still, "rangemode": "tozero"},
                "annotations": [
                    marks.heading("Images in the repository (dotted: pushed so far)", 1.02)
                ],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        pushed, rule, measured, predicted = made.data
        days = list(range(1, DAYS + 1))
        with made.batch_update():
            run = self._run
            pushed.x, pushed.y = (days, [run.daily * day for day in days]) if run else ([], [])
            rule.x, rule.y = ([0.5, DAYS + 0.5], [run.keep, run.keep]) if run else ([], [])
            measured.x = [day.number for day in self._done]
            measured.y = [day.left for day in self._done]
            known = run is not None and self._prediction is not None
            predicted.x = [self._prediction] if known else []
            predicted.y = [run.keep] if known and run else []
