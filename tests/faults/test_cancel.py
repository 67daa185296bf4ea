"""Cancel in each part of a run: within 5 s, nothing left, and the card runs again."""

from __future__ import annotations

import time

import pytest

from helpers.lesson.stop import NotYet
from tests.faults.in_process import burning, lesson_of, play, shown, until

pytestmark = pytest.mark.cluster

WITHIN = 5.0


@pytest.mark.usefixtures("short")
def test_cancel_ends_a_run_within_5_s(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The longest call of the run, so that a cancel comes in the middle of it.
    monkeypatch.setattr("helpers.experiments.throttling.WINDOW", 3)

    async def work() -> None:
        async with lesson_of(name) as lesson:
            card = burning(lesson)
            for moment in ("Starting", "Reading", "Resizing"):
                card.run()
                await until(
                    lambda moment=moment: moment in shown(card, "wb-status"),
                    40,
                    moment,  # type: ignore[misc]
                )
                began = time.monotonic()
                card.view.cancel.click()
                with pytest.raises(NotYet, match="cancelled"):
                    await card.result()
                took = time.monotonic() - began
                print(f"cancelled while {moment}: {took:.1f} s")
                assert took < WITHIN, moment
                assert lesson.session.list("Pod") == [], moment
                assert card.state == "ready", moment
                assert not card.view.run.disabled
            monkeypatch.setattr("helpers.experiments.throttling.WINDOW", 1)
            card.run()
            await card.result()
            assert card.state == "done"

    play(work(), 90)
