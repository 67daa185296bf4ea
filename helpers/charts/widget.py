"""Plotly's FigureWidget with a browser part that survives a slow machine; see figure.js."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go


@cache
def figure_widget() -> type[go.FigureWidget]:
    """Return the class of our figures. The first call loads plotly, which takes seconds."""
    import plotly.graph_objects as go
    from traitlets import Unicode

    bundle = resources.files("plotly").joinpath("package_data/widgetbundle.js")

    class Figure(go.FigureWidget):  # type: ignore[misc]
        _esm = resources.files("helpers.charts").joinpath("figure.js").read_text("utf-8")
        _bundle = Unicode(bundle.read_text("utf-8")).tag(sync=True)

    return Figure
