"""What all charts share: the three marks, and a figure that reads well in light and dark.

A prediction is a purple diamond, a rule a blue line, a measurement an orange dot, in every chart
of the course.  The three colours stay apart for colour-blind eyes, and so do the three shapes.
The page's style sheet gives text and lines the colours of the theme.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.charts.widget import figure_widget

if TYPE_CHECKING:
    import plotly.graph_objects as go

PREDICTION = "#8e4585"
RULE = "#0072b2"
MEASUREMENT = "#d55e00"
QUIET = "#808890"
_HOVER = "#1b1f24"


def warm() -> None:
    """Load plotly, which takes seconds the first time; call it in a thread while others wait."""
    figure_widget()()


def figure(height: int, traces: Sequence[go.Scatter], layout: dict[str, object]) -> go.FigureWidget:
    """Make a figure as wide as its place and height pixels high, on a transparent ground."""
    drawn = figure_widget()(
        data=list(traces),
        layout={
            "template": "none",
            "autosize": True,
            "height": height,
            "margin": {"l": 58, "r": 20, "t": 30, "b": 48},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "showlegend": False,
            "hovermode": "closest",
            "dragmode": False,
            "font": {"size": 12, "color": QUIET},
            "hoverlabel": {"bgcolor": _HOVER, "bordercolor": _HOVER, "font": {"color": "#ffffff"}},
            **layout,
        },
    )
    drawn._config = {"displayModeBar": False, "responsive": True}
    return drawn


def rule(*, axes: str = "", hover: str) -> go.Scatter:
    """Return the line of what the rule says; axes "2" puts it into the second panel."""
    import plotly.graph_objects as go

    return go.Scatter(
        name="the rule",
        mode="lines",
        line={"color": RULE, "width": 2.5},
        connectgaps=True,  # while the points come in, one by one
        xaxis=f"x{axes}",
        yaxis=f"y{axes}",
        hovertemplate=hover,
    )


def measurement(*, axes: str = "", hover: str, size: int = 11) -> go.Scatter:
    """Return the dots of what was measured."""
    import plotly.graph_objects as go

    return go.Scatter(
        name="measured",
        mode="markers",
        marker={"color": MEASUREMENT, "size": size, "line": {"width": 0}},
        cliponaxis=False,
        xaxis=f"x{axes}",
        yaxis=f"y{axes}",
        hovertemplate=hover,
    )


def prediction(*, hover: str) -> go.Scatter:
    """Return the diamond of what you predicted."""
    import plotly.graph_objects as go

    return go.Scatter(
        name="your prediction",
        mode="markers",
        marker={"color": PREDICTION, "size": 15, "symbol": "diamond", "line": {"width": 0}},
        cliponaxis=False,
        hovertemplate=hover,
    )


def distance() -> go.Scatter:
    """Return the dotted line from a prediction to what was measured."""
    import plotly.graph_objects as go

    return go.Scatter(
        name="difference",
        mode="lines",
        line={"color": PREDICTION, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )


def heading(text: str, y: float) -> dict[str, object]:
    """Return a panel's heading: left, just above height y (0 to 1) of the figure."""
    return {
        "text": text,
        "x": 0,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 12.5},
    }
