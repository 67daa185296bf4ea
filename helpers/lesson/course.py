"""What the course holds, read from the notebooks and labs themselves."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from helpers.model.way import Course, Lab, Taught

PROJECT = Path(__file__).resolve().parents[2]
_OPEN = re.compile(r"Lesson\.open\(\s*[\"']([\w-]+)[\"']")
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_MINUTES = re.compile(r"about (\d+) minutes", re.IGNORECASE)
_GOES_WITH = re.compile(r"notebooks/(ch\d+/[\w-]+\.ipynb)")


def read(project: Path = PROJECT) -> Course:
    """Return the course. What cannot be read as a notebook is left out: it may be half written."""
    notebooks = (
        (path, _cells(path)) for path in sorted((project / "notebooks").glob("ch*/[0-9]*.ipynb"))
    )
    labs = ((path, _cells(path)) for path in sorted((project / "labs").glob("[0-9]*/lab.ipynb")))
    return Course(
        tuple(taught for path, cells in notebooks if (taught := _taught(path, cells))),
        tuple(_lab(path, cells) for path, cells in labs if cells),
    )


def _taught(path: Path, cells: list[str]) -> Taught | None:
    source = "\n".join(cells)
    opened = _OPEN.search(source)
    if opened is None:
        return None
    return Taught(
        f"{path.parent.name}/{path.name}",
        opened[1],
        _title(cells, path.stem),
        _minutes(cells),
        source.count("lesson.card("),
    )


def _lab(path: Path, cells: list[str]) -> Lab:
    notebooks = tuple(dict.fromkeys(_GOES_WITH.findall(cells[0])))
    return Lab(path.parent.name, _title(cells, path.parent.name), _minutes(cells), notebooks)


def _title(cells: list[str], otherwise: str) -> str:
    found = _TITLE.search(cells[0])
    return found[1].strip() if found else otherwise


def _minutes(cells: list[str]) -> int:
    found = _MINUTES.search(cells[0])
    return int(found[1]) if found else 0


def _cells(path: Path) -> list[str]:
    """Return the sources of a notebook's cells, none if it cannot be read."""
    try:
        cells: list[Any] = json.loads(path.read_text("utf-8"))["cells"]
        return ["".join(cell["source"]) for cell in cells]
    except (OSError, ValueError, KeyError, TypeError):
        return []
