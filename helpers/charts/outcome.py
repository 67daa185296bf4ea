"""Charts of what becomes of a few things: a row a thing, a column an outcome."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing: what the rule says, what was seen, what you predicted; None as long as unknown.

    `name` may hold `<br>`.
    """

    name: str
    rule: str | None
    seen: str | None
    words: str = ""
    predicted: str | None = None


class OutcomeChart(TimelineChart):
    """Rule, measurement and prediction in a grid of things and outcomes."""

    legend = (
        ("measured", "what became of it"),
        ("rule", "what the rule says"),
        ("prediction", "your prediction"),
    )
    thing: ClassVar[str]
    """What a row is, for the table."""
    columns: ClassVar[Sequence[str]]
    heads: ClassVar[Sequence[str]]
    """The columns' headings, with `<br>` where they are long."""
    rows: ClassVar[int] = 3
    margin: ClassVar[int] = 104
    beside: ClassVar[float] = 0.1
    """Of a column, from the dot to the prediction: where columns are narrow it takes more."""

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        seen = [o for o in self._outcomes if o.seen is not None]
        if not seen:
            return "Nothing is known yet."
        said = [f"{_plain(o.name)}: {o.predicted}" for o in self._outcomes if o.predicted]
        told = f" You predicted {'; '.join(said)}." if said else ""
        return "; ".join(f"{_plain(o.name)}: {o.seen}" for o in seen) + "." + told

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a thing: what was expected, what was seen, and in whose words."""
        return [
            {
                self.thing: _plain(o.name),
                "by the rule": o.rule,
                "seen": o.seen,
                "in whose words": o.words,
            }
            for o in self._outcomes
            if o.seen is not None
        ]

    @abstractmethod
    def _outcomes_in(self, timeline: Timeline) -> list[Outcome]:
        """Return the things of a run, in their order."""

    def _read(self, timeline: Timeline) -> None:
        self._outcomes = self._outcomes_in(timeline)

    def _empty(self) -> go.FigureWidget:
        still = {"showgrid": False, "zeroline": False, "fixedrange": True, "showline": False}
        strokes = marks.rule(hover="by the rule<extra></extra>")
        strokes.update(connectgaps=False, line={"width": 3})
        last = len(self.columns) - 1
        return marks.figure(
            112 + 62 * self.rows,
            [
                strokes,
                marks.measurement(hover="%{text}<extra></extra>", size=13),
                marks.prediction(hover="you predicted this<extra></extra>"),
            ],
            {
                "margin": {"l": self.margin, "r": 20, "t": 52, "b": 12},
                "xaxis": {
                    **still,
                    "range": [-0.5, last + 0.5],
                    "side": "top",
                    "tickvals": list(range(last + 1)),
                    "ticktext": list(self.heads),
                    "ticklabelstandoff": 6,
                },
                "yaxis": {**still, "autorange": False, "ticklabelstandoff": 8},
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, seen, predicted = made.data
        outcomes = list(enumerate(self._outcomes))
        where = list(self.columns).index
        expected = [(place, where(o.rule)) for place, o in outcomes if o.rule is not None]
        with made.batch_update():
            made.layout.yaxis.range = [max(len(outcomes), self.rows) - 0.5, -0.5]
            made.layout.yaxis.tickvals = [place for place, _ in outcomes]
            made.layout.yaxis.ticktext = [o.name for _, o in outcomes]
            rule.x = [x for _, at in expected for x in (at, at, None)]
            rule.y = [y for place, _ in expected for y in (place - 0.32, place + 0.32, None)]
            shown = [(place, o) for place, o in outcomes if o.seen is not None]
            seen.x = [where(o.seen) for _, o in shown]  # type: ignore[arg-type]
            seen.y = [place for place, _ in shown]
            seen.text = [o.words or str(o.seen) for _, o in shown]
            mine = [(place, where(o.predicted)) for place, o in outcomes if o.predicted]
            # Beside the dot, where both say the same.
            predicted.x = [at + self.beside for _, at in mine]
            predicted.y = [place for place, _ in mine]


def _plain(name: str) -> str:
    return name.replace("<br>", " ")
