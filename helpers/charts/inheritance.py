"""The chart of "What a LimitRange fills in": each amount by where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model import limit_ranges
from helpers.model.admission import Answer
from helpers.model.limit_ranges import KINDS, ROWS, WORDS, Fate
from helpers.model.timeline import Timeline, Value
from helpers.model.trials import trials

if TYPE_CHECKING:
    import plotly.graph_objects as go

PLACES = {word: place for place, word in enumerate(WORDS)}
CELLS = [(row, kind) for row in ROWS for kind in KINDS if (row, kind) != ("request 2", "requests")]


class InheritanceChart(TimelineChart):
    """A line a cell of the table, a column for each place that an amount may come from."""

    legend = (
        ("measured", "what the server stored"),
        ("rule", "the rule"),
        ("prediction", "your prediction"),
    )

    @property
    def fates(self) -> list[Fate]:
        """The cells of the table, as they came out."""
        return self._fates

    @property
    def said(self) -> list[tuple[Fate, str, bool]]:
        """Each cell with the learner's word, and whether that is what the server did."""
        words = dict(zip(CELLS, self._said, strict=False))
        return [
            (fate, words[fate.row, fate.kind], fate.meant(words[fate.row, fate.kind]))
            for fate in self._fates
            if (fate.row, fate.kind) in words
        ]

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._fates:
            return "Nothing is measured yet."
        told = "; ".join(
            f"{fate.row}, {fate.kind}: {fate.measured}"
            + (f" ({fate.stored})" if fate.stored is not None else "")
            for fate in self._fates
        )
        right = sum(right for _, _, right in self.said)
        predicted = f" You predicted {right} of {len(self.said)}." if self.said else ""
        return f"Where the amounts come from: {told}.{predicted}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a pod that was shown to the server: what it writes, and what was stored."""
        return self._table

    def _read(self, timeline: Timeline) -> None:
        self._fates = [f for f in limit_ranges.fates(timeline) if (f.row, f.kind) in CELLS]
        said = timeline.value(source="learner", field="prediction")
        several = isinstance(said, Sequence) and not isinstance(said, str)
        self._said = [str(word) for word in said] if several else []  # type: ignore[union-attr]
        limits = limit_ranges.sent(timeline)
        self._table: list[dict[str, Value]] = [
            {
                "the container writes": limit_ranges.declares(trial.sent),
                "by the rule": _rule(limit_ranges.expected(trial, limits)),
                "the server": limit_ranges.declares(trial.stored)
                if trial.stored is not None
                else f"refused: {trial.message}",
            }
            for trial in (trials(timeline) if limits is not None else ())
        ]

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False}
        rule = marks.rule(hover="%{text}<extra></extra>")
        rule.connectgaps = False
        return marks.figure(
            470,
            [
                rule,
                marks.measurement(hover="the server: %{text}<extra></extra>"),
                marks.prediction(hover="you predicted %{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 205, "r": 20, "t": 46, "b": 10},
                "xaxis": {
                    **still,
                    "showgrid": False,
                    "side": "top",
                    "range": [-0.5, len(WORDS) - 0.5],
                    "tickvals": list(PLACES.values()),
                    "ticktext": [word.replace("its own ", "its own<br>") for word in PLACES],
                },
                "yaxis": {
                    **still,
                    "showgrid": True,
                    "range": [-0.7, len(CELLS) - 0.3],
                    "tickvals": list(range(len(CELLS))),
                    "ticktext": [f"{row} · {kind[:-1]} " for row, kind in reversed(CELLS)],
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        at = {cell: place for place, cell in enumerate(reversed(CELLS))}
        rule, measured, said = made.data
        seen = [fate for fate in self._fates if fate.measured in PLACES]
        ruled = [fate for fate in self._fates if fate.by_rule in PLACES]
        with made.batch_update():
            rule.x = [x for f in ruled for x in (PLACES[f.by_rule], PLACES[f.by_rule], None)]
            rule.y = [
                y for f in ruled for h in [at[f.row, f.kind]] for y in (h - 0.42, h + 0.42, None)
            ]
            rule.text = [word for f in ruled for word in (_amount(f.rule), _amount(f.rule), "")]
            measured.x = [PLACES[fate.measured] for fate in seen]
            measured.y = [at[fate.row, fate.kind] for fate in seen]
            measured.text = [_amount(fate.stored) for fate in seen]
            # Beside the dot rather than under it, where both are the same.
            words = [(c, w) for c, w in zip(CELLS, self._said, strict=False) if w in PLACES]
            said.x = [PLACES[word] - 0.16 for _, word in words]
            said.y = [at[cell] for cell, _ in words]
            said.text = [word for _, word in words]


def _amount(amount: object) -> str:
    return limit_ranges.REFUSED if amount is None else str(amount)


def _rule(answer: Answer) -> str:
    if answer.stored is None:
        return f"refused: {'; '.join(answer.messages)}"
    of = next(iter(answer.stored.values()))
    told = [f"{k}.{n} {a}" for k in KINDS for n, a in limit_ranges.amounts(of, k).items()]
    return ", ".join(told)
