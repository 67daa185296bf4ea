"""The chart of who gets a role's keys: Pods by ways, as predicted, ruled and answered."""

from __future__ import annotations

from helpers.charts.yes_no import YesNoChart, word
from helpers.model import pod_roles
from helpers.model.pod_roles import COPYCAT, OWN, PLAIN, WAYS, Cell
from helpers.model.timeline import Timeline, Value

WORDS = {OWN: "the autoscaler", COPYCAT: "the copycat", PLAIN: "the plain pod"}


class PodRolesChart(YesNoChart):
    """A table of marks: full is keys, hollow is none."""

    legend = (
        ("measured", "the answer (full: keys, hollow: none)"),
        ("rule", "by what was sent (a square: full or hollow)"),
        ("prediction", "your prediction (full: yes, hollow: no)"),
    )
    hover_rule = "by what was sent"
    hover_answer = "keys"
    lines = tuple(WORDS.values())
    columns = WAYS

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        known = [cell for cell in self._cells if cell.answer is not None]
        if not known:
            return "Nobody has asked for keys yet."
        told = []
        for way in self.columns:
            gets = [WORDS[c.pod] for c in known if c.way == way and c.answer]
            told.append(f"with {way} {' and '.join(gets) or 'nobody'}")
        wrong = sum(c.predicted not in (None, c.answer) for c in known)
        return f"Keys get: {'; '.join(told)}. You predicted {wrong} of {len(known)} otherwise."

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a Pod and a way, with what decided."""
        return [
            {
                "pod": WORDS[cell.pod],
                "way": cell.way,
                "you said": word(cell.predicted),
                "by what was sent": word(cell.rule),
                "keys": word(cell.answer),
                "because": cell.why,
            }
            for cell in self._cells
            if cell.answer is not None
        ]

    def _read(self, timeline: Timeline) -> None:
        self._cells: list[Cell] = pod_roles.cells(timeline)
