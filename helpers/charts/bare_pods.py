"""The chart of "Pods that write nothing": how many are let in, and what the quota counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts.chart import predicted_number
from helpers.charts.quota_panels import QuotaPanels
from helpers.model import bare_pods, limit_ranges, quota_run
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST = 6


class BarePodsChart(QuotaPanels):
    """Above, the pods there are; below, the quota's gauge; both by pods sent."""

    legend = (
        ("measured", "pods let in; what the quota counts"),
        ("rule", "the rule: each costs the default limit"),
        ("prediction", "your prediction, of 6"),
    )
    most = MOST
    asked = "pods sent"
    heading = "Pods that are there"
    hover_pods = "%{y} of %{x} let in"
    hover_rule = "by the rule"

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._tries:
            return "Nothing is measured yet."
        told = ", ".join(
            f"number {one.number} {'let in' if one.made else 'refused'} (used {one.used})"
            for one in self._tries
        )
        said = f" You predicted {self._said:g} of {MOST}." if self._said is not None else ""
        return f"Pods that write nothing: {told}; the quota allows {self._hard}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a pod."""
        return [
            {
                "pod": one.number,
                "let in": "yes" if one.made else "no",
                "quota used": str(one.used),
                "quota hard": str(self._hard),
                "the server's words": one.message,
            }
            for one in self._tries
        ]

    def _read(self, timeline: Timeline) -> None:
        self._tries = bare_pods.tries(timeline)
        self._hard = quota_run.hard(timeline)
        self._fits = bare_pods.fits(timeline)
        limits = limit_ranges.sent(timeline)
        self._each = limits.default.get("cpu") if limits is not None else None
        self._said = predicted_number(timeline)

    def _draw(self, made: go.FigureWidget) -> None:
        rule, there, said, counts, used = made.data
        sent = [one.number for one in self._tries]
        places = list(range(1, MOST + 1)) if self._fits is not None else []
        fits = [min(place, self._fits or 0) for place in places]
        each = self._each.cores if self._each is not None else 0
        top = self._hard.cores if self._hard is not None else 0
        with made.batch_update():
            rule.x, rule.y = places, fits
            there.x = sent
            there.y = [sum(o.made for o in self._tries[:number]) for number in sent]
            said.x, said.y = ([MOST], [self._said]) if self._said is not None else ([], [])
            counts.x, counts.y = places, [each * n for n in fits]
            used.x, used.y = sent, [o.used.cores if o.used is not None else 0 for o in self._tries]
            made.layout.yaxis2.range = [0, 1.25 * max(top, 0.1)]
