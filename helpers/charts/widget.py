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
    from plotly.basedatatypes import Undefined
    from traitlets import Unicode

    bundle = resources.files("plotly").joinpath("package_data/widgetbundle.js")

    class Figure(go.FigureWidget):  # type: ignore[misc]
        _esm = resources.files("helpers.charts").joinpath("figure.js").read_text("utf-8")
        _bundle = Unicode(bundle.read_text("utf-8")).tag(sync=True)

        def _send_update_msg(
            self,
            restyle_data: dict[str, list[object]],
            relayout_data: dict[str, object],
            trace_indexes: list[int] | None = None,
            source_view_id: str | None = None,
        ) -> None:
            # In one batch, what changes in one trace and stays in another is sent as "undefined"
            # for the other; the browser then forgets it. So what stays is sent too.
            indexes = self._normalize_trace_indexes(trace_indexes)
            whole = {
                field: [
                    self.data[index][field]
                    if value is Undefined and field in self.data[index]
                    else value
                    for index, value in zip(indexes, values, strict=True)
                ]
                for field, values in restyle_data.items()
            }
            super()._send_update_msg(whole, relayout_data, indexes, source_view_id)

    return Figure
