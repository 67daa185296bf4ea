"""The chart of "A label is filled by the build": what git-commit holds in each image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model.build_arguments import (
    ABSENT,
    COMMIT,
    EMPTY,
    FAILS,
    OUTCOMES,
    OWN,
    PASSED,
    WORDS,
    builds,
)
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

PLACES = {name: place for place, name in enumerate(OUTCOMES)}
SHORT = {EMPTY: "empty", PASSED: "the ID", WORDS: "$NAME", ABSENT: "no label", FAILS: "build fails"}


class ArgumentChart(TimelineChart):
    """A line an image, a column an outcome."""

    legend = (
        ("measured", "git-commit, as the registry has it"),
        ("rule", "the rule of ARG and LABEL"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._builds:
            return "Nothing is measured yet."
        told = ", ".join(
            f"{one.tag} {SHORT.get(one.outcome, 'not known yet')}" for one in self._builds
        )
        said = f" You predicted: {SHORT[self._said]}." if self._said in SHORT else ""
        return f"The label git-commit: {told}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a label of an image."""
        return [
            {
                "image": one.tag,
                "passed": ", ".join(f"{name}={text}" for name, text in one.passed.items()),
                "label": f"{key}=${one.variable}" if key == COMMIT else key,
                "by the rule": value,
                "in the registry": (one.labels or {}).get(key, "no label"),
            }
            for one in self._builds
            for key, value in one.rule.items()
        ]

    def _read(self, timeline: Timeline) -> None:
        self._builds = builds(timeline)
        said = timeline.value(source="learner", field="prediction")
        self._said = said if isinstance(said, str) else ""

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False}
        rule = marks.rule(hover="by the rule: %{text}<extra></extra>")
        rule.connectgaps = False
        return marks.figure(
            300,
            [
                rule,
                marks.measurement(hover="%{text}<extra></extra>"),
                marks.prediction(hover="you predicted: %{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 150, "r": 20, "t": 46, "b": 10},
                "xaxis": {
                    **still,
                    "showgrid": False,
                    "side": "top",
                    "range": [-0.5, len(OUTCOMES) - 0.5],
                    "tickvals": list(PLACES.values()),
                    "ticktext": [SHORT[name] for name in PLACES],
                },
                "yaxis": {**still, "showgrid": True},
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rows = list(reversed(self._builds))
        at = {one.tag: place for place, one in enumerate(rows)}
        out = [one for one in rows if one.outcome]
        rule, measured, said = made.data
        with made.batch_update():
            made.layout.yaxis.tickvals = list(at.values())
            made.layout.yaxis.ticktext = [f"{one.tag}: ${one.variable} " for one in rows]
            made.layout.yaxis.range = [-0.7, max(len(rows), 1) - 0.3]
            rule.x = [x for one in rows for x in (*(PLACES[one.expected],) * 2, None)]
            rule.y = [y for one in rows for y in (at[one.tag] - 0.3, at[one.tag] + 0.3, None)]
            rule.text = [words for one in rows for words in (SHORT[one.expected],) * 3]
            measured.x = [PLACES[one.outcome] for one in out]
            measured.y = [at[one.tag] for one in out]
            measured.text = [f"{one.tag}: {SHORT[one.outcome]}" for one in out]
            known = self._said in PLACES and OWN in at
            # Beside the dot rather than under it, where both are the same.
            said.x = [PLACES[self._said] + 0.15] if known else []
            said.y, said.text = ([at[OWN]], [SHORT[self._said]]) if known else ([], [])
