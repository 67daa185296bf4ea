"""The chart of "A node is lost": what happened when, since its processes stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_words
from helpers.model import lost_node
from helpers.model.lost_node import AT_ONCE, BACK, GRACE, LOOKED_AT, RATE, RENEWED
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

LANES = (
    "the node counts as lost",
    "its pods are told to go",
    "the Deployment's next pod",
    "the node goes on",
    "the set's next pod",
)
SOON = 3.0  # seconds that a controller may take, where the rule says "at once"
ENDS = 45.0  # seconds that a node may take until it has told that its old Pods are gone


class LostNodeChart(TimelineChart):
    """A lane an event; a dot when it happened, a line when it may by the rule."""

    legend = (
        ("measured", "it happens"),
        ("rule", "the rule: when it may"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if self._story.paused is None:
            return "Nothing is measured yet."
        told = "; ".join(f"{row['what']}: {row['seconds']} s" for row in self.table)
        said = f" You predicted: {self._said}." if self._said else ""
        return f"Seconds after {self._story.node} stopped. {told}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row an event."""
        return [
            {
                "what": lane,
                "seconds": None if at is None else round(at, 1),
                "by the rule": None if span is None else f"{span[0]:.0f} to {span[1]:.0f}",
            }
            for lane, at, span in zip(LANES, self._times, self._rule, strict=True)
            if self._story.paused is not None
        ]

    def _read(self, timeline: Timeline) -> None:
        self._story = story = lost_node.story(timeline)
        self._said = predicted_words(timeline)
        values = timeline.value(source="learner", field="values")
        tolerate = float(str(values["tolerate"])) if isinstance(values, dict) else 0.0
        start = story.paused or 0.0

        def since(at: float | None) -> float | None:
            return None if at is None or story.paused is None else at - start

        lost, deleted, spare = since(story.lost), since(story.deleted), since(story.spare)
        unpaused, following = since(story.unpaused), since(story.next)
        self._times = (lost, deleted, spare, unpaused, following)
        self._lost, self._tolerate = lost, tolerate
        self._rule: tuple[tuple[float, float] | None, ...] = (
            (GRACE - RENEWED, GRACE + LOOKED_AT + SOON),
            None if lost is None else (lost + tolerate - SOON, lost + tolerate + RATE),
            None if deleted is None else (deleted - SOON, deleted + SOON),
            None,  # that is the workbook's doing
            None if unpaused is None else (unpaused, unpaused + ENDS),
        )

    def _empty(self) -> go.FigureWidget:
        """Make the figure with its lanes."""
        still = {"fixedrange": True, "zeroline": False}
        line = marks.rule(hover="by the rule %{x:.0f} s<extra></extra>")
        line.connectgaps = False
        return marks.figure(
            330,
            [
                line,
                marks.measurement(hover="%{y}: %{x:.1f} s<extra></extra>"),
                marks.prediction(hover="%{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 170, "r": 20, "t": 20, "b": 48},
                "xaxis": {**still, "showgrid": False, "title": "seconds since the node stopped"},
                "yaxis": {
                    **still,
                    "range": [-0.6, 4.6],
                    "tickvals": list(range(len(LANES))),
                    "ticktext": [f"{lane} " for lane in reversed(LANES)],
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, dots, predicted = made.data
        places = list(reversed(range(len(LANES))))
        seen = [(at, y) for at, y in zip(self._times, places, strict=True) if at is not None]
        end = max([at for at, _ in seen] + [30.0]) + 8
        with made.batch_update():
            spans = [
                (span[0], min(span[1], end), y)
                for span, y in zip(self._rule, places, strict=True)
                if span is not None and self._story.paused is not None
            ]
            rule.x = [x for low, high, _ in spans for x in (low, high, None)]
            rule.y = [y for *_, place in spans for y in (place, place, None)]
            dots.x, dots.y = [at for at, _ in seen], [y for _, y in seen]
            at: float | None = end - 1
            if self._said == AT_ONCE:
                at = None if self._lost is None else self._lost + self._tolerate
            elif self._said == BACK:
                at = self._times[3]
            known = bool(self._said) and at is not None and self._story.paused is not None
            predicted.x, predicted.y = ([at], [0.25]) if known else ([], [])
            predicted.text = [f"you predicted: {self._said}"] if known else []
            made.layout.xaxis.range = [0, end]
