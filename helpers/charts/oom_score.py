"""The chart of "What the node makes of a class": oom_score_adj by pod, and a core among three."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.model import cfs, oom_scores
from helpers.model.oom_scores import Score
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

NAMES = ("guaranteed", "burstable", "best-effort")
SHADES = (1.0, 0.6, 0.3)
BUSY = ("1 pod busy", "2 pods busy", "3 pods busy")


class OomScoreChart(TimelineChart):
    """Above, scores beside their rule; below, the CPU of each pod as the others come."""

    legend = (
        ("measured", "measured; dark guaranteed, light best-effort"),
        ("rule", "the rule"),
        ("prediction", "your prediction"),
    )

    @property
    def scores(self) -> list[Score]:
        """The containers whose score was read."""
        return self._scores

    @property
    def capacity(self) -> int | None:
        """The memory of the node, in bytes."""
        return self._capacity

    @property
    def shares(self) -> list[dict[str, float]]:
        """Cores used by each pod that ran, with one, two and three of them busy."""
        return self._shares

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._scores and not self._shares:
            return "Nothing is measured yet."
        told = ", ".join(f"{s.name} {s.measured} (the rule: {s.rule})" for s in self._scores)
        used = "; ".join(
            f"with {len(share)} busy: " + ", ".join(f"{n} {c:.2f}" for n, c in share.items())
            for share in self._shares
        )
        said = f" You predicted {self._said:g} for burstable." if self._said is not None else ""
        return f"oom_score_adj: {told or 'not read yet'}. Cores used {used}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a pod: its class, its scores, and its CPU."""
        return [
            {
                "pod": score.name,
                "class": score.qos,
                "the kubelet asks for": score.wanted,
                "the rule": score.rule,
                "oom_score_adj": score.measured,
                "cores with 1, 2, 3 busy": ", ".join(
                    f"{share[score.name]:.2f}" for share in self._shares if score.name in share
                ),
            }
            for score in self._scores
        ]

    def _read(self, timeline: Timeline) -> None:
        self._scores = oom_scores.scores(timeline)
        self._capacity = oom_scores.capacity(timeline, "burstable")
        self._said = predicted_number(timeline)
        used = {n: [w.cores_used for w in cfs.windows(timeline, f"Pod/{n}")] for n in NAMES}
        most = len(used["best-effort"])
        # Who came later has fewer windows: count them from the last.
        self._shares = [
            {n: cores[len(cores) - back] for n, cores in used.items() if len(cores) >= back}
            for back in range(most, 0, -1)
        ]

    def _empty(self) -> go.FigureWidget:
        import plotly.graph_objects as go

        still = {"fixedrange": True, "zeroline": False, "showgrid": False}
        rule = marks.rule(hover="the rule: %{x}<extra></extra>")
        rule.connectgaps = False
        bars = [
            go.Bar(
                name=name,
                orientation="h",
                marker={"color": marks.MEASUREMENT, "opacity": shade},
                xaxis="x2",
                yaxis="y2",
                hovertemplate=f"{name}: %{{x:.2f}} cores<extra></extra>",
            )
            for name, shade in zip(NAMES, SHADES, strict=True)
        ]
        return marks.figure(
            430,
            [
                rule,
                marks.measurement(hover="read: %{x}<extra></extra>"),
                marks.prediction(hover="you predicted %{x:g}<extra></extra>"),
                *bars,
            ],
            {
                "barmode": "stack",
                "margin": {"l": 110, "r": 20, "t": 30, "b": 48},
                "xaxis": {**still, "anchor": "y", "range": [-30, 1030], "showgrid": True},
                "yaxis": {
                    **still,
                    "domain": [0.56, 1],
                    "range": [-0.6, 2.6],
                    "tickvals": [2, 1, 0],
                    "ticktext": [f"{name} " for name in NAMES],
                },
                "xaxis2": {
                    **still,
                    "anchor": "y2",
                    "range": [0, 1.05],
                    "title": {"text": "cores, of one"},
                },
                "yaxis2": {
                    **still,
                    "domain": [0, 0.33],
                    "range": [-0.6, 2.6],
                    "tickvals": [2, 1, 0],
                    "ticktext": [f"{words} " for words in BUSY],
                },
                "annotations": [
                    marks.heading("oom_score_adj: 1000 is killed first", 1.03),
                    marks.heading("CPU that each uses, as the others come", 0.36),
                ],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        at = {name: 2 - place for place, name in enumerate(NAMES)}
        shown = [score for score in self._scores if score.name in at]
        rule, measured, said, *bars = made.data
        with made.batch_update():
            rule.x = [x for s in shown for x in (s.rule, s.rule, None)]
            rule.y = [y for s in shown for y in (at[s.name] - 0.4, at[s.name] + 0.4, None)]
            measured.x = [s.measured for s in shown]
            measured.y = [at[s.name] for s in shown]
            known = self._said is not None
            said.x, said.y = ([self._said], [at["burstable"]]) if known else ([], [])
            for bar, name in zip(bars, NAMES, strict=True):
                bar.x = [share.get(name, 0) for share in self._shares]
                bar.y = [2 - place for place in range(len(self._shares))]
