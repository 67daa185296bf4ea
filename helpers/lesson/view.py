"""The card as you see it: prediction, form, manifest, run bar, chart and difference.

The view draws and tells what was clicked; it decides nothing.  Each ``show_`` method puts the
whole card into one state: locked, ready, running, done or error.
"""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol, TypeVar

import ipywidgets as widgets

from helpers.forms import Form
from helpers.lesson.browser import Frame
from helpers.lesson.elements import box, button, column, markup, style
from helpers.lesson.prediction import Answer, Prediction
from helpers.model.timeline import Row, Value

T = TypeVar("T")
Table = Sequence[Mapping[str, Value]]
State = Literal["locked", "ready", "running", "done", "error"]

STEPS = ("Predict", "Run", "Compare")
_STEP_OF: dict[State, int] = {"locked": 0, "ready": 1, "running": 1, "done": 2, "error": 1}


class Chart(Protocol):
    """What a card needs of a chart: the figure, and the same in words and as a table."""

    @property
    def figure(self) -> widgets.Widget:
        """The plotly FigureWidget."""

    @property
    def legend(self) -> Sequence[tuple[str, str]]:
        """Marks and words; a mark is "measured", "rule" or "prediction"."""

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
        self.state: State = "locked"
        self.run = button("Run", "wb-run", on_run)
        self.cancel = button("Cancel", "wb-cancel", on_cancel)
        self.reset = button("Reset", "wb-reset", on_reset)
        self._started: float | None = None
        self._steps = markup("wb-steps")
        self._progress = markup("wb-progress")
        self._status = markup("wb-status")
        self._figure = widgets.Box()
        self._figure.add_class("wb-chart")
        self._alternative = markup("wb-unseen")
        self._said = markup("wb-said")
        self._notice = markup("wb-notice")
        self._footer = markup("wb-where")
        self._replay = markup("wb-replay")
        self._panels = {name: markup(f"wb-panel-{name}") for name in _FOLDS}
        self.folds = {name: _fold(name, words) for name, words in _FOLDS.items()}
        self.widget = self._draw(title, subtitle)
        question.on_commit(on_commit)
        self.show_locked("Commit a prediction first.")

    def show_locked(self, reason: str) -> None:
        """Lock Run; reason says why and what to do."""
        self._enter("locked")
        self._show_bar(reason, None)
        if self.question.committed is not None and self._figure.children:
            return  # only the form is wrong: what is on the screen stays
        self._show_notice(
            "<p>The result appears here: what you predicted, what the rule says, and what the "
            "cluster did.</p>"
        )

    def show_skipped(self, reason: str) -> None:
        """Lock Run for good: this cluster lacks what the experiment needs."""
        self._enter("locked")
        self._show_bar("Skipped", None)
        self._show_notice(f"<p>{html.escape(reason)}</p>")

    def show_ready(self) -> None:
        """Unlock Run: a prediction is committed."""
        self._enter("ready")
        self._show_bar("Ready", None)
        self._show_figure()

    def show_running(self, text: str, fraction: float | None = None) -> None:
        """Show how far the run is; fraction (0 to 1) is None while nobody can know it."""
        if self.state != "running":
            self._started = time.monotonic()
            self._enter("running")
            self._show_figure()
        self._show_bar(text, -1.0 if fraction is None else fraction)

    def show_done(self, difference: str, text: str = "") -> None:
        """Show the result: the chart and, as HTML, the difference in two sentences.

        text says in a few words what was done, such as "7 limits swept"; the time is added.
        """
        took = self._seconds()
        self._enter("done")
        self._started = None
        self._show_bar(f"{text or 'Done'} in {took:.0f} s" if took else text or "Done", 1.0)
        self._show_figure(difference)

    def show_error(self, title: str, message: str, hint: str = "") -> None:
        """Put what went wrong in the chart's place; message is what the server said, plain text."""
        self._enter("error")
        self._started = None
        self._show_bar("Stopped", None)
        said = f'<pre tabindex="0">{html.escape(message)}</pre>' if message else ""
        try_ = f"<p><b>What to try.</b> {html.escape(hint)}</p>" if hint else ""
        self._show_notice(
            f'<div class="wb-error" role="alert"><h4>{html.escape(title)}</h4>{said}{try_}</div>'
        )

    def show_footer(self, text: str) -> None:
        """Say where this runs, such as namespace and context."""
        self._footer.value = html.escape(text)

    def show_replay(self, label: str) -> None:
        """Say that this is a recording; label has its date and machine."""
        self._replay.value = f"<span>{html.escape(label)}</span>" if label else ""

    def set_table(self, rows: Table) -> None:
        """Fill the folded table."""
        self._panels["table"].value = f"<p>{html.escape(self.chart.text)}</p>{table_html(rows)}"

    def set_events(self, rows: Sequence[Row]) -> None:
        """Fill the folded list of events: a Timeline's rows of source "event"."""
        self.folds["events"].description = f"Events ({len(rows)})"
        self._panels["events"].value = (
            table_html(
                [
                    {
                        "time": f"{datetime.fromtimestamp(row.time):%H:%M:%S}",
                        "object": row.object,
                        "reason": row.field,
                        "message": row.value,
                    }
                    for row in rows
                ]
            )
            if rows
            else "<p>No events yet.</p>"
        )

    def set_measured(self, text: str) -> None:
        """Fill the folded "How this was measured" with HTML."""
        self._panels["measured"].value = text

    def _draw(self, title: str, subtitle: str) -> widgets.Widget:
        heading = markup("wb-title")
        heading.value = f"<h3>{html.escape(title)}</h3><span>{html.escape(subtitle)}</span>"
        card = box(
            "wb-card",
            style(),
            Frame(label=title),
            box("wb-header", heading, self._replay, self._steps),
            box(
                "wb-columns",
                column("Your prediction", self.question.widget),
                column(self.form.title, self.form.widget),
                column(self.form.pane.title, self.form.pane.widget),
            ),
            box("wb-bar", self.run, self.cancel, self.reset, self._progress, self._status),
            box("wb-result", self._figure, self._alternative, self._said, self._notice),
            box("wb-folds", *self.folds.values(), self._footer, *self._panels.values()),
        )
        self.set_events([])
        self.set_table([])
        return card

    def _enter(self, state: State) -> None:
        """Set what each state says of the buttons, the steps, and what may be edited."""
        self.state = state
        running = state == "running"
        self.run.disabled = running or state == "locked"
        self.run.description = "Run again" if state in ("done", "error") else "Run"
        self.cancel.layout.display = None if running else "none"
        self.reset.layout.display = "none" if running or state == "locked" else None
        self.question.enable(not running)
        self.form.enable(not running)
        committed = self.question.committed is not None
        self._steps.value = steps_html(1 if state == "locked" and committed else _STEP_OF[state])

    def _show_bar(self, text: str, fraction: float | None) -> None:
        """Show the words and the bar; fraction None hides the bar, below 0 it goes to and fro."""
        self._progress.value = "" if fraction is None else progress_html(fraction)
        clock = ""
        if self.state == "running":
            # The browser counts the seconds on by itself; the delay is how long it runs already.
            clock = f' <i class="wb-clock" style="animation-delay:-{self._seconds():.0f}s"></i>'
        self._status.value = f'<span role="status">{html.escape(text)}</span>{clock}'

    def _seconds(self) -> float:
        return time.monotonic() - self._started if self._started is not None else 0.0

    def _show_figure(self, difference: str = "") -> None:
        if not self._figure.children:
            self._figure.children = (self.chart.figure,)
        self._notice.layout.display = "none"
        self._figure.layout.display = self._said.layout.display = None
        self._alternative.value = html.escape(self.chart.text)
        self._said.value = legend_html(self.chart.legend) + (
            f'<div class="wb-difference" role="status">{difference}</div>' if difference else ""
        )

    def _show_notice(self, text: str) -> None:
        self._figure.layout.display = self._said.layout.display = "none"
        self._notice.layout.display = None
        self._notice.value = text


