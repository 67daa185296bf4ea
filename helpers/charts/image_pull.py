"""The chart of "A Pod names an image": how each Pod came out at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model.image_pulls import ABOUT, OUTCOMES, OWN, SHORT, seen
from helpers.model.images import short
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

PLACES = {name: place for place, name in enumerate(OUTCOMES)}


class PullChart(TimelineChart):
    """A line a Pod, a column an outcome."""

    legend = (
        ("measured", "how the Pod came out at first"),
        ("rule", "the rule of name, policy and login"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._seen:
            return "Nothing is measured yet."
        told = "; ".join(
            f"{ABOUT[pod.name]}: {SHORT.get(pod.first, 'not known yet')}" for pod in self._seen
        )
        said = f" You predicted: {SHORT[self._said]}." if self._said in SHORT else ""
        return f"Pods: {told}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a Pod: what it names, how it came out, and the node's words."""
        return [
            {
                "pod": pod.name,
                "image": pod.image.partition("/")[2],
                "pull secret": "yes" if pod.secret else "no",
                "by the rule": SHORT[pod.rule],
                "at first": SHORT.get(pod.first, ""),
                "at last": SHORT.get(pod.last, ""),
                "digest": short(pod.digest),
                "the node's words": pod.words[-160:],
            }
            for pod in self._seen
        ]

    def _read(self, timeline: Timeline) -> None:
        self._seen = seen(timeline)
        said = timeline.value(source="learner", field="prediction")
        self._said = said if isinstance(said, str) else ""

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False}
        rule = marks.rule(hover="by the rule: %{text}<extra></extra>")
        rule.connectgaps = False
        return marks.figure(
            400,
            [
                rule,
                marks.measurement(hover="%{text}<extra></extra>"),
                marks.prediction(hover="you predicted: %{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 190, "r": 20, "t": 46, "b": 10},
                "xaxis": {
                    **still,
                    "showgrid": False,
                    "side": "top",
                    "range": [-0.5, len(OUTCOMES) - 0.5],
                    "tickvals": list(PLACES.values()),
                    "ticktext": [SHORT[name] for name in PLACES],
                },
                "yaxis": {**still, "showgrid": True},
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rows = list(reversed(self._seen))
        at = {pod.name: place for place, pod in enumerate(rows)}
        out = [pod for pod in rows if pod.first]
        rule, measured, said = made.data
        with made.batch_update():
            made.layout.yaxis.tickvals = list(at.values())
            made.layout.yaxis.ticktext = [f"{_about(name)} " for name in at]
            made.layout.yaxis.range = [-0.7, max(len(rows), 1) - 0.3]
            rule.x = [x for pod in rows for x in (PLACES[pod.rule], PLACES[pod.rule], None)]
            rule.y = [y for pod in rows for y in (at[pod.name] - 0.36, at[pod.name] + 0.36, None)]
            rule.text = [words for pod in rows for words in (SHORT[pod.rule],) * 3]
            measured.x = [PLACES[pod.first] for pod in out]
            measured.y = [at[pod.name] for pod in out]
            measured.text = [f"{pod.name}: {SHORT[pod.first]}" for pod in out]
            known = self._said in PLACES and OWN in at
            # Beside the dot rather than under it, where both are the same.
            said.x = [PLACES[self._said] + 0.2] if known else []
            said.y, said.text = ([at[OWN]], [SHORT[self._said]]) if known else ([], [])


def _about(name: str) -> str:
    """Say in two lines what is told of a Pod."""
    head, comma, rest = ABOUT[name].rpartition(", on ")
    return f"{head}<br>on {rest}" if comma else ABOUT[name]
