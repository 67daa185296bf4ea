"""The chart of "One disk, two nodes": how far each Pod comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.model import shared_volume
from helpers.model.shared_volume import AFTER, FIRST, PENDING, SECOND, STAGES, WAITS
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROWS = (FIRST, SECOND, AFTER)
LABELS = {FIRST: "first", SECOND: "second", AFTER: "second, when<br>first is gone"}
HEADS = ("Pending", "has a node,<br>waits for the disk", "its node<br>has the disk")


class NetworkDiskChart(TimelineChart):
    """A row a Pod: nowhere, placed and waiting, or with the disk."""

    legend = (
        ("measured", "how far the Pod came"),
        ("rule", "what the access mode lets one expect"),
        ("prediction", "your prediction for the second"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._came:
            return "No Pod is there yet."
        said = f" You predicted for the second: {self._said}." if self._said else ""
        return "; ".join(f"{name}: {stage}" for name, stage in self._came.items()) + "." + said

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a Pod: what was expected, what was seen, and in whose words."""
        return [
            {
                "Pod": name,
                "by the rule": self._rule.get(name),
                "came to": stage,
                "in whose words": self._words.get(stage, "") if name == SECOND else "",
            }
            for name, stage in self._came.items()
        ]

    def _read(self, timeline: Timeline) -> None:
        self._came = shared_volume.stages(timeline)
        asked = timeline.value(source="session", object=shared_volume.CLAIM, field="manifest")
        mode = shared_volume.mode_of(asked) if isinstance(asked, dict) else ""
        self._rule = shared_volume.stages_expected(mode) if mode else {}
        what = f"Pod/{SECOND}"
        self._words = {
            WAITS: str(timeline.value(source="event", object=what, field="FailedAttachVolume")),
            PENDING: str(timeline.value(source="event", object=what, field="FailedScheduling")),
        }
        said = timeline.value(source="learner", field="prediction")
        self._said = str(said) if said else ""

    def _empty(self) -> go.FigureWidget:
        still = {"showgrid": False, "zeroline": False, "fixedrange": True, "showline": False}
        strokes = marks.rule(hover="by the rule<extra></extra>")
        strokes.update(connectgaps=False, line={"width": 3})
        return marks.figure(
            300,
            [
                strokes,
                marks.measurement(hover="%{text}<extra></extra>", size=13),
                marks.prediction(hover="you predicted this<extra></extra>"),
            ],
            {
                "margin": {"l": 104, "r": 20, "t": 52, "b": 12},
                "xaxis": {
                    **still,
                    "range": [-0.5, 2.5],
                    "side": "top",
                    "tickvals": [0, 1, 2],
                    "ticktext": list(HEADS),
                    "ticklabelstandoff": 6,
                },
                "yaxis": {
                    **still,
                    "range": [len(ROWS) - 0.5, -0.5],
                    "tickvals": list(range(len(ROWS))),
                    "ticktext": [LABELS[name] for name in ROWS],
                    "ticklabelstandoff": 8,
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, came, predicted = made.data
        expected = [
            (place, self._rule[name]) for place, name in enumerate(ROWS) if name in self._rule
        ]
        shown = [(place, self._came[n]) for place, n in enumerate(ROWS) if n in self._came]
        at = self._predicted()
        with made.batch_update():
            rule.x = [x for _, stage in expected for x in (*[STAGES.index(stage)] * 2, None)]
            rule.y = [y for place, _ in expected for y in (place - 0.32, place + 0.32, None)]
            came.x = [STAGES.index(stage) for _, stage in shown]
            came.y = [place for place, _ in shown]
            came.text = [stage for _, stage in shown]
            # Beside the dot, where both say the same.
            predicted.x = [] if at is None else [at + 0.12]
            predicted.y = [] if at is None else [ROWS.index(SECOND)]

    def _predicted(self) -> int | None:
        if not self._said:
            return None
        if "Pending" in self._said:
            return 0
        return 1 if "waits" in self._said else 2
