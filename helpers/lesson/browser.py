"""What only the browser can do: a slider with a quick readout, a table of choices, a card's frame.

ipywidgets' own slider has no accessible name and its readout waits for the kernel; its grid is no
table to a screen reader; its boxes cannot keep JupyterLab from taking the arrow keys.
"""

from __future__ import annotations

import uuid
from importlib import resources
from typing import Any

import anywidget
from traitlets import Bool, Float, Int, List, Unicode


def _script(name: str) -> str:
    return resources.files("helpers.lesson").joinpath(name).read_text("utf-8")


class Hearing(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget is not followed
    """A widget that a slow browser does not make deaf to the kernel; see hear.js."""

    own_id = Unicode().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        own = uuid.uuid4().hex
        super().__init__(model_id=own, own_id=own, **traits)
        self.on_msg(self._asked)

    def _asked(self, _widget: object, content: object, _buffers: object) -> None:
        has = content.get("has", {}) if isinstance(content, dict) else {}
        if missed := [name for name, value in has.items() if getattr(self, name) != value]:
            self.send_state(missed)


class Slider(Hearing):
    """A range input with a label; low, high, step and value are in unit."""

    _esm = _script("hear.js") + _script("slider.js")

    label = Unicode().tag(sync=True)
    low = Float(0).tag(sync=True)
    high = Float(100).tag(sync=True)
    step = Float(1).tag(sync=True)
    unit = Unicode().tag(sync=True)
    value = Float(0).tag(sync=True)
    disabled = Bool(False).tag(sync=True)


class Choices(Hearing):
    """A table with a list of options in each cell.

    A cell that has words in `absent` (a list of rows) shows these instead. `value` holds what was
    chosen in the other cells, row by row; "" for nothing yet.
    """

    _esm = _script("hear.js") + _script("choices.js")

    label = Unicode().tag(sync=True)
    rows = List(Unicode()).tag(sync=True)
    columns = List(Unicode()).tag(sync=True)
    options = List(Unicode()).tag(sync=True)
    absent = List(List(Unicode())).tag(sync=True)
    value = List(Unicode()).tag(sync=True)
    disabled = Bool(False).tag(sync=True)


class Questions(Hearing):
    """A self-quiz: questions with a choice of options each.

    `value` holds the place of the option that was answered last, -1 for none yet; `said` is what
    is told about it, in HTML, and `marks` the class "wb-right" or "wb-wrong".
    """

    _esm = _script("hear.js") + _script("quiz.js")
    _css = _script("quiz.css")

    label = Unicode().tag(sync=True)
    questions = List().tag(sync=True)
    value = List(Int()).tag(sync=True)
    said = List(Unicode()).tag(sync=True)
    marks = List(Unicode()).tag(sync=True)


class Frame(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget is not followed
    """Unseen part of a card: names it, lets it have its keys, fits its chart to its width."""

    _esm = _script("frame.js")

    label = Unicode().tag(sync=True)
