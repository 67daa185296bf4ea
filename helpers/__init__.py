"""What a learner types. Nothing here is loaded before it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.lesson.lab import Lab
    from helpers.lesson.lesson import Lesson
    from helpers.model.quantity import Quantity

_HOMES = {
    "Lab": "helpers.lesson.lab",
    "Lesson": "helpers.lesson.lesson",
    "Quantity": "helpers.model.quantity",
}

__all__ = ["Lab", "Lesson", "Quantity"]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
