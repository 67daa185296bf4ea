"""The chart of "Classes for EBS": IOPS and monthly price by size, for each type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.model import ebs, ebs_run
from helpers.model.ebs import EbsRefusal, VolumeType
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

LINES: tuple[tuple[str, int | None, str], ...] = (
    ("gp2", None, "solid"),
    ("gp3", None, "dash"),
    ("io1", 50, "dot"),
    ("io1", 25, "dashdot"),
    ("st1", None, "longdash"),
    ("sc1", None, "longdashdot"),
)
"""Type, iopsPerGB and stroke of each line; the price panel has them all, the IOPS panel those
that are sold by IOPS."""

SIZES = tuple(sorted({round(2 ** (step / 3)) for step in range(43)} | {125, 334, 1000, 5334}))
"""GiB, from 1 to 16384."""


class EbsChart(TimelineChart):
    """Above, IOPS by size; below, dollars a month; yours in both."""

    legend = (
        ("measured", "IOPS that EC2's stand-in answered"),
        ("rule", "the rules of today: a line a type; thin, the book's year"),
        ("prediction", "your prediction, at your size"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._volumes:
            return "No volume was asked for yet."
        told = ", ".join(
            f"{v.type} of {v.gib} GiB: {v.answered if v.answered is not None else 'no IOPS named'}"
            for v in self._volumes
        )
        said = f" You predicted {self._prediction:g}." if self._prediction is not None else ""
        return f"IOPS that EC2's stand-in answered: {told}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a volume: its IOPS, throughput and price, today's and the book's."""
        return [
            {
                "type": v.type,
                "GiB": v.gib,
                "IOPS, answered": v.answered,
                "IOPS, the rule": _iops(ebs.TYPES.get(v.type), v.gib, v.per_gib),
                "IOPS, the book's year": _iops(ebs.BOOKS.get(v.type), v.gib, v.per_gib),
                "MiB/s at most": _throughput(v),
                "$ a month": _price(ebs.TYPES.get(v.type), v.gib, v.per_gib),
                "$ a month, the book's year (not verified)": _price(
                    ebs.BOOKS.get(v.type), v.gib, v.per_gib
                ),
                "source of the price": ebs.TYPES[v.type].price.source
                if v.type in ebs.TYPES
                else "",
            }
            for v in self._volumes
        ]

    def _read(self, timeline: Timeline) -> None:
        self._volumes = ebs_run.volumes(timeline)
        self._prediction = predicted_number(timeline)
        values = timeline.value(source="learner", field="values")
        self._gib = int(values["gib"]) if isinstance(values, dict) and "gib" in values else None

    def _empty(self) -> go.FigureWidget:
        """Make the figure: its lines do not depend on a run."""
        import math

        still = {"fixedrange": True, "zeroline": False}
        size = {
            **still,
            "type": "log",
            "range": [-0.05, 4.75],
            "tickvals": [1, 10, 100, 1000, 10000],
            "ticktext": ["1", "10", "100", "1000", "10 000"],
            "showgrid": False,
        }
        lines = [
            _line(kind, rate, stroke, axes, thin=thin)
            for axes in ("", "2")
            for thin in (True, False)
            for kind, rate, stroke in LINES
            if not (thin and (axes or kind not in ebs.BOOKS or ebs.BOOKS[kind].iops is None))
            and (axes or ebs.TYPES[kind].iops is not None)
        ]
        ends = [
            {
                "x": math.log10(SIZES[-1]) + 0.04,
                "y": math.log10(line.y[-1]),
                "xref": line.xaxis,
                "yref": line.yaxis,
                "text": line.name,
                "xanchor": "left",
                "showarrow": False,
                "font": {"size": 11},
            }
            for line in lines
            if line.line.width > 1
        ]
        return marks.figure(
            560,
            [
                *lines,
                marks.measurement(hover="%{text}<extra></extra>", size=9),
                marks.prediction(hover="you predicted %{y:g}<extra></extra>"),
            ],
            {
                "xaxis": {**size, "anchor": "y"},
                "yaxis": {
                    **still,
                    "type": "log",
                    "domain": [0.58, 1],
                    "range": [1.2, 5.4],
                    "tickvals": [100, 1000, 3000, 10000, 100000],
                    "ticktext": ["100", "1000", "3000", "10 000", "100 000"],
                },
                "xaxis2": {**size, "anchor": "y2", "title": {"text": "size of the volume, GiB"}},
                "yaxis2": {
                    **still,
                    "type": "log",
                    "domain": [0, 0.4],
                    "range": [-1.4, 5],
                    "tickvals": [0.1, 1, 10, 100, 1000, 10000],
                    "ticktext": ["0.10", "1", "10", "100", "1000", "10 000"],
                },
                "annotations": [
                    marks.heading("IOPS by size", 1.03),
                    marks.heading("Dollars a month by size (us-east-1)", 0.43),
                    *_apart(ends),
                ],
            },
        )

    def _draw(self, made: go.FigureWidget) -> None:
        answered, predicted = made.data[-2:]
        shown = [v for v in self._volumes if v.answered is not None]
        with made.batch_update():
            answered.x, answered.y = [v.gib for v in shown], [v.answered for v in shown]
            answered.text = [f"{v.type}, {v.gib} GiB: {v.answered} IOPS" for v in shown]
            # A logarithm has no place for 0: it is shown at the lower edge.
            at = None if self._prediction is None else max(self._prediction, 20.0)
            known = at is not None and self._gib is not None
            predicted.x, predicted.y = ([self._gib], [at]) if known else ([], [])


