"""The chart of "The fifth replica": Pods and quota against the number of replicas asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts.chart import predicted_number
from helpers.charts.quota_panels import QuotaPanels
from helpers.model import quota_run
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST = 6


class QuotaChart(QuotaPanels):
    """Above, the Pods there are; below, the quota's gauge; both by replicas asked for."""

    legend = (
        ("measured", "ready pods; what the quota counts"),
        ("rule", "the rule: as many as the quota lets in"),
        ("prediction", "your prediction, at 6"),
    )
    most = MOST
    asked = "replicas asked for"
    heading = "Pods that are ready"
    hover_pods = "%{y} ready of %{x}"
    hover_rule = "the quota allows"

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._steps:
            return "Nothing is measured yet."
        told = ", ".join(f"{s.ready} of {s.asked} (used {s.used})" for s in self._steps)
        said = f" You predicted {self._prediction:g}." if self._prediction is not None else ""
        return f"Pods ready of replicas asked for: {told}; the quota allows {self._hard}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a number of replicas."""
        return [
            {
                "replicas asked for": step.asked,
                "pods ready": step.ready,
                "pods Pending": step.pending,
                "quota used": str(step.used),
                "quota hard": str(self._hard),
                "FailedCreate": "yes" if step.refused else "no",
            }
            for step in self._steps
        ]

    def _read(self, timeline: Timeline) -> None:
        self._steps = quota_run.steps(timeline)
        self._hard = quota_run.hard(timeline)
        self._prediction = predicted_number(timeline)

    def _draw(self, made: go.FigureWidget) -> None:
        rule, ready, predicted, allowed, used = made.data
        asked = [step.asked for step in self._steps]
        limit = self._steps[0].limit if self._steps else None
        most = quota_run.fits(self._hard, limit) if self._hard and limit else 0
        with made.batch_update():
            known = bool(limit) and self._hard is not None
            places = list(range(1, MOST + 1))
            rule.x = places if known else []
            rule.y = [min(place, most) for place in places] if known else []
            ready.x, ready.y = asked, [step.ready for step in self._steps]
            said = self._prediction
            predicted.x, predicted.y = ([MOST], [said]) if said is not None else ([], [])
            top = self._hard.cores if self._hard is not None else 0
            allowed.x, allowed.y = ([0.5, MOST + 0.5], [top, top]) if known else ([], [])
            used.x, used.y = asked, [s.used.cores if s.used else 0 for s in self._steps]
            made.layout.yaxis2.range = [0, 1.25 * max(top, 0.1)]
