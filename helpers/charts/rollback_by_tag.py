"""The chart of "Which commit runs, and may I roll back?": releases over time, by kind of tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.charts import figure as marks
from helpers.charts.yes_no import YesNoChart, word
from helpers.model import rollback_run
from helpers.model.rollback_run import BACK, LABEL, STEPS, TAG, VERSIONS, WORDS
from helpers.model.timeline import Timeline, Value

if TYPE_CHECKING:
    import plotly.graph_objects as go

APART = 0.27
"""Of a Deployment's band: from one release's height to the next one's."""
SIDE = 0.31  # of a column, between the marks of one answer
BESIDE = 0.045  # so that two Pods of one release, and the rule, do not hide each other


class RollbackChart(YesNoChart):
    """At the left each Pod's running at the height of its release; at the right two answers."""

    legend = (
        ("measured", "a Pod runs, at its release's height; full: yes, hollow: no"),
        ("rule", "the rule for tag and policy"),
        ("prediction", "your prediction: what runs in the end; yes, no"),
    )
    hover_rule = "by the rule"
    hover_answer = "measured"
    lines = tuple(WORDS.values())
    columns = (TAG, LABEL)

    @property
    def text(self) -> str:
        """The chart in a sentence or two."""
        told = []
        for name, words in WORDS.items():
            ran = [f"{self._run.release_after(name, step) or 'several'} after {step}"
                   for step in STEPS if self._run.after(name, step)]  # fmt: skip
            if ran:
                told.append(f"{words}: release {', '.join(ran)}")
        if not told:
            return "Nothing is measured yet."
        known = [c for c in self._all if c.answer is not None]
        wrong = sum(c.predicted is not None and c.predicted != c.answer for c in known)
        answers = "; ".join(f"{c.row}, {c.column}: {word(c.answer)}" for c in known)
        return f"{'; '.join(told)}. {answers}. You predicted {wrong} of them otherwise."

    @property
    def table(self) -> list[dict[str, Value]]:
        """A row a Deployment and question, as soon as a Pod has run."""
        return [
            {
                "tag": cell.row,
                "question": cell.column,
                "you said": word(cell.predicted),
                "by the rule": word(cell.rule),
                "measured": word(cell.answer),
            }
            for cell in self._all
            if cell.answer is not None
        ]

    def _read(self, timeline: Timeline) -> None:
        self._run = rollback_run.run_of(timeline)
        self._all = rollback_run.cells(timeline)
        self._cells = [cell for cell in self._all if cell.column != BACK]

    def _empty(self) -> go.FigureWidget:
        still = {"fixedrange": True, "zeroline": False, "showgrid": False}
        rule = marks.rule(hover="by the rule %{text}<extra></extra>")
        rule.connectgaps = False
        ran = marks.measurement(hover="%{text}<extra></extra>", size=5)
        ran.update(mode="lines+markers", line={"color": marks.MEASUREMENT, "width": 4})
        squares = marks.measurement(hover=f"{self.hover_rule}: %{{text}}<extra></extra>", size=13)
        squares.name = "the rule"
        squares.marker.color = marks.RULE
        right = [
            squares,
            marks.measurement(hover=f"{self.hover_answer}: %{{text}}<extra></extra>", size=12),
            marks.prediction(hover="you said: %{text}<extra></extra>"),
        ]
        for trace in right:
            trace.xaxis = "x2"
        rows = range(len(WORDS))
        heights = [_height(row, release) for row in rows for release in (3, 2, 1)]
        names = [text for words in WORDS.values() for text in ("3 ", f"{words}   2 ", "1 ")]
        return marks.figure(
            480,
            [
                rule,
                ran,
                marks.prediction(hover="you said that this runs in the end<extra></extra>"),
                *right,
            ],
            {
                "margin": {"l": 136, "r": 12, "t": 62, "b": 48},
                "xaxis": {
                    **still,
                    "domain": [0, 0.58],
                    "title": {"text": "seconds since the first rollout", "standoff": 6},
                },
                "xaxis2": {
                    **still,
                    "domain": [0.65, 1],
                    "side": "top",
                    "range": [-0.5, 1.5],
                    "tickvals": [0, 1],
                    "ticktext": ["tag<br>tells the<br>commit", "digest<br>leads<br>there"],
                    "tickangle": 0,
                },
                "yaxis": {
                    **still,
                    "range": [len(WORDS) - 0.45, -0.55],
                    "tickvals": heights,
                    "ticktext": names,
                },
                "shapes": [
                    *(
                        {
                            "type": "line", "xref": "paper", "x0": 0, "x1": 1,
                            "y0": row + 0.5, "y1": row + 0.5,
                            "line": {"color": marks.QUIET, "width": 0.5},
                        }
                        for row in rows[:-1]
                    ),
                    *(
                        {
                            "type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": 0, "x1": 0,
                            "visible": False,
                            "line": {"color": marks.QUIET, "width": 1, "dash": "dot"},
                        }
                        for _ in STEPS
                    ),
                ],
                "annotations": [
                    *(
                        {
                            "text": step.removeprefix("release "), "x": 0, "y": 1.01,
                            "yref": "paper", "xanchor": "left", "yanchor": "bottom",
                            "showarrow": False, "visible": False,
                        }
                        for step in STEPS
                    ),
                    {
                        "text": "release", "x": 0, "y": 1.01, "xref": "paper", "yref": "paper",
                        "xanchor": "right", "yanchor": "bottom", "xshift": -8, "showarrow": False,
                    },
                ],
            },
        )  # fmt: skip

    def _draw(self, made: go.FigureWidget) -> None:
        rule, ran, said, squares, answers, guesses = made.data
        run = self._run
        began = run.begun.get(STEPS[0], 0.0)
        end = max(run.ended - began, 10.0) if run.begun else 10.0
        with made.batch_update():
            made.layout.xaxis.range = [-0.5, 1.08 * end]
            for place, step in enumerate(STEPS):
                known = step in run.begun
                line = made.layout.shapes[len(WORDS) - 1 + place]
                note = made.layout.annotations[place]
                line.visible = note.visible = known
                line.x0 = line.x1 = note.x = run.begun.get(step, began) - began
            rule.x, rule.y, rule.text = self._ruled(began, end)
            ran.x, ran.y, ran.text = self._measured(began, end)
            undone = [
                (_height(row, run.revision if cell.predicted else len(VERSIONS)))
                for row, cell in enumerate(c for c in self._all if c.column == BACK)
                if cell.predicted is not None and run.revision
            ]
            said.x, said.y = [1.04 * end] * len(undone), undone
            self._put(guesses, [cell.predicted for cell in self._cells], "diamond", -SIDE)
            self._put(squares, [cell.rule for cell in self._cells], "square", 0)
            self._put(answers, [cell.answer for cell in self._cells], "circle", SIDE)

    def _ruled(self, began: float, end: float) -> tuple[list[float | None], ...]:
        """Return the rule's line: times, heights and words, with a gap after each Deployment."""
        run = self._run
        xs: list[float | None] = []
        ys: list[float | None] = []
        words: list[str | None] = []
        steps = [step for step in STEPS if step in run.begun]
        for row, name in enumerate(WORDS):
            for step in steps if run.policy else []:
                if step == STEPS[-1] and not run.revision:
                    continue
                release = rollback_run.release_expected(
                    name, step, policy=run.policy, revision=run.revision
                )
                later = [at for at in run.begun.values() if at > run.begun[step]]
                xs += [run.begun[step] - began, min(later, default=began + end) - began]
                ys += [_height(row, release)] * 2
                words += [f"release {release} after {step}"] * 2
            xs.append(None)
            ys.append(None)
            words.append(None)
        return xs, ys, words  # type: ignore[return-value]

    def _measured(self, began: float, end: float) -> tuple[list[float | None], ...]:
        """Return the Pods' lines: times, heights and words, with a gap after each Pod."""
        xs: list[float | None] = []
        ys: list[float | None] = []
        words: list[str | None] = []
        rows = {name: row for row, name in enumerate(WORDS)}
        aside = dict.fromkeys(WORDS, 1)
        for life in self._run.lives:
            release = self._run.releases.get(life.digest)
            if release is None or life.since is None or not self._run.begun:
                continue
            aside[life.name] = -aside[life.name]
            height = _height(rows[life.name], release) + BESIDE * aside[life.name]
            until = end if life.until is None else life.until - began
            xs += [life.since - began, until, None]
            ys += [height, height, None]
            words += [f"{life.pod}: release {release}"] * 2 + [None]
        return xs, ys, words  # type: ignore[return-value]


def _height(row: int, release: int) -> float:
    return row + APART * (2 - release)
