"""The chart of "A label is filled by the build": what git-commit holds in each image."""

from __future__ import annotations

from helpers.charts.chart import predicted_words
from helpers.charts.outcome import Outcome, OutcomeChart
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

SHORT = {EMPTY: "empty", PASSED: "the ID", WORDS: "$NAME", ABSENT: "no label", FAILS: "build fails"}


class ArgumentChart(OutcomeChart):
    """A line an image, a column an outcome."""

    legend = (
        ("measured", "git-commit, as the registry has it"),
        ("rule", "the rule of ARG and LABEL"),
        ("prediction", "your prediction"),
    )
    thing = "image"
    columns = OUTCOMES
    heads = tuple(SHORT[name] for name in OUTCOMES)
    margin = 150
    beside = 0.15

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._builds:
            return "Nothing is measured yet."
        told = ", ".join(
            f"{one.tag} {SHORT.get(one.outcome, 'not known yet')}" for one in self._builds
        )
        said = f" You predicted: {SHORT[self._said]}." if self._said else ""
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

    def _outcomes_in(self, timeline: Timeline) -> list[Outcome]:
        self._builds = builds(timeline)
        said = predicted_words(timeline)
        self._said = said if said in SHORT else ""
        return [
            Outcome(
                f"{one.tag}: ${one.variable}",
                one.expected,
                one.outcome or None,
                f"{one.tag}: {SHORT[one.outcome]}" if one.outcome else "",
                self._said if one.tag == OWN else None,
            )
            for one in self._builds
        ]
