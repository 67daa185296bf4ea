"""What only the browser can do: a slider with a quick readout, a table of choices, a card's frame.

ipywidgets' own slider has no accessible name and its readout waits for the kernel; its grid is no
table to a screen reader; its boxes cannot keep JupyterLab from taking the arrow keys.
"""

from __future__ import annotations

from importlib import resources

import anywidget
from traitlets import Bool, Float, List, Unicode


def _script(name: str) -> str:
    return resources.files("helpers.lesson").joinpath(name).read_text("utf-8")


class Slider(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget is not followed
    """A range input with a label; low, high, step and value are in unit."""

    _esm = _script("slider.js")

    label = Unicode().tag(sync=True)
    low = Float(0).tag(sync=True)
    high = Float(100).tag(sync=True)
    step = Float(1).tag(sync=True)
    unit = Unicode().tag(sync=True)
    value = Float(0).tag(sync=True)
    disabled = Bool(False).tag(sync=True)


class Choices(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget is not followed
    """A table with a list of options in each cell.

    A cell that has words in `absent` (a list of rows) shows these instead. `value` holds what was
    chosen in the other cells, row by row; "" for nothing yet.
    """

    _esm = _script("choices.js")

    label = Unicode().tag(sync=True)
    rows = List(Unicode()).tag(sync=True)
    columns = List(Unicode()).tag(sync=True)
    options = List(Unicode()).tag(sync=True)
    absent = List(List(Unicode())).tag(sync=True)
    value = List(Unicode()).tag(sync=True)
    disabled = Bool(False).tag(sync=True)


class Frame(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget is not followed
    """Unseen part of a card: names it, lets it have its keys, fits its chart to its width."""

    _esm = _script("frame.js")

    label = Unicode().tag(sync=True)
