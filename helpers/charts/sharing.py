"""The chart of the 2 × 2: the CPU that a pod gets, by its fitting and its neighbour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model import cfs
from helpers.model.resources import asked
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

POD, NEIGHBOUR = "Pod/web", "Pod/neighbour"
CELLS = (
    ("low request", "idle"),
    ("low request", "busy"),
    ("tight limit", "idle"),
    ("tight limit", "busy"),
)
SLOW = {
    "the one with the tight limit": {"tight limit"},
    "the one with the low request": {"low request"},
    "both": {"tight limit", "low request"},
}
"""Which fitting each answer calls slow on an idle core."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One of the four cells; CPU in cores, None until it is known.

    `predicted` is True where slowness was predicted, and None where nothing was.
    """

    fitting: str
    place: str
    rule: float | None = None
    measured: float | None = None
    predicted: bool | None = None

    @property
    def name(self) -> str:
        """The cell as the axis names it."""
        return f"{self.fitting},<br>{self.place} neighbour"


class SharingChart(TimelineChart):
    """Four cells: what the rule gives the pod, what it got, and where you said it is slow."""

    legend = (
        ("measured", "measured"),
        ("rule", "the rule: the limit's quota, the request's weight"),
        ("prediction", "your prediction, for the idle core"),
    )

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The four cells in their order along the axis."""
        return self._cells

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        seen = [c for c in self._cells if c.measured is not None]
        if not seen:
            return "Nothing is measured yet."
        used = ", ".join(
            f"{c.measured:.2f} with a {c.fitting} beside an {c.place} neighbour"
            if c.place == "idle"
            else f"{c.measured:.2f} with a {c.fitting} beside a {c.place} neighbour"
            for c in seen
        )
        slow = [c.fitting for c in self._cells if c.predicted]
        said = (
            ""
            if all(c.predicted is None for c in self._cells)
            else (f" You predicted that on an idle core {' and '.join(slow) or 'neither'} is slow.")
        )
        return f"CPU used, in cores: {used}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a cell: the rule and the measurement in cores."""
        return [
            {
                "web has a": cell.fitting,
                "its neighbour is": cell.place,
                "CPU, rule (cores)": None if cell.rule is None else round(cell.rule, 2),
                "CPU, measured (cores)": round(cell.measured, 2),
            }
            for cell in self._cells
            if cell.measured is not None
        ]

    def _read(self, timeline: Timeline) -> None:
        self._cells = read(timeline)

    def _empty(self) -> go.FigureWidget:
        """Make the figure without points."""
        still = {"fixedrange": True, "showgrid": False, "zeroline": False}
        predicted = marks.prediction(hover="%{text}<extra></extra>")
        predicted.mode = "markers+text"
        predicted.textposition = "middle right"
        predicted.textfont = {"color": marks.PREDICTION}
        line = marks.rule(hover="the rule: %{y:.2f} cores<extra></extra>")
        line.connectgaps = False  # one stroke a place
        return marks.figure(
            360,
            [
                line,
                marks.measurement(hover="measured: %{y:.2f} cores<extra></extra>"),
                predicted,
            ],
            {
                "xaxis": {
                    **still,
                    "range": [-0.5, len(CELLS) - 0.5],
                    "tickvals": list(range(len(CELLS))),
                    "ticktext": [Cell(*cell).name for cell in CELLS],
                },
                "yaxis": {
                    "fixedrange": True,
                    "zeroline": True,
                    "range": [0, 1.35],
                    "tickvals": [0, 0.25, 0.5, 0.75, 1],
                },
                "annotations": [marks.heading("CPU that web got, in cores", 1.03)],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        cells = self._cells
        rule, measured, predicted = made.data
        with made.batch_update():
            rule.x = [x for i in range(len(cells)) for x in (i - 0.3, i + 0.3, None)]
            rule.y = [y for c in cells for y in (c.rule, c.rule, None)]
            measured.x, measured.y = list(range(len(cells))), [c.measured for c in cells]
            told = [(i, c.predicted) for i, c in enumerate(cells) if c.predicted is not None]
            predicted.x, predicted.y = [i for i, _ in told], [1.22] * len(told)
            predicted.text = ["you: slow" if slow else "you: fast" for _, slow in told]


def read(timeline: Timeline) -> tuple[Cell, ...]:
    """Return the four cells with what the Timeline holds of them."""
    used: dict[tuple[str, str], float] = {}
    given: dict[tuple[str, str], cfs.ThrottleWindow] = {}
    for window in cfs.windows(timeline, POD):
        fitting = "low request" if window.limit is None else "tight limit"
        place = "busy" if _beside(timeline, window) else "idle"
        used[fitting, place], given[fitting, place] = window.cores_used, window
    said = timeline.value(source="learner", field="prediction")
    whole = used.get(("low request", "idle"))
    return tuple(
        Cell(
            fitting,
            place,
            rule=_rule(timeline, given[fitting, place], place, whole)
            if whole and (fitting, place) in given
            else None,
            measured=used.get((fitting, place)),
            predicted=(fitting in SLOW.get(str(said), set())) if said and place == "idle" else None,
        )
        for fitting, place in CELLS
    )


def _beside(timeline: Timeline, window: cfs.ThrottleWindow) -> bool:
    """Tell whether the neighbour ran while this window was measured."""
    alive = False
    for row in timeline.where(source="watch", object=NEIGHBOUR):
        if row.time > window.end:
            break
        if row.field.endswith("state.running.startedAt"):
            alive = row.value is not None
        elif row.field == "exists" and row.value is False:
            alive = False
    return alive


def _rule(timeline: Timeline, window: cfs.ThrottleWindow, place: str, whole: float) -> float | None:
    """Return the cores that limit and weight give the pod, of `whole`, what the core can give."""
    mine = asked(timeline, POD, at=window.end - window.seconds)
    its = asked(timeline, NEIGHBOUR)
    if mine is None:
        return None
    wanted = cfs.cpu_used(window.limit, whole).expected
    if place == "idle" or its is None:
        return wanted
    weights = {
        "mine": cfs.weight_of_pod(mine.request("cpu"), window.cgroup),
        "its": cfs.weight_of_pod(its.request("cpu"), window.cgroup),
    }
    return cfs.divide(whole, {"mine": wanted, "its": whole}, weights)["mine"]
