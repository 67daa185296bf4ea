"""Predictions: what you commit to before an experiment may run.

Four kinds: a number on a slider, one of several choices, an order of things, a table of choices.
Each has a widget, the value as it stands, and ``commit``, which the button calls too.
"""

from __future__ import annotations

import html
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import ipywidgets as widgets

from helpers.lesson.browser import Choices, Slider

Answer: TypeAlias = float | str | tuple[str, ...]


class PredictionError(ValueError):
    """A prediction that the question does not allow; the message says what it does allow."""


class Prediction(ABC):
    """A question and your answer to it; question may hold simple HTML such as ``<b>``."""

    def __init__(self, question: str) -> None:
        self.question = question
        self._committed: Answer | None = None
        self._when = ""
        self._listeners: list[Callable[[Answer], None]] = []
        self._question = widgets.HTML(f"<p>{question}</p>")
        self._question.add_class("wb-question")
        self.button = widgets.Button(description="Commit")
        self.button.add_class("wb-commit")
        self.button.on_click(lambda _: self._pressed())
        self.note = widgets.HTML()
        self.note.add_class("wb-note")
        self.widget = widgets.VBox([self._question, self._draw(), self.button, self.note])
        self.widget.add_class("wb-prediction")
        self._changed()

    @property
    @abstractmethod
    def value(self) -> Answer:
        """The answer as it stands, committed or not."""

    @property
    def committed(self) -> Answer | None:
        """The answer committed last, or None."""
        return self._committed

    def commit(self, value: Answer | None = None) -> Answer:
        """Commit to a value, or to the one on the screen, and return it.

        Raises PredictionError if the question does not allow it.
        """
        if value is not None:
            self._set(value)
        answer = self.value
        self._committed = answer
        self._when = f"{datetime.now():%H:%M}"
        self._changed()
        for listener in self._listeners:
            listener(answer)
        return answer

    def withdraw(self) -> None:
        """Take the commitment back, as when the card is reset; the answer stays on the screen."""
        self._committed = None
        self._changed()

    def on_commit(self, listener: Callable[[Answer], None]) -> None:
        """Call listener with the answer at each commit."""
        self._listeners.append(listener)

    def ask(self, question: str) -> None:
        """Put the question anew, as when the form has changed what it is about."""
        if question != self.question:
            self.question = question
            self._question.value = f"<p>{question}</p>"

    def enable(self, on: bool) -> None:
        """Let the answer be changed and committed, or not, as during a run."""
        self.button.disabled = not on
        self._enable(on)

    def describe(self, answer: Answer) -> str:
        """Return an answer as words, such as ``62 %``."""
        return " → ".join(answer) if isinstance(answer, tuple) else str(answer)

    def _pressed(self) -> None:
        try:
            self.commit()
        except PredictionError as error:
            self.note.value = html.escape(f"Not yet: {error}.")

    def _changed(self) -> None:
        """Offer to commit the answer on the screen, if it is new."""
        new = self.value != self._committed
        self.button.description = f"Commit {self._short()}".rstrip()
        self.button.layout.display = None if new else "none"
        if self._committed is None:
            self.note.value = ""
        elif new:
            said = html.escape(self.describe(self._committed))
            self.note.value = f"Until you do, {said} counts, committed at {self._when}."
        else:
            self.note.value = f"Committed at {self._when}. You can change it and run again."

    def _short(self) -> str:
        return ""

    @abstractmethod
    def _draw(self) -> widgets.Widget: ...

    @abstractmethod
    def _set(self, value: Answer) -> None: ...

    @abstractmethod
    def _enable(self, on: bool) -> None: ...


class Number(Prediction):
    """A number from low to high in steps, with its unit, such as a share of periods in percent."""

    def __init__(
        self,
        question: str,
        low: float,
        high: float,
        unit: str = "",
        step: float = 1,
        *,
        start: float | None = None,
    ) -> None:
        self.low, self.high, self.unit, self.step = low, high, unit, step
        middle = low + round((high - low) / 2 / step) * step
        self.slider = Slider(
            label=plain(question),
            low=low,
            high=high,
            step=step,
            unit=unit,
            value=middle if start is None else start,
        )
        super().__init__(question)
        self.slider.observe(lambda _: self._changed(), names="value")

    @property
    def value(self) -> float:
        """The number on the slider, in the question's unit."""
        return float(self.slider.value)

    def ask(self, question: str) -> None:
        """Put the question anew; the slider's label follows."""
        super().ask(question)
        self.slider.label = plain(question)

    def describe(self, answer: Answer) -> str:
        """Return the number with its unit."""
        return f"{answer:g} {self.unit}".rstrip() if isinstance(answer, float) else str(answer)

    def _short(self) -> str:
        return self.describe(self.value)

    def _draw(self) -> widgets.Widget:
        return self.slider

    def _set(self, value: Answer) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise PredictionError(f"the prediction is a number, not {value!r}")
        if not self.low <= value <= self.high:
            raise PredictionError(
                f"{value:g} is out of range; predict {self.low:g} to {self.high:g} {self.unit}"
            )
        self.slider.value = float(value)

    def _enable(self, on: bool) -> None:
        self.slider.disabled = not on


