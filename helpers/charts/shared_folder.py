"""The chart of "Three replicas, one claim": how many run, and on which node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.model import shared_volume
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST = 3
NOWHERE = "no node"


class SharedFolderChart(TimelineChart):
    """Above, the Pods that run by replicas asked for; below, where they are in the end."""

    legend = (
        ("measured", "Pods that run; below, where they are"),
        ("rule", "the rule, by access mode and node"),
        ("prediction", "your prediction, at 3"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._steps:
            return "Nothing runs yet."
        told = ", ".join(f"{s.running} of {s.asked}" for s in self._steps)
        places = ", ".join(f"{count} on {place}" for place, count in self._places.items() if count)
        said = f" You predicted {self._prediction:g}." if self._prediction is not None else ""
        return f"Pods that run, of replicas asked for: {told}. In the end: {places}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a number of replicas."""
        return [
            {
                "replicas asked for": step.asked,
                "run": step.running,
                "by the rule": self._rule(step.asked),
                "nodes": ", ".join(sorted(step.nodes)),
                "why the others wait": step.why,
            }
            for step in self._steps
        ]

    def _rule(self, asked: int) -> int | None:
        if self._sent is None:
            return None
        return shared_volume.runs(self._sent.mode, asked, apart=self._sent.apart)

    def _read(self, timeline: Timeline) -> None:
        self._steps = shared_volume.steps(timeline)
        self._sent = shared_volume.sent(timeline)
        self._prediction = predicted_number(timeline)
        self._volume_on = str(
            timeline.value(source="watch", object=shared_volume.CLAIM, field=shared_volume.SELECTED)
            or ""
        )
        last = self._steps[-1] if self._steps else None
        self._places: dict[str, int] = {}
        if last is not None:
            names = sorted({self._volume_on, *last.nodes} - {""})
            self._places = {name: int(last.nodes.get(name, 0)) for name in names}
            self._places[NOWHERE] = last.asked - last.running

    def _empty(self) -> go.FigureWidget:
        """Make the figure with its two panels."""
        import plotly.graph_objects as go

        still = {"fixedrange": True, "zeroline": False}
        strokes = marks.rule(axes="2", hover="by the rule %{y}<extra></extra>")
        strokes.connectgaps = False
        counts = {**still, "range": [0, MOST + 0.4], "dtick": 1}
        return marks.figure(
            430,
            [
                marks.rule(hover="by the rule %{y} run<extra></extra>"),
                marks.measurement(hover="%{y} of %{x} run<extra></extra>"),
                marks.prediction(hover="you predicted %{y:g}<extra></extra>"),
                go.Bar(
                    name="where they are",
                    marker={"color": marks.MEASUREMENT},
                    width=0.5,
                    xaxis="x2",
                    yaxis="y2",
                    hovertemplate="%{y} there<extra></extra>",
                ),
                strokes,
            ],
            {
                "xaxis": {
                    **still,
                    "anchor": "y",
                    "showgrid": False,
                    "range": [0.6, MOST + 0.4],
                    "dtick": 1,
                    "title": {"text": "replicas asked for", "standoff": 4},
                },
                "yaxis": {**counts, "domain": [0.6, 1]},
                "xaxis2": {**still, "anchor": "y2", "showgrid": False},
                "yaxis2": {**counts, "domain": [0, 0.34]},
                "annotations": [
                    marks.heading("Pods that run", 1.03),
                    marks.heading("Where the Pods are, in the end", 0.37),
                ],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, ran, predicted, bars, strokes = made.data
        asked = list(range(1, MOST + 1)) if self._sent is not None else []
        names = list(self._places)
        with made.batch_update():
            rule.x, rule.y = asked, [self._rule(number) for number in asked]
            ran.x, ran.y = [s.asked for s in self._steps], [s.running for s in self._steps]
            said = self._prediction
            predicted.x, predicted.y = ([MOST], [said]) if said is not None else ([], [])
            made.layout.xaxis2.tickvals = list(range(len(names)))
            made.layout.xaxis2.ticktext = names
            made.layout.xaxis2.range = [-0.6, max(len(names), 2) - 0.4]
            bars.x, bars.y = list(range(len(names))), list(self._places.values())
            strokes.x = [x for at in range(len(names)) for x in (at - 0.36, at + 0.36, None)]
            strokes.y = [y for name in names for y in (*[self._expected(name)] * 2, None)]

    def _expected(self, place: str) -> int:
        """Return how many Pods the rule lets one expect in a place, of those asked for last."""
        asked = self._steps[-1].asked
        run = self._rule(asked) or 0
        if place == NOWHERE:
            return asked - run
        return run if place == self._volume_on else 0