def _line(kind: str, rate: int | None, stroke: str, axes: str, *, thin: bool) -> go.Scatter:
    made = (ebs.BOOKS if thin else ebs.TYPES)[kind]
    name = f"{kind}, {rate}/GiB" if rate else kind
    unit = "$%{y:.2f} a month" if axes else "%{y} IOPS"
    line = marks.rule(axes=axes, hover=f"{name}{', 2018' if thin else ''}: {unit}<extra></extra>")
    what = _price if axes else _iops
    points = [(gib, what(made, gib, rate)) for gib in SIZES]
    kept = [(gib, value) for gib, value in points if value is not None]
    line.x, line.y = [gib for gib, _ in kept], [value for _, value in kept]
    line.name = name
    line.line.update(dash=stroke, width=1 if thin else 2)
    return line


def _iops(kind: VolumeType | None, gib: int, rate: int | None) -> int | None:
    if kind is None or not kind.size[0] <= gib <= kind.size[1]:
        return None
    try:
        return ebs.iops(kind, gib, rate)
    except EbsRefusal:
        return None


def _price(kind: VolumeType | None, gib: int, rate: int | None) -> float | None:
    if kind is None or not kind.size[0] <= gib <= kind.size[1]:
        return None
    operations = _iops(kind, gib, rate)
    if kind.provisioned and operations is None:
        return None
    return round(ebs.price(kind, gib, operations), 2)


def _throughput(volume: ebs_run.Volume) -> float | None:
    kind = ebs.TYPES.get(volume.type)
    if kind is None:
        return None
    operations = _iops(kind, volume.gib, volume.per_gib)
    return round(ebs.throughput(kind, volume.gib, operations), 1)


def _apart(labels: list[dict[str, object]]) -> list[dict[str, object]]:
    """Move labels of one panel apart that would stand on each other."""
    placed: list[dict[str, object]] = []
    for one in sorted(labels, key=lambda one: (str(one["yref"]), float(str(one["y"])))):
        label = one
        room = 0.28 if label["yref"] == "y" else 0.4
        before = placed[-1] if placed and placed[-1]["yref"] == label["yref"] else None
        if before is not None and float(str(label["y"])) < float(str(before["y"])) + room:
            label = {**one, "y": float(str(before["y"])) + room}
        placed.append(label)
    return placed
