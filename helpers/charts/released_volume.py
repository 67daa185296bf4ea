"""The chart of "A claim is deleted": the volume's phase after each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model import reclaiming
from helpers.model.reclaiming import AVAILABLE, BOUND, GONE, LET_GO, PHASES, RELEASED, RETAIN, WORDS
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

LINES = {GONE: 0, RELEASED: 1, AVAILABLE: 2, BOUND: 3}
STEPS = list(PHASES[RETAIN])


class ReleasedChart(TimelineChart):
    """A column a step, a line a phase."""

    legend = (
        ("measured", "status.phase of the volume"),
        ("rule", "the rule for the class's policy"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._steps:
            return "Nothing is measured yet."
        told = ", ".join(f"{step}: {phase}" for step, phase in self._steps)
        said = f" You predicted: {self._said}." if self._said else ""
        return f"The volume after each step, with the policy {self._policy}: {told}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a step."""
        return [
            {"step": step, "phase": phase, "the rule": PHASES[self._policy].get(step)}
            for step, phase in self._steps
        ]

    def _read(self, timeline: Timeline) -> None:
        self._steps = reclaiming.steps(timeline)
        self._policy = reclaiming.policy(timeline)
        said = timeline.value(source="learner", field="prediction")
        self._said = said if isinstance(said, str) else ""

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
                "margin": {"l": 84, "r": 40, "t": 20, "b": 60},
                "xaxis": {
                    **still,
                    "showgrid": False,
                    "range": [-0.4, len(STEPS) - 0.6],
                    "tickvals": list(range(len(STEPS))),
                    "ticktext": [step.replace(" ", "<br>", 1) for step in STEPS],
                },
                "yaxis": {
                    **still,
                    "range": [-0.5, len(LINES) - 0.5],
                    "tickvals": list(LINES.values()),
                    "ticktext": [f"{phase} " for phase in LINES],
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, measured, predicted = made.data
        ruled = PHASES.get(self._policy, {}) if self._steps else {}
        seen = [(step, phase) for step, phase in self._steps if step in STEPS and phase in LINES]
        with made.batch_update():
            rule.x = [STEPS.index(step) for step in ruled]
            rule.y = [LINES[phase] for phase in ruled.values()]
            rule.text = list(ruled.values())
            measured.x = [STEPS.index(step) for step, _ in seen]
            measured.y = [LINES[phase] for _, phase in seen]
            measured.text = [f"{step}: {phase}" for step, phase in seen]
            phase = next((phase for phase, words in WORDS.items() if words == self._said), None)
            # Beside the dot rather than under it, where both are the same.
            predicted.x = [] if phase is None else [STEPS.index(LET_GO) - 0.14]
            predicted.y = [] if phase is None else [LINES[phase]]
            predicted.text = [self._said]
