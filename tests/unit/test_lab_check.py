"""A check that is cancelled: nothing of it goes on behind the learner's back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from helpers.lesson.lab import Lab

CHECK = """
from helpers.model.verdicts import Question
MINUTES, WATCH, HOLDS, WITHIN, CLUSTER, LESSON, HINTS = 1, (), 0.0, 0.0, False, "", {}
REASON = Question("Why?", "So.", {})
def check(timeline):
    return []
"""
OBSERVE = """
from helpers.kube.errors import KubeError
async def observe(bench, work):
    def ask():
        (work / "asked").touch()
        assert bench.cancelled.wait(10)
        (work / "ended").touch()
        raise KubeError("It was cut off.")
    await bench.call(ask)
"""


async def play(told: list[dict[str, Any]]) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda _, said: told.append(said))
    lab = await Lab.open("01-waits", alone=True)
    lab._start(lab.check())
    while not (lab.work / "asked").exists():
        await asyncio.sleep(0.01)
    lab.cancel()
    assert lab._task is not None
    assert await lab._task is None
    assert (lab.work / "ended").exists()
    await lab.close()


def test_its_calls_have_ended_and_nobody_complains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file, text in (("check.py", CHECK), ("observe.py", OBSERVE), ("start/a.txt", "")):
        path = tmp_path / "01-waits" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setenv("WORKBOOK_LABS", str(tmp_path))
    told: list[dict[str, Any]] = []
    asyncio.run(play(told))
    assert told == []
