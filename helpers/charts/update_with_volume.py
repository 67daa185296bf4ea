"""The chart of "One replica is updated": which version ran when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model import shared_volume
from helpers.model.shared_volume import HANGS
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

VERSIONS = ("1", "2")
LABELS = {"1": "old Pod", "2": "new Pod"}


class UpdateChart(TimelineChart):
    """A row a version: the time in which it ran; at the right, which one is to be left."""

    legend = (
        ("measured", "the Pod runs"),
        ("rule", "the rule: which one runs in the end"),
        ("prediction", "your prediction: which one"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._spans:
            return "No update was sent yet."
        told = "; ".join(
            f"the {LABELS[version]} ran from {_at(since)} to {_at(until)}"
            for version, spans in sorted(self._spans.items())
            for since, until in spans
        )
        said = f" You predicted: {self._said}." if self._said else ""
        return f"In seconds since the update: {told}; so: {self._seen or 'not over yet'}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a span of running."""
        return [
            {
                "Pod": LABELS[version],
                "runs from (s)": round(since, 1),
                "to (s)": round(until, 1),
                "by the rule": self._expected or "",
                "why the other waits": self._why,
            }
            for version, spans in sorted(self._spans.items())
            for since, until in spans
        ]

    def _read(self, timeline: Timeline) -> None:
        self._spans = shared_volume.running_spans(timeline)
        self._seen = shared_volume.update_seen(timeline)
        sent = shared_volume.sent(timeline)
        self._expected = shared_volume.update_expected(sent.mode, sent.strategy) if sent else None
        waiting = [pod.unschedulable for pod in shared_volume.pods(timeline) if pod.unschedulable]
        self._why = waiting[-1].split(" preemption:")[0] if waiting else ""
        said = timeline.value(source="learner", field="prediction")
        self._said = str(said) if said else ""

    def _empty(self) -> go.FigureWidget:
        still = {"showgrid": False, "zeroline": False, "fixedrange": True}
        strokes = marks.rule(hover="runs in the end, by the rule<extra></extra>")
        strokes.update(connectgaps=False, line={"width": 3})
        ran = marks.measurement(hover="%{x:.1f} s<extra></extra>", size=9)
        ran.update(mode="lines+markers", line={"color": marks.MEASUREMENT, "width": 7})
        return marks.figure(
            260,
            [
                strokes,
                ran,
                marks.prediction(hover="you predicted that this one is left<extra></extra>"),
            ],
            {
                "margin": {"l": 74, "r": 24, "t": 16, "b": 48},
                "xaxis": {
                    **still,
                    "showgrid": True,
                    "title": {"text": "seconds since the update was sent", "standoff": 6},
                },
                "yaxis": {
                    **still,
                    "range": [1.6, -0.6],
                    "tickvals": [0, 1],
                    "ticktext": [LABELS[version] for version in VERSIONS],
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, ran, predicted = made.data
        end = max([until for spans in self._spans.values() for _, until in spans], default=8.0)
        spans = [(v, span) for v in VERSIONS for span in self._spans.get(v, ())]
        with made.batch_update():
            made.layout.xaxis.range = [-1.5, end * 1.12 + 0.5]
            edge = end * 1.05 + 0.25
            left = None if self._expected is None else int(self._expected != HANGS)
            rule.x = [] if left is None else [edge, edge]
            rule.y = [] if left is None else [left - 0.3, left + 0.3]
            ran.x = [x for _, (since, until) in spans for x in (max(since, -1.0), until, None)]
            ran.y = [y for v, _ in spans for y in (*[VERSIONS.index(v)] * 2, None)]
            mine = [] if not self._said else [int("never" not in self._said)]
            predicted.x, predicted.y = [edge] * len(mine), mine


def _at(second: float) -> str:
    return "before" if second < 0 else f"{second:.1f} s"
