"""The chart of who may do what: requests by users, as predicted, ruled and answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model import iam_run
from helpers.model.iam_run import Cell, Request
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

BESIDE = 0.22  # of a column, between the marks of one cell


class AccessChart(TimelineChart):
    """A table of marks: full is allowed, hollow is denied."""

    legend = (
        ("measured", "moto's answer (full: allowed, hollow: denied)"),
        ("rule", "IAM's rules (a square: full or hollow)"),
        ("prediction", "your prediction (full: yes, hollow: no)"),
    )

    def __init__(
        self, timeline: Timeline, requests: Sequence[Request], users: Sequence[str]
    ) -> None:
        self._requests, self._users = requests, users
        super().__init__(timeline)

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        known = [cell for cell in self._cells if cell.rule is not None]
        if not known:
            return "Nothing is measured yet."
        told = []
        for user in self._users:
            may = [cell.request.words for cell in known if cell.user == user and cell.rule]
            told.append(f"{user} may {', '.join(may) or 'do nothing of this'}")
        wrong = sum(c.predicted is not None and c.predicted != c.rule for c in known)
        return f"By IAM's rules {'; '.join(told)}. You predicted {wrong} of them otherwise."

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a request of a user."""
        return [
            {
                "request": cell.request.words,
                "user": cell.user,
                "action": cell.request.action,
                "you said": _word(cell.predicted),
                "IAM's rules (model)": _word(cell.rule),
                "moto": _word(cell.answer),
            }
            for cell in self._cells
            if cell.rule is not None
        ]

    def _read(self, timeline: Timeline) -> None:
        self._cells = iam_run.cells(timeline, self._requests, self._users)

    def _empty(self) -> go.FigureWidget:
        import plotly.graph_objects as go

        rule = go.Scatter(
            name="the rule",
            mode="markers",
            marker={"color": marks.RULE, "size": 13, "line": {"width": 2}},
            cliponaxis=False,
            hovertemplate="by IAM's rules: %{text}<extra></extra>",
        )
        still = {"fixedrange": True, "zeroline": False, "showgrid": False}
        columns, rows = len(self._users), len(self._requests)
        return marks.figure(
            90 + 44 * rows,
            [
                rule,
                marks.measurement(hover="moto: %{text}<extra></extra>", size=12),
                marks.prediction(hover="you said: %{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 170, "r": 20, "t": 40, "b": 16},
                "xaxis": {
                    **still,
                    "side": "top",
                    "range": [-0.5, columns - 0.5],
                    "tickvals": list(range(columns)),
                    "ticktext": list(self._users),
                },
                "yaxis": {
                    **still,
                    "range": [rows - 0.5, -0.5],
                    "tickvals": list(range(rows)),
                    "ticktext": [request.words for request in self._requests],
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
            for trace, field, shape, aside in (
                (predicted, "predicted", "diamond", -BESIDE),
                (rule, "rule", "square", 0),
                (measured, "answer", "circle", BESIDE),
            ):
                self._put(trace, field, shape, aside)

    def _put(self, trace: go.Scatter, field: str, shape: str, aside: float) -> None:
        """Put a mark into each cell that has this; a denial is the hollow shape."""
        columns = len(self._users)
        placed = [(place, getattr(cell, field)) for place, cell in enumerate(self._cells)]
        known: list[tuple[int, bool]] = [(p, said) for p, said in placed if said is not None]
        trace.x = [place % columns + aside for place, _ in known]
        trace.y = [place // columns for place, _ in known]
        trace.text = [_word(said) for _, said in known]
        trace.marker.symbol = [shape if said else f"{shape}-open" for _, said in known]
        trace.marker.line.width = 2


def wrong(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells that were predicted otherwise than IAM's rules have them."""
    return [c for c in cells if c.rule is not None and c.predicted not in (None, c.rule)]


def _word(said: bool | None) -> str:
    return "–" if said is None else ("yes" if said else "no")
