"""The chart of "A claim, a volume, a Pod": the phases of the three, second by second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_words
from helpers.model import claim_run
from helpers.model.claim_run import BY_HAND, DATA, EARLY, ON_AWS, POD_MADE, TINY, WORDS, Moment
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

LANES = ("claim", "volume", "Pod")
TOP = len(LANES) - 1
AROUND = 1.5  # seconds that are drawn before the claim and after the container's start


class PhasesChart(TimelineChart):
    """A lane a thing, from the claim until the first Pod runs; the table holds all claims."""

    legend = (
        ("measured", "a change of phase"),
        ("rule", "the rule: with the first Pod"),
        ("prediction", "your prediction of the volume"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._moments:
            return "Nothing is measured yet."
        told = "; ".join(
            f"the {lane} "
            + (", ".join(f"{m.phase} at {self._at(m):.1f} s" for m in phases) or "not yet")
            for lane, phases in zip(LANES, self._lanes, strict=True)
        )
        said = f" You predicted the volume {self._said}." if self._said else ""
        return f"Phases, from the claim on: {told}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a claim: what became of it, and what was told first."""
        return self._claims

    def _at(self, moment: Moment) -> float:
        # The watch may tell of the claim before the answer to the request is there.
        return max(0.0, moment.time - self._start)

    def _read(self, timeline: Timeline) -> None:
        self._said = predicted_words(timeline)
        self._moments = claim_run.moments(timeline)
        self._start = self._moments.get(claim_run.CLAIM_MADE, 0.0)
        volume = claim_run.volume_of(timeline, DATA)
        pod = next(
            (
                row.object
                for row in timeline.where(source="watch", field="exists")
                if row.object.startswith("Pod/randserver-")
            ),
            "",
        )
        # What comes after the start of the first container is another story.
        self._end = self._moments.get(claim_run.STARTED, self._start) + AROUND
        self._lanes = [
            [m for m in claim_run.phases(timeline, object) if m.time <= self._end]
            for object in (f"PersistentVolumeClaim/{DATA}", f"PersistentVolume/{volume}", pod)
        ]
        self._claims = [
            row for name in (DATA, EARLY, BY_HAND, ON_AWS, TINY) for row in _row(timeline, name)
        ]

    def _empty(self) -> go.FigureWidget:
        lanes = [marks.measurement(hover="%{text} at %{x:.1f} s<extra></extra>") for _ in LANES]
        for lane in lanes:
            lane.mode, lane.textposition = "markers+text", "top center"
        still = {"fixedrange": True, "zeroline": False}
        return marks.figure(
            330,
            [
                marks.rule(hover="the first Pod is made<extra></extra>"),
                *lanes,
                marks.prediction(hover="you predicted: %{text}<extra></extra>"),
            ],
            {
                "margin": {"l": 70, "r": 30, "t": 30, "b": 48},
                "xaxis": {**still, "title": {"text": "seconds since the claim"}},
                "yaxis": {
                    **still,
                    "range": [-0.5, TOP + 0.7],
                    "tickvals": list(range(len(LANES))),
                    "ticktext": [f"{lane} " for lane in reversed(LANES)],
                },
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, *lanes, predicted = made.data
        with made.batch_update():
            at = self._moments.get(POD_MADE)
            rule.x = [] if at is None else [at - self._start] * 2
            rule.y = [] if at is None else [-0.4, TOP + 0.6]
            for number, (lane, phases) in enumerate(zip(lanes, self._lanes, strict=True)):
                shown = _apart(phases)
                lane.x = [self._at(m) for m in shown]
                lane.y = [TOP - number] * len(shown)
                lane.text = [m.phase for m in shown]
            moment = next((m for m, words in WORDS.items() if words == self._said), None)
            place = self._moments.get(moment) if moment else None
            predicted.x = [] if place is None else [place - self._start]
            predicted.y = [] if place is None else [TOP - 1 - 0.22]
            predicted.text = [self._said]
            made.layout.xaxis.range = [-AROUND / 2, max(self._end - self._start, 3.0)]


def _apart(phases: list[Moment]) -> list[Moment]:
    """Join phases that lie on each other: their dot then has both names."""
    shown: list[Moment] = []
    for moment in phases:
        if shown and moment.time - shown[-1].time < 0.25:
            shown[-1] = Moment(moment.time, f"{shown[-1].phase} → {moment.phase}")
        else:
            shown.append(moment)
    return shown


def _row(timeline: Timeline, name: str) -> list[dict[str, Value]]:
    object = f"PersistentVolumeClaim/{name}"
    sent = claim_run.sent(timeline, object)
    if not sent:
        return []
    spec, events = sent[0]["spec"], claim_run.told(timeline, name)
    phases = [m.phase for m in claim_run.phases(timeline, object) if m.phase != "gone"]
    return [
        {
            "claim": name,
            "class": spec.get("storageClassName"),
            "asks for": spec["resources"]["requests"]["storage"],
            "last phase": phases[-1] if phases else None,
            "capacity": claim_run.watched(timeline, object, "status.capacity.storage"),
            "the first event": f"{events[0][0]}: {events[0][1]}" if events else "",
        }
    ]
