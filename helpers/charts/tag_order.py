"""The chart of "Which tag is newer?": four tags in three orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model import tag_run, tags
from helpers.model.tag_run import FOUR
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go


class TagOrderChart(TimelineChart):
    """The place of each tag: as predicted, by SemVer, and in the registry's own list."""

    legend = (
        ("measured", "its place in the registry's own list, which has no order"),
        ("rule", "its place by SemVer"),
        ("prediction", "the place that you gave it"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._listed:
            return "Nothing is measured yet."
        said = f" You said {', '.join(self._said)}." if self._said else ""
        return (
            f"Oldest first, the registry lists {', '.join(self._listed)}; by SemVer it is "
            f"{', '.join(self._rule)}; as they were made, {', '.join(self._made)}.{said}"
        )

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a tag that was tried; the four of the question with their places."""
        return [
            {
                "tag": tag if len(tag) < 50 else f"{len(tag)} characters",
                "the registry": "accepted" if accepted else "refused",
                "you": _place(tag, self._said),
                "by SemVer": _place(tag, self._rule),
                "in the list": _place(tag, self._listed),
                "as made": _place(tag, self._made),
            }
            for tag, accepted in self._puts.items()
        ]

    def _read(self, timeline: Timeline) -> None:
        self._puts = tag_run.puts(timeline)
        self._listed = [tag for tag in tag_run.listed(timeline) if tag in FOUR]
        self._rule, self._made = tags.by_semver(FOUR), tags.by_own_key(FOUR)
        said = timeline.value(source="learner", field="prediction")
        self._said = [str(tag) for tag in said] if isinstance(said, list) else []

    def _empty(self) -> go.FigureWidget:
        rule = marks.rule(hover="%{y}: place %{x} by SemVer<extra></extra>")
        rule.mode = "lines+markers"
        still = {"fixedrange": True, "zeroline": False}
        return marks.figure(
            300,
            [
                rule,
                marks.measurement(hover="%{y}: place %{x} in the list<extra></extra>"),
                marks.prediction(hover="%{y}: you gave it place %{x:.0f}<extra></extra>"),
            ],
            {
                "margin": {"l": 100, "r": 20, "t": 20, "b": 48},
                "xaxis": {
                    **still,
                    "range": [0.5, len(FOUR) + 0.5],
                    "dtick": 1,
                    "title": {"text": "place, the oldest first"},
                },
                "yaxis": {
                    **still,
                    "range": [len(FOUR) - 0.4, -0.6],
                    "tickvals": list(range(len(FOUR))),
                    "ticktext": list(self._made),
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, listed, predicted = made.data
        heights = {tag: height for height, tag in enumerate(self._made)}
        with made.batch_update():
            shown = self._rule if self._listed else []
            rule.x, rule.y = _places(shown), [heights[tag] for tag in shown]
            listed.x, listed.y = _places(self._listed), [heights[t] + 0.2 for t in self._listed]
            known = [tag for tag in self._said if tag in heights]
            predicted.x, predicted.y = _places(known), [heights[tag] - 0.22 for tag in known]


def _places(order: list[str]) -> list[int]:
    return list(range(1, len(order) + 1))


def _place(tag: str, order: list[str]) -> Value:
    return order.index(tag) + 1 if tag in order else None
