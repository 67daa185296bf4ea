"""The chart of "A disk has one zone": a column a zone, a line a Pod."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_words
from helpers.model import zones
from helpers.model.timeline import Timeline, Value
from helpers.model.zones import BOOKS, FREE, OLD, PENDING, TODAY, WORDS, YOURS, ZONES

if TYPE_CHECKING:
    import plotly.graph_objects as go

PLACES = {name: place for place, name in enumerate((*ZONES, PENDING))}
LINES = {name: place for place, name in enumerate((TODAY, BOOKS, OLD, FREE, YOURS))}


class ZoneChart(TimelineChart):
    """Where each Pod is, beside where the rule says it can be."""

    legend = (
        ("measured", "the zone of the Pod's node"),
        ("rule", "the rule: volume and selector agree"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._placed:
            return "Nothing is measured yet."
        told = ", ".join(f"{p.pod}: {p.measured or 'undecided'}" for p in self._placed)
        said = f" You predicted: {self._said}." if self._said else ""
        return f"Where each Pod is: {told}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a Pod."""
        return [
            {
                "Pod": p.pod,
                "the rule": p.rule or "either zone",
                "is in": p.measured,
                "the scheduler's words": p.message,
            }
            for p in self._placed
        ]

    def _read(self, timeline: Timeline) -> None:
        self._placed = zones.placed(timeline)
        self._disk = zones.volume_zones(timeline)
        self._said = predicted_words(timeline)

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False}
        rule = marks.rule(hover="by the rule: %{text}<extra></extra>")
        rule.connectgaps = False
        return marks.figure(
            340,
            [
                rule,
                marks.measurement(hover="%{text}<extra></extra>", size=13),
                marks.prediction(hover="you predicted: %{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 110, "r": 20, "t": 56, "b": 10},
                "xaxis": {
                    **still,
                    "side": "top",
                    "range": [-0.5, len(PLACES) - 0.5],
                    "tickvals": list(PLACES.values()),
                },
                "yaxis": {
                    **still,
                    "range": [-0.6, len(LINES) - 0.4],
                    "tickvals": list(LINES.values()),
                    "ticktext": [f"{name} " for name in LINES],
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, measured, predicted = made.data
        ruled = [p for p in self._placed if p.rule in PLACES]
        seen = [p for p in self._placed if p.measured in PLACES]
        with made.batch_update():
            made.layout.xaxis.ticktext = [
                f"{name}<br>(the disk)" if name in self._disk else name for name in PLACES
            ]
            at = [(PLACES[p.rule or PENDING], LINES[p.pod]) for p in ruled]
            rule.x = [x for place, _ in at for x in (place, place, None)]
            rule.y = [y for _, line in at for y in (line - 0.4, line + 0.4, None)]
            rule.text = [word for p in ruled for word in (p.rule, p.rule, "")]
            measured.x = [PLACES[p.measured or PENDING] for p in seen]
            measured.y = [LINES[p.pod] for p in seen]
            measured.text = [f"{p.pod}: {p.measured}" for p in seen]
            place = next((place for place, words in WORDS.items() if words == self._said), None)
            # Beside the dot rather than under it, where both are the same.
            predicted.x = [] if place is None else [PLACES[place] - 0.1]
            predicted.y = [] if place is None else [LINES[YOURS]]
            predicted.text = [self._said]
