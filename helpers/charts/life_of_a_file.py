"""The chart of "The life of a file": which file is there after each moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_words
from helpers.model import empty_dirs
from helpers.model.empty_dirs import MOMENTS, NEVER, START, WORDS
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

SHOWN = 8  # letters of a checksum


class LifeChart(TimelineChart):
    """A column a moment, a line a file: a file that lives on stays on its line."""

    legend = (
        ("measured", "the file that is there, by its checksum"),
        ("rule", "the rule: as long as the Pod"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._life:
            return "Nothing is measured yet."
        told = ", ".join(f"{look.moment}: file {number}" for look, number in self._life)
        said = f" You predicted that the first is lost {self._said}." if self._said else ""
        return f"Which file is there after each moment: {told}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a moment."""
        return [
            {
                "moment": look.moment,
                "Pod": look.pod,
                "file": number,
                "the rule": rule,
                "SHA-256": next(iter(look.files.values()), "none")[:SHOWN],
            }
            for (look, number), rule in zip(self._life, self._rule, strict=True)
        ]

    def _read(self, timeline: Timeline) -> None:
        self._life = empty_dirs.life(timeline)
        self._rule = empty_dirs.rule([look.moment for look, _ in self._life])
        self._said = predicted_words(timeline)

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False}
        rule = marks.rule(hover="by the rule file %{y}<extra></extra>")
        rule.line.shape = "hv"
        return marks.figure(
            320,
            [
                rule,
                marks.measurement(hover="%{text}<extra></extra>", size=13),
                marks.prediction(hover="you predicted: %{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 58, "r": 20, "t": 30, "b": 40},
                "xaxis": {
                    **still,
                    "showgrid": False,
                    "range": [-0.4, len(MOMENTS) - 0.6],
                    "tickvals": list(range(len(MOMENTS))),
                    "ticktext": list(MOMENTS),
                },
                "yaxis": {**still, "range": [0.5, 3.5], "tickvals": [1, 2, 3]},
                "annotations": [marks.heading("Which file is there (1 is the first)", 1.02)],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, measured, predicted = made.data
        at = [MOMENTS.index(look.moment) for look, _ in self._life]
        with made.batch_update():
            rule.x = list(range(len(MOMENTS)))
            rule.y = empty_dirs.rule(MOMENTS)
            measured.x, measured.y = at, [number for _, number in self._life]
            measured.text = [
                f"file {number}: {next(iter(look.files.values()), 'none')[:SHOWN]}…"
                for look, number in self._life
            ]
            moment = next((m for m, words in WORDS.items() if words == self._said), START)
            place = len(MOMENTS) - 1 if moment == NEVER else MOMENTS.index(moment)
            known = bool(self._said) and moment != START
            # Beside the dot rather than under it, where both are the same.
            predicted.x = [place - 0.12] if known else []
            predicted.y = [1 if moment == NEVER else 2] if known else []
            predicted.text = [f"lost {self._said}"] if known else []
