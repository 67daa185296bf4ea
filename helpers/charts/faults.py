"""The chart of "kubectl top fails": what kubectl and the APIService said, over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model import metrics_server
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

LANES = ("APIService Available", "kubectl top", "Deployment available")


class FaultsChart(TimelineChart):
    """Three lanes over the seconds of the run; a grey ground is a fault."""

    legend = (
        ("measured", "high: works, low: does not"),
        ("rule", "the rule: available replicas at the end of a fault"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._faults:
            return "No fault has been made yet."
        told = "; ".join(
            f"{row['fault']}: {row['APIService']}, {row['available']} available"
            for row in self.table
        )
        failed = sum(self._failed(fault) for fault in self._faults)
        return f"kubectl top failed in {failed} of {len(self._faults)} faults. {told}."

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a fault."""
        return [
            {
                "fault": fault.name,
                "APIService": self._reason(fault),
                "by the rule": fault.reason,
                "available": self._available[fault.name],
                "available by the rule": fault.available,
                "kubectl said": self._words(fault),
            }
            for fault in self._faults
        ]

    def _read(self, timeline: Timeline) -> None:
        self._faults = metrics_server.faults(timeline)
        rows = timeline.rows
        self._start = rows[0].time if rows else 0.0
        self._end = rows[-1].time if rows else 0.0
        field = "status.conditions.Available"
        watch = {"source": "watch", "object": metrics_server.API}
        self._reasons = timeline.where(**watch, field=f"{field}.reason")
        self._tops = timeline.where(source="exec", field="top")
        self._available = {f.name: metrics_server.available(timeline, f) for f in self._faults}
        counts = timeline.where(source="session", field="available")
        self._lanes = (
            [(r.time, r.value == "True") for r in timeline.where(**watch, field=f"{field}.status")],
            [(r.time, isinstance(r.value, dict) and r.value["good"] is True) for r in self._tops],
            [(r.time, bool(r.value)) for r in counts],
        )

    def _reason(self, fault: metrics_server.Fault) -> Value:
        found = [row.value for row in self._reasons if row.time <= fault.ended]
        return found[-1] if found else None

    def _failed(self, fault: metrics_server.Fault) -> bool:
        last = [r.value for r in self._tops if fault.began <= r.time <= fault.ended][-1:]
        return any(isinstance(value, dict) and not value["good"] for value in last)

    def _words(self, fault: metrics_server.Fault) -> str:
        found = [
            str(r.value["said"]).strip()
            for r in self._tops
            if fault.began <= r.time <= fault.ended and isinstance(r.value, dict)
        ]
        return found[-1] if found else ""

    def _empty(self) -> go.FigureWidget:
        """Make the figure with its three lanes."""
        import plotly.graph_objects as go

        lanes = [marks.measurement(hover="%{x:.0f} s<extra></extra>", size=6) for _ in LANES]
        for lane in lanes:
            lane.mode, lane.line = "lines+markers", {"color": marks.MEASUREMENT, "shape": "hv"}
        ground = go.Scatter(
            mode="lines",
            fill="toself",
            fillcolor="rgba(128,136,144,0.16)",
            line={"width": 0},
            hoverinfo="skip",
        )
        names = go.Scatter(
            mode="text", textposition="top center", cliponaxis=False, hoverinfo="skip"
        )
        still = {"fixedrange": True, "zeroline": False, "showgrid": False}
        return marks.figure(
            340,
            [ground, names, marks.rule(hover="by the rule<extra></extra>"), *lanes],
            {
                "margin": {"l": 150, "r": 20, "t": 40, "b": 48},
                "title": {"x": 0.5, "y": 0.97, "yanchor": "top", "font": {"size": 12}},
                "xaxis": {**still, "title": "seconds", "rangemode": "tozero"},
                "yaxis": {
                    **still,
                    "range": [-0.3, 4.3],
                    "tickvals": [3.4, 1.9, 0.4],
                    "ticktext": list(LANES),
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        ground, names, rule, *lanes = made.data
        with made.batch_update():
            for base, lane, points in zip((3.0, 1.5, 0.0), lanes, self._lanes, strict=True):
                lane.x = [at - self._start for at, _ in points]
                lane.y = [base + 0.8 * good for _, good in points]
            ends = [(f.began - self._start, f.ended - self._start, f) for f in self._faults]
            rule.connectgaps = False
            rule.x = [x for begin, end, _ in ends for x in (begin, end, None)]
            rule.y = [y for *_, f in ends for y in (0.8 * f.available, 0.8 * f.available, None)]
            # A ground a fault: a closed path, and a lift of the pen before the next.
            ground.x = [x for a, b, _ in ends for x in (a, b, b, a, a, None)]
            ground.y = [y for _ in ends for y in (-0.3, -0.3, 4.1, 4.1, -0.3, None)]
            names.x = [(begin + end) / 2 for begin, end, _ in ends]
            names.y = [4.2 for _ in ends]
            # Side by side the faults' own names would lie on each other.
            names.text = [str(number) for number, _ in enumerate(ends, 1)]
            made.layout.title.text = " · ".join(
                f"{number} {fault.name}" for number, (*_, fault) in enumerate(ends, 1)
            )
            made.layout.xaxis.range = [0, max(self._end - self._start, 10)]
