"""The chart of "A tag moves": which image each of three Pods runs, and how many run the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.model.images import short
from helpers.model.moved_tag import PODS, run_of
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

WORDS = {False: "the old image", True: "the new image"}


class MovedTagChart(TimelineChart):
    """Above, the image of each Pod; below, how many of those so far run the new one."""

    legend = (
        ("measured", "imageID of the Pod"),
        ("rule", "the rule of tag and policy"),
        ("prediction", "your prediction, for all three"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._known:
            return "Nothing is measured yet."
        told = ", ".join(
            f"{PODS[place]} {WORDS[self._run.runs_new[place]]} ({short(self._run.digests[place])})"
            for place in self._known
        )
        said = f" You predicted {self._said:g} with the new one." if self._said is not None else ""
        return f"The Pods run: {told}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a Pod."""
        return [
            {
                "pod": PODS[place],
                "digest that runs": short(self._run.digests[place]),
                "measured": WORDS[self._run.runs_new[place]],
                "by the rule": WORDS[self._run.rule[place]],
                "the tag points to": short(self._run.after),
            }
            for place in self._known
        ]

    def _read(self, timeline: Timeline) -> None:
        self._run = run_of(timeline)
        self._known = [place for place, digest in enumerate(self._run.digests) if digest]
        self._said = predicted_number(timeline)

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False}
        across = {**still, "showgrid": False, "range": [-0.5, 2.5], "tickvals": [0, 1, 2]}
        apart = marks.rule(hover="by the rule %{text}<extra></extra>")
        apart.connectgaps = False
        return marks.figure(
            430,
            [
                apart,
                marks.measurement(hover="%{text}<extra></extra>"),
                marks.rule(axes="2", hover="by the rule %{y}<extra></extra>"),
                marks.measurement(axes="2", hover="%{y} so far<extra></extra>"),
                _second(marks.prediction(hover="you predicted %{y:g}<extra></extra>")),
            ],
            {
                "margin": {"l": 110, "r": 20, "t": 30, "b": 40},
                "xaxis": {**across, "anchor": "y", "ticktext": list(PODS)},
                "yaxis": {**still, "domain": [0.66, 1], "range": [-0.5, 1.5], "tickvals": [0, 1]},
                "xaxis2": {**across, "anchor": "y2", "ticktext": list(PODS)},
                "yaxis2": {**still, "domain": [0, 0.42], "range": [-0.3, 3.4], "dtick": 1},
                "annotations": [
                    marks.heading("Which image the Pod runs", 1.02),
                    marks.heading("Pods so far that run the new image", 0.45),
                ],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        ruled, measured, steps, counted, said = made.data
        run, known = self._run, self._known
        rule = run.rule
        with made.batch_update():
            old, new = short(run.before) or "", short(run.after) if run.moved else ""
            made.layout.yaxis.ticktext = [f"old {old} ", f"new {new} "]
            shown = known if run.before else []
            ruled.x = [x for place in shown for x in (place - 0.2, place + 0.2, None)]
            ruled.y = [y for place in shown for y in (int(rule[place]), int(rule[place]), None)]
            ruled.text = [word for place in shown for word in (WORDS[rule[place]],) * 3]
            measured.x = known
            measured.y = [int(run.runs_new[place]) for place in known]
            measured.text = [f"{PODS[place]}: {short(run.digests[place])}" for place in known]
            steps.x = shown
            steps.y = [sum(rule[: place + 1]) for place in shown]
            counted.x = known
            counted.y = [sum(run.runs_new[: place + 1]) for place in known]
            # Beside the dot rather than on it, where both are the same.
            said.x, said.y = ([2.12], [self._said]) if self._said is not None else ([], [])


def _second(trace: go.Scatter) -> go.Scatter:
    """Put a trace into the lower panel."""
    trace.xaxis, trace.yaxis = "x2", "y2"
    return trace
