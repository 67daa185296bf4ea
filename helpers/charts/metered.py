"""The chart of autoscalers on any metric: the value against its target, replicas against the twin.

A panel an autoscaler, side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart
from helpers.charts.figure import MEASUREMENT
from helpers.model import hpa_metrics
from helpers.model.hpa_conditions import HPA, sent
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from helpers.model.hpa_metrics import Round

_GAP = 0.12  # between two panels, of the chart's width
_TRACES = 5  # a panel


@dataclass(frozen=True, slots=True)
class Panel:
    """One autoscaler: its name, which of its metrics is drawn, and how.

    Values are in thousandths in the Timeline; `scale` is what they are divided by. With `total`
    the metric is an external one of that name and its sum is drawn, as the API serves it, instead
    of the average a Pod. The prediction stands in the panel that is `predicted`; if none is, in
    the first.
    """

    name: str
    number: int
    heading: str
    unit: str
    scale: float
    total: str = ""
    predicted: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a Timeline holds of one panel, in seconds since the first autoscaler was made."""

    rounds: tuple[Round, ...]
    values: tuple[tuple[float, float], ...]
    target: float | None


class MeteredChart(TimelineChart):
    """A metric and the replicas of each autoscaler over time."""

    legend = (
        ("measured", "measured"),
        ("rule", "the target; the twin of the controller"),
        ("prediction", "your prediction"),
    )

    def __init__(self, timeline: Timeline, panels: Sequence[Panel]) -> None:
        self._panels = tuple(panels)
        super().__init__(timeline)

    @property
    def text(self) -> str:
        """The chart in a sentence or two for each autoscaler."""
        told = [
            self._told(panel, seen)
            for panel, seen in zip(self._panels, self._seen, strict=True)
            if seen.rounds
        ]
        if not told:
            return "The autoscaler has not looked yet."
        said = f" You predicted {self._said:g}." if self._said is not None else ""
        return " ".join(told) + said

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row for each round at which an autoscaler's numbers changed."""
        rows: list[dict[str, Value]] = []
        for panel, seen in zip(self._panels, self._seen, strict=True):
            before: tuple[object, ...] = ()
            for round_ in seen.rounds:
                now = (round_.told, round_.current, round_.desired, round_.predicted)
                if now == before:
                    continue
                before = now
                value = round_.told[panel.number]
                rows.append(
                    {
                        "seconds": round(round_.at - self._began),
                        "autoscaler": panel.name,
                        f"value a Pod{panel.unit and f' ({panel.unit.strip()})'}": None
                        if value is None
                        else round(value / panel.scale, 2),
                        "replicas before": round_.current,
                        "its metrics ask for": ", ".join(
                            "?" if ask is None else str(ask) for ask in round_.asks
                        ),
                        "desired, the twin": round_.predicted,
                        "desired, the controller": round_.desired,
                        "rules that decided": ", ".join(round_.because),
                        "difference": round_.difference,
                    }
                )
        return rows

    def _told(self, panel: Panel, seen: _Seen) -> str:
        changes = [round_ for round_ in seen.rounds if round_.changed]
        steps = (
            ", ".join(f"{c.desired} at {c.at - self._began:.0f} s" for c in changes) or "no change"
        )
        right = sum(change.agrees for change in changes)
        target = "" if seen.target is None else f" against a target of {seen.target:g}{panel.unit}"
        most = max((value for _, value in seen.values), default=0)
        return (
            f"{panel.heading}, of {panel.name}: at most {most:.1f}{panel.unit}{target}. "
            f"Replicas: {seen.rounds[0].current}, then {steps}; the twin agrees with {right} of "
            f"{len(changes)} changes."
        )

    def _read(self, timeline: Timeline) -> None:
        made = [
            row.time
            for panel in self._panels
            for row in timeline.where(source="watch", object=f"{HPA}/{panel.name}", field="exists")
        ]
        self._began = min(made, default=0.0)
        self._seen = tuple(self._of(timeline, panel) for panel in self._panels)
        said = timeline.value(source="learner", field="prediction")
        self._said = said if isinstance(said, int | float) else None

    def _of(self, timeline: Timeline, panel: Panel) -> _Seen:
        manifest = sent(timeline, HPA).get(panel.name)
        if manifest is None:
            return _Seen((), (), None)
        rounds = tuple(hpa_metrics.rounds(timeline, panel.name))
        values = [
            (round_.at - self._began, value / panel.scale)
            for before, round_ in zip((None, *rounds), rounds, strict=False)
            if (value := round_.told[panel.number]) is not None
            and (before is None or before.told != round_.told)
        ]
        if panel.total:
            rows = timeline.where(source="metrics", object=f"External/{panel.total}")
            values = [
                (row.time - self._began, hpa_metrics.milli(row.value) / panel.scale)
                for row in rows
                if row.field == panel.total and row.value is not None
            ]
        target = hpa_metrics.metrics(manifest)[panel.number].target / panel.scale
        return _Seen(rounds, tuple(values), target)

    def _empty(self) -> go.FigureWidget:
        import plotly.graph_objects as go

        axis = {"showgrid": False, "zeroline": False, "fixedrange": True, "ticklabelstandoff": 4}
        scale = {"showline": False, "zeroline": True, "fixedrange": True, "ticklabelstandoff": 8}
        steps = {"shape": "hv", "width": 2.5}
        traces: list[go.Scatter] = []
        layout: dict[str, object] = {"annotations": []}
        notes: list[dict[str, object]] = []
        wide = (1 - _GAP * (len(self._panels) - 1)) / len(self._panels)
        for number, panel in enumerate(self._panels):
            top, low = (str(2 * number + n) if 2 * number + n > 1 else "" for n in (1, 2))
            left = number * (wide + _GAP)
            traces += [
                marks.rule(axes=top, hover=f"the target: %{{y:g}}{panel.unit}<extra></extra>"),
                marks.measurement(
                    axes=top,
                    size=9,
                    hover=f"after %{{x:.0f}} s: %{{y:.1f}}{panel.unit}<extra></extra>",
                ),
                go.Scatter(
                    name="desiredReplicas",
                    mode="lines",
                    line={**steps, "color": MEASUREMENT},
                    xaxis=f"x{low}",
                    yaxis=f"y{low}",
                    hovertemplate="after %{x:.0f} s: %{y} desired<extra></extra>",
                ),
                go.Scatter(
                    name="the rule",
                    mode="lines",
                    line={**steps, "color": marks.RULE, "dash": "dot"},
                    xaxis=f"x{low}",
                    yaxis=f"y{low}",
                    hovertemplate="the twin after %{x:.0f} s: %{y}<extra></extra>",
                ),
                marks.prediction(hover="you predicted %{y:g}<extra></extra>").update(
                    xaxis=f"x{low}", yaxis=f"y{low}"
                ),
            ]
            span = [left, left + wide]
            below = {"text": "since the autoscaler was made", "font": {"size": 12.5}}
            layout[f"xaxis{top}"] = {
                **axis, "domain": span, "anchor": f"y{top}", "showticklabels": False,
            }  # fmt: skip
            layout[f"yaxis{top}"] = {
                **scale, "domain": [0.58, 1], "anchor": f"x{top}", "ticksuffix": panel.unit,
                "nticks": 4,
            }  # fmt: skip
            layout[f"xaxis{low}"] = {
                **axis, "domain": span, "anchor": f"y{low}", "matches": f"x{top}",
                "ticksuffix": " s", "title": below, "nticks": 5,
            }  # fmt: skip
            layout[f"yaxis{low}"] = {
                **scale, "domain": [0, 0.42], "anchor": f"x{low}", "dtick": 2,
            }  # fmt: skip
            notes += [
                {**marks.heading(panel.heading, 1.03), "x": left},
                {**marks.heading(f"Replicas wanted of {panel.name}", 0.45), "x": left},
            ]
        layout["annotations"] = notes
        return marks.figure(450, traces, layout)

    def _draw(self, made: go.FigureWidget) -> None:
        predicted = next((n for n, panel in enumerate(self._panels) if panel.predicted), 0)
        diamonds = []
        with made.batch_update():
            for number, (panel, seen) in enumerate(zip(self._panels, self._seen, strict=True)):
                first = number * _TRACES
                target, used, desired, twin, diamond = made.data[first : first + _TRACES]
                top, low = (str(2 * number + n) if 2 * number + n > 1 else "" for n in (1, 2))
                times = [round_.at - self._began for round_ in seen.rounds]
                end = max([*times, *(time for time, _ in seen.values), 40.0])
                most_used = max([value for _, value in seen.values] + [seen.target or 1])
                said = self._said if number == predicted else None
                most = max([round_.desired for round_ in seen.rounds] + [said or 0, 4])
                made.layout[f"xaxis{top}"].range = [-1, end + 2]
                made.layout[f"yaxis{top}"].range = [-0.02 * most_used, most_used * 1.12]
                made.layout[f"yaxis{low}"].range = [0, most + 0.8]
                line = seen.target if seen.rounds and not panel.total else None
                target.x, target.y = ([0, end], [line] * 2) if line is not None else ([], [])
                used.x = [time for time, _ in seen.values]
                used.y = [value for _, value in seen.values]
                desired.x, desired.y = times, [round_.desired for round_ in seen.rounds]
                twin.x, twin.y = times, [round_.predicted for round_ in seen.rounds]
                highest = max(seen.rounds, key=lambda r: r.desired, default=None)
                at = highest.at - self._began if highest else 0
                diamonds.append((diamond, at, said))
        # Not in the batch: there, a y that stays while x changes is lost on its way to the browser.
        for diamond, at, said in diamonds:
            diamond.x, diamond.y = ([at], [said]) if said is not None else ([], [])
