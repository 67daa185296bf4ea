"""The chart of who may do what: requests by users, as predicted, ruled and answered."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.charts.yes_no import YesNoChart, word
from helpers.model import iam_run
from helpers.model.iam_run import Cell, Request
from helpers.model.timeline import Timeline, Value


class AccessChart(YesNoChart):
    """A table of marks: full is allowed, hollow is denied."""

    legend = (
        ("measured", "moto's answer (full: allowed, hollow: denied)"),
        ("rule", "IAM's rules (a square: full or hollow)"),
        ("prediction", "your prediction (full: yes, hollow: no)"),
    )
    hover_rule = "by IAM's rules"
    hover_answer = "moto"

    def __init__(
        self, timeline: Timeline, requests: Sequence[Request], users: Sequence[str]
    ) -> None:
        self._requests, self.columns = requests, users
        self.lines = [request.words for request in requests]
        super().__init__(timeline)

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        known = [cell for cell in self._cells if cell.rule is not None]
        if not known:
            return "Nothing is measured yet."
        told = []
        for user in self.columns:
            may = [cell.request.words for cell in known if cell.user == user and cell.rule]
            told.append(f"{user} may {', '.join(may) or 'do nothing of this'}")
        wrong = sum(c.predicted is not None and c.predicted != c.rule for c in known)
        return f"By IAM's rules {'; '.join(told)}. You predicted {wrong} of them otherwise."

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a request of a user."""
        return [
            {
                "request": cell.request.words,
                "user": cell.user,
                "action": cell.request.action,
                "you said": word(cell.predicted),
                "IAM's rules (model)": word(cell.rule),
                "moto": word(cell.answer),
            }
            for cell in self._cells
            if cell.rule is not None
        ]

    def _read(self, timeline: Timeline) -> None:
        self._cells: list[Cell] = iam_run.cells(timeline, self._requests, self.columns)


def wrong(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells that were predicted otherwise than they were found."""
    return [c for c in cells if c.found is not None and c.predicted not in (None, c.found)]
