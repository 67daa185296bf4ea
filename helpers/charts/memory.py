"""The chart of "A memory limit kills": memory until the limit, and CPU at its limit, over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_words
from helpers.model import cfs, memory
from helpers.model.resources import asked
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

GREEDY, BURN = "Pod/greedy", "Pod/burn"
MEBI = 2**20


@dataclass(frozen=True, slots=True)
class Use:
    """CPU used in one window that ended so many seconds after the beginning; cores."""

    second: float
    cores: float


class MemoryChart(TimelineChart):
    """Two limits over time: one that kills, one that slows."""

    legend = (
        ("measured", "measured (× killed)"),
        ("rule", "the rule: the limit"),
        ("prediction", "your prediction"),
    )

    @property
    def held(self) -> tuple[tuple[float, float], ...]:
        """Seconds since the beginning, and MiB that the program said it held from then on."""
        return self._held

    @property
    def kills(self) -> tuple[float, ...]:
        """Seconds at which the watch saw that the container had been killed for memory."""
        return self._kills

    @property
    def cpu(self) -> tuple[Use, ...]:
        """The windows of the pod that is over its CPU limit."""
        return self._cpu

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._held:
            return "Nothing is measured yet."
        most = max(size for _, size in self._held)
        limit = "no limit" if self._limit is None else f"a limit of {self._limit:g} MiB"
        end = (
            f"it was killed {len(self._kills)} times, first after {self._kills[0]:.1f} s"
            if self._kills
            else "it lives"
        )
        cpu = (
            f" The pod over its CPU limit used {self._cpu[-1].cores:.2f} cores and went on."
            if self._cpu
            else ""
        )
        said = f" You predicted: {self._prediction}." if self._prediction else ""
        return f"The program held up to {most:.0f} MiB under {limit}; {end}.{cpu}{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row for each thing seen, in its order."""
        rows: list[tuple[float, str, str]] = [
            (second, "greedy", f"holds {size:.0f} MiB") for second, size in self._held
        ]
        rows += [(second, "greedy", f"{memory.KILLED}") for second in self._kills]
        rows += [(use.second, "burn", f"used {use.cores:.2f} cores") for use in self._cpu]
        return [
            {"second": round(second, 1), "pod": pod, "what": what}
            for second, pod, what in sorted(rows)
        ]

    def _read(self, timeline: Timeline) -> None:
        sent = timeline.last(source="session", object=GREEDY, field="manifest")
        begin = sent.time if sent is not None else 0.0
        greedy, burn = asked(timeline, GREEDY), asked(timeline, BURN)
        limit = greedy.limit("memory") if greedy is not None else None
        cpu = burn.limit("cpu") if burn is not None else None
        self._limit = None if limit is None else limit.bytes / MEBI
        self._cpu_limit = None if cpu is None else cpu.cores
        holding = timeline.where(source="exec", object=GREEDY, field="log.holding")
        self._held = tuple(
            (row.time - begin, row.value / MEBI)
            for row in sorted(holding, key=lambda row: row.time)
            if isinstance(row.value, int)
        )
        self._kills = tuple(time - begin for time in _kills(timeline))
        self._cpu = tuple(
            Use(window.end - begin, window.cores_used) for window in cfs.windows(timeline, BURN)
        )
        self._prediction = predicted_words(timeline)

    def _empty(self) -> go.FigureWidget:
        """Make the figure with its two panels and no points yet."""
        still = {"fixedrange": True, "zeroline": True, "showgrid": False}
        killed = marks.measurement(hover="killed after %{x:.1f} s<extra></extra>", size=15)
        killed.name = "killed"
        killed.marker.symbol = "x"
        note = {
            "text": "",
            "x": 1,
            "y": 1,
            "xref": "paper",
            "yref": "paper",
            "xanchor": "right",
            "yanchor": "top",
            "showarrow": False,
            "font": {"color": marks.PREDICTION, "size": 12.5},
        }
        return marks.figure(
            430,
            [
                marks.rule(hover="limit %{y:g} MiB<extra></extra>"),
                marks.measurement(hover="%{y:.0f} MiB after %{x:.1f} s<extra></extra>"),
                killed,
                marks.rule(axes="2", hover="limit %{y:g} cores<extra></extra>"),
                marks.measurement(axes="2", size=9, hover="%{y:.2f} cores<extra></extra>"),
            ],
            {
                "xaxis": {**still, "anchor": "y", "showticklabels": False},
                "yaxis": {**still, "domain": [0.42, 1], "showgrid": True, "ticksuffix": " MiB"},
                "xaxis2": {**still, "anchor": "y2", "title": {"text": "seconds"}},
                "yaxis2": {
                    **still,
                    "domain": [0, 0.22],
                    "range": [0, 0.6],
                    "tickvals": [0, 0.25, 0.5],
                },
                "annotations": [
                    marks.heading("Memory that greedy holds", 1.03),
                    marks.heading("CPU that burn uses, in cores (two threads want two)", 0.25),
                    note,
                ],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        line, held, killed, cpu_line, used = made.data
        seconds = [s for s, _ in self._held] + [*self._kills] + [use.second for use in self._cpu]
        far = max([*seconds, 5.0]) + 0.5
        with made.batch_update():
            made.layout.xaxis.range = made.layout.xaxis2.range = [0, far]
            line.x, line.y = ([0, far], [self._limit] * 2) if self._limit else ([], [])
            held.x, held.y = [s for s, _ in self._held], [size for _, size in self._held]
            killed.x = list(self._kills)
            killed.y = [self._limit] * len(self._kills)
            cpu_line.x, cpu_line.y = (
                ([0, far], [self._cpu_limit] * 2) if self._cpu_limit else ([], [])
            )
            used.x, used.y = [u.second for u in self._cpu], [u.cores for u in self._cpu]
            most = max([size for _, size in self._held] + [self._limit or 0, 1])
            made.layout.yaxis.range = [0, most * 1.35]
            note = made.layout.annotations[-1]
            note.text = f"◆ you said: {self._prediction}" if self._prediction else ""


def _kills(timeline: Timeline) -> list[float]:
    """Return when the watch first told of each container that was killed for memory."""
    when: dict[Value, float] = {}
    reason: Value = None
    for row in timeline.where(source="watch", object=GREEDY):
        if row.field.endswith("erminated.reason"):
            reason = row.value or reason
        elif row.field.endswith("erminated.containerID") and row.value is not None:
            when.setdefault(str(row.value), row.time)
    return sorted(when.values()) if reason == memory.KILLED else []
