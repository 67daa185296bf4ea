"""What the charts of a quota on CPU limits share: Pods above, what the quota counts below."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart

if TYPE_CHECKING:
    import plotly.graph_objects as go


class QuotaPanels(TimelineChart):
    """Two panels over the same numbers, 1 to `most`.

    The traces are rule, measurement and prediction of Pods, then rule and measurement of CPUs.
    """

    most: ClassVar[int]
    asked: ClassVar[str]
    """What is counted along the axis."""
    heading: ClassVar[str]
    hover_pods: ClassVar[str]
    hover_rule: ClassVar[str]
    """What the pointer tells of the Pods that are there, and of the quota's rule."""

    def _empty(self) -> go.FigureWidget:
        ends = [0.5, self.most + 0.5]
        still = {"fixedrange": True, "zeroline": False, "range": ends, "dtick": 1}
        rest = {"fixedrange": True, "zeroline": False, "rangemode": "tozero"}
        return marks.figure(
            430,
            [
                marks.rule(hover="by the rule %{y} pods<extra></extra>"),
                marks.measurement(hover=f"{self.hover_pods}<extra></extra>"),
                marks.prediction(hover="you predicted %{y:g}<extra></extra>"),
                marks.rule(axes="2", hover=f"{self.hover_rule} %{{y:g}} CPU<extra></extra>"),
                marks.measurement(axes="2", hover="%{y:g} CPU used<extra></extra>"),
            ],
            {
                "xaxis": {**still, "anchor": "y", "showgrid": False},
                "yaxis": {**rest, "domain": [0.58, 1], "range": [0, self.most + 0.5], "dtick": 2},
                "xaxis2": {
                    **still,
                    "anchor": "y2",
                    "showgrid": False,
                    "title": {"text": self.asked},
                },
                "yaxis2": {**rest, "domain": [0, 0.38]},
                "annotations": [
                    marks.heading(self.heading, 1.03),
                    marks.heading("limits.cpu that the quota counts, in CPUs", 0.41),
                ],
            },
        )
