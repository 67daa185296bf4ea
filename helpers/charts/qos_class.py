"""The chart of "The class follows from requests and limits": the telling pods by their class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_words
from helpers.model import qos_cases
from helpers.model.qos import CLASSES, all_containers
from helpers.model.qos_cases import OWN, Case
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

PLACES = {name: place for place, name in enumerate(reversed(CLASSES))}


class ClassChart(TimelineChart):
    """A line a pod, a column a class; the table holds every combination too."""

    legend = (
        ("measured", "status.qosClass"),
        ("rule", "the rule"),
        ("prediction", "your prediction"),
    )

    @property
    def cases(self) -> list[Case]:
        """All pods that were shown to the server."""
        return self._cases

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._cases:
            return "Nothing is measured yet."
        told = ", ".join(f"{case.name} {case.measured or 'refused'}" for case in self._shown)
        said = f" You predicted {self._said}." if self._said else ""
        agree = sum(case.rule == case.measured for case in self._cases)
        return (
            f"Classes: {told}. Rule and server agree on {agree} of {len(self._cases)} pods.{said}"
        )

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a pod: what it declares, and its class."""
        return [
            {
                "pod": case.name,
                "declares": _declares(case.sent),
                "the rule": case.rule or "refused",
                "status.qosClass": case.measured or "refused",
            }
            for case in self._cases
        ]

    def _read(self, timeline: Timeline) -> None:
        self._cases = qos_cases.cases(timeline)
        self._shown = [c for c in self._cases if not c.name.startswith("cpu-") or "only" in c.name]
        self._said = predicted_words(timeline)

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False}
        rule = marks.rule(hover="%{y}: %{text}<extra></extra>")
        rule.connectgaps = False
        return marks.figure(
            480,
            [
                rule,
                marks.measurement(hover="the server: %{text}<extra></extra>"),
                marks.prediction(hover="you predicted %{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 140, "r": 20, "t": 46, "b": 10},
                "xaxis": {
                    **still,
                    "showgrid": False,
                    "side": "top",
                    "range": [-0.5, 2.5],
                    "tickvals": list(PLACES.values()),
                    "ticktext": list(PLACES),
                },
                "yaxis": {**still, "showgrid": True},
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rows = list(reversed(self._shown))
        at = {case.name: place for place, case in enumerate(rows)}
        ruled = [case for case in rows if case.rule is not None]
        seen = [case for case in rows if case.measured is not None]
        rule, measured, said = made.data
        with made.batch_update():
            made.layout.yaxis.tickvals = list(at.values())
            made.layout.yaxis.ticktext = [f"{name} " for name in at]
            made.layout.yaxis.range = [-0.7, max(len(rows), 1) - 0.3]
            rule.x = [x for c in ruled for x in (PLACES[c.rule or ""], PLACES[c.rule or ""], None)]
            rule.y = [y for c in ruled for y in (at[c.name] - 0.42, at[c.name] + 0.42, None)]
            rule.text = [word for c in ruled for word in (c.rule, c.rule, "")]
            measured.x = [PLACES[case.measured or ""] for case in seen]
            measured.y = [at[case.name] for case in seen]
            measured.text = [case.measured for case in seen]
            known = self._said in PLACES and OWN in at
            # Beside the dot rather than under it, where both are the same.
            said.x = [PLACES[self._said] - 0.12] if known else []
            said.y, said.text = ([at[OWN]], [self._said]) if known else ([], [])


def _declares(manifest: Mapping[str, Value]) -> str:
    """Say in a line what a pod declares, container by container."""
    spec = manifest.get("spec")
    own = spec.get("resources") if isinstance(spec, Mapping) else None
    words = [f"the pod: {_amounts(own)}"] if isinstance(own, Mapping) else []
    words += [_amounts(container.get("resources")) for container in all_containers(manifest)]
    return " | ".join(words)


def _amounts(block: Value) -> str:
    if not isinstance(block, Mapping):
        return "nothing"
    words = [
        f"{kind}.{name} {amount}"
        for kind, amounts in block.items()
        if isinstance(amounts, Mapping)
        for name, amount in amounts.items()
    ]
    return ", ".join(words) or "{}"
