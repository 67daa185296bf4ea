"""The chart of the Cluster Autoscaler's objects: what is taken and allowed, printed and today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.chart import TimelineChart, predicted_number
from helpers.charts.figure import RULE
from helpers.model import cluster_autoscaler
from helpers.model.cluster_autoscaler import KINDS, NAME, QUESTIONS
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLUMNS = ("as printed", "today")


class ObjectsChart(TimelineChart):
    """Above, how many objects are taken; below, a row an object or a question: yes or no."""

    legend = (
        ("measured", "the server says yes"),
        ("rule", "yes by the rule"),
        ("prediction", "your prediction"),
    )

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        if not self._taken:
            return "Nothing was shown to the server yet."
        told = "; ".join(
            f"{column}: {sum(self._taken.get((kind, column), False) for kind in KINDS)} of "
            f"{len(KINDS)} objects taken, "
            f"{sum(self._may.get((q.told, column), False) for q in QUESTIONS)} of "
            f"{len(QUESTIONS)} questions answered with yes"
            for column in COLUMNS
        )
        said = f" You predicted {self._said:g} as printed." if self._said is not None else ""
        return f"{told[0].upper()}{told[1:]}.{said}"

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row an object, then a row a question."""
        seen: dict[tuple[str, str], bool] = {**self._taken, **self._may}
        names = [*KINDS, *(question.told for question in QUESTIONS)]
        rows: list[dict[str, Value]] = []
        for name in names if seen else []:
            row: dict[str, Value] = {"object or question": name}
            for column in COLUMNS:
                answer = seen.get((name, column))
                row[column] = None if answer is None else "yes" if answer else "no"
            rows.append({**row, "the server's words": self._words.get(name, "")})
        return rows

    def _read(self, timeline: Timeline) -> None:
        self._taken: dict[tuple[str, str], bool] = {}
        self._words: dict[str, Value] = {}
        for shown in cluster_autoscaler.shown(timeline):
            if shown.kind in KINDS:
                self._taken[shown.kind, COLUMNS[not shown.as_printed]] = shown.accepted
                if shown.message:
                    self._words[shown.kind] = shown.message
        self._may = {
            (question.told, column): allowed
            for column, name in zip(
                COLUMNS, (cluster_autoscaler.printed_account(), NAME), strict=True
            )
            for question, allowed in cluster_autoscaler.answers(timeline, name).items()
        }
        self._said = predicted_number(timeline)

    def _rule(self) -> dict[tuple[str, str], bool]:
        found: dict[tuple[str, str], bool] = {}
        for kind in KINDS:
            found[kind, COLUMNS[0]] = "beta" not in cluster_autoscaler.PRINTED_VERSIONS[kind]
            found[kind, COLUMNS[1]] = True
        for question in QUESTIONS:
            for column, name in zip(
                COLUMNS, (cluster_autoscaler.printed_account(), NAME), strict=True
            ):
                rules = cluster_autoscaler.rules_of(name)
                found[question.told, column] = cluster_autoscaler.allows(rules, question)
        return found

    def _empty(self) -> go.FigureWidget:
        import plotly.graph_objects as go

        still = {"fixedrange": True, "zeroline": False, "showgrid": False}
        names = [*KINDS, *(question.told for question in QUESTIONS)]
        places = list(range(len(names), 0, -1))
        yes = go.Scatter(
            name="the rule", mode="markers", xaxis="x2", yaxis="y2",
            marker={"symbol": "square-open", "size": 17, "color": RULE, "line": {"width": 2.5}},
            hovertemplate="yes by the rule<extra></extra>",
        )  # fmt: skip
        ring = go.Scatter(
            name="the rule", mode="markers",
            marker={"symbol": "square-open", "size": 19, "color": RULE, "line": {"width": 2.5}},
            hovertemplate="by the rule %{x}<extra></extra>", cliponaxis=False,
        )  # fmt: skip
        return marks.figure(
            620,
            [
                ring,
                marks.prediction(hover="you predicted %{x:g}<extra></extra>"),
                marks.measurement(hover="%{x} taken<extra></extra>", size=8),
                yes,
                marks.measurement(axes="2", hover="the server says yes<extra></extra>", size=9),
            ],
            {
                "margin": {"l": 262, "r": 24, "t": 30, "b": 36},
                "xaxis": {
                    **still, "anchor": "y", "range": [-0.4, 6.4], "dtick": 1,
                },
                "yaxis": {
                    **still, "domain": [0.93, 1], "range": [0, 2], "tickvals": [1],
                    "ticktext": ["taken as printed"],
                },
                "xaxis2": {
                    **still, "anchor": "y2", "range": [-0.7, 1.7], "tickvals": [0, 1],
                    "ticktext": list(COLUMNS),
                },
                "yaxis2": {
                    **still, "domain": [0, 0.8], "range": [0.3, len(names) + 0.7],
                    "tickvals": places, "ticktext": names,
                },
                "annotations": [
                    marks.heading("Of the six objects", 1.01),
                    marks.heading("Objects taken, and what their ServiceAccount may do", 0.81),
                ],
            },
        )  # fmt: skip

    def _draw(self, made: go.FigureWidget) -> None:
        ring, said, taken, rule, yes = made.data
        names = [*KINDS, *(question.told for question in QUESTIONS)]
        place = {name: len(names) - number for number, name in enumerate(names)}
        known = bool(self._taken)
        printed = [self._taken.get((kind, COLUMNS[0])) for kind in KINDS]
        by_rule = [key for key, good in self._rule().items() if good] if known else []
        seen = [key for key, good in {**self._taken, **self._may}.items() if good]
        count = sum(name in KINDS and column == COLUMNS[0] for name, column in by_rule)
        with made.batch_update():
            ring.x, ring.y = ([count], [1]) if known else ([], [])
            done = known and None not in printed
            taken.x, taken.y = ([sum(map(bool, printed))], [1]) if done else ([], [])
            said.x, said.y = ([self._said], [1]) if self._said is not None else ([], [])
            for trace, keys in ((rule, by_rule), (yes, seen)):
                trace.x = [COLUMNS.index(column) for _, column in keys]
                trace.y = [place[name] for name, _ in keys]
