"""A card's whole run over a way to the API server that breaks again and again."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from itertools import pairwise

import pytest

from helpers.experiments import throttling
from helpers.lesson.stop import RunFailed
from helpers.model.timeline import Row
from tests.cluster.cable import Cable
from tests.faults.in_process import burning, error_of, lesson_of, play, shown, until

pytestmark = pytest.mark.cluster


@pytest.mark.usefixtures("short")
def test_a_cut_watch_changes_nothing_but_a_gap(cable: Cable, name: str) -> None:
    cuts: list[str] = []

    def cut(row: Row) -> None:
        # Just then nothing but the watches is under way, and the run waits for their word.
        if row.source == "session" and row.field in ("manifest", "resize"):
            cable.cut()
            cable.mend()
            cuts.append(row.field)

    async def work() -> None:
        async with lesson_of(name) as lesson:
            card = burning(lesson)
            card.run()
            await until(lambda: len(card.timeline), 5, "the first row")
            card.timeline.subscribe(cut)
            timeline = (await card.result()).timeline
            assert cuts == ["manifest", "resize", "resize"]
            gaps = {row.object for row in timeline.where(field="gap")}
            assert gaps == {"Pod", "Event"}
            limits = [row.value for row in timeline.where(source="exec", field="stat.limit")]
            assert limits == [None, "500m", "250m"]
            last: dict[tuple[str, str], list[object]] = {}
            for row in timeline.where(source="watch"):
                last.setdefault((row.object, row.field), []).append(row.value)
            doubles = [key for key, seen in last.items() if any(a == b for a, b in pairwise(seen))]
            assert doubles == []
            events = Counter((r.object, r.field, r.value) for r in timeline.where(source="event"))
            told = {
                (e["reason"], e["message"]): e.get("count") or 1 for e in lesson.session.events()
            }
            assert events
            for (_, reason, message), times in events.items():
                assert times <= told[reason, str(message)]

    play(work())


@pytest.mark.usefixtures("short")
def test_a_cut_reading_is_told_and_the_card_can_run_again(
    cable: Cable, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttling, "WINDOW", 3)

    async def work() -> None:
        async with lesson_of(name) as lesson:
            card = burning(lesson)
            card.run()
            await until(lambda: "Reading at 500m" in shown(card, "wb-status"), 40, "a reading")
            cable.cut()
            cable.mend()
            with pytest.raises(RunFailed):
                await card.result()
            assert "does not answer" in error_of(card)
            assert "workbook reset" in error_of(card)
            assert lesson.session.list("Pod") == []
            monkeypatch.setattr(throttling, "WINDOW", 1)
            card.run()
            await card.result()

    play(work(), 90)


@pytest.mark.usefixtures("short")
def test_a_server_that_falls_silent_is_told_within_45_s(cable: Cable, name: str) -> None:
    async def work() -> None:
        async with lesson_of(name) as lesson:
            card = burning(lesson)
            card.run()
            await until(lambda: card.timeline.where(source="exec"), 40, "the first reading")
            cable.silent = True
            began = time.monotonic()
            with pytest.raises(RunFailed):
                await asyncio.wait_for(card.result(), 90)
            took = time.monotonic() - began
            print(f"silence told after {took:.1f} s")
            assert "does not answer" in error_of(card)
            assert "workbook reset" in error_of(card)
            cable.silent = False
            cable.cut()
            cable.mend()
            assert took < 45

    play(work(), 150)
