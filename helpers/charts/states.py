"""Charts of one thing's states: a column a step that was taken, a line a state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart

if TYPE_CHECKING:
    import plotly.graph_objects as go


class StatesChart(TimelineChart):
    """The rule as a stepped line, a dot a state that was seen, and one state predicted.

    A subclass reads `_ruled` and `_seen` (what the pointer tells, by step and state), and `_said`
    (the prediction, as it was put).
    """

    steps: ClassVar[Sequence[str]]
    lines: ClassVar[Mapping[str, int]]
    """Where each state's line is, from below."""
    words: ClassVar[Mapping[str, str]]
    """Each state in the words of the question."""
    asked: ClassVar[str]
    """The step that the question is about."""
    right: ClassVar[int]
    """Pixels on the right, for the last step's words."""

    _ruled: Mapping[str, str]
    _seen: Sequence[tuple[str, str, str]]
    _said: str

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False}
        rule = marks.rule(hover="by the rule: %{text}<extra></extra>")
        rule.line.shape = "hvh"
        return marks.figure(
            300,
            [
                rule,
                marks.measurement(hover="%{text}<extra></extra>", size=13),
                marks.prediction(hover="you predicted: %{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 84, "r": self.right, "t": 20, "b": 60},
                "xaxis": {
                    **still,
                    "showgrid": False,
                    "range": [-0.5, len(self.steps) - 0.5],
                    "tickvals": list(range(len(self.steps))),
                    "ticktext": [step.replace(" ", "<br>", 1) for step in self.steps],
                },
                "yaxis": {
                    **still,
                    "range": [-0.5, len(self.lines) - 0.5],
                    "tickvals": list(self.lines.values()),
                    "ticktext": [f"{state} " for state in self.lines],
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, measured, predicted = made.data
        at = {step: place for place, step in enumerate(self.steps)}
        seen = [(step, state, told) for step, state, told in self._seen
                if step in at and state in self.lines]  # fmt: skip
        said = next((state for state, words in self.words.items() if words == self._said), None)
        with made.batch_update():
            rule.x = [at[step] for step in self._ruled]
            rule.y = [self.lines[state] for state in self._ruled.values()]
            rule.text = list(self._ruled.values())
            measured.x = [at[step] for step, _, _ in seen]
            measured.y = [self.lines[state] for _, state, _ in seen]
            measured.text = [told for _, _, told in seen]
            # Beside the dot rather than under it, where both are the same.
            predicted.x = [] if said is None else [at[self.asked] - 0.17]
            predicted.y = [] if said is None else [self.lines[said]]
            predicted.text = [self._said]
