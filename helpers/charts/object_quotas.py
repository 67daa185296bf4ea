"""The chart of "Five quotas, eight objects": who refuses what."""

from __future__ import annotations

from helpers.charts.answers import Answer, AnswersChart
from helpers.model import object_quotas
from helpers.model.timeline import Timeline, Value


class ObjectQuotasChart(AnswersChart):
    """A line an object, a column a quota."""

    words = object_quotas.WORDS
    rows = object_quotas.ROWS
    margin = 205

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row an object: as what it counts, and the words of rule and server."""
        return [
            {
                "object": one.row,
                "counts as": one.counts_as,
                "by the rule": one.rule_says,
                "the server": one.message or "let in",
            }
            for one in self._objects
        ]

    def _read_answers(self, timeline: Timeline, said: dict[str, str]) -> list[Answer]:
        self._objects = object_quotas.answered(timeline)
        return [
            Answer(
                one.row,
                one.rule,
                one.measured,
                said.get(one.row, ""),
                one.message or "let in",
                said.get(one.row) == one.measured,
            )
            for one in self._objects
        ]
