"""The chart of "What survives what": a grid of kinds and events, three places in each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model import survives
from helpers.model.survives import CELLS, EVENTS, KINDS, OPTIONS, Cell
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

SIDE = {option: 0.27 * (place - 1) for place, option in enumerate(OPTIONS)}
"""Where in a cell an option is drawn: left, middle, right."""


class SurvivesChart(TimelineChart):
    """A column a kind, a line an event; in each cell the left is the same file, the right none."""

    legend = (
        ("measured", "same file, new file, or no pod"),
        ("rule", "the rule"),
        ("prediction", "your prediction"),
    )

    @property
    def cells(self) -> list[Cell]:
        """The cells of the run."""
        return self._cells

    @property
    def said(self) -> dict[tuple[str, str], str]:
        """Your predictions by event and kind."""
        return self._said

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        done = [cell for cell in self._cells if cell.measured is not None]
        if not done:
            return "Nothing is measured yet."
        told = "; ".join(
            f"{event}: "
            + ", ".join(f"{cell.kind} {cell.measured}" for cell in done if cell.event == event)
            for event in dict.fromkeys(cell.event for cell in done)
        )
        agree = sum(cell.rule == cell.measured for cell in done)
        right = sum(self._said.get((cell.event, cell.kind)) == cell.measured for cell in done)
        said = f" Of your predictions {right} are right." if self._said else ""
        return f"{told}. Rule and cluster agree on {agree} of {len(done)} cells.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a cell."""
        return [
            {
                "what happens": cell.event,
                "where the file is": cell.kind,
                "you said": self._said.get((cell.event, cell.kind)),
                "the rule": cell.rule,
                "measured": cell.measured,
                "SHA-256 before": (cell.before or "")[:12] or None,
                "and after": (cell.after or "")[:12] or None,
            }
            for cell in self._cells
        ]

    def _read(self, timeline: Timeline) -> None:
        self._cells = survives.cells(timeline)
        said = timeline.value(source="learner", field="prediction")
        good = isinstance(said, list | tuple) and len(said) == len(CELLS)
        self._said = dict(zip(CELLS, map(str, said), strict=True)) if good else {}  # type: ignore[arg-type]

    def _empty(self) -> go.FigureWidget:
        """Make the empty grid."""
        still = {"fixedrange": True, "zeroline": False, "showgrid": False}
        line = marks.rule(hover="by the rule: %{text}<extra></extra>")
        line.connectgaps = False
        dots = marks.measurement(hover="%{customdata}<extra></extra>")
        dots.mode, dots.textposition = "markers+text", "bottom center"
        dots.textfont = {"size": 10.5}
        lines = [
            {
                "type": "line",
                **{"x0": -0.5, "x1": len(KINDS) - 0.5, "y0": y + 0.5, "y1": y + 0.5},
                "line": {"color": marks.QUIET, "width": 0.5},
            }
            for y in range(len(EVENTS) - 1)
        ]
        lines += [
            {
                "type": "line",
                **{"x0": x + 0.5, "x1": x + 0.5, "y0": -0.5, "y1": len(EVENTS) - 0.5},
                "line": {"color": marks.QUIET, "width": 0.5},
            }
            for x in range(len(KINDS) - 1)
        ]
        return marks.figure(
            480,
            [line, dots, marks.prediction(hover="you predicted: %{text}<extra></extra>")],
            {
                "margin": {"l": 150, "r": 10, "t": 36, "b": 10},
                "shapes": lines,
                "xaxis": {
                    **still,
                    "side": "top",
                    "range": [-0.5, len(KINDS) - 0.5],
                    "tickvals": list(range(len(KINDS))),
                    "ticktext": list(KINDS),
                },
                "yaxis": {
                    **still,
                    "range": [-0.5, len(EVENTS) - 0.5],
                    "tickvals": list(range(len(EVENTS))),
                    "ticktext": [_broken(event) for event in reversed(EVENTS)],
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, dots, predicted = made.data
        done = [cell for cell in self._cells if cell.measured is not None]
        with made.batch_update():
            ruled = [(_x(cell.kind, cell.rule), _y(cell.event) - 0.06) for cell in self._cells]
            rule.x = [x for place, _ in ruled for x in (place - 0.1, place + 0.1, None)]
            rule.y = [y for _, height in ruled for y in (height, height, None)]
            rule.text = [word for cell in self._cells for word in (cell.rule, cell.rule, "")]
            dots.x = [_x(cell.kind, str(cell.measured)) for cell in done]
            dots.y = [_y(cell.event) - 0.06 for cell in done]
            dots.text = [str(cell.measured).removesuffix(" file") for cell in done]
            dots.customdata = [f"{cell.kind}, {cell.event}: {cell.measured}" for cell in done]
            shown = self._said if self._cells else {}
            predicted.x = [_x(kind, said) for (_, kind), said in shown.items()]
            predicted.y = [_y(event) + 0.2 for event, _ in shown]
            predicted.text = list(shown.values())


def _x(kind: str, option: str) -> float:
    return KINDS.index(kind) + SIDE[option]


def _y(event: str) -> int:
    return len(EVENTS) - 1 - EVENTS.index(event)


def _broken(event: str) -> str:
    """Break an event's name into two lines, for the axis."""
    return event.replace(", ", ",<br>").replace(" is ", "<br>is ", 1) + " "
