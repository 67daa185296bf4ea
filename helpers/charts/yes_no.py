"""Charts of yes and no: a line a thing, a column a question, and three marks in each cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart

if TYPE_CHECKING:
    import plotly.graph_objects as go

BESIDE = 0.22  # of a column, between the marks of one cell


class Cell(Protocol):
    """What was predicted, what the rule says, and what was answered; None: not known."""

    @property
    def predicted(self) -> bool | None: ...  # noqa: D102
    @property
    def rule(self) -> bool | None: ...  # noqa: D102
    @property
    def answer(self) -> bool | None: ...  # noqa: D102


class YesNoChart(TimelineChart):
    """Full marks are yes, hollow ones no. `_read` sets `_cells`, row by row."""

    hover_rule: ClassVar[str]
    hover_answer: ClassVar[str]
    """What the pointer tells before the word."""
    lines: Sequence[str]
    columns: Sequence[str]
    _cells: Sequence[Cell]

    def _empty(self) -> go.FigureWidget:
        import plotly.graph_objects as go

        rule = go.Scatter(
            name="the rule",
            mode="markers",
            marker={"color": marks.RULE, "size": 13, "line": {"width": 2}},
            cliponaxis=False,
            hovertemplate=f"{self.hover_rule}: %{{text}}<extra></extra>",
        )
        still = {"fixedrange": True, "zeroline": False, "showgrid": False}
        columns, rows = len(self.columns), len(self.lines)
        return marks.figure(
            90 + 44 * rows,
            [
                rule,
                marks.measurement(hover=f"{self.hover_answer}: %{{text}}<extra></extra>", size=12),
                marks.prediction(hover="you said: %{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 170, "r": 20, "t": 40, "b": 16},
                "xaxis": {
                    **still,
                    "side": "top",
                    "range": [-0.5, columns - 0.5],
                    "tickvals": list(range(columns)),
                    "ticktext": list(self.columns),
                },
                "yaxis": {
                    **still,
                    "range": [rows - 0.5, -0.5],
                    "tickvals": list(range(rows)),
                    "ticktext": list(self.lines),
                },
                "shapes": [
                    {
                        "type": "line",
                        "xref": "paper",
                        "x0": 0,
                        "x1": 1,
                        "y0": row - 0.5,
                        "y1": row - 0.5,
                        "line": {"color": marks.QUIET, "width": 0.5},
                    }
                    for row in range(rows)
                ],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, measured, predicted = made.data
        with made.batch_update():
            self._put(predicted, [cell.predicted for cell in self._cells], "diamond", -BESIDE)
            self._put(rule, [cell.rule for cell in self._cells], "square", 0)
            self._put(measured, [cell.answer for cell in self._cells], "circle", BESIDE)

    def _put(
        self, trace: go.Scatter, said: Sequence[bool | None], shape: str, aside: float
    ) -> None:
        """Put a mark into each cell of which this is known; a no is the hollow shape."""
        columns = len(self.columns)
        known = [(place, one) for place, one in enumerate(said) if one is not None]
        trace.x = [place % columns + aside for place, _ in known]
        trace.y = [place // columns for place, _ in known]
        trace.text = [word(one) for _, one in known]
        trace.marker.symbol = [shape if one else f"{shape}-open" for _, one in known]
        trace.marker.line = {"width": 2, "color": trace.marker.color}


def word(said: bool | None) -> str:
    """Return yes or no, and a dash for what is not known."""
    return "–" if said is None else ("yes" if said else "no")
