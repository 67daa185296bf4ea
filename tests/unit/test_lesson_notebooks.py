"""The notebooks keep to their anatomy: short, without outputs, and every claim exists."""

import re
from pathlib import Path

import nbformat
import pytest

from helpers import claims

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*/*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    read = nbformat.read(request.param, as_version=4)
    nbformat.validate(read)
    return read


def code(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_at_most_25_code_cells_of_at_most_12_lines(notebook: nbformat.NotebookNode) -> None:
    assert len(code(notebook)) <= 25
    assert max(len(source.splitlines()) for source in code(notebook)) <= 12


def test_committed_without_outputs_or_widget_state(notebook: nbformat.NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    assert "widgets" not in notebook.metadata
    assert notebook.metadata.kernelspec.name == "python3"


def test_opens_first_and_closes_last(notebook: nbformat.NotebookNode) -> None:
    sources = code(notebook)
    assert "await Lesson.open(" in sources[0]
    assert sources[-1].strip() == "await lesson.close()"


def test_every_claim_is_there(notebook: nbformat.NotebookNode) -> None:
    named = re.findall(r'\.claim\("([^"]+)"\)', "\n".join(code(notebook)))
    assert named
    assert set(named) <= set(claims.registered())
    assert len(named) == len(set(named))
