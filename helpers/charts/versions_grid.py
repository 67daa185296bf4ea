"""The chart of "A fix, a feature, a break": five Pods, two questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model import tag_run
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

BESIDE = 0.2  # of a column, between the marks of one cell


class VersionsGrid(TimelineChart):
    """A table of marks: full is yes, hollow is no."""

    legend = (
        ("measured", "what the Pod's program answered (full: yes, hollow: no)"),
        ("rule", "what the version promises (a square: full or hollow)"),
        ("prediction", "your prediction (full: yes, hollow: no)"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        known = [cell for cell in self._cells if cell.answer is not None]
        if not known:
            return "Nothing is measured yet."
        said = "; ".join(f"{c.row}: {c.column}, {_word(c.answer)}" for c in known)
        wrong = sum(c.predicted is not None and c.predicted != c.answer for c in known)
        return f"{said}. You predicted {wrong} of them otherwise."

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a Pod and question."""
        return [
            {
                "the Pod names": cell.row,
                "question": cell.column,
                "you said": _word(cell.predicted),
                "the version promises": _word(cell.rule),
                "the Pod answered": _word(cell.answer),
            }
            for cell in self._cells
            if cell.answer is not None
        ]

    def _read(self, timeline: Timeline) -> None:
        self._cells = tag_run.cells(timeline)

    def _empty(self) -> go.FigureWidget:
        import plotly.graph_objects as go

        rule = go.Scatter(
            name="the rule",
            mode="markers",
            marker={"color": marks.RULE, "size": 13, "line": {"width": 2}},
            cliponaxis=False,
            hovertemplate="promised: %{text}<extra></extra>",
        )
        still = {"fixedrange": True, "zeroline": False, "showgrid": False}
        columns, rows = len(tag_run.QUESTIONS), len(tag_run.WORDS)
        return marks.figure(
            90 + 44 * rows,
            [
                rule,
                marks.measurement(hover="answered: %{text}<extra></extra>", size=12),
                marks.prediction(hover="you said: %{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 170, "r": 20, "t": 40, "b": 16},
                "xaxis": {
                    **still,
                    "side": "top",
                    "range": [-0.5, columns - 0.5],
                    "tickvals": list(range(columns)),
                    "ticktext": list(tag_run.QUESTIONS),
                },
                "yaxis": {
                    **still,
                    "range": [rows - 0.5, -0.5],
                    "tickvals": list(range(rows)),
                    "ticktext": list(tag_run.WORDS),
                },
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
        columns = len(tag_run.QUESTIONS)
        placed = [(place, getattr(cell, field)) for place, cell in enumerate(self._cells)]
        known: list[tuple[int, bool]] = [(p, said) for p, said in placed if said is not None]
        trace.x = [place % columns + aside for place, _ in known]
        trace.y = [place // columns for place, _ in known]
        trace.text = [_word(said) for _, said in known]
        trace.marker.symbol = [shape if said else f"{shape}-open" for _, said in known]


def _word(said: bool | None) -> str:
    return "–" if said is None else ("yes" if said else "no")