_FOLDS = {"table": "Table", "events": "Events (0)", "measured": "How this was measured"}


def steps_html(now: int) -> str:
    """Return the step pills; now is the index of the step you are at."""
    items = []
    for index, step in enumerate(STEPS):
        if index < now:
            items.append(f'<li class="wb-past"><span aria-label="done">✓</span> {step}</li>')
        elif index == now:
            items.append(f'<li class="wb-now" aria-current="step">{step}</li>')
        else:
            items.append(f"<li>{step}</li>")
    return f'<ol aria-label="Steps">{"".join(items)}</ol>'


def progress_html(fraction: float) -> str:
    """Return the progress bar; a fraction below 0 means that nobody can know."""
    if fraction < 0:
        return '<div role="progressbar" aria-label="Run"><div class="wb-unknown"></div></div>'
    percent = round(100 * min(fraction, 1.0))
    return (
        f'<div role="progressbar" aria-label="Run" aria-valuenow="{percent}">'
        f'<div style="width:{percent}%"></div></div>'
    )


def legend_html(legend: Sequence[tuple[str, str]]) -> str:
    """Return the legend: each mark in its colour and shape, and its words."""
    items = "".join(
        f'<li><i class="wb-mark-{mark}" aria-hidden="true"></i>{html.escape(words)}</li>'
        for mark, words in legend
    )
    return f'<ul class="wb-legend">{items}</ul>'


def table_html(rows: Table) -> str:
    """Return rows as a table; the first row's keys are the head."""
    if not rows:
        return "<p>No numbers yet.</p>"
    head = "".join(f'<th scope="col">{html.escape(str(key))}</th>' for key in rows[0])
    body = "".join(
        "<tr>"
        + "".join(f"<td>{html.escape(_cell(row.get(key)))}</td>" for key in rows[0])
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Value) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _fold(name: str, words: str) -> widgets.ToggleButton:
    # The browser folds by itself (card.css looks at the pressed button): no wait for the kernel.
    fold = widgets.ToggleButton(description=words, tooltip="Show or hide")
    fold.add_class("wb-fold")
    fold.add_class(f"wb-fold-{name}")
    return fold
