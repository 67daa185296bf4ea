"""What only the browser can do: a slider with a name and a quick readout, and the card's frame.

ipywidgets' own slider has no accessible name and its readout waits for the kernel; its boxes
cannot keep JupyterLab from taking the arrow keys.
"""

from __future__ import annotations

from importlib import resources

import anywidget
from traitlets import Bool, Float, Unicode


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


class Frame(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget is not followed
    """Unseen part of a card: names it, lets it have its keys, fits its chart to its width."""

    _esm = _script("frame.js")

    label = Unicode().tag(sync=True)
