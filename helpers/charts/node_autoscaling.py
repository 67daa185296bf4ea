"""The chart of a node autoscaler: waiting Pods, nodes, and their CPUs, over time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.charts.figure import MEASUREMENT
from helpers.model import instance_sizes, node_run
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

DEPLOYMENT = "web"
_SAID = re.compile(r"(\d+) nodes? of (\d+) CPUs")

Points = list[tuple[float, float]]


class NodesChart(TimelineChart):
    """Three panels with one time: Pods without a node, nodes that came, CPUs that came."""

    legend = (
        ("measured", "measured"),
        ("rule", "the rule: fewest nodes, then the cheapest size that holds them"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._waiting:
            return "No pod has been seen yet."
        most = max(count for _, count in self._waiting)
        nodes = ", ".join(
            f"{node.size} after {(node.ready or node.came) - self._began:.1f} s"
            for node in self._added
        )
        rule = "not known yet" if self._rule is None else instance_sizes.told(self._rule)
        said = f" You predicted {self._said}." if self._said else ""
        return (
            f"{most:g} pods waited at most, {self._waiting[-1][1]:g} wait at the end. Nodes that "
            f"came: {nodes or 'none'}. By the rule: {rule}.{said}"
        )

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a node."""
        return [
            {
                "node": node.name,
                "size": node.size,
                "zone": node.zone,
                "CPUs": float(node.cpus),
                "for pods": float(node.free),
                "requested": float(sum(p.request for p in self._pods if p.node == node.name)),
                "pods": sum(p.node == node.name for p in self._pods),
                "ready after (s)": None
                if node.ready is None
                else round(node.ready - self._began, 1),
            }
            for node in self._added
        ]

    def _read(self, timeline: Timeline) -> None:
        began = node_run.began(timeline)
        self._began = began or 0.0
        self._added = node_run.added(timeline) if began else []
        self._pods = node_run.pods(timeline) if began else []
        self._rule = node_run.expected(timeline, DEPLOYMENT)
        said = timeline.value(source="learner", field="prediction")
        self._said = str(said or "")
        end = timeline.rows[-1].time if began else 0.0
        ours = {node.name for node in self._added}
        on_ours = [pod for pod in self._pods if pod.node in ours]

        def line(points: Points) -> Points:
            seen = [(time - self._began, value) for time, value in points]
            return [*seen, (end - self._began, seen[-1][1])] if seen else []

        self._waiting = line(
            node_run.steps(self._pods, lambda at: sum(p.pending(at) for p in self._pods))
        )
        start: Points = [(self._began, 0.0)] if began else []
        self._nodes = line(
            start + node_run.steps(self._added, lambda at: sum(n.at(at) for n in self._added))
        )
        self._offered = line(
            start
            + node_run.steps(
                self._added, lambda at: sum(float(n.free) for n in self._added if n.at(at))
            )
        )
        self._requested = line(
            start
            + node_run.steps(
                on_ours,
                lambda at: sum(float(p.request) for p in on_ours if p.bound and p.bound <= at),
            )
        )

    @property
    def _predicted(self) -> tuple[int, int] | None:
        """How many nodes were predicted, and how many CPUs in all."""
        if self._said == "no node":
            return 0, 0
        match = _SAID.fullmatch(self._said)
        return (int(match[1]), int(match[1]) * int(match[2])) if match else None

    def _empty(self) -> go.FigureWidget:
        import plotly.graph_objects as go

        still = {"fixedrange": True, "zeroline": False}
        rest = {**still, "rangemode": "tozero", "nticks": 4}
        steps = {"shape": "hv", "width": 2.5, "color": MEASUREMENT}

        def line(axes: str, hover: str, **more: object) -> go.Scatter:
            return go.Scatter(
                mode="lines", line={**steps, **more}, xaxis=f"x{axes}", yaxis=f"y{axes}",
                hovertemplate=f"after %{{x:.1f}} s: {hover}<extra></extra>", cliponaxis=False,
            )  # fmt: skip

        return marks.figure(
            520,
            [
                line("", "%{y} pods wait"),
                line("2", "%{y} nodes"),
                marks.rule(axes="2", hover="by the rule %{y} nodes<extra></extra>"),
                line("3", "%{y:g} CPUs offered"),
                line("3", "%{y:g} CPUs requested", dash="dot"),
                marks.rule(axes="3", hover="by the rule %{y:g} CPUs<extra></extra>"),
                marks.prediction(hover="you predicted %{y} nodes<extra></extra>").update(
                    xaxis="x2", yaxis="y2"
                ),
                marks.prediction(hover="you predicted %{y} CPUs<extra></extra>").update(
                    xaxis="x3", yaxis="y3"
                ),
            ],
            {
                "xaxis": {**still, "anchor": "y", "showgrid": False, "showticklabels": False},
                "yaxis": {**rest, "domain": [0.76, 1]},
                "xaxis2": {
                    **still, "anchor": "y2", "matches": "x", "showgrid": False,
                    "showticklabels": False,
                },
                "yaxis2": {**rest, "domain": [0.41, 0.65], "dtick": 1},
                "xaxis3": {
                    **still, "anchor": "y3", "matches": "x", "showgrid": False, "ticksuffix": " s",
                    "title": {"text": "since the Deployment was sent", "font": {"size": 12.5}},
                },
                "yaxis3": {**rest, "domain": [0, 0.3]},
                "annotations": [
                    marks.heading("Pods that wait for a node", 1.02),
                    marks.heading("Nodes that were made", 0.67),
                    marks.heading("CPUs of these nodes: for pods, and requested (dotted)", 0.32),
                ],
            },
        )  # fmt: skip

    def _draw(self, made: go.FigureWidget) -> None:
        waiting, nodes, rule, offered, requested, rule_cpus, said, said_cpus = made.data
        end = max([point[0] for point in self._waiting] or [10.0])
        expected = self._rule
        count = None if expected is None else len(expected)
        cpus = None if expected is None else float(sum(size.free for size in expected))
        predicted = self._predicted
        most = max([p[1] for p in self._nodes] + [count or 0, predicted[0] if predicted else 0, 1])
        widest = max(
            [p[1] for p in self._offered] + [cpus or 0, predicted[1] if predicted else 0, 1]
        )
        with made.batch_update():
            made.layout.xaxis.range = [-0.03 * end, 1.05 * end]
            made.layout.yaxis.range = [0, 1.15 * max([p[1] for p in self._waiting] or [1])]
            made.layout.yaxis2.range = [0, 1.25 * most]
            made.layout.yaxis2.dtick = 1 if most < 6 else None
            made.layout.yaxis3.range = [0, 1.25 * widest]
            for trace, points in (
                (waiting, self._waiting),
                (nodes, self._nodes),
                (offered, self._offered),
                (requested, self._requested),
            ):
                trace.x, trace.y = [p[0] for p in points], [p[1] for p in points]
            for trace, value in ((rule, count), (rule_cpus, cpus)):
                trace.x, trace.y = ([0, end], [value, value]) if value is not None else ([], [])
            for number, trace in enumerate((said, said_cpus)):
                trace.x, trace.y = ([end], [predicted[number]]) if predicted else ([], [])
