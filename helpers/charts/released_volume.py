"""The chart of "A claim is deleted": the volume's phase after each step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from helpers.charts.chart import predicted_words
from helpers.charts.states import StatesChart
from helpers.model import reclaiming
from helpers.model.reclaiming import AVAILABLE, BOUND, GONE, LET_GO, PHASES, RELEASED, RETAIN, WORDS
from helpers.model.timeline import Timeline, Value


class ReleasedChart(StatesChart):
    """A column a step, a line a phase."""

    legend = (
        ("measured", "status.phase of the volume"),
        ("rule", "the rule for the class's policy"),
        ("prediction", "your prediction"),
    )
    steps = tuple(PHASES[RETAIN])
    lines: ClassVar[Mapping[str, int]] = {GONE: 0, RELEASED: 1, AVAILABLE: 2, BOUND: 3}
    words = WORDS
    asked = LET_GO
    right = 40

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
        self._ruled = PHASES.get(self._policy, {}) if self._steps else {}
        self._seen = [(step, phase, f"{step}: {phase}") for step, phase in self._steps]
        self._said = predicted_words(timeline)
