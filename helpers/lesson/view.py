"""The card as you see it: prediction, form, manifest, run bar, chart and difference.

The view draws and tells what was clicked; it decides nothing.  Each ``show_`` method puts the
whole card into one state: locked, ready, running, done or error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

import ipywidgets as widgets

from helpers.forms import Form
from helpers.lesson.prediction import Answer, Prediction
from helpers.model.timeline import Row, Value

T = TypeVar("T")
Table = Sequence[Mapping[str, Value]]


class Chart(Protocol):
    """What a card needs of a chart: the figure, and the same in words and as a table."""

    @property
    def figure(self) -> widgets.Widget:
        """The plotly FigureWidget."""

    @property
    def text(self) -> str:
        """The chart in a sentence."""

    @property
    def table(self) -> Table:
        """The chart's numbers, a mapping a row."""


class CardView:
    """One card: title, subtitle (such as "about 40 s"), question, form and chart.

    on_commit is called with the answer; on_run, on_reset and on_cancel without arguments.
    """

    def __init__(
        self,
        title: str,
        subtitle: str,
        question: Prediction,
        form: Form[T],
        chart: Chart,
        *,
        on_commit: Callable[[Answer], None],
        on_run: Callable[[], None],
        on_reset: Callable[[], None],
        on_cancel: Callable[[], None],
    ) -> None:
        self.question = question
        self.form = form
        self.chart = chart
        self.state = ""
        self.run = _button("Run", "wb-run", on_run)
        self.reset = _button("Reset", "wb-reset", on_reset)
        self.cancel = _button("Cancel", "wb-cancel", on_cancel)
        question.on_commit(on_commit)
        self.widget = widgets.VBox([question.widget, form.widget, form.pane.widget])
        self.show_locked("Commit a prediction first.")

    def show_locked(self, reason: str) -> None:
        """Lock Run; reason says why and what to do."""
        self.state = "locked"

    def show_ready(self) -> None:
        """Unlock Run: a prediction is committed."""
        self.state = "ready"

    def show_running(self, text: str, fraction: float | None = None) -> None:
        """Show how far the run is; fraction (0 to 1) is None while nobody can know it."""
        self.state = "running"

    def show_done(self, difference: str) -> None:
        """Show the run's result: the chart and, as HTML, the difference in two sentences."""
        self.state = "done"

    def show_error(self, title: str, message: str, hint: str = "") -> None:
        """Put what went wrong in the chart's place; message is what the server said, plain text."""
        self.state = "error"

    def show_footer(self, text: str) -> None:
        """Say where this runs, such as namespace and context."""

    def show_replay(self, label: str) -> None:
        """Say that this is a recording; label has its date and machine."""

    def set_table(self, rows: Table) -> None:
        """Fill the folded table."""

    def set_events(self, rows: Sequence[Row]) -> None:
        """Fill the folded list of events: a Timeline's rows of source "event"."""

    def set_measured(self, text: str) -> None:
        """Fill the folded "How this was measured" with HTML."""


def _button(text: str, name: str, pressed: Callable[[], None]) -> widgets.Button:
    button = widgets.Button(description=text)
    button.add_class(name)
    button.on_click(lambda _: pressed())
    return button
