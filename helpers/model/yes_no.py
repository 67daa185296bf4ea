"""Answers that are yes or no, as a prediction's table has them."""

from __future__ import annotations

from collections.abc import Sequence


def told(answers: Sequence[bool | None]) -> tuple[str, ...] | None:
    """Return the answers as words, cell by cell; None unless all of them are known."""
    if not answers or None in answers:
        return None
    return tuple("yes" if answer else "no" for answer in answers)
