"""The chart of "Three rules, ten images": each image at its age, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model import lifecycle_run
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go


class FatesChart(TimelineChart):
    """A line an image, at its age in days: full dots are gone, rings are left.

    `words` are a fate's, as the prediction has them.
    """

    legend = (
        ("measured", "gone from the repository (full), or still listed (ring)"),
        ("rule", "a rule takes it (its number beside)"),
        ("prediction", "you said it goes"),
    )

    def __init__(self, timeline: Timeline, words: Mapping[str, str]) -> None:
        self._words = words
        super().__init__(timeline)

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._fates:
            return "Nothing is measured yet."
        taken = [f"{name} (rule {f.rule})" for name, f in self._fates.items() if f.rule is not None]
        left = "not known yet" if self._left is None else f"{len(self._left)}"
        return f"Taken: {', '.join(taken) or 'none'}. Images left: {left} of {len(self._images)}."

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row an image."""
        return [
            {
                "image": image.name,
                "days since push": image.pushed,
                "days since pull": image.pulled,
                "you said": self._said.get(image.name),
                "the rules (model)": self._words[self._fates[image.name].action],
                "by rule": self._fates[image.name].rule,
                "still listed": self._listed(image.name),
            }
            for image in self._images
            if image.name in self._fates
        ]

    def _listed(self, name: str) -> str:
        if self._left is None:
            return "–"
        return "yes" if name in self._left else "no"

    def _read(self, timeline: Timeline) -> None:
        self._images = lifecycle_run.images(timeline)
        self._fates = lifecycle_run.decided(timeline)
        self._left = lifecycle_run.left(timeline)
        said = timeline.value(source="learner", field="prediction")
        names = [image.name for image in self._images]
        pairs = zip(names, said, strict=False) if isinstance(said, list) else ()
        self._said = {name: str(words) for name, words in pairs}

    def _empty(self) -> go.FigureWidget:
        import plotly.graph_objects as go

        taken = go.Scatter(
            name="the rule",
            mode="markers+text",
            marker={
                "color": "rgba(0,0,0,0)",
                "size": 20,
                "line": {"color": marks.RULE, "width": 2.5},
            },
            textposition="middle right",
            textfont={"color": marks.RULE},
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
        still = {"fixedrange": True, "zeroline": False}
        gone = marks.measurement(hover="%{y}: gone<extra></extra>", size=10)
        there = marks.measurement(hover="%{y}: still listed<extra></extra>", size=10)
        there.marker = {
            "color": "rgba(0,0,0,0)",
            "size": 10,
            "line": {"color": marks.MEASUREMENT, "width": 2},
        }
        return marks.figure(
            400,
            [taken, gone, there, marks.prediction(hover="you said: %{y} goes<extra></extra>")],
            {
                "margin": {"l": 140, "r": 60, "t": 30, "b": 48},
                "xaxis": {
                    **still,
                    "range": [58, -3],
                    "title": {"text": "days since the push"},
                },
                "yaxis": {**still, "autorange": "reversed", "type": "category"},
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        taken, gone, there, predicted = made.data
        by = {image.name: image.pushed for image in self._images}
        with made.batch_update():
            made.layout.yaxis.categoryorder = "array"
            made.layout.yaxis.categoryarray = list(by)
            names = [n for n in by if self._fates and self._fates[n].rule is not None]
            taken.x, taken.y = [by[n] for n in names], names
            taken.text = [f"rule {self._fates[n].rule}" for n in names]
            left = self._left
            away = [n for n in by if left is not None and n not in left]
            here = [n for n in by if left is not None and n in left]
            gone.x, gone.y = [by[n] for n in away], away
            there.x, there.y = [by[n] for n in here], here
            said = [n for n in by if self._said.get(n, self._words["keep"]) != self._words["keep"]]
            # Beside the dot, or neither could be seen.
            predicted.x, predicted.y = [by[n] + 2.6 for n in said], said
