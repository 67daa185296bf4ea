"""A finished run: its Timeline, the difference in words, and the claims made on it."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from helpers import claims
from helpers.lesson.tasks import autoplay
from helpers.model.timeline import Timeline

if TYPE_CHECKING:
    from helpers.lesson.experiment import Experiment

_MARKS = {True: ("✓", "held", "#0a7a5c"), False: ("✗", "not held", "#b3261e"),
          None: ("?", "could not tell", "#6b7280")}  # fmt: skip

LONG = 200  # characters of values that are folded away


class Run:
    """What `await card.result()` returns. `timeline` holds every row of what was seen."""

    def __init__(self, timeline: Timeline, experiment: Experiment[Any]) -> None:
        self.timeline = timeline
        self.experiment = experiment

    def __repr__(self) -> str:
        return f"<Run {self.experiment.id}: {len(self.timeline)} rows>"

    @property
    def difference(self) -> str:
        """What was predicted and what was measured, in two sentences."""
        return plain(self.experiment.difference(self.timeline))

    def claim(self, id: str) -> None:
        """Judge the claim `id` on this run, and show it with both values.

        Raises KeyError for an id that no claim has; AssertionError, only under autoplay, when the
        claim does not hold or cannot be told.
        """
        verdict = claims.verdict(id, self.timeline)
        mark, word, colour = _MARKS[verdict.held]
        text = (
            f"{mark} {word}: {verdict.text}\n"
            f"  expected {verdict.expected}; measured {verdict.measured}  ({id})"
        )
        said, expected, measured, name = (
            html.escape(part) for part in (verdict.text, verdict.expected, verdict.measured, id)
        )
        values = f"expected {expected} · measured {measured}"
        if len(values) > LONG:
            values = (
                "<details><summary>what was expected and what was measured</summary>"
                f"expected: {expected}<br>measured: {measured}</details>"
            )
        rich = (
            f'<div style="border-left:3px solid {colour};padding:2px 10px;margin:4px 0">'
            f'<b style="color:{colour}">{mark} {word}</b> &nbsp;{said} '
            f'<span style="color:var(--jp-content-font-color2)">{name}<br>{values}</span></div>'
        )
        _show(text, rich)
        if autoplay() and verdict.held is not True:
            raise AssertionError(text)


class Skipped(Run):
    """The run of a card that this cluster cannot run: each claim says why it was not judged."""

    def __init__(self, experiment: Experiment[Any], why: str) -> None:
        super().__init__(Timeline(), experiment)
        self.why = why
        _show(f"– {why}", _said(why))

    @property
    def difference(self) -> str:
        """Why nothing was measured."""
        return self.why

    def claim(self, id: str) -> None:
        """Show that the claim was not judged. Raises KeyError for an id that no claim has."""
        if id not in claims.registered():
            raise KeyError(id)
        _show(f"– {self.why} ({id})", _said(f"{self.why} ({id})"))


def _said(text: str) -> str:
    return f'<p style="color:var(--jp-content-font-color2)">– {html.escape(text)}</p>'


def plain(markup: str) -> str:
    """Return HTML as plain text: tags away, entities resolved."""
    return html.unescape(re.sub(r"<[^>]+>", "", markup)).strip()


def _show(text: str, rich: str) -> None:
    from IPython.display import display

    display({"text/plain": text, "text/html": rich}, raw=True)
