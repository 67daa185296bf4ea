"""The learner's journal: what was predicted, answered, checked and finished, in one file.

The file is the learner's: `Journal.file` says where it is, `delete` takes it away. It lies in the
user's data folder, or where `WORKBOOK_JOURNAL` says. A lesson that plays itself, and a test, keep
nothing, but for a journal that they name.

The `note_` functions never raise: a lesson goes on without a journal. They return "", or one line
that says why nothing was kept.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from helpers.lesson import tasks
from helpers.model import journal as model
from helpers.model.journal import Answer, Kept, Prediction, Step

LOCKED_WITHIN = 2.0
"""Seconds that another kernel may take to write its entry: it takes milliseconds."""

PROJECT = Path(__file__).resolve().parents[2]


class JournalError(Exception):
    """The journal cannot be read or written; the message says why, and what to do."""


class Journal:
    """One learner's file. Several kernels may write to it at once."""

    def __init__(self, file: Path) -> None:
        """Take this file; it need not be there. Raises JournalError for one in the project."""
        self.file = file.expanduser().absolute()
        if self.file.resolve().is_relative_to(PROJECT):
            raise JournalError(
                f"The journal {self.file} would lie in the project, and might be committed with "
                "it. Nothing is kept: let WORKBOOK_JOURNAL name a file elsewhere."
            )

    def read(self) -> Kept:
        """Return what is kept; nothing when there is no file. Raises JournalError."""
        try:
            return self._load()
        except model.Damaged as damage:
            raise JournalError(
                f"The journal {self.file} is damaged: {damage}. With the next entry it is put "
                "aside, not deleted, and a new one begins."
            ) from None
        except (model.Newer, OSError) as error:
            raise self._unusable(error) from None

    def add(self, entry: model.Entry) -> None:
        """Add an entry. Raises JournalError; then nothing is changed."""
        self._change(lambda kept: kept.add(entry))

    def judge(self, made: Prediction) -> None:
        """Say how good a prediction was that was added before. Raises JournalError."""
        self._change(lambda kept: kept.judge(made))

    def delete(self) -> bool:
        """Delete the file; tell whether there was one. Raises JournalError.

        The empty file beside it, the lock, stays: another kernel may hold it.
        """
        with self._locked():
            try:
                self.file.unlink()
            except FileNotFoundError:
                return False
            except OSError as error:
                raise self._unusable(error) from None
        return True

    def _load(self) -> Kept:
        try:
            return model.from_json(self.file.read_text("utf-8"))
        except FileNotFoundError:
            return Kept()
        except UnicodeDecodeError as error:
            raise model.Damaged(f"it is no text ({error.reason})") from None

    def _change(self, work: Callable[[Kept], Kept]) -> None:
        with self._locked():
            try:
                try:
                    kept = self._load()
                except model.Damaged:
                    self.file.rename(self._aside())
                    kept = Kept()
                self._write(model.to_json(work(kept)))
            except (model.Newer, OSError) as error:
                raise self._unusable(error) from None

    def _write(self, text: str) -> None:
        """Write the file whole, or not at all."""
        beside = self.file.with_name(self.file.name + ".part")
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.file)

    def _aside(self) -> Path:
        """Return a name that is free, for a damaged file."""
        day = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        names = (f"{self.file.stem}.damaged-{day}{more}" for more in ("", *map(str, range(99))))
        return next(
            path
            for name in names
            if not (path := self.file.with_name(name + self.file.suffix)).exists()
        )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock. The system lets go of it when the process ends, however it ends."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Beside the file, not the file: that one is replaced at each writing.
            lock = os.open(self.file.with_name(self.file.name + ".lock"), os.O_CREAT | os.O_RDWR)
        except OSError as error:
            raise self._unusable(error) from None
        try:
            until = time.monotonic() + LOCKED_WITHIN
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise JournalError(
                            f"The journal {self.file} has been locked by another program for "
                            f"{LOCKED_WITHIN:g} s: this entry is not kept."
                        ) from None
                    time.sleep(0.01)  # flock has no deadline of its own
                except OSError as error:
                    raise self._unusable(error) from None
            yield
        finally:
            os.close(lock)

    def _unusable(self, error: Exception) -> JournalError:
        if isinstance(error, model.Newer):
            return JournalError(
                f"The journal {self.file} is of a newer workbook: {error}. It is left as it is, "
                "and nothing is added to it."
            )
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return JournalError(f"The journal {self.file} cannot be used: {why}.")


def default_file() -> Path:
    """Return where the journal lies when nobody says otherwise: in the user's data folder."""
    base = os.environ.get("XDG_DATA_HOME", "")
    # The XDG base directory specification: a path that is not absolute is to be ignored.
    data = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "share"
    return data / "kubernetes-workbook" / "journal.json"


def mine() -> Journal | None:
    """Return the learner's journal; None where nothing is to be kept. Raises JournalError."""
    if named := os.environ.get("WORKBOOK_JOURNAL"):
        return Journal(Path(named))
    if tasks.autoplay() or "PYTEST_CURRENT_TEST" in os.environ:
        return None
    return Journal(default_file())


def now() -> str:
    """Return the time of an entry."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def note_prediction(made: Prediction) -> str:
    """Keep a committed prediction. See the module for what is returned."""
    return _kept(lambda journal: journal.add(made))


def note_judgement(made: Prediction) -> str:
    """Keep how good a prediction was that was noted before."""
    return _kept(lambda journal: journal.judge(made))


def note_quiz(lesson: str, question: str, answer: str, *, right: bool, misconception: str) -> str:
    """Keep an answer to a question of a self-quiz."""
    entry = model.QuizAnswer(now(), lesson, question, answer, right, misconception)
    return _kept(lambda journal: journal.add(entry))


def note_lab(lab: str, *, passed: bool, verdicts: Mapping[str, str]) -> str:
    """Keep a check of the lab in this folder of `labs/`.

    `verdicts` says of each fact that was checked "passed", "failed" or "could not run".
    """
    entry = model.LabCheck(now(), lab, passed, dict(verdicts))
    return _kept(lambda journal: journal.add(entry))


def note_lesson(lesson: str, step: Step) -> str:
    """Keep that a lesson was opened, or finished."""
    return _kept(lambda journal: journal.add(model.Visit(now(), lesson, step)))


def prediction(lesson: str, card: str, answer: Answer) -> Prediction:
    """Return the entry of a prediction that is committed now, and not yet judged."""
    return Prediction(now(), lesson, card, answer)


def _kept(work: Callable[[Journal], None]) -> str:
    try:
        journal = mine()
        if journal is not None:
            work(journal)
    except JournalError as error:
        return str(error)
    return ""
