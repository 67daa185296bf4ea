"""The journal: one learner's file, whole or as it was, whoever writes, whatever is in it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from lesson_fakes import Bare, FakeSession, Trial, no_cluster, played

from helpers.lesson import journal
from helpers.lesson.journal import Journal, JournalError
from helpers.model import journal as model
from helpers.model.journal import Kept, LabCheck, Prediction, QuizAnswer, Visit

PROJECT = Path(__file__).resolve().parents[2]
WHOLE = (
    Kept()
    .add(Prediction("2026-01-01T10:00:00+00:00", "units", "a-card", 4.0, "wrong", "an “idea”"))
    .add(Prediction("2026-01-01T10:01:00+00:00", "units", "a-card", ("b", "a")))
    .add(Prediction("2026-01-01T10:02:00+00:00", "units", "another", "neither", "not judged"))
    .add(QuizAnswer("2026-01-01T10:03:00+00:00", "units", "which", "this one", right=True))
    .add(LabCheck("2026-01-01T10:04:00+00:00", "01-a-lab", False, {"runs": "could not run"}))
    .add(Visit("2026-01-01T10:05:00+00:00", "units", "finished"))
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name a journal for this test, and take the workbook's modes off."""
    no_cluster(monkeypatch)
    path = tmp_path / "of-mine" / "journal.json"
    monkeypatch.setenv("WORKBOOK_JOURNAL", str(path))
    return path


def test_a_journal_read_again_is_the_same() -> None:
    text = model.to_json(WHOLE)
    assert model.from_json(text) == WHOLE
    assert json.loads(text)["version"] == model.VERSION
    assert model.from_json(model.to_json(Kept())).empty


def changed(**parts: Any) -> str:
    return json.dumps({**json.loads(model.to_json(WHOLE)), **parts})


PREDICTION = json.loads(model.to_json(WHOLE))["predictions"][0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        "{}",
        changed(version="1"),
        changed(version=True),
        changed(version=0),
        changed(predictions=None),
        changed(visits=[{"time": "now"}]),
        changed(visits=[{"time": "now", "lesson": "units", "step": "closed"}]),
        changed(labs=[{"time": "now", "lab": "a", "passed": 1, "verdicts": {}}]),
        changed(labs=[{"time": "now", "lab": "a", "passed": True, "verdicts": {"b": "yes"}}]),
        changed(labs=[{"time": "now", "lab": "a", "passed": True, "verdicts": {"b": []}}]),
        changed(predictions=[{**PREDICTION, "answer": None}]),
        changed(predictions=[{**PREDICTION, "answer": [1]}]),
        changed(predictions=[{**PREDICTION, "result": "good"}]),
        changed(predictions=[{**PREDICTION, "result": []}]),
        changed(predictions=[{**PREDICTION, "who": "me"}]),
        changed(predictions=["a"]),
    ],
)
def test_what_is_no_journal_is_damaged(text: str) -> None:
    with pytest.raises(model.Damaged):
        model.from_json(text)


def test_an_entry_is_in_the_file_and_only_its_owner_may_read_it(file: Path) -> None:
    assert journal.note_lesson("units", "opened") == ""
    assert journal.note_lab("01-a-lab", passed=True, verdicts={"it runs": "passed"}) == ""
    assert journal.note_quiz("units", "which", "this", right=False, misconception="an idea") == ""
    kept = Journal(file).read()
    assert [visit.lesson for visit in kept.visits] == ["units"]
    assert kept.labs[0].verdicts == {"it runs": "passed"}
    assert kept.quizzes[0].misconception == "an idea"
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0


def test_a_verdict_that_is_none_is_not_written(file: Path) -> None:
    with pytest.raises(ValueError, match="yes"):
        journal.note_lab("01-a-lab", passed=True, verdicts={"it runs": "yes"})
    assert not file.exists()


def test_a_damaged_file_is_put_aside_and_told(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"\xff\xfe half a jour")
    with pytest.raises(JournalError, match="damaged"):
        Journal(file).read()
    assert journal.note_lesson("units", "opened") == ""
    assert len(Journal(file).read().visits) == 1
    file.write_text('{"version": 1')
    assert journal.note_lesson("units", "opened") == ""
    kept = sorted(path.read_bytes() for path in file.parent.glob("journal.damaged-*.json"))
    assert kept == [b'{"version": 1', b"\xff\xfe half a jour"]


def test_a_newer_file_is_left_as_it_is_and_told(file: Path) -> None:
    file.parent.mkdir()
    text = '{"version": 2, "predictions": "otherwise"}'
    file.write_text(text)
    with pytest.raises(JournalError, match="version 2"):
        Journal(file).read()
    assert "newer workbook" in journal.note_lesson("units", "opened")
    assert file.read_text() == text
    assert [path.name for path in file.parent.glob("*.json")] == ["journal.json"]


