"""The chart of the Cluster Autoscaler's rights: a row a call, and how many are allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.charts.figure import RULE
from helpers.model import autoscaling_iam
from helpers.model.autoscaling_iam import TRIED
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLUMNS = ("denied", "allowed")


class RightsChart(TimelineChart):
    """Above, how many calls are allowed; below, each call: denied or allowed."""

    legend = (
        ("measured", "AWS's answer (moto)"),
        ("rule", "by the policy"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._outcomes:
            return "No call was made yet."
        good = sum(not code for code in self._outcomes.values())
        told = ", ".join(f"{a}: {code or 'allowed'}" for a, code in self._outcomes.items())
        said = f" You predicted {self._said:g}." if self._said is not None else ""
        return f"{good} of {len(TRIED)} calls are allowed. {told}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a call."""
        return [
            {
                "call": action,
                "in the policy": "yes" if action in (self._named or ()) else "no",
                "AWS's answer": code or "allowed",
            }
            for action, code in self._outcomes.items()
        ]

    def _read(self, timeline: Timeline) -> None:
        self._outcomes = autoscaling_iam.outcomes(timeline)
        self._named = autoscaling_iam.named(timeline)
        self._said = predicted_number(timeline)

    def _empty(self) -> go.FigureWidget:
        import plotly.graph_objects as go

        still = {"fixedrange": True, "zeroline": False, "showgrid": False}

        def squares(axes: str) -> go.Scatter:
            return go.Scatter(
                name="the rule", mode="markers", xaxis=f"x{axes}", yaxis=f"y{axes}",
                marker={
                    "symbol": "square-open", "size": 19, "color": RULE, "line": {"width": 2.5}
                },
                hovertemplate="by the policy<extra></extra>", cliponaxis=False,
            )  # fmt: skip

        return marks.figure(
            460,
            [
                squares(""),
                marks.prediction(hover="you predicted %{x:g}<extra></extra>"),
                marks.measurement(hover="%{x} allowed<extra></extra>", size=8),
                squares("2"),
                marks.measurement(axes="2", hover="%{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 318, "r": 24, "t": 30, "b": 36},
                "xaxis": {**still, "anchor": "y", "range": [-0.4, len(TRIED) + 0.4], "dtick": 1},
                "yaxis": {
                    **still, "domain": [0.91, 1], "range": [0, 2], "tickvals": [1],
                    "ticktext": ["calls allowed"],
                },
                "xaxis2": {
                    **still, "anchor": "y2", "range": [-0.7, 1.7], "tickvals": [0, 1],
                    "ticktext": list(COLUMNS),
                },
                "yaxis2": {
                    **still, "domain": [0, 0.72], "range": [0.4, len(TRIED) + 0.6],
                    "tickvals": list(range(len(TRIED), 0, -1)), "ticktext": list(TRIED),
                },
                "annotations": [
                    marks.heading("Of the nine calls", 1.02),
                    marks.heading("Each call", 0.73),
                ],
            },
        )  # fmt: skip

    def _draw(self, made: go.FigureWidget) -> None:
        rule, said, count, by_policy, answers = made.data
        place = {action: len(TRIED) - number for number, action in enumerate(TRIED)}
        named = self._named
        with made.batch_update():
            right = [autoscaling_iam.allowed(named or (), action) for action in TRIED]
            rule.x, rule.y = ([sum(right)], [1]) if named is not None else ([], [])
            whole = len(self._outcomes) == len(TRIED)
            good = sum(not code for code in self._outcomes.values())
            count.x, count.y = ([good], [1]) if whole else ([], [])
            said.x, said.y = ([self._said], [1]) if self._said is not None else ([], [])
            by_policy.x = [int(yes) for yes in right] if named is not None else []
            by_policy.y = list(place.values()) if named is not None else []
            answers.x = [int(not code) for code in self._outcomes.values()]
            answers.y = [place[action] for action in self._outcomes]
            answers.text = [code or "allowed" for code in self._outcomes.values()]
