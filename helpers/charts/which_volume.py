"""The chart of "Which volume does a claim get?": a column a volume, a line a claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_words
from helpers.model import matching, volumes
from helpers.model.matching import FIRST, SECOND, SHELF, WAITS
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

PLACES = {name: place for place, name in enumerate((*SHELF, WAITS))}
LINES = {SECOND: 0, FIRST: 1}


class ShelfChart(TimelineChart):
    """Which volume each claim got, beside the one that the rule names."""

    legend = (
        ("measured", "the volume that the claim is bound to"),
        ("rule", "the rule: few modes, then small"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._outcomes:
            return "Nothing is measured yet."
        told = ", ".join(
            f"the {o.claim} claim got {o.measured or 'nothing yet'} (the rule: {o.rule})"
            for o in self._outcomes
        )
        said = f" You predicted {self._said}." if self._said else ""
        return f"{told[0].upper()}{told[1:]}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a volume: what the rule says of it for the first claim."""
        return self._rows

    def _read(self, timeline: Timeline) -> None:
        self._outcomes = matching.outcomes(timeline)
        self._shelf = matching.shelf(timeline)
        self._said = predicted_words(timeline)
        asked = matching.claims(timeline)
        got = {o.measured: o.claim for o in reversed(self._outcomes)}
        self._rows: list[dict[str, Value]] = [
            {
                "volume": volume.name,
                "capacity": str(volume.capacity),
                "access modes": ", ".join(sorted(volume.access_modes, reverse=True)),
                "for the first claim": ", ".join(volumes.judge(asked[0], volume).reasons)
                or "would do",
                "bound to": got.get(volume.name, ""),
            }
            for volume in self._shelf
            if asked
        ]

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False}
        rule = marks.rule(hover="by the rule: %{text}<extra></extra>")
        rule.connectgaps = False
        return marks.figure(
            270,
            [
                rule,
                marks.measurement(hover="the controller: %{text}<extra></extra>", size=13),
                marks.prediction(hover="you predicted: %{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 110, "r": 20, "t": 56, "b": 10},
                "xaxis": {
                    **still,
                    "side": "top",
                    "showgrid": True,
                    "range": [-0.5, len(PLACES) - 0.5],
                    "tickvals": list(PLACES.values()),
                    "ticktext": [_column(name) for name in PLACES],
                },
                "yaxis": {
                    **still,
                    "range": [-0.6, 1.6],
                    "tickvals": list(LINES.values()),
                    "ticktext": [f"{name} claim " for name in LINES],
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, measured, predicted = made.data
        seen = [o for o in self._outcomes if o.measured in PLACES]
        with made.batch_update():
            rule.x = [x for o in self._outcomes for x in (PLACES[o.rule], PLACES[o.rule], None)]
            rule.y = [
                y
                for o in self._outcomes
                for y in (LINES[o.claim] - 0.4, LINES[o.claim] + 0.4, None)
            ]
            rule.text = [word for o in self._outcomes for word in (o.rule, o.rule, "")]
            measured.x = [PLACES[o.measured or WAITS] for o in seen]
            measured.y = [LINES[o.claim] for o in seen]
            measured.text = [o.measured for o in seen]
            known = self._said in PLACES
            # Beside the dot rather than under it, where both are the same.
            predicted.x = [PLACES[self._said] - 0.14] if known else []
            predicted.y = [LINES[FIRST]] if known else []
            predicted.text = [self._said] if known else []


def _column(name: str) -> str:
    return f"{name}<br>{SHELF[name]}" if name in SHELF else "none"
