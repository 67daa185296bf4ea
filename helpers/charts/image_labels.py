"""The chart of "From a running Pod to its commit": which commit is read, where keys are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_words
from helpers.model.labels import KEYS
from helpers.model.timeline import Timeline, Value
from helpers.model.traced import NEW, NONE, OLD, traced

if TYPE_CHECKING:
    import plotly.graph_objects as go

READINGS = ("the Pod's image<br>at first", "the Pod's image<br>tag moved", "stable<br>tag moved")
PLACES = {NONE: 0, OLD: 1, NEW: 2}
COLUMNS = ("label", "annotation,<br>as built", "annotation,<br>added")
ASKED = 1


class LabelChart(TimelineChart):
    """Above, the commit that a reading leads to; below, where each key is found."""

    legend = (
        ("measured", "read from the registry"),
        ("rule", "the rule: labels stay with the digest"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        run = self._run
        if run.before is None:
            return "Nothing is measured yet."
        told = f"{len(run.before)} of {len(KEYS)} keys are labels of the image"
        found = f"; the Pod leads to {run.outcome}" if run.outcome else ""
        said = f" You predicted {self._said}." if self._said in PLACES else ""
        return f"{told}{found}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a key."""
        run = self._run
        if run.before is None:
            return []
        return [
            {
                "key": key,
                "passed to the build": run.passed.get(key, ""),
                "label at first": run.before.get(key, ""),
                "label once stable had moved": (run.after or {}).get(key, ""),
                "label behind stable then": (run.moved or {}).get(key, ""),
                "annotation as built": (run.plain or {}).get(key, ""),
                "annotation added": (run.annotated or {}).get(key, ""),
            }
            for key in KEYS
        ]

    def _read(self, timeline: Timeline) -> None:
        self._run = traced(timeline)
        self._said = predicted_words(timeline)

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False}
        rules = [marks.rule(axes=axes, hover="by the rule<extra></extra>") for axes in ("", "2")]
        for rule in rules:
            rule.connectgaps = False
        across = {**still, "showgrid": False, "range": [-0.5, 2.5], "tickvals": [0, 1, 2]}
        return marks.figure(
            620,
            [
                rules[0],
                marks.measurement(hover="%{text}<extra></extra>"),
                marks.prediction(hover="you predicted %{text}<extra></extra>"),
                rules[1],
                marks.measurement(axes="2", hover="%{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 130, "r": 20, "t": 30, "b": 50},
                "xaxis": {**across, "anchor": "y", "ticktext": list(READINGS)},
                "yaxis": {
                    **still,
                    "domain": [0.76, 1],
                    "range": [-0.5, 2.5],
                    "tickvals": list(PLACES.values()),
                    "ticktext": ["no commit ", "old commit ", "new commit "],
                },
                "xaxis2": {**across, "anchor": "y2", "ticktext": list(COLUMNS)},
                "yaxis2": {
                    **still,
                    "domain": [0, 0.58],
                    "range": [-0.6, len(KEYS) - 0.4],
                    "tickvals": list(range(len(KEYS))),
                    "ticktext": [f"{key} " for key in reversed(KEYS)],
                },
                "annotations": [
                    marks.heading("Which commit the label revision tells", 1.02),
                    marks.heading("Where each key is found", 0.6),
                ],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        run = self._run
        ruled, seen, said, grid, found = made.data
        at = {key: place for place, key in enumerate(reversed(KEYS))}
        readings = [run.commit(read) for read in (run.before, run.after, run.moved)]
        known = [(place, out) for place, out in enumerate(readings) if out]
        expected = run.expected
        sources = (run.before, run.plain, run.annotated)
        wanted: tuple[dict[str, str], ...] = (run.sent, {}, run.sent)
        with made.batch_update():
            ruled.x = [x for place, _ in known for x in (place - 0.25, place + 0.25, None)]
            ruled.y = [y for place, _ in known for y in (*(PLACES[expected[place]],) * 2, None)]
            seen.x = [place for place, _ in known]
            seen.y = [PLACES[out] for _, out in known]
            seen.text = [out for _, out in known]
            # Beside the dot rather than under it, where both are the same.
            said.x = [ASKED + 0.12] if self._said in PLACES else []
            said.y = [PLACES[self._said]] if self._said in PLACES else []
            said.text = [self._said] if self._said in PLACES else []
            due = [
                (column, at[key])
                for column, (source, keys) in enumerate(zip(sources, wanted, strict=True))
                if source is not None
                for key in keys
            ]
            grid.x = [x for column, _ in due for x in (column - 0.2, column + 0.2, None)]
            grid.y = [y for _, place in due for y in (place, place, None)]
            held = [
                (column, key, value)
                for column, source in enumerate(sources)
                for key, value in (source or {}).items()
            ]
            found.x = [column for column, _, _ in held]
            found.y = [at[key] for _, key, _ in held]
            found.text = [f"{key}: {value[:60]}" for _, key, value in held]
