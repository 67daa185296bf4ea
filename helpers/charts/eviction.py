"""The chart of "A node runs short of memory": use against request by pod, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model import eviction
from helpers.model.eviction import Candidate
from helpers.model.evictions import crowd, victim
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

MEBI = 2**20


class EvictionChart(TimelineChart):
    """Pods in the order of the rule, with what they use above their request, and the victim."""

    legend = (
        ("measured", "memory used (× evicted)"),
        ("rule", "the rule: its request; the first goes first"),
        ("prediction", "the one you put first"),
    )

    @property
    def order(self) -> list[Candidate]:
        """The pods, the first victim of the rule first."""
        return self._order

    @property
    def victim(self) -> str | None:
        """The pod that was evicted first."""
        return self._victim

    @property
    def reason(self) -> str:
        """Which part of the rule chose the first: the one that sets it apart from the next."""
        over = [pod for pod in self._order if pod.over > 0]
        if not over:
            return "No pod used more than it requested, so priority and size decided."
        first = over[0]
        words = f"It uses {first.over // MEBI}Mi more than it requested"
        if len(over) == 1:
            return words + ", and no other pod uses more than its request."
        second = over[1]
        if first.priority < second.priority:
            rest = f"; {second.name}, with {second.over // MEBI}Mi, has a higher priority"
        else:
            rest = f", more than {second.name} with {second.over // MEBI}Mi"
        last = [pod for pod in over[1:] if pod.priority > first.priority and pod is not second]
        more = f", and {last[0].name} has a higher priority" if last else ""
        return f"{words}{rest}{more}."

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._order:
            return "Nothing is measured yet."
        told = "; ".join(
            f"{pod.name} uses {pod.usage // MEBI} MiB of {pod.request // MEBI} requested"
            for pod in self._order
        )
        went = f" {self._victim} was evicted." if self._victim else ""
        said = f" You put {self._said} first." if self._said else ""
        return f"In the order of the rule: {told}.{went}{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a pod, in the order of the rule."""
        return [
            {
                "place by the rule": place,
                "pod": pod.name,
                "uses (MiB)": pod.usage // MEBI,
                "requests (MiB)": pod.request // MEBI,
                "above its request (MiB)": pod.over // MEBI,
                "priority": pod.priority,
                "evicted": "yes" if pod.name == self._victim else "",
            }
            for place, pod in enumerate(self._order, 1)
        ]

    def _read(self, timeline: Timeline) -> None:
        self._order = eviction.rank(crowd(timeline))
        self._victim = victim(timeline)
        said = timeline.value(source="learner", field="prediction")
        self._said = str(said[0]) if isinstance(said, list | tuple) and said else ""
        rows = [r for r in timeline.where(source="kubelet", field="memory") if "Node/" in r.object]
        self._left = [
            (row.time - rows[0].time, row.value / MEBI)
            for row in rows
            if isinstance(row.value, int | float)
        ]

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False, "showgrid": False}
        gone = marks.measurement(hover="%{y}: evicted<extra></extra>", size=15)
        gone.marker.symbol = "x"
        threshold = marks.rule(axes="2", hover="evicts below %{y:g} MiB<extra></extra>")
        request = marks.rule(hover="requests %{x:.0f} MiB<extra></extra>")
        request.connectgaps = False
        return marks.figure(
            430,
            [
                request,
                marks.measurement(hover="uses %{x:.0f} MiB<extra></extra>"),
                gone,
                marks.prediction(hover="you put it first<extra></extra>"),
                threshold,
                marks.measurement(axes="2", size=7, hover="%{y:.0f} MiB left<extra></extra>"),
            ],
            {
                "margin": {"l": 110, "r": 20, "t": 30, "b": 48},
                "xaxis": {
                    **still,
                    "anchor": "y",
                    "ticksuffix": " MiB",
                    "showgrid": True,
                },
                "yaxis": {**still, "domain": [0.5, 1]},
                "xaxis2": {**still, "anchor": "y2", "title": {"text": "seconds"}},
                "yaxis2": {
                    **still,
                    "domain": [0, 0.29],
                    "rangemode": "tozero",
                    "ticksuffix": " MiB",
                    "showgrid": True,
                },
                "annotations": [
                    marks.heading("Memory used and requested, in the order of the rule", 1.03),
                    marks.heading("Memory left for pods; the line is the threshold", 0.32),
                ],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        order = list(reversed(self._order))
        places = {pod.name: place for place, pod in enumerate(order)}
        request, used, gone, said, threshold, left = made.data
        with made.batch_update():
            made.layout.yaxis.tickvals = list(places.values())
            made.layout.yaxis.ticktext = [f"{name} " for name in places]
            made.layout.yaxis.range = [-0.6, max(len(order), 1) - 0.4]
            request.x = [x for p in order for x in (p.request / MEBI, p.request / MEBI, None)]
            request.y = [y for n in range(len(order)) for y in (n - 0.35, n + 0.35, None)]
            most = max([*(size for p in order for size in (p.usage, p.request)), 100 * MEBI]) / MEBI
            # Room on the left, where the prediction is beside the names.
            made.layout.xaxis.range = [-0.05 * most, 1.08 * most]
            kept = [pod for pod in order if pod.name != self._victim]
            used.x = [pod.usage / MEBI for pod in kept]
            used.y = [places[pod.name] for pod in kept]
            ended = [pod for pod in order if pod.name == self._victim]
            gone.x = [pod.usage / MEBI for pod in ended]
            gone.y = [places[pod.name] for pod in ended]
            said.x, said.y = ([0], [places[self._said]]) if self._said in places else ([], [])
            left.x, left.y = [s for s, _ in self._left], [size for _, size in self._left]
            ends = [self._left[0][0], self._left[-1][0]] if self._left else []
            threshold.x = ends
            threshold.y = [eviction.THRESHOLD.bytes / MEBI for _ in ends]
