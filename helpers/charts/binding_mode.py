"""The chart of "Bound at once, or with the Pod": when, and what becomes of the Pod."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model import classes_run
from helpers.model.classes_run import BINDING, RUNS, WAIT
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go


class BindingChart(TimelineChart):
    """A row a binding mode: when it was Bound, and at the right what became of the Pod."""

    legend = (
        ("measured", "the claim is Bound"),
        ("rule", "the rule: at once, or when the Pod comes"),
        ("prediction", "whose Pod you expect to run"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        told = [
            f"{mode}: bound {when(self._bound[name])}, {self._fate[name] or 'no Pod yet'}"
            for name, mode in BINDING.items()
            if self._pod[name] is not None
        ]
        said = f" You predicted: {self._said}." if self._said else ""
        return ("; ".join(told) + "." + said) if told else "No claim is there yet."

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a binding mode."""
        return [
            {
                "volumeBindingMode": mode,
                "Pod sent, seconds after the claim": _round(self._pod[name]),
                "Bound, seconds after the Pod": _round(self._bound[name]),
                "the Pod": self._fate[name] or "",
            }
            for name, mode in BINDING.items()
            if self._pod[name] is not None
        ]

    def _read(self, timeline: Timeline) -> None:
        self._bound = {name: classes_run.bound_since_pod(timeline, name) for name in BINDING}
        self._pod = {name: classes_run.pod_after(timeline, name) for name in BINDING}
        self._fate = {name: classes_run.fate(timeline, name) for name in BINDING}
        said = timeline.value(source="learner", field="prediction")
        self._said = str(said) if said else ""

    def _empty(self) -> go.FigureWidget:
        still = {"showgrid": False, "zeroline": False, "fixedrange": True}
        strokes = marks.rule(hover="by the rule<extra></extra>")
        strokes.update(connectgaps=False, line={"width": 3})
        return marks.figure(
            270,
            [
                strokes,
                marks.measurement(hover="Bound %{x:.2f} s after its Pod<extra></extra>", size=13),
                marks.prediction(hover="you expect this one's Pod to run<extra></extra>"),
            ],
            {
                "margin": {"l": 150, "r": 20, "t": 34, "b": 48},
                "xaxis": {
                    **still,
                    "showgrid": True,
                    "title": {"text": "seconds since the Pod was sent", "standoff": 6},
                },
                "yaxis": {
                    **still,
                    "range": [1.6, -0.6],
                    "tickvals": [0, 1],
                    "ticktext": list(BINDING.values()),
                    "ticklabelstandoff": 8,
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, bound, predicted = made.data
        names = list(enumerate(BINDING))
        expected = {
            name: 0.0 if BINDING[name] == WAIT else -sent
            for name, sent in self._pod.items()
            if sent is not None
        }
        seen = [at for at in (*self._bound.values(), *expected.values()) if at is not None]
        start, end = min([*seen, -0.1]), max([*seen, 0.1])
        wide = end - start
        with made.batch_update():
            made.layout.xaxis.range = [start - 0.1 * wide, end + 0.85 * wide]
            lines = [(place, expected[name]) for place, name in names if name in expected]
            rule.x = [x for _, at in lines for x in (at, at, None)]
            rule.y = [y for place, _ in lines for y in (place - 0.32, place + 0.32, None)]
            shown = [(place, self._bound[name]) for place, name in names]
            bound.x = [at for _, at in shown if at is not None]
            bound.y = [place for place, at in shown if at is not None]
            mine = [place for place, name in names if self._expects(BINDING[name])]
            predicted.x, predicted.y = [end + 0.45 * wide] * len(mine), mine
            made.layout.annotations = [
                marks.heading("its Pod, in the end", 1.02) | {"x": 0.7},
                *(
                    {
                        "x": end + 0.51 * wide,
                        "y": place,
                        "text": "runs" if self._fate[name] == RUNS else "Pending",
                        "xanchor": "left",
                        "showarrow": False,
                        "font": {"size": 12.5, "color": marks.MEASUREMENT},
                    }
                    for place, name in names
                    if self._fate[name]
                ),
            ]

    def _expects(self, mode: str) -> bool:
        return self._said == "both" or self._said.endswith(mode)


def when(seconds: float | None) -> str:
    """Return when a claim was bound, `seconds` after its Pod was sent, as words."""
    if seconds is None:
        return "never"
    return f"{abs(seconds):.1f} s {'before its Pod was sent' if seconds < 0 else 'after its Pod'}"


def _round(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)
