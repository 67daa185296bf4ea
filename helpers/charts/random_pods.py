"""The chart of "Be the oracle": random pods by the server's answer."""

from __future__ import annotations

from helpers.charts.answers import Answer, AnswersChart
from helpers.model import random_pods
from helpers.model.random_pods import COUNT, WORDS
from helpers.model.timeline import Timeline, Value


class RandomPodsChart(AnswersChart):
    """A line a pod of the seed."""

    words = WORDS
    rows = tuple(f"pod-{number}" for number in range(1, COUNT + 1))
    margin = 70

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a pod: what it declares, and the words of rule and server."""
        return [
            {
                "pod": one.name,
                "declares": one.declares,
                "by the rule": one.rule_says,
                "the server": one.message or random_pods.LET_IN,
            }
            for one in self._pods
        ]

    def _read_answers(self, timeline: Timeline, said: dict[str, str]) -> list[Answer]:
        self._pods = random_pods.answered(timeline)
        return [
            Answer(
                one.name,
                one.rule,
                one.measured,
                said.get(one.name, ""),
                one.message or one.declares,
                said.get(one.name) == one.measured,
            )
            for one in self._pods
        ]
