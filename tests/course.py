"""What the course holds: its notebooks, the lesson of each, and the experiments of each lesson."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.lesson.experiment import Experiment

PROJECT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("ch*/[0-9]*.ipynb"))
START = PROJECT / "notebooks" / "00-start-here.ipynb"
OPEN = re.compile(r"Lesson\.open\(\\?[\"']([\w-]+)\\?[\"'](?:, exclusive=\\?[\"'](\w+)\\?[\"'])?")


@dataclass(frozen=True)
class Taught:
    """A notebook, the name of its lesson, and what the lesson keeps others from."""

    path: Path
    lesson: str
    exclusive: str

    @property
    def name(self) -> str:
        """The notebook's path in the project."""
        return self.path.relative_to(PROJECT).as_posix()

    @property
    def experiments(self) -> list[type[Experiment[Any]]]:
        """The experiments of the lesson, as its module of helpers.experiments lists them."""
        module = importlib.import_module(f"helpers.experiments.{self.lesson.replace('-', '_')}")
        return [getattr(module, name) for name in module.__all__]

    @property
    def alone(self) -> bool:
        """Whether it is run alone: it measures, or it disturbs others."""
        return self.exclusive != "none" or any(made.measures for made in self.experiments)


def taught() -> list[Taught]:
    """Return every notebook with its lesson, in the order of the course."""
    found = []
    for path in NOTEBOOKS:
        opened = OPEN.search(path.read_text("utf-8"))
        assert opened, f"{path.name} opens no lesson"
        found.append(Taught(path, opened[1], opened[2] or "none"))
    return found


def experiments() -> Iterator[tuple[str, type[Experiment[Any]]]]:
    """Yield each experiment of the course, with the name of its lesson."""
    for lesson in taught():
        for made in lesson.experiments:
            yield lesson.lesson, made
