"""A chart of answers in words: a line a thing that was asked about, a column a word."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model.timeline import Timeline

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked about, the words of rule and server, and what the learner said ("" nothing).

    `hover` is what the pointer tells of the server's answer; `right` is whether `said` is so.
    """

    row: str
    rule: str
    measured: str
    said: str
    hover: str
    right: bool


class AnswersChart(TimelineChart):
    """Prediction, rule and the server's answer, each a mark in the column of its word."""

    words: ClassVar[Sequence[str]]
    """The columns."""
    rows: ClassVar[Sequence[str]]
    """The lines, from the top."""
    margin: ClassVar[int]
    """Pixels on the left, for the names of the lines."""

    legend = (
        ("measured", "what the server says"),
        ("rule", "the rule"),
        ("prediction", "your prediction"),
    )

    @property
    def answers(self) -> list[Answer]:
        """The answers there are, from the top."""
        return self._answers

    @property
    def wrong(self) -> list[Answer]:
        """The answers that the learner did not foresee."""
        return [one for one in self._answers if one.said and not one.right]

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._answers:
            return "Nothing is measured yet."
        told = "; ".join(f"{one.row}: {one.measured}" for one in self._answers)
        said = [one for one in self._answers if one.said]
        right = f" You foresaw {len(said) - len(self.wrong)} of {len(said)}." if said else ""
        return f"The server's answers: {told}.{right}"

    @abstractmethod
    def _read_answers(self, timeline: Timeline, said: dict[str, str]) -> list[Answer]:
        """Return the answers there are; `said` are the learner's words by line."""

    def _read(self, timeline: Timeline) -> None:
        given = timeline.value(source="learner", field="prediction")
        several = isinstance(given, Sequence) and not isinstance(given, str)
        words = [str(word) for word in given] if several else []  # type: ignore[union-attr]
        self._said = dict(zip(self.rows, words, strict=False))
        self._answers = self._read_answers(timeline, self._said)

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False}
        rule = marks.rule(hover="the rule: %{text}<extra></extra>")
        rule.connectgaps = False
        return marks.figure(
            110 + 33 * len(self.rows),
            [
                rule,
                marks.measurement(hover="the server: %{text}<extra></extra>"),
                marks.prediction(hover="you predicted %{text}<extra></extra>"),
            ],
            {
                "margin": {"l": self.margin, "r": 20, "t": 46, "b": 10},
                "xaxis": {
                    **still,
                    "showgrid": False,
                    "side": "top",
                    "range": [-0.5, len(self.words) - 0.5],
                    "tickvals": list(range(len(self.words))),
                    "ticktext": [word.replace(" ", "<br>") for word in self.words],
                },
                "yaxis": {
                    **still,
                    "showgrid": True,
                    "range": [-0.7, len(self.rows) - 0.3],
                    "tickvals": list(range(len(self.rows))),
                    "ticktext": [f"{row} " for row in reversed(self.rows)],
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        at = {row: place for place, row in enumerate(reversed(self.rows))}
        column = {word: place for place, word in enumerate(self.words)}
        rule, measured, said = made.data
        ruled = [one for one in self._answers if one.rule in column]
        seen = [one for one in self._answers if one.measured in column]
        words = [(row, word) for row, word in self._said.items() if word in column]
        with made.batch_update():
            rule.x = [x for one in ruled for x in (column[one.rule], column[one.rule], None)]
            rule.y = [y for one in ruled for y in (at[one.row] - 0.4, at[one.row] + 0.4, None)]
            rule.text = [word for one in ruled for word in (one.rule, one.rule, "")]
            measured.x = [column[one.measured] for one in seen]
            measured.y = [at[one.row] for one in seen]
            measured.text = [one.hover for one in seen]
            # Beside the dot rather than under it, where both are the same.
            said.x = [column[word] - 0.14 for _, word in words]
            said.y = [at[row] for row, _ in words]
            said.text = [word for _, word in words]
