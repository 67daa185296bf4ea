"""The chart of "The disk of the book": the volume's state after each step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from helpers.charts.chart import predicted_words
from helpers.charts.states import StatesChart
from helpers.model import ec2_volumes as ec2
from helpers.model.ec2_volumes import AVAILABLE, GONE, IN_USE, STATES, WORDS
from helpers.model.timeline import Timeline, Value


class DiskChart(StatesChart):
    """A column a step, a line a state."""

    legend = (
        ("measured", "State, as DescribeVolumes tells it"),
        ("rule", "the rule: EC2's documented states"),
        ("prediction", "your prediction of the deletion"),
    )
    steps = tuple(STATES)
    lines: ClassVar[Mapping[str, int]] = {GONE: 0, AVAILABLE: 1, IN_USE: 2}
    words = WORDS
    asked = ec2.TRIED
    right = 30

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
        self._ruled = STATES
        self._seen = [(s.step, s.state, f"{s.step}: {s.state} {s.instance}") for s in self._steps]
        self._said = predicted_words(timeline)
