"""The quiet stop: an exception that ends "Run All" with one line instead of a traceback."""

from __future__ import annotations


class QuietStop(Exception):
    """Stops the cells below, and says in one line why and what to do next.

    IPython asks an exception class for `_render_traceback_` before it makes a traceback of its own.
    (IPython: core/interactiveshell.py, InteractiveShell.showtraceback)
    """

    def _render_traceback_(self) -> list[str]:
        return [f"→ {self}"]


class NotYet(QuietStop):
    """The learner has something to do first: predict, run, or wait."""


class RunFailed(QuietStop):
    """The run ended in trouble that its card already tells in full."""
