"""The chart of "A second push": what went over the wire, and which blobs each manifest names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.model.images import MB, Blob, Image, Push, pushes, ruled, short
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

PLACES = ("0.0.1", "0.0.2", "latest")
ASKED = 1  # the push that the question is about


class PushChart(TimelineChart):
    """Above, the megabytes of each push; below, the blobs, and which of them were sent when."""

    legend = (
        ("measured", "what the registry received"),
        ("rule", "the rule: what the registry lacks"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._done:
            return "Nothing is measured yet."
        told = ", ".join(
            f"{push.tag} {push.sent / MB:.2f} MB (by the rule {rule / MB:.2f})"
            for push, _, rule in self._done
        )
        said = f" You predicted {self._said:g} MB for 0.0.2." if self._said is not None else ""
        return f"Sent: {told}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a blob of a push."""
        return [
            {
                "tag": push.tag,
                "what": _what(image, blob),
                "digest": short(blob.digest),
                "bytes": blob.size,
                "sent": "yes" if blob.digest in push.uploaded else "was there",
            }
            for push, image, _ in self._done
            for blob in image.blobs
        ]

    def _read(self, timeline: Timeline) -> None:
        self._done: list[tuple[Push, Image, int]] = ruled(pushes(timeline))
        self._said = predicted_number(timeline)
        # In the order in which a build makes them: the base's layer is at the bottom.
        self._blobs: dict[str, str] = {}
        for _, image, _ in self._done:
            for blob in (*image.layers, image.config):
                self._blobs.setdefault(blob.digest, f"{_what(image, blob)} {_size(blob)}")

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False}
        across = {**still, "showgrid": False, "range": [-0.5, 2.5], "tickvals": [0, 1, 2]}
        return marks.figure(
            480,
            [
                _apart(marks.rule(hover="to send: %{text} MB<extra></extra>")),
                marks.measurement(hover="received: %{y:.2f} MB<extra></extra>"),
                marks.prediction(hover="you predicted %{y:g} MB<extra></extra>"),
                marks.measurement(axes="2", hover="%{text}<extra></extra>", size=13),
                _open(marks.measurement(axes="2", hover="%{text}<extra></extra>", size=12)),
            ],
            {
                "margin": {"l": 130, "r": 20, "t": 30, "b": 30},
                "xaxis": {**across, "anchor": "y", "ticktext": list(PLACES)},
                "yaxis": {**still, "domain": [0.56, 1], "range": [-2, 40], "title": {"text": "MB"}},
                "xaxis2": {**across, "anchor": "y2", "ticktext": list(PLACES)},
                "yaxis2": {**still, "domain": [0, 0.4], "showgrid": True},
                "annotations": [
                    marks.heading("What each push sent, in MB", 1.02),
                    marks.heading("What each tag's manifest names: ● sent, ○ there already", 0.43),
                ],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        rule, measured, said, sent, there = made.data
        places = list(enumerate(self._done))
        at = {digest: place for place, digest in enumerate(self._blobs)}
        named = [
            (place, at[blob.digest], self._blobs[blob.digest], blob.digest in push.uploaded)
            for place, (push, image, _) in places
            for blob in image.blobs
        ]
        with made.batch_update():
            rule.x = [x for place, _ in places for x in (place - 0.3, place + 0.3, None)]
            rule.y = [y for _, (_, _, b) in places for y in (b / MB, b / MB, None)]
            rule.text = [w for _, (_, _, b) in places for w in (f"{b / MB:.3f}",) * 3]
            measured.x = [place for place, _ in places]
            measured.y = [push.sent / MB for _, (push, _, _) in places]
            # Beside the dot rather than on it, where both are the same.
            said.x, said.y = ([ASKED + 0.12], [self._said]) if self._said is not None else ([], [])
            top = max([*(push.sent / MB for _, (push, _, _) in places), self._said or 0, 10])
            made.layout.yaxis.range = [-0.06 * top, 1.15 * top]
            made.layout.yaxis2.tickvals = list(at.values())
            made.layout.yaxis2.ticktext = [f"{words} " for words in self._blobs.values()]
            made.layout.yaxis2.range = [-0.6, max(len(at), 1) - 0.4]
            for trace, wanted in ((sent, True), (there, False)):
                trace.x = [x for x, _, _, was in named if was == wanted]
                trace.y = [y for _, y, _, was in named if was == wanted]
                trace.text = [
                    f"{words}: {'sent' if wanted else 'was there'}"
                    for _, _, words, was in named
                    if was == wanted
                ]


def _what(image: Image, blob: Blob) -> str:
    return "config" if blob == image.config else f"layer {image.layers.index(blob) + 1}"


def _size(blob: Blob) -> str:
    return f"{blob.size / MB:.1f} MB" if blob.size > 1e5 else f"{blob.size / 1e3:.1f} kB"


def _apart(trace: go.Scatter) -> go.Scatter:
    trace.connectgaps = False
    return trace


def _open(trace: go.Scatter) -> go.Scatter:
    trace.marker.symbol = "circle-open"
    trace.marker.line.width = 2
    return trace
