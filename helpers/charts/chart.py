"""What every chart of a card does alike: it reads a Timeline, and draws once it is shown."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

from helpers.model.timeline import Timeline

if TYPE_CHECKING:
    import plotly.graph_objects as go


class TimelineChart(ABC):
    """A chart that reads a Timeline and nothing else. Its figure is made when it is first shown."""

    def __init__(self, timeline: Timeline) -> None:
        self._read(timeline)

    def update(self, timeline: Timeline) -> None:
        """Draw what the Timeline holds now."""
        self._read(timeline)
        if "figure" in self.__dict__:
            self._draw(self.figure)

    @cached_property
    def figure(self) -> go.FigureWidget:
        """The figure, to be shown in a notebook; update changes it in place."""
        made = self._empty()
        self._draw(made)
        return made

    @abstractmethod
    def _read(self, timeline: Timeline) -> None:
        """Take from the Timeline what is drawn, told and tabled."""

    @abstractmethod
    def _empty(self) -> go.FigureWidget:
        """Make the figure without points."""

    @abstractmethod
    def _draw(self, made: go.FigureWidget) -> None:
        """Put into the figure what was read."""


def predicted_number(timeline: Timeline) -> float | None:
    """Return the number that the learner committed to, None where there is none."""
    said = timeline.value(source="learner", field="prediction")
    return float(said) if isinstance(said, int | float) else None


def predicted_words(timeline: Timeline) -> str:
    """Return the choice that the learner committed to, in its words; "" where there is none."""
    said = timeline.value(source="learner", field="prediction")
    return said if isinstance(said, str) else ""
