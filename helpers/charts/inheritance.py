"""The chart of "What a LimitRange fills in": each amount by where it comes from."""

from __future__ import annotations

from helpers.charts.answers import Answer, AnswersChart
from helpers.model import admission, limit_ranges
from helpers.model.limit_ranges import KINDS, ROWS, WORDS, Fate
from helpers.model.timeline import Timeline, Value
from helpers.model.trials import trials

CELLS = [(row, kind) for row in ROWS for kind in KINDS if (row, kind) != ("request 2", "requests")]


class InheritanceChart(AnswersChart):
    """A line a cell of the table, a column for each place that an amount may come from."""

    words = WORDS
    rows = tuple(f"{row} · {kind[:-1]}" for row, kind in CELLS)
    margin = 205

    @property
    def fates(self) -> list[Fate]:
        """The cells of the table, as they came out."""
        return self._fates

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a pod that was shown to the server: what it writes, and what was stored."""
        return self._table

    def _read_answers(self, timeline: Timeline, said: dict[str, str]) -> list[Answer]:
        self._fates = [f for f in limit_ranges.fates(timeline) if (f.row, f.kind) in CELLS]
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
        return [_answer(fate, said) for fate in self._fates]


def _answer(fate: Fate, words: dict[str, str]) -> Answer:
    row = f"{fate.row} · {fate.kind[:-1]}"
    said = words.get(row, "")
    hover = fate.message if fate.stored is None else str(fate.stored)
    return Answer(row, fate.by_rule, fate.measured, said, hover, fate.meant(said))


def _rule(answer: admission.Answer) -> str:
    if answer.stored is None:
        return f"refused: {'; '.join(answer.messages)}"
    of = next(iter(answer.stored.values()))
    told = [f"{k}.{n} {a}" for k in KINDS for n, a in limit_ranges.amounts(of, k).items()]
    return ", ".join(told)
