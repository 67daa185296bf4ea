"""The chart of "A StatefulSet loses its pods": how many files are still the first ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.model import set_run, statefulset
from helpers.model.statefulset import Kept
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

EVENTS = ("none", "none", "scaled", "deleted")
"""What happens in the four steps, as `Kept.claims` calls it; to 1 Pod when scaled."""


@dataclass(frozen=True, slots=True)
class Track:
    """One set through the steps: files that are still the first ones."""

    name: str
    kept: Kept
    steps: tuple[str, ...]
    measured: tuple[int, ...]
    rule: tuple[int, ...]
    claims: tuple[int | None, ...]


def tracks(timeline: Timeline) -> list[Track]:
    """Return the sets of a run that lost their Pods, yours first."""
    done = set_run.steps(timeline)
    found = []
    for name, manifest in set_run.sets(timeline).items():
        its = [step for step in done if name in step.files]
        kept, left, rule = Kept.parse(manifest), statefulset.replicas_of(manifest), []
        for event in EVENTS:
            left = kept.claims(left, event, 1)
            rule.append(left)
        first = its[0].files[name] if its else ()
        found.append(
            Track(
                name,
                kept,
                tuple(step.name for step in its),
                tuple(statefulset.same(first, step.files[name]) for step in its),
                tuple(rule),
                tuple(step.claims.get(name) for step in its),
            )
        )
    return found


class KeepsChart(TimelineChart):
    """A panel a set: files that are the first ones, step by step."""

    legend = (
        ("measured", "files that are the first ones"),
        ("rule", "the rule"),
        ("prediction", "your prediction, in the end"),
    )

    @property
    def tracks(self) -> list[Track]:
        """The sets, yours first."""
        return self._tracks

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not any(track.steps for track in self._tracks):
            return "Nothing is measured yet."
        told = [
            f"{t.name} (whenScaled {t.kept.when_scaled}, whenDeleted {t.kept.when_deleted}): "
            + ", ".join(f"{step} {n}" for step, n in zip(t.steps, t.measured, strict=True))
            for t in self._tracks
        ]
        said = f" You predicted {self._said:g}." if self._said is not None else ""
        return f"Files that are still the first ones. {'; '.join(told)}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a step and set."""
        return [
            {
                "set": track.name,
                "step": step,
                "files as at first": track.measured[number],
                "by the rule": track.rule[number] if number < len(track.rule) else None,
                "claims in between": track.claims[number],
                "SHA-256 by pod": self._sums(track.name, number),
            }
            for track in self._tracks
            for number, step in enumerate(track.steps)
        ]

    def _sums(self, name: str, number: int) -> str:
        its = [step.files[name] for step in self._steps if name in step.files]
        return " ".join((one or "none")[:8] for one in its[number])

    def _read(self, timeline: Timeline) -> None:
        self._tracks = tracks(timeline)[:2]
        self._steps = set_run.steps(timeline)
        self._said = predicted_number(timeline)

    def _empty(self) -> go.FigureWidget:
        """Make the figure with its two panels."""
        still = {"fixedrange": True, "zeroline": False}
        across = {**still, "range": [-0.4, 3.4], "showgrid": False, "tickvals": [0, 1, 2, 3]}
        up = {**still, "dtick": 1, "range": [-0.4, 3.6]}
        traces = []
        for axes in ("", "2"):
            traces.append(marks.rule(axes=axes, hover="by the rule %{y}<extra></extra>"))
            traces.append(marks.measurement(axes=axes, hover="%{y} files<extra></extra>"))
        return marks.figure(
            430,
            [*traces, marks.prediction(hover="you predicted %{y:g}<extra></extra>")],
            {
                "xaxis": {**across, "anchor": "y", "showticklabels": False},
                "yaxis": {**up, "domain": [0.6, 1]},
                "xaxis2": {**across, "anchor": "y2"},
                "yaxis2": {**up, "domain": [0, 0.4]},
                "annotations": [marks.heading("", 1.03), marks.heading("", 0.43)],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        *pairs, predicted = made.data
        with made.batch_update():
            for number in range(2):
                rule, dots = pairs[2 * number : 2 * number + 2]
                track = self._tracks[number] if number < len(self._tracks) else None
                heading = made.layout.annotations[number]
                if track is None:
                    heading.text = "Files of the first pods"
                    rule.x = rule.y = dots.x = dots.y = []
                    continue
                heading.text = (
                    f"{track.name}: whenScaled {track.kept.when_scaled}, "
                    f"whenDeleted {track.kept.when_deleted}"
                )
                rule.x, rule.y = list(range(len(track.rule))), list(track.rule)
                dots.x, dots.y = list(range(len(track.measured))), list(track.measured)
                made.layout.xaxis2.ticktext = [_broken(step) for step in track.steps]
            known = self._said is not None and bool(self._tracks)
            predicted.x, predicted.y = ([3.18], [self._said]) if known else ([], [])


def _broken(step: str) -> str:
    """Break a step's name into two lines, for the axis."""
    return step.replace(", ", ",<br>").replace("scaled ", "scaled<br>")