def test_a_folder_that_cannot_be_made_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("WORKBOOK_JOURNAL", str(tmp_path / "a-file" / "journal.json"))
    said = journal.note_lesson("units", "opened")
    assert "cannot be used" in said
    assert "\n" not in said


def test_a_journal_in_the_project_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOOK_JOURNAL", str(PROJECT / "journal.json"))
    assert "project" in journal.note_lesson("units", "opened")
    assert not (PROJECT / "journal.json").exists()


def test_it_lies_in_the_data_folder_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert journal.default_file() == Path("/data/kubernetes-workbook/journal.json")
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    assert journal.default_file() == Path.home() / (".local/share/kubernetes-workbook/journal.json")


@pytest.mark.parametrize("sign", ["WORKBOOK_AUTOPLAY", "PYTEST_CURRENT_TEST"])
def test_autoplay_and_tests_keep_nothing_that_they_do_not_name(
    sign: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKBOOK_JOURNAL")
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    monkeypatch.setenv("XDG_DATA_HOME", str(file.parent))
    assert journal.mine() is not None
    monkeypatch.setenv(sign, "1")
    assert journal.mine() is None
    assert journal.note_lesson("units", "opened") == ""
    assert not file.parent.exists()
    monkeypatch.setenv("WORKBOOK_JOURNAL", str(file))
    assert journal.mine() is not None


def test_the_learner_deletes_it(file: Path) -> None:
    assert Journal(file).delete() is False
    journal.note_lesson("units", "opened")
    assert Journal(file).delete() is True
    assert not file.exists()
    assert Journal(file).read().empty


def test_a_writer_that_dies_leaves_the_journal_as_it_was(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.note_lesson("units", "opened")
    before = file.read_text()

    def dies(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", dies)
    assert "No space left" in journal.note_lesson("units", "finished")
    assert file.read_text() == before
    monkeypatch.undo()


WRITER = """
import sys
from helpers.lesson import journal
journal.LOCKED_WITHIN = 120.0  # the machine may be busy; here nothing may be lost
for number in range(25):
    said = journal.note_lesson(f"{sys.argv[1]}-{number}", "opened")
    assert said == "", said
"""


def test_several_kernels_write_at_once_and_no_entry_is_lost(file: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, name], cwd=PROJECT) for name in "abcd"
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0, 0]
    lessons = [visit.lesson for visit in Journal(file).read().visits]
    assert sorted(lessons) == sorted(f"{name}-{n}" for name in "abcd" for n in range(25))


HOLDER = """
import fcntl, sys
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_lock_that_is_never_given_back_is_told_at_the_deadline(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "LOCKED_WITHIN", 0.2)
    file.parent.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, f"{file}.lock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        holder.stdout.readline()
        begun = time.monotonic()
        assert "locked by another program" in journal.note_lesson("units", "opened")
        assert time.monotonic() - begun < 5
        holder.stdin.close()
    assert journal.note_lesson("units", "opened") == ""
    assert len(Journal(file).read().visits) == 1


def test_a_card_keeps_each_prediction_and_how_good_it_was(file: Path) -> None:
    async def play() -> None:
        card = Bare(FakeSession()).card(Trial)
        card.set(count=3)  # the script's values
        card.predict(40.0)
        assert Journal(file).read().predictions[0].result is None
        card.predict(5.0)
        card.run()
        await card.result()
        card.predict(62.0)
        card.run()
        await card.result()
        card.set(count=4)  # the run answers for other values too; the first run's verdict stays
        card.run()
        await card.result()
        card.predict(5.0)  # an idea is known by its answer for the script's values alone
        card.run()
        await card.result()

    played(play)
    told = [(p.answer, p.result, p.misconception) for p in Journal(file).read().predictions]
    assert told == [
        (40.0, None, ""),
        (5.0, "wrong", "too-low"),
        (62.0, "right", ""),
        (5.0, "wrong", ""),
    ]
    assert {(p.lesson, p.card) for p in Journal(file).read().predictions} == {("trial", "trial")}


def test_a_lesson_is_finished_when_all_its_cards_ran(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBOOK_REPLAY", "1")

    async def play() -> None:
        for cards in (0, 1, 2):
            lesson = Bare(None)
            lesson.name = f"trial-{cards}"
            made = [lesson.card(Trial) for _ in range(2)]
            for card in made[:cards]:
                card._ran = True
            await lesson.close()

    played(play)
    kept = Journal(file).read().visits
    assert [(visit.lesson, visit.step) for visit in kept] == [("trial-2", "finished")]


def test_a_lesson_goes_on_without_a_journal_and_says_so(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.parent.mkdir()
    file.write_text('{"version": 99}')

    async def play() -> None:
        lesson = Bare(FakeSession())
        card = lesson.card(Trial)
        card.predict(40.0)
        assert "newer workbook" in lesson.banner._warning.value
        card.run()
        assert (await card.result()).timeline
        file.unlink()
        card.predict(41.0)
        assert lesson.banner._warning.value == ""

    played(play)
