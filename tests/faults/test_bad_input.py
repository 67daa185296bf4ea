"""What a learner may type, and an image that is not there: told in the card, nothing left."""

from __future__ import annotations

import asyncio
import time

import pytest

from helpers.experiments import throttling
from helpers.lesson.stop import NotYet, RunFailed
from helpers.model import manifests
from tests.faults.in_process import burning, error_of, lesson_of, play, shown

pytestmark = pytest.mark.cluster


def test_the_form_names_the_field_and_nothing_is_sent(name: str) -> None:
    wrong = [
        ({"limit": "half"}, "limit", "limits.cpu"),
        ({"limit": "500 m"}, "limit", "limits.cpu"),
        ({"limit": "-1"}, "limit", "limits.cpu"),
        ({"request": "1Q"}, "request", "requests.cpu"),
        ({"limit": "100m", "request": "200m"}, "request", "requests.cpu"),
        ({"threads": "many"}, "threads", "busy threads"),
    ]

    async def work() -> None:
        async with lesson_of(name) as lesson:
            sent: list[tuple[str, str]] = []
            call = lesson.session.api.call

            def noting(method: str, path: str, **more: object) -> object:
                if not path.endswith("/leases/lesson"):
                    sent.append((method, path))
                return call(method, path, **more)  # type: ignore[arg-type]

            lesson.session.api.call = noting  # type: ignore[method-assign, assignment]
            for values, field, label in wrong:
                card = burning(lesson, **values)
                assert field in card._form.errors, values
                assert card._form.manifest is None
                assert label in shown(card, "wb-status")
                assert card._form.hints[field].value
                assert card.view.run.disabled
                with pytest.raises(NotYet, match="not right yet"):
                    card.run()
                card.view.run.click()  # a browser that has not heard yet that it is locked
                await asyncio.sleep(0)
                assert not card.running
                assert len(card.timeline) == 0
            assert sent == []
            assert lesson.session.list("Pod") == []
            assert sent != []  # else the line above says nothing

    play(work())


@pytest.mark.usefixtures("short")
def test_an_absent_image_is_told_and_the_card_can_run_again(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        async with lesson_of(name) as lesson:
            card = burning(lesson)
            with monkeypatch.context() as patch:
                patch.setattr(manifests, "IMAGES", "localhost/nonesuch")
                began = time.monotonic()
                card.run()
                with pytest.raises(RunFailed):
                    await card.result()
            assert time.monotonic() - began < 20
            said = error_of(card)
            assert "The image is not there" in said
            assert "localhost/nonesuch/burn:1" in said
            assert "workbook up" in said
            assert lesson.session.list("Pod") == []
            monkeypatch.setattr(throttling, "LADDER", ())
            card.run()
            await card.result()
            assert card.state == "done"
            assert error_of(card) == ""

    play(work())