class Choice(Prediction):
    """One of several options."""

    def __init__(self, question: str, options: Sequence[str]) -> None:
        self.options = tuple(options)
        self.buttons = widgets.RadioButtons(options=self.options, value=self.options[0])
        super().__init__(question)
        self.buttons.observe(lambda _: self._changed(), names="value")

    @property
    def value(self) -> str:
        """The option chosen."""
        return str(self.buttons.value)

    def _draw(self) -> widgets.Widget:
        return self.buttons

    def _set(self, value: Answer) -> None:
        if value not in self.options:
            raise PredictionError(f"{value!r} is not one of: {', '.join(self.options)}")
        self.buttons.value = value

    def _enable(self, on: bool) -> None:
        self.buttons.disabled = not on


class Order(Prediction):
    """An order of things, first to last; each has a button that moves it up."""

    def __init__(self, question: str, items: Sequence[str]) -> None:
        self.items = tuple(items)
        self._now = list(items)
        self._places = [widgets.HTML() for _ in items]
        self._ups = [widgets.Button(description="▲") for _ in items]
        super().__init__(question)

    @property
    def value(self) -> tuple[str, ...]:
        """The items in the order chosen."""
        return tuple(self._now)

    def lift(self, item: str) -> None:
        """Move an item one place up; the first one stays."""
        here = self._now.index(item)
        if here:
            self._now[here - 1], self._now[here] = item, self._now[here - 1]
            self._show()
            self._changed()

    def _draw(self) -> widgets.Widget:
        rows = []
        for index, (place, up) in enumerate(zip(self._places, self._ups, strict=True)):
            up.on_click(lambda _, index=index: self.lift(self._now[index]))
            up.layout.visibility = None if index else "hidden"
            row = widgets.HBox([up, place])
            row.add_class("wb-item")
            rows.append(row)
        self._show()
        order = widgets.VBox(rows)
        order.add_class("wb-order")
        return order

    def _show(self) -> None:
        for index, (place, up) in enumerate(zip(self._places, self._ups, strict=True)):
            item = self._now[index]
            place.value = f"{index + 1}. {html.escape(item)}"
            up.tooltip = f"Move {item} up"

    def _set(self, value: Answer) -> None:
        if not isinstance(value, tuple | list) or sorted(value) != sorted(self.items):
            raise PredictionError(f"put each of these once, in order: {', '.join(self.items)}")
        self._now = list(value)
        self._show()

    def _enable(self, on: bool) -> None:
        for up in self._ups:
            up.disabled = not on


class Table(Prediction):
    """One of several options in each cell of a table, such as yes or no for who may do what.

    The answer holds an option for each of `cells`, row by row; all of them are to be filled in. A
    cell (row, column) of `absent` is not asked: it shows these few words instead.
    """

    def __init__(
        self,
        question: str,
        rows: Sequence[str],
        columns: Sequence[str],
        options: Sequence[str],
        *,
        absent: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        words = absent or {}
        self.options = tuple(options)
        self.cells = tuple((r, c) for r in rows for c in columns if (r, c) not in words)
        self.grid = Choices(
            label=plain(question),
            rows=list(rows),
            columns=list(columns),
            options=list(options),
            absent=[[words.get((row, column), "") for column in columns] for row in rows],
            value=[""] * len(self.cells),
        )
        super().__init__(question)
        self.grid.observe(lambda _: self._changed(), names="value")

    @property
    def value(self) -> tuple[str, ...]:
        """The option chosen for each of `cells`; "" where none is yet."""
        return tuple(self.grid.value)

    def commit(self, value: Answer | None = None) -> Answer:
        """Commit to a value, or to the one on the screen, and return it.

        Raises PredictionError if a cell is empty, or the question does not allow it.
        """
        if value is not None:
            self._set(value)
        if empty := [cell for cell, said in zip(self.cells, self.value, strict=True) if not said]:
            raise PredictionError(f"{', '.join(empty[0])} is still open")
        return super().commit()

    def ask(self, question: str) -> None:
        """Put the question anew; the table's label follows."""
        super().ask(question)
        self.grid.label = plain(question)

    def describe(self, answer: Answer) -> str:
        """Return how often each option was chosen, such as ``12 yes, 3 no``."""
        count = Counter(answer if isinstance(answer, tuple) else ())
        return ", ".join(f"{count[option]} {option}" for option in self.options)

    def _short(self) -> str:
        left = self.value.count("")
        return f"({left} of {len(self.cells)} to go)" if left else ""

    def _draw(self) -> widgets.Widget:
        return self.grid

    def _set(self, value: Answer) -> None:
        if not isinstance(value, tuple | list) or len(value) != len(self.cells):
            raise PredictionError(f"the prediction has {len(self.cells)} cells, row by row")
        for cell, said in zip(self.cells, value, strict=True):
            if said not in self.options:
                raise PredictionError(
                    f"{', '.join(cell)}: {said!r} is not one of: {', '.join(self.options)}"
                )
        self.grid.value = list(value)

    def _enable(self, on: bool) -> None:
        self.grid.disabled = not on


def plain(text: str) -> str:
    """Return simple HTML as plain text, for a label."""
    return html.unescape(re.sub(r"<[^>]+>", "", text))
