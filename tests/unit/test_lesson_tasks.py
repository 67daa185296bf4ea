"""No error of a task or a thread passes silently, in this process and under nbval."""

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from lesson_fakes import played

from helpers.lesson import tasks


def test_an_error_that_nobody_saw_is_raised_once() -> None:
    async def fail() -> None:
        raise LookupError("lost")

    async def play() -> None:
        task = tasks.start(fail(), "failing")
        await asyncio.wait({task})
        with pytest.raises(LookupError):
            await tasks.settle()
        await tasks.settle()

    played(play)


def test_several_errors_come_as_a_group() -> None:
    tasks.failed(LookupError("one"))
    tasks.failed(KeyError("two"))
    with pytest.raises(BaseExceptionGroup) as both:
        tasks.raise_unseen()
    assert len(both.value.exceptions) == 2


def test_a_shown_error_is_not_raised() -> None:
    error = LookupError("one")
    tasks.failed(error)
    tasks.shown(error)
    tasks.raise_unseen()


def test_settle_names_what_does_not_end() -> None:
    async def play() -> None:
        task = tasks.start(asyncio.Event().wait(), "the endless one")
        with pytest.raises(TimeoutError, match="the endless one"):
            await tasks.settle(deadline=0.05)
        task.cancel()
        await tasks.settle()

    played(play)


CELLS = {
    "task": """
async def fail():
    raise LookupError("in a task")
t = tasks.start(fail(), "failing")
await asyncio.sleep(0.05)
""",
    "foreign task": """
async def fail():
    raise LookupError("in a foreign task")
t = asyncio.ensure_future(fail())
await asyncio.sleep(0.05)
del t
gc.collect()
""",
    "thread": """
def fail():
    raise LookupError("in a thread")
t = threading.Thread(target=fail)
t.start()
t.join()
""",
    "nothing": "pass",
}


def test_nbval_fails_each_cell_whose_background_failed(tmp_path: Path) -> None:
    start = "import asyncio, gc, threading\nfrom helpers.lesson import tasks\ntasks.watch_kernel()"
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in (start, *CELLS.values())],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    path = tmp_path / "background.ipynb"
    nbformat.write(notebook, path)
    command = [
        "-m",
        "pytest",
        "--nbval-lax",
        "--nbval-current-env",
        "--nbval-cell-timeout=60",
        "-rA",
    ]
    done = subprocess.run(
        [sys.executable, *command, "-p", "no:cacheprovider", "-c", "/dev/null", str(path)],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "WORKBOOK_AUTOPLAY": "1"},
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    said = re.sub("\x1b\\[[0-9;]*m", "", done.stdout)
    for number, cell in enumerate(CELLS, start=1):
        verdict = "PASSED" if cell == "nothing" else "FAILED"
        assert re.search(rf"{verdict} \S*background.ipynb::Cell {number}\b", said), said
    for what in ("in a task", "in a foreign task", "in a thread"):
        assert f"LookupError: {what}" in said
