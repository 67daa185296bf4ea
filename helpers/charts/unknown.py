"""The chart of "Why an autoscaler knows nothing": who shows a number, and who says why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.charts.figure import QUIET
from helpers.model import hpa_conditions
from helpers.model.hpa_conditions import HPA
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from helpers.model.hpa_conditions import State

_LONG = 64  # characters of a message that have room beside a dot


@dataclass(frozen=True, slots=True)
class Case:
    """One autoscaler: the state to expect, and the one in which it was seen last."""

    name: str
    rule: State
    seen: State | None

    @property
    def number(self) -> bool:
        """Whether it shows a number."""
        return self.seen is not None and self.seen.shows_a_number

    @property
    def short(self) -> str:
        """Its message, without what all of them begin with."""
        if self.seen is None:
            return "nothing yet"
        words = self.seen.words
        for start in (
            "the HPA was unable to compute the replica count: ",
            "the HPA controller was unable to get the target's current scale: ",
            "failed to get cpu utilization: ",
        ):
            words = words.removeprefix(start)
        return words.partition(" (e.g.")[0]


class UnknownChart(TimelineChart):
    """A row an autoscaler: expected and seen, unknown at the left and a number at the right."""

    legend = (
        ("measured", "what it shows in the end"),
        ("rule", "what the manifests let one expect"),
        ("prediction", "your prediction"),
    )

    @property
    def cases(self) -> tuple[Case, ...]:
        """The autoscalers, in the order in which they were made."""
        return self._cases

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._cases:
            return "No autoscaler is there yet."
        words = "; ".join(
            f"{case.name} {'shows a number' if case.number else f'shows <unknown> ({case.short})'}"
            for case in self._cases
        )
        said = f" You predicted {self._said}." if self._said else ""
        return f"Autoscalers: {words}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row an autoscaler: expected reason, condition, reason and message."""
        return [
            {
                "autoscaler": case.name,
                "reason, expected": case.rule.reason,
                "condition": case.seen.condition if case.seen else "",
                "reason": case.seen.reason if case.seen else "",
                "message": case.seen.words if case.seen else "",
            }
            for case in self._cases
        ]

    def _read(self, timeline: Timeline) -> None:
        self._cases = tuple(
            Case(
                name,
                hpa_conditions.expected(timeline, name),
                hpa_conditions.seen(timeline, name),
            )
            for name in hpa_conditions.sent(timeline, HPA)
        )
        said = timeline.value(source="learner", field="prediction")
        self._said = str(said).partition(" ")[0].rstrip(":") if said else ""

    def _empty(self) -> go.FigureWidget:
        still = {"showgrid": False, "zeroline": False, "fixedrange": True, "showline": False}
        return marks.figure(
            360,
            [
                marks.rule(hover="expected<extra></extra>").update(
                    connectgaps=False, line={"width": 3}
                ),
                marks.measurement(hover="%{text}<extra></extra>", size=12),
                marks.prediction(hover="you predicted this one<extra></extra>"),
            ],
            {
                "margin": {"l": 78, "r": 20, "t": 34, "b": 12},
                "xaxis": {
                    **still,
                    "range": [-0.25, 2.6],
                    "side": "top",
                    "tickvals": [0, 1],
                    "ticktext": ["&lt;unknown&gt;", "a number"],
                    "ticklabelstandoff": 6,
                },
                "yaxis": {**still, "ticklabelstandoff": 8, "autorange": False},
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, seen, predicted = made.data
        places = list(range(len(self._cases)))
        shown = [(place, case) for place, case in enumerate(self._cases) if case.seen is not None]
        with made.batch_update():
            made.layout.yaxis.tickvals = places
            made.layout.yaxis.ticktext = [case.name for case in self._cases]
            made.layout.yaxis.range = [max(len(places), 4) - 0.5, -0.5]
            rule.x = [x for c in self._cases for x in (*[int(c.rule.shows_a_number)] * 2, None)]
            rule.y = [y for place in places for y in (place - 0.32, place + 0.32, None)]
            seen.x, seen.y = [int(case.number) for _, case in shown], [p for p, _ in shown]
            seen.text = [case.short for _, case in shown]
            mine = [place for place, case in enumerate(self._cases) if case.name == self._said]
            predicted.x, predicted.y = [1] * len(mine), mine
            made.layout.annotations = [
                {
                    "x": 1.12,
                    "y": place,
                    "text": _cut(case.seen.reason) if case.seen else "",
                    "xanchor": "left",
                    "showarrow": False,
                    "font": {"size": 12, "color": QUIET},
                }
                for place, case in shown
            ]


def _cut(text: str) -> str:
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"
