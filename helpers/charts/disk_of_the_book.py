"""The chart of "The disk of the book": the volume's state after each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model import ec2_volumes as ec2
from helpers.model.ec2_volumes import AVAILABLE, GONE, IN_USE, STATES, WORDS
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

LINES = {GONE: 0, AVAILABLE: 1, IN_USE: 2}
STEPS = list(STATES)


class DiskChart(TimelineChart):
    """A column a step, a line a state."""

    legend = (
        ("measured", "State, as DescribeVolumes tells it"),
        ("rule", "the rule: EC2's documented states"),
        ("prediction", "your prediction of the deletion"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._steps:
            return "Nothing is measured yet."
        told = ", ".join(f"{s.step}: {s.state}" for s in self._steps)
        said = f" You predicted: {self._said}." if self._said else ""
        return f"The volume's state after each step: {told}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a step."""
        return [
            {
                "step": step.step,
                "state": step.state,
                "the rule": STATES.get(step.step),
                "attached to": step.instance or "nothing",
                "volume": step.volume,
            }
            for step in self._steps
        ]

    def _read(self, timeline: Timeline) -> None:
        self._steps = ec2.steps(timeline)
        said = timeline.value(source="learner", field="prediction")
        self._said = said if isinstance(said, str) else ""

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False}
        rule = marks.rule(hover="by the rule %{y}<extra></extra>")
        rule.line.shape = "hvh"
        return marks.figure(
            300,
            [
                rule,
                marks.measurement(hover="%{text}<extra></extra>", size=13),
                marks.prediction(hover="you predicted: %{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 84, "r": 30, "t": 20, "b": 60},
                "xaxis": {
                    **still,
                    "showgrid": False,
                    "range": [-0.5, len(STEPS) - 0.5],
                    "tickvals": list(range(len(STEPS))),
                    "ticktext": [step.replace(" ", "<br>", 1) for step in STEPS],
                },
                "yaxis": {
                    **still,
                    "range": [-0.5, 2.5],
                    "tickvals": list(LINES.values()),
                    "ticktext": [f"{state} " for state in LINES],
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, measured, predicted = made.data
        seen = [s for s in self._steps if s.state in LINES and s.step in STATES]
        with made.batch_update():
            rule.x = list(range(len(STEPS)))
            rule.y = [LINES[state] for state in STATES.values()]
            measured.x = [STEPS.index(s.step) for s in seen]
            measured.y = [LINES[s.state] for s in seen]
            measured.text = [f"{s.step}: {s.state} {s.instance}" for s in seen]
            state = next((state for state, words in WORDS.items() if words == self._said), None)
            # Beside the dot rather than under it, where both are the same.
            predicted.x = [] if state is None else [STEPS.index(ec2.TRIED) - 0.2]
            predicted.y = [] if state is None else [LINES[state]]
            predicted.text = [self._said]
