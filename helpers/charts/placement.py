"""The chart of "The scheduler counts requests": what is asked of each worker, and how many fit."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.model import scheduling
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from helpers.model.scheduling import Node


class PlacementChart(TimelineChart):
    """Requests by node, stacked pod by pod under the line of what the node can give."""

    legend = (
        ("measured", "asked for and placed, pod by pod"),
        ("rule", "the rule: what the node can give"),
        ("prediction", "your prediction"),
    )

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes that take the lesson's pods, by name."""
        return self._nodes

    @property
    def fit(self) -> int:
        """How many of the pods that ask for CPU are placed."""
        return sum(bool(pod.requests.get("cpu")) for node in self._nodes for pod in node.pods)

    @property
    def rule(self) -> int | None:
        """How many pods fit, by the model, into what the nodes had free at first."""
        if self._request is None or not self._nodes:
            return None
        free = [n.allocatable["cpu"] - n.requested_by_others.get("cpu", 0) for n in self._nodes]
        return sum(max(0, int(room // self._request.amount)) for room in free)

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._nodes:
            return "Nothing is placed yet."
        bars = "; ".join(
            f"{n.name}: {_milli(n.requested('cpu'))} asked of {_milli(n.allocatable['cpu'])}"
            for n in self._nodes
        )
        waits = f", {len(self._waiting)} waiting" if self._waiting else ""
        words = f"CPU asked for by node: {bars}; {self.fit} pods placed{waits}."
        said = f" You predicted {self._prediction:g}." if self._prediction is not None else ""
        return words + said

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a pod: what it asks for, and where it is or why it is nowhere."""
        rows: list[dict[str, Value]] = [
            {
                "pod": pod.name,
                "requests.cpu": _milli(pod.requests.get("cpu", Fraction(0))),
                "node": node.name,
                "the scheduler's words": "",
            }
            for node in self._nodes
            for pod in node.pods
        ]
        rows += [
            {
                "pod": pod.name,
                "requests.cpu": _milli(pod.requests.get("cpu", Fraction(0))),
                "node": None,
                "the scheduler's words": pod.unschedulable or "",
            }
            for pod in self._waiting
        ]
        return rows

    def _read(self, timeline: Timeline) -> None:
        nodes, self._waiting = scheduling.board(timeline)
        self._nodes = tuple(sorted((n for n in nodes if not n.tainted), key=lambda n: n.name))
        self._prediction = predicted_number(timeline)
        values = timeline.value(source="learner", field="values")
        asked = values.get("request") if isinstance(values, dict) else None
        self._request = Quantity.parse(asked) if isinstance(asked, str) else None

    def _empty(self) -> go.FigureWidget:
        """Make the figure with its two panels and nothing placed yet."""
        import plotly.graph_objects as go

        still = {"fixedrange": True, "showgrid": False, "zeroline": False}
        predicted = marks.prediction(hover="you predicted %{x:g}<extra></extra>")
        predicted.xaxis, predicted.yaxis = "x2", "y2"
        line = marks.rule(hover="it can give %{y:g} cores<extra></extra>")
        line.connectgaps = False  # one stroke a place
        return marks.figure(
            430,
            [
                go.Bar(
                    name="other namespaces",
                    marker={"color": marks.QUIET},
                    hovertemplate="other namespaces ask for %{y:g} cores<extra></extra>",
                ),
                go.Bar(
                    name="pods",
                    marker={"color": marks.MEASUREMENT, "line": {"color": "#ffffff", "width": 1.5}},
                    hovertemplate="%{customdata} asks for %{y:g} cores<extra></extra>",
                ),
                line,
                marks.rule(axes="2", hover="by the rule %{x} fit<extra></extra>"),
                marks.measurement(axes="2", hover="%{x} are placed<extra></extra>"),
                predicted,
            ],
            {
                "barmode": "overlay",
                "bargap": 0.4,
                "xaxis": {**still},
                "yaxis": {**still, "domain": [0.36, 1], "rangemode": "tozero", "showgrid": True},
                "xaxis2": {**still, "anchor": "y2", "showgrid": True, "dtick": 2},
                "yaxis2": {**still, "domain": [0, 0.12], "range": [-0.6, 0.6], "visible": False},
                "annotations": [
                    marks.heading("CPU asked for, in cores", 1.03),
                    marks.heading("Pods that fit", 0.16),
                ],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        pods = [
            (place, pod.name, float(pod.requests.get("cpu", 0)))
            for place, node in enumerate(self._nodes)
            for pod in node.pods
            if pod.requests.get("cpu")
        ]
        others = [float(node.requested_by_others.get("cpu", 0)) for node in self._nodes]
        heights = list(others)
        bases = []
        for place, _, asked in pods:
            bases.append(heights[place])
            heights[place] += asked
        rest, bars, line, rule, measured, predicted = made.data
        with made.batch_update():
            made.layout.xaxis.tickvals = list(range(len(self._nodes)))
            made.layout.xaxis.ticktext = [node.name for node in self._nodes]
            made.layout.xaxis.range = [-0.6, max(len(self._nodes), 2) - 0.4]
            rest.x, rest.y = list(range(len(others))), others
            bars.x, bars.y = [place for place, _, _ in pods], [asked for _, _, asked in pods]
            bars.base, bars.customdata = bases, [name for _, name, _ in pods]
            # A line over each bar: three points a node, and the last one lifts the pen.
            line.x = [x for place in range(len(others)) for x in (place - 0.4, place + 0.4, None)]
            line.y = [
                y for n in self._nodes for c in [float(n.allocatable["cpu"])] for y in (c, c, None)
            ]
            most, said = self.rule, self._prediction
            rule.x, rule.y = ([most, most], [-0.5, 0.5]) if most is not None else ([], [])
            measured.x, measured.y = ([self.fit], [0]) if self._nodes else ([], [])
            predicted.x, predicted.y = ([said], [0]) if said is not None else ([], [])
            made.layout.xaxis2.range = [-0.3, max(said or 0, self.fit, most or 0, 8) + 0.7]


def _milli(cores: Fraction | float) -> str:
    return f"{int(cores * 1000)}m"
