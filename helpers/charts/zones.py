"""The chart of a Pod whose volume is in one zone: a line a node, and where the Pod went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.charts.figure import QUIET, RULE
from helpers.model import zone_run
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

_PLACES = ("full worker", "empty worker", "first machine", "second machine")
_SAID = {
    "at once": "empty worker",
    "with the first new machine": "first machine",
    "with the second new machine": "second machine",
}


class ZonesChart(TimelineChart):
    """Nodes from when they are there; the Pod's dot is on the node that it got."""

    legend = (
        ("measured", "the pod got this node; small: it found none"),
        ("rule", "the rule: first node with room in the volume's zone"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._nodes:
            return "No node has been seen yet."
        nodes = ", ".join(f"{place} in {m.zone}" for place, m in self._nodes.items())
        got = "has no node" if self._got is None else f"got the {self._got[0]}"
        said = f" You predicted: {self._said}." if self._said else ""
        return f"The volume is in {self._zone}. Nodes: {nodes}. The pod {got}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a node."""
        return [
            {
                "node": machine.name,
                "what": place,
                "zone": machine.zone,
                "the volume is there": "yes" if machine.zone == self._zone else "no",
                "came after (s)": None
                if machine.came is None
                else round(machine.came - self._began, 1),
                "the pod is here": "yes" if self._got and self._got[0] == place else "no",
            }
            for place, machine in self._nodes.items()
        ]

    def _read(self, timeline: Timeline) -> None:
        self._zone = zone_run.volume_zone(timeline)
        machines = zone_run.machines(timeline) if self._zone else []
        before = [m for m in machines if not m.made and m.zone in zone_run.ZONES]
        before.sort(key=lambda m: m.zone != self._zone)
        made = [m for m in machines if m.made]
        self._nodes = dict(zip(_PLACES[:2], before, strict=False)) | dict(
            zip(_PLACES[2:], made, strict=False)
        )
        sent = timeline.last(source="session", object=f"Pod/{zone_run.POD}", field="manifest")
        self._began = sent.time if sent else 0.0
        self._end = timeline.rows[-1].time - self._began if sent else 10.0
        bound = zone_run.bound(timeline)
        place = {m.name: place for place, m in self._nodes.items()}
        self._got = (
            (place[bound[0]], bound[1] - self._began) if bound and bound[0] in place else None
        )
        self._waits = [(time - self._began, words) for time, words in zone_run.refusals(timeline)]
        self._said = str(timeline.value(source="learner", field="prediction") or "")

    def _empty(self) -> go.FigureWidget:
        import plotly.graph_objects as go

        still = {"fixedrange": True, "zeroline": False, "showgrid": False}
        rule = go.Scatter(
            name="the rule", mode="markers", cliponaxis=False,
            marker={"color": RULE, "size": 15, "symbol": "line-ns",
                    "line": {"width": 3, "color": RULE}},
            hovertemplate="by the rule the pod comes here<extra></extra>",
        )  # fmt: skip
        return marks.figure(
            330,
            [
                go.Scatter(
                    name="there", mode="lines", line={"color": QUIET, "width": 5},
                    hoverinfo="skip",
                ),
                marks.measurement(
                    hover="no node after %{x:.1f} s: %{text}<extra></extra>", size=7
                ),
                marks.measurement(hover="this node after %{x:.1f} s<extra></extra>", size=15),
                rule,
                marks.prediction(hover="your prediction<extra></extra>"),
            ],
            {
                "margin": {"l": 190, "r": 24, "t": 30, "b": 48},
                "xaxis": {
                    **still, "ticksuffix": " s",
                    "title": {
                        "text": "since the pod with the volume was sent", "font": {"size": 12.5}
                    },
                },
                "yaxis": {**still, "range": [0.4, 5.6]},
                "annotations": [marks.heading("The nodes, from when they are there", 1.03)],
            },
        )  # fmt: skip

    def _draw(self, made: go.FigureWidget) -> None:
        there, waits, got, rule, said = made.data
        places = {place: 4 - number for number, place in enumerate(_PLACES)}
        names = {
            place: f"{place}, {self._nodes[place].zone}" if place in self._nodes else place
            for place in _PLACES
        }
        end = max(self._end, 1.0)
        right = next(
            (
                place
                for place, machine in self._nodes.items()
                if place != "full worker" and machine.zone == self._zone
            ),
            None,
        )
        predicted = _SAID.get(self._said)
        with made.batch_update():
            made.layout.xaxis.range = [-0.04 * end, 1.14 * end]
            made.layout.yaxis.tickvals = [5, *places.values()]
            made.layout.yaxis.ticktext = ["the pod waits", *names.values()]
            xs: list[float | None] = []
            ys: list[float | None] = []
            for place, machine in self._nodes.items():
                start = 0.0 if machine.came is None else max(0.0, machine.came - self._began)
                xs += [start, end, None]
                ys += [places[place], places[place], None]
            there.x, there.y = xs, ys
            waits.x = [time for time, _ in self._waits]
            waits.y = [5] * len(self._waits)
            waits.text = [words.split(". preemption")[0][:110] for _, words in self._waits]
            got.x, got.y = ([self._got[1]], [places[self._got[0]]]) if self._got else ([], [])
            rule.x, rule.y = ([1.05 * end], [places[right]]) if right else ([], [])
            at = 5 if self._said == "with neither" else places.get(predicted or "")
            said.x, said.y = ([1.1 * end], [at]) if at else ([], [])
