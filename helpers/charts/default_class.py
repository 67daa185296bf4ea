"""The chart of "Two defaults": which claim has which class."""

from __future__ import annotations

from helpers.charts.outcome import Outcome, OutcomeChart
from helpers.model import classes_run
from helpers.model.classes_run import GENERAL, LATE, NEWER, NO_CLASS
from helpers.model.timeline import Timeline
from helpers.model.volumes import STANDARD


class DefaultClassChart(OutcomeChart):
    """A row a claim, a column a class."""

    thing = "claim"
    columns = (STANDARD, GENERAL, NEWER, NO_CLASS)
    heads = ("standard", "general-<br>purpose", "newer", "no class")
    rows = 4
    margin = 82

    def _outcomes_in(self, timeline: Timeline) -> list[Outcome]:
        rule, seen = classes_run.class_expected(timeline), classes_run.class_seen(timeline)
        said = str(timeline.value(source="learner", field="prediction") or "")
        mine = said.partition(":")[0].replace("none", NO_CLASS) or None
        return [
            Outcome(name, rule.get(name), seen[name], predicted=mine if name == LATE else None)
            for name in classes_run.CLAIMS
            if name in seen
        ]
