"""The chart of "A fix, a feature, a break": five Pods, two questions."""

from __future__ import annotations

from helpers.charts.yes_no import YesNoChart, word
from helpers.model import tag_run
from helpers.model.timeline import Timeline, Value


class VersionsGrid(YesNoChart):
    """A table of marks: full is yes, hollow is no."""

    legend = (
        ("measured", "what the Pod's program answered (full: yes, hollow: no)"),
        ("rule", "what the version promises (a square: full or hollow)"),
        ("prediction", "your prediction (full: yes, hollow: no)"),
    )
    hover_rule = "promised"
    hover_answer = "answered"
    lines = tuple(tag_run.WORDS)
    columns = tuple(tag_run.QUESTIONS)

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        known = [cell for cell in self._cells if cell.answer is not None]
        if not known:
            return "Nothing is measured yet."
        said = "; ".join(f"{c.row}: {c.column}, {word(c.answer)}" for c in known)
        wrong = sum(c.predicted is not None and c.predicted != c.answer for c in known)
        return f"{said}. You predicted {wrong} of them otherwise."

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a Pod and question."""
        return [
            {
                "the Pod names": cell.row,
                "question": cell.column,
                "you said": word(cell.predicted),
                "the version promises": word(cell.rule),
                "the Pod answered": word(cell.answer),
            }
            for cell in self._cells
            if cell.answer is not None
        ]

    def _read(self, timeline: Timeline) -> None:
        self._cells: list[tag_run.Cell] = tag_run.cells(timeline)
