"""The chart of nodes that come and go: a bar a node, from when it came to when it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.charts.figure import MEASUREMENT, QUIET, RULE
from helpers.model import consolidation, node_run
from helpers.model.consolidation import FILLER, WORKLOADS
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROWS = {name: len(WORKLOADS) - number for number, name in enumerate(WORKLOADS)}


class NodeLivesChart(TimelineChart):
    """Each workload's first node as a line; at the right what the rule and you say of its end."""

    legend = (
        ("measured", "the node's life; a dot where it went"),
        ("rule", "the rule: it may go"),
        ("prediction", "you said that it goes"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._outcomes:
            return "No node has come yet."
        told = ", ".join(
            f"the node of {o.workload} "
            + ("stayed" if o.went is None else f"went after {o.went - self._room:.0f} s")
            for o in self._outcomes
        )
        allowed = consolidation.told([o.workload for o in self._outcomes if o.may_go])
        said = f" You said that these go: {self._said}." if self._said else ""
        return f"Since there is room: {told}. By the rule may go: {allowed}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a node."""
        return [
            {
                "workload": o.workload,
                "node": o.node,
                "may go": "yes" if o.may_go else "no",
                "went after (s)": None if o.went is None else round(o.went - self._room, 1),
                "Karpenter's words": o.blocked,
            }
            for o in self._outcomes
        ]

    def _read(self, timeline: Timeline) -> None:
        self._began = node_run.began(timeline) or 0.0
        self._outcomes = consolidation.outcomes(timeline) if self._began else []
        scaled = timeline.last(source="session", object=f"Deployment/{FILLER}", field="scale")
        self._room = scaled.time if scaled else self._began
        self._made = scaled is not None
        self._end = timeline.rows[-1].time if self._outcomes else self._began + 30.0
        self._said = str(timeline.value(source="learner", field="prediction") or "")

    def _empty(self) -> go.FigureWidget:
        import plotly.graph_objects as go

        life = go.Scatter(
            name="measured", mode="lines", line={"color": MEASUREMENT, "width": 7},
            hoverinfo="skip",
        )  # fmt: skip
        may = go.Scatter(
            name="the rule",
            mode="markers",
            marker={"color": RULE, "size": 15, "symbol": "line-ns", "line": {"width": 3}},
            hovertemplate="by the rule this node may go<extra></extra>",
            cliponaxis=False,
        )
        may.marker.line.color = RULE
        still = {"fixedrange": True, "zeroline": False, "showgrid": False}
        return marks.figure(
            330,
            [
                go.Scatter(
                    name="room", mode="lines", line={"color": QUIET, "width": 1.5, "dash": "dot"},
                    hoverinfo="skip",
                ),
                life,
                marks.measurement(hover="gone after %{x:.0f} s<extra></extra>", size=13),
                may,
                marks.prediction(hover="you said: it goes<extra></extra>"),
            ],
            {
                "margin": {"l": 86, "r": 20, "t": 30, "b": 48},
                "xaxis": {
                    **still, "ticksuffix": " s",
                    "title": {
                        "text": "since the first Deployment was sent", "font": {"size": 12.5}
                    },
                },
                "yaxis": {
                    **still,
                    "tickvals": list(ROWS.values()),
                    "ticktext": list(ROWS),
                    "range": [0.4, len(ROWS) + 0.6],
                },
                "annotations": [
                    marks.heading("The nodes, by the workload that they were made for", 1.03),
                    {
                        "text": "the workers have room again", "x": 0, "y": len(ROWS) + 0.55,
                        "xanchor": "left", "yanchor": "top", "xshift": 5, "showarrow": False,
                        "visible": False, "font": {"size": 11.5, "color": QUIET},
                    },
                ],
            },
        )  # fmt: skip

    def _draw(self, made: go.FigureWidget) -> None:
        room, life, ends, may, said = made.data
        end = max(self._end - self._began, 10.0)
        names = ["plain", "local", "budget", "annotated"]
        picked = names if self._said == "all four" else [n for n in names if n in self._said]
        with made.batch_update():
            made.layout.xaxis.range = [0, 1.12 * end]
            note = made.layout.annotations[1]
            note.visible = self._made
            note.x = self._room - self._began
            room.x = [note.x, note.x] if self._made else []
            room.y = [0.4, len(ROWS) + 0.6] if self._made else []
            xs: list[float | None] = []
            ys: list[float | None] = []
            for o in self._outcomes:
                xs += [o.came - self._began, (o.went or self._end) - self._began, None]
                ys += [ROWS[o.workload], ROWS[o.workload], None]
            life.x, life.y = xs, ys
            gone = [(o.went - self._began, ROWS[o.workload]) for o in self._outcomes if o.went]
            ends.x, ends.y = [g[0] for g in gone], [g[1] for g in gone]
            free = [ROWS[o.workload] for o in self._outcomes if o.may_go]
            may.x, may.y = [1.03 * end] * len(free), free
            said.x, said.y = [1.08 * end] * len(picked), [ROWS[name] for name in picked]
