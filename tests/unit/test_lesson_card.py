"""The card: locked, ready, running, done; cancel and errors at any moment; nothing left behind."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lesson_fakes import ALL_RECORDERS, Bare, FakeSession, Trial, no_cluster, played

from helpers.kube.errors import ClusterGone, DeadlineExceeded, Refused
from helpers.lesson import recording, tasks
from helpers.lesson.card import Card
from helpers.lesson.experiment import Trouble
from helpers.lesson.explain import explain
from helpers.lesson.prediction import PredictionError
from helpers.lesson.stop import NotYet, RunFailed


@pytest.fixture(autouse=True)
def _no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    no_cluster(monkeypatch)


def make(experiment: type[Trial] = Trial, session: FakeSession | None = None) -> Card[Any]:
    return Bare(session or FakeSession()).card(experiment)


async def until(card: Card[Any], text: str) -> None:
    """Let the loop go on until the card says so."""
    for _ in range(500):
        if text in card.view._status.value:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"the card never said {text!r}: {card.view._status.value}")


def test_run_is_locked_before_a_prediction() -> None:
    async def play() -> None:
        card = make()
        assert card.state == "locked"
        assert card.view.run.disabled
        with pytest.raises(NotYet, match="Commit a prediction"):
            card.run()
        card.predict(40.0)
        assert card.state == "ready"
        assert not card.view.run.disabled

    played(play)


def test_a_run_from_prediction_to_difference() -> None:
    async def play() -> None:
        session = FakeSession()
        card = make(session=session)
        card.predict(40.0)
        card.set(limit="250m", count=4)
        card.run()
        assert card.state == "running"
        run = await card.result()
        assert card.state == "done"
        assert run.difference == "4 reads. You said something."
        learner = {row.field: row.value for row in run.timeline.where(source="learner")}
        assert learner == {"prediction": 40.0, "values": {"limit": "250m", "count": 4}}
        assert run.timeline.meta["lesson"] == "trial"
        assert run.timeline.meta["card"] == "trial"
        assert run.timeline.meta["kubernetes"] == "v1.37.0"
        assert run.timeline.meta["replay"] is False
        assert session.objects == set()
        assert ALL_RECORDERS[-1].stopped
        # The run is what was seen before the cleaning up.
        assert run.timeline.value(source="watch", object="Pod/burn", field="exists") is True
        assert card.view.state == "done"
        assert "4 reads" in card.view._said.value

    played(play)


def test_the_question_and_the_manifest_follow_the_form() -> None:
    async def play() -> None:
        card = make()
        assert card._question.question == "How much at 500m?"
        card.set(limit="250m")
        assert card._question.question == "How much at 250m?"
        assert "250m" in card._form.pane.text
        assert "namespace: trial-0000" in card._form.pane.text

    played(play)


def test_a_wrong_field_locks_run_and_says_which() -> None:
    async def play() -> None:
        card = make()
        card.predict(40.0)
        card.set(limit="half a core")
        assert card.view.run.disabled
        assert "limits.cpu" in card.view._status.value
        with pytest.raises(NotYet, match=r"limits\.cpu"):
            card.run()
        card.set(limit="500m")
        assert not card.view.run.disabled
        with pytest.raises(PredictionError):
            card.predict(400.0)
        assert card.state == "ready"

    played(play)


def test_result_before_a_run_stops_quietly() -> None:
    async def play() -> None:
        card = make()
        with pytest.raises(NotYet) as stop:
            await card.result()
        lines = stop.value._render_traceback_()
        assert len(lines) == 1
        assert "A trial" in lines[0]

    played(play)


def test_result_during_a_run_waits_and_an_interrupted_wait_leaves_it_running() -> None:
    class Waits(Trial):
        wait_for = "status.phase"

    async def play() -> None:
        session = FakeSession()
        card = make(Waits, session)
        card.predict(40.0)
        card.run()
        waiting = asyncio.ensure_future(card.result())
        await until(card, "Waiting")
        waiting.cancel()  # as the kernel's interrupt does to the cell
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert card.state == "running"
        session.see("Pod/burn", "status.phase", "Running")
        assert (await card.result()).timeline.value(source="exec") == 1

    played(play)


@pytest.mark.parametrize("moment", ["before the apply", "in the apply", "in a wait"])
def test_cancel_at_any_moment_leaves_nothing(moment: str) -> None:
    class Waits(Trial):
        wait_for = "status.phase"

    async def play() -> None:
        session = FakeSession()
        card = make(Waits, session)
        card.predict(40.0)
        if moment == "in the apply":
            session.slow.clear()
        card.run()
        if moment != "before the apply":
            await until(card, "Making" if moment == "in the apply" else "Waiting")
        card.cancel()
        session.slow.set()
        with pytest.raises(NotYet, match="cancelled"):
            await card.result()
        assert card.state == "ready"
        assert session.objects == set()
        assert all(recorder.stopped for recorder in ALL_RECORDERS)
        await tasks.settle()
        # And the next run is a whole one.
        card.run()
        await until(card, "Waiting")
        session.see("Pod/burn", "status.phase", "Running")
        assert len((await card.result()).timeline.where(source="exec")) == 2

    played(play)


@pytest.mark.parametrize(
    ("error", "title", "words"),
    [
        (
            Refused("spec.x", "must be less than or equal to cpu limit of 100m", "Invalid", 422),
            "spec.x",
            "raise the limit",
        ),
        (
            ClusterGone("The cluster at https://127.0.0.1 does not answer."),
            "cluster",
            "workbook reset",
        ),
        (DeadlineExceeded("Pod/burn to run", 30, {"Pod/burn": "Pending"}), "too long", "Pending"),
        (
            Trouble("No such image", "burn:9 is not on the node", "Build it"),
            "No such image",
            "Build",
        ),
    ],
)
def test_trouble_is_told_in_the_card(error: Exception, title: str, words: str) -> None:
    class Fails(Trial):
        raises = error

    async def play() -> None:
        session = FakeSession()
        card = make(Fails, session)
        card.predict(40.0)
        card.run()
        with pytest.raises(RunFailed) as stop:
            await card.result()
        assert len(stop.value._render_traceback_()) == 1
        assert card.state == "failed"
        assert card.view.state == "error"
        assert title in card.view._notice.value
        assert words in card.view._notice.value
        assert session.objects == set()
        await tasks.settle()  # the card has told it, so nothing is raised

    played(play)


def test_what_a_silent_cluster_kept_is_deleted_by_the_next_run() -> None:
    silent = ClusterGone("The cluster at https://127.0.0.1 does not answer.", silent=True)

    class Fails(Trial):
        raises: Exception | None = silent

    async def play() -> None:
        session = FakeSession()
        card = make(Fails, session)
        card.predict(40.0)
        card.run()
        with pytest.raises(RunFailed):
            await card.result()
        # It is not asked to delete anything: each question would take its time.
        assert session.objects == {"Pod/burn"}
        Fails.raises = None
        card.run()
        run = await card.result()
        assert session.asked == ["apply Pod/burn", "delete Pod/burn"] * 2
        assert [row.value for row in run.timeline.where(field="exists")] == [True]

    played(play)


def test_trouble_under_autoplay_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOOK_AUTOPLAY", "1")

    class Fails(Trial):
        raises = Trouble("No such image", "burn:9 is not on the node.", "Build it.")

    async def play() -> None:
        card = make(Fails)
        with pytest.raises(Trouble, match="No such image"):
            await card.result()
        await tasks.settle()  # raised once, not twice
        card = make(Fails)
        card.play()
        with pytest.raises(Trouble, match="No such image"):
            await tasks.settle()  # nobody asked for the result: it comes at the cell's end

    played(play)


def test_a_fault_of_the_workbook_is_never_silent() -> None:
    class Fails(Trial):
        raises = ZeroDivisionError("division by zero")

    async def play() -> None:
        card = make(Fails)
        card.predict(1.0)
        card.run()
        await until(card, "Stopped")
        assert "ZeroDivisionError" in card.view._notice.value
        with pytest.raises(ZeroDivisionError):
            tasks.raise_unseen()
        tasks.raise_unseen()

    played(play)


def test_autoplay_plays_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOOK_AUTOPLAY", "1")

    async def play() -> None:
        card = make()
        run = await card.result()
        assert run.timeline.value(source="learner", field="prediction") == 62.0
        assert len(run.timeline.where(source="exec")) == 3
        card.play("too-low")
        run = await card.result()
        assert run.timeline.value(source="learner", field="prediction") == 5.0

    played(play)


def test_two_runs_at_once_are_refused_by_name() -> None:
    class Waits(Trial):
        wait_for = "status.phase"
        title = "The first"

    async def play() -> None:
        lesson = Bare(FakeSession())
        first, second = lesson.card(Waits), lesson.card(Trial)
        first.predict(1.0)
        second.predict(1.0)
        first.run()
        with pytest.raises(NotYet, match="The first"):
            second.run()
        with pytest.raises(NotYet, match="already"):
            first.run()
        await first.stop()
        second.run()
        await second.result()

    played(play)


def test_reset_asks_anew_and_the_journal_stays() -> None:
    async def play() -> None:
        card = make()
        card.predict(40.0)
        card.set(limit="250m")
        card.predict(41.0)
        card.run()
        await card.result()
        card.reset()
        assert card.state == "locked"
        assert card._form.values.limit == "500m"
        assert [answer for _, answer, _ in card.journal] == [40.0, 41.0]
        assert len(card.timeline) == 0

    played(play)


def test_a_new_prediction_after_a_run_asks_for_a_new_run() -> None:
    async def play() -> None:
        card = make()
        card.predict(40.0)
        card.run()
        await card.result()
        card.predict(50.0)
        card.run()
        run = await card.result()
        assert run.timeline.value(source="learner", field="prediction") == 50.0

    played(play)


class Adopting(Trial):
    """A controller makes an object for the run, which goes with it."""

    async def run(self, bench: Any, values: Any) -> None:
        bench.adopt("ConfigMap", "claimed")
        bench.session.objects.add("ConfigMap/claimed")
        bench.adopt("ConfigMap", "never-made")
        await super().run(bench, values)


def test_what_a_controller_makes_for_a_run_goes_with_it() -> None:
    session = FakeSession()

    async def play() -> None:
        card = make(Adopting, session)
        card.predict(40.0)
        card.run()
        await card.result()
        assert "delete ConfigMap/claimed" in session.asked
        assert session.objects == set()

    played(play)


def test_a_recording_is_made_and_played(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKBOOK_AUTOPLAY", "1")
    monkeypatch.setenv("WORKBOOK_RECORD", "1")
    monkeypatch.setenv("WORKBOOK_RECORDINGS", str(tmp_path))

    async def record() -> tuple[Any, ...]:
        return (await make().result()).timeline.where(source="exec")

    rows = played(record)
    assert (tmp_path / "trial" / "trial.jsonl.gz").is_file()
    monkeypatch.delenv("WORKBOOK_RECORD")
    monkeypatch.delenv("WORKBOOK_AUTOPLAY")
    monkeypatch.setenv("WORKBOOK_REPLAY", "1")

    async def replay() -> None:
        card = Bare(None).card(Trial)
        assert "Recorded" in card.view._replay.value
        assert card._form.values.count == 3  # what the recorded run was made of
        card.predict(7.0)
        card.run()
        run = await card.result()
        assert run.timeline.where(source="exec") == rows
        assert run.timeline.value(source="learner", field="prediction") == 7.0
        assert run.timeline.meta["replay"] is True

    played(replay)


def test_replay_without_a_recording_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORKBOOK_REPLAY", "1")
    monkeypatch.setenv("WORKBOOK_RECORDINGS", str(tmp_path))

    async def play() -> None:
        card = Bare(None).card(Trial)
        assert "no recording" in card.view._replay.value
        card.predict(7.0)
        card.run()
        with pytest.raises(RunFailed):
            await card.result()
        assert "workbook up" in card.view._notice.value

    played(play)


def test_buttons_pressed_on_another_thread_come_over_to_the_loop() -> None:
    async def play() -> None:
        card = make()
        card.predict(3.0)
        await asyncio.to_thread(card.view.run.click)
        await until(card, "reads")
        await card.result()
        await asyncio.to_thread(card.view.reset.click)
        for _ in range(100):
            if card.state == "locked":
                return
            await asyncio.sleep(0.01)
        raise AssertionError("reset did not come over")

    played(play)


def test_every_error_has_words() -> None:
    title, message, hint = explain(ClusterGone("The cluster at X does not answer."))
    assert "workbook reset" in message + hint
    assert title
    title, message, hint = explain(recording.NoRecording("none"))
    assert message == "none"
