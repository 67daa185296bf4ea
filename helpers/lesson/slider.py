"""A slider of the browser's own kind: with a label, keys, and its value beside it at once.

ipywidgets' slider has no accessible name, and its readout waits for the kernel.
"""

from __future__ import annotations

from importlib import resources

import anywidget
from traitlets import Bool, Float, Unicode


class Slider(anywidget.AnyWidget):
    """A range input; low, high, step and value are in unit."""

    _esm = resources.files("helpers.lesson").joinpath("slider.js").read_text("utf-8")

    label = Unicode().tag(sync=True)
    low = Float(0).tag(sync=True)
    high = Float(100).tag(sync=True)
    step = Float(1).tag(sync=True)
    unit = Unicode().tag(sync=True)
    value = Float(0).tag(sync=True)
    disabled = Bool(False).tag(sync=True)
