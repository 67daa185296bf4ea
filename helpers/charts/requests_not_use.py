"""The chart of busy and idle Pods: what they use, what they request, and the nodes that came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.charts.figure import MEASUREMENT, QUIET
from helpers.model import instance_sizes, use_run
from helpers.model.timeline import Timeline, Value
from helpers.model.use_run import PHASES

if TYPE_CHECKING:
    import plotly.graph_objects as go

_PICKED = {
    "the busy pods": ("busy",),
    "the idle pods": ("idle",),
    "both": PHASES,
    "neither": (),
}
_PLACE = {name: float(number) for number, name in enumerate(PHASES)}
_APART = 0.16


class UseChart(TimelineChart):
    """Above, used and requested in percent of the workers; below, the nodes that were made."""

    legend = (
        ("measured", "CPU used; nodes that came"),
        ("rule", "CPU requested; nodes by the rule"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._phases:
            return "Nothing is measured yet."
        told = "; ".join(
            f"the {p.name} pods used {p.used_percent:.0f} % and requested "
            f"{p.requested_percent:.0f} % of what the workers have, and {p.nodes} nodes came"
            for p in self._phases
        )
        said = f" You predicted: a node for {self._said}." if self._said else ""
        return f"{told[0].upper()}{told[1:]}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a kind of Pods."""
        return [
            {
                "pods": p.name,
                "CPU used (%)": round(p.used_percent, 1),
                "CPU requested (%)": round(p.requested_percent, 1),
                "pods that waited": p.waited,
                "nodes that came": p.nodes,
                "by the rule": instance_sizes.told(p.rule),
                "seconds": round(p.seconds, 1),
            }
            for p in self._phases
        ]

    def _read(self, timeline: Timeline) -> None:
        self._phases = use_run.phases(timeline)
        self._said = str(timeline.value(source="learner", field="prediction") or "")

    def _empty(self) -> go.FigureWidget:
        import plotly.graph_objects as go

        bars = {"width": 0.26, "hoverinfo": "y+name"}
        still = {
            "fixedrange": True, "zeroline": False, "showgrid": False,
            "range": [-0.6, len(PHASES) - 0.4],
            "tickvals": list(_PLACE.values()),
            "ticktext": [f"{name} pods" for name in PHASES],
        }  # fmt: skip
        rest = {"fixedrange": True, "zeroline": False, "rangemode": "tozero"}
        return marks.figure(
            450,
            [
                go.Bar(name="used", marker={"color": MEASUREMENT}, **bars),
                go.Bar(name="requested", marker={"color": marks.RULE}, **bars),
                go.Scatter(
                    name="offered", mode="lines", line={"color": QUIET, "dash": "dot"},
                    hoverinfo="skip",
                ),
                go.Bar(name="by the rule", xaxis="x2", yaxis="y2",
                       marker={"color": marks.RULE}, **bars),
                marks.measurement(axes="2", hover="%{y} nodes came<extra></extra>", size=13),
                marks.prediction(hover="you said: a node<extra></extra>").update(
                    xaxis="x2", yaxis="y2"
                ),
            ],
            {
                "xaxis": {**still, "anchor": "y"},
                "yaxis": {**rest, "domain": [0.5, 1], "ticksuffix": " %", "nticks": 5},
                "xaxis2": {**still, "anchor": "y2"},
                "yaxis2": {**rest, "domain": [0, 0.3], "dtick": 1},
                "annotations": [
                    marks.heading(
                        "CPU used (left) and requested (right), in percent of the workers", 1.03
                    ),
                    marks.heading("Nodes that were made", 0.32),
                ],
            },
        )  # fmt: skip

    def _draw(self, made: go.FigureWidget) -> None:
        used, requested, offered, rule, came, said = made.data
        at = [_PLACE[p.name] for p in self._phases]
        picked = [_PLACE[name] for name in _PICKED.get(self._said, ())]
        most = max([100.0] + [max(p.used_percent, p.requested_percent) for p in self._phases])
        nodes = max([1] + [max(p.nodes, len(p.rule)) for p in self._phases])
        with made.batch_update():
            made.layout.yaxis.range = [0, 1.15 * most]
            made.layout.yaxis2.range = [0, nodes + 0.6]
            used.x = [x - _APART for x in at]
            used.y = [p.used_percent for p in self._phases]
            requested.x = [x + _APART for x in at]
            requested.y = [p.requested_percent for p in self._phases]
            offered.x, offered.y = ([-0.6, 1.6], [100, 100]) if at else ([], [])
            rule.x, rule.y = [x + _APART for x in at], [len(p.rule) for p in self._phases]
            came.x, came.y = [x - _APART for x in at], [p.nodes for p in self._phases]
            said.x, said.y = picked, [1] * len(picked)
