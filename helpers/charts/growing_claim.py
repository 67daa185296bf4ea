"""The chart of "A claim that is to grow": what came of each change."""

from __future__ import annotations

from helpers.charts.outcome import Outcome, OutcomeChart
from helpers.model import classes_run
from helpers.model.classes_run import ACCEPTED, GROW, GROWN, REFUSED
from helpers.model.timeline import Timeline


class GrowthChart(OutcomeChart):
    """A row a change, a column what came of it."""

    thing = "change"
    columns = (REFUSED, ACCEPTED, GROWN)
    heads = ("refused", "taken, and<br>nothing grows", "taken,<br>and it grows")
    margin = 92

    def _outcomes_in(self, timeline: Timeline) -> list[Outcome]:
        values = timeline.value(source="learner", field="values")
        allowed = isinstance(values, dict) and values.get("allowed") == "true"
        rule = classes_run.growth_expected(allowed=allowed)
        said = str(timeline.value(source="learner", field="prediction") or "")
        mine = None
        if said:
            mine = REFUSED if "refuses" in said else ACCEPTED if "stays" in said else GROWN
        return [
            Outcome(a.name, rule[a.name], a.came, a.words, mine if a.name == GROW else None)
            for a in classes_run.growth_seen(timeline)
        ]
