"""A lesson in this process: driven by the callable twins, read from the widgets it shows."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import ipywidgets as widgets

from helpers.experiments.requests_and_limits import CpuLimitThrottles
from helpers.lesson.card import Card
from helpers.lesson.lesson import Lesson

Burning = Card[Any]


def play(work: Coroutine[Any, Any, None], deadline: float = 60) -> None:
    """Run an async test, at most `deadline` seconds."""
    asyncio.run(asyncio.wait_for(work, deadline))


@asynccontextmanager
async def lesson_of(name: str) -> AsyncIterator[Lesson]:
    lesson = await Lesson.open(name)
    try:
        yield lesson
    finally:
        await lesson.close()


def burning(lesson: Lesson, **values: object) -> Burning:
    """The lesson's card with a prediction and these values: ready to run."""
    card = lesson.card(CpuLimitThrottles)
    card.set(**{"limit": "250m", "request": "50m", "threads": 2, **values})
    card.predict(100)
    return card


async def until(condition: Callable[[], object], deadline: float, what: str) -> None:
    """Let the loop work until a condition is true. Raises TimeoutError, saying `what`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + deadline
    while not condition():
        if loop.time() > end:
            raise TimeoutError(f"{what}: not within {deadline:g} s")
        await asyncio.sleep(0.02)


def shown(card: Burning, name: str) -> str:
    """What the card's part of this class says, as text; "" when it is hidden."""
    for widget in _all(card.view.widget):
        if name in widget._dom_classes and isinstance(widget, widgets.HTML):
            if widget.layout.display == "none":
                return ""
            return html.unescape(re.sub(r"<[^>]+>", " ", widget.value))
    raise LookupError(name)


def error_of(card: Burning) -> str:
    """What stands in the chart's place; "" when no error does."""
    return shown(card, "wb-notice") if card.view.state == "error" else ""


def _all(widget: widgets.Widget) -> list[widgets.Widget]:
    found = [widget]
    for child in getattr(widget, "children", ()):
        found += _all(child)
    return found
