"""The chart of "A StatefulSet is updated": Pods of the new revision over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.model import set_run, statefulset
from helpers.model.set_run import Life
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go


class UpdateChart(TimelineChart):
    """Dots are Pods of the new revision, counted; the line is how many there are to be."""

    legend = (
        ("measured", "a pod of the new revision is made"),
        ("rule", "the rule: how many are to be new"),
        ("prediction", "your prediction"),
    )

    @property
    def first(self) -> list[Life]:
        """The new Pods under the partition."""
        return self._steps[0] if self._steps else []

    @property
    def rest(self) -> list[Life]:
        """The new Pods after the partition was taken away."""
        return [life for step in self._steps[1:] for life in step]

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if self._began is None:
            return "Nothing is measured yet."
        told = ", ".join(f"{row['pod']} after {row['made (s)']} s" for row in self.table)
        said = f" You predicted {self._said:g}." if self._said is not None else ""
        return f"Of the new revision: {told or 'none'}. The partition is {self._partition}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a new Pod."""
        return [
            {
                "pod": life.name,
                "made (s)": round(life.made - (self._began or 0.0), 1),
                "ready (s)": None
                if life.ready is None
                else round(life.ready - (self._began or 0.0), 1),
                "under partition": self._partition if life.made < self._second else 0,
            }
            for life in self._new
        ]

    def _read(self, timeline: Timeline) -> None:
        began = [row.time for row in timeline.where(source="session", field="begin")]
        self._began = began[0] if began else None
        self._second = began[1] if len(began) > 1 else float("inf")
        manifests = set_run.sets(timeline)
        manifest = next(iter(manifests.values()), None)
        self._replicas = statefulset.replicas_of(manifest) if manifest else 0
        self._partition = statefulset.partition_of(manifest) if manifest else 0
        self._steps = set_run.renewed(timeline, statefulset.NAME) or []
        self._new = [life for step in self._steps for life in step]
        rows = timeline.rows
        self._end = rows[-1].time if rows else 0.0
        self._said = predicted_number(timeline)

    def _empty(self) -> go.FigureWidget:
        """Make the figure."""
        still = {"fixedrange": True, "zeroline": False}
        line = marks.rule(hover="by the rule %{y}<extra></extra>")
        line.line.shape = "hv"
        return marks.figure(
            300,
            [
                line,
                marks.measurement(hover="%{text}<extra></extra>"),
                marks.prediction(hover="you predicted %{y:g}<extra></extra>"),
            ],
            {
                "xaxis": {**still, "showgrid": False, "title": "seconds since the update"},
                "yaxis": {**still, "dtick": 1, "range": [-0.3, 3.6]},
                "annotations": [marks.heading("Pods of the new revision", 1.03)],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, dots, predicted = made.data
        start = self._began
        with made.batch_update():
            if start is None:
                rule.x = rule.y = dots.x = dots.y = predicted.x = predicted.y = []
                return
            new = self._replicas - statefulset.held_back(self._replicas, self._partition)
            second = min(self._second, self._end) - start
            end = max(self._end - start, 5.0)
            rule.x, rule.y = [0, second, end], [new, self._replicas, self._replicas]
            if self._second > self._end:
                rule.x, rule.y = [0, end], [new, new]
            dots.x = [life.made - start for life in self._new]
            dots.y = list(range(1, len(self._new) + 1))
            dots.text = [f"{life.name} is new" for life in self._new]
            predicted.x, predicted.y = (
                ([second], [self._said]) if self._said is not None else ([], [])
            )
            made.layout.xaxis.range = [-0.5, end + 0.5]
