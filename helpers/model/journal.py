"""What a learner's journal holds, and the JSON that it is written as.

A journal belongs to one learner and tells what was done: predictions and how good they were,
answers to quizzes, checks of labs, lessons opened and finished. Nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, TypeAlias, TypeVar, get_args

VERSION = 1

Result: TypeAlias = Literal["right", "wrong", "not judged"]
"""How good a prediction was; "not judged" where nobody can tell."""

Answer: TypeAlias = float | str | tuple[str, ...]
Told: TypeAlias = Literal["passed", "failed", "could not run"]
Step: TypeAlias = Literal["opened", "finished"]
M = TypeVar("M")


class Damaged(ValueError):
    """The text is no journal; the message says why."""


class Newer(ValueError):
    """The journal was written by a later version of the workbook, which may know more."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A prediction that was committed; `time` is ISO, in UTC.

    `result` is None until a run has answered the question. `misconception` names the idea for
    which a wrong answer stands, "" where none is known.
    """

    time: str
    lesson: str
    card: str
    answer: Answer
    result: Result | None = None
    misconception: str = ""


@dataclass(frozen=True, slots=True)
class QuizAnswer:
    """An answer to a question of a self-quiz."""

    time: str
    lesson: str
    question: str
    answer: str
    right: bool
    misconception: str = ""


@dataclass(frozen=True, slots=True)
class LabCheck:
    """A check of a lab: whether all of it passed, and what was said of each fact."""

    time: str
    lab: str
    passed: bool
    verdicts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError for a verdict that is none."""
        if wrong := set(self.verdicts.values()) - set(get_args(Told)):
            raise ValueError(f"{sorted(wrong)} is none of {', '.join(get_args(Told))}")


@dataclass(frozen=True, slots=True)
class Visit:
    """A lesson was opened, or finished: closed with all its cards run."""

    time: str
    lesson: str
    step: Step


Entry: TypeAlias = Prediction | QuizAnswer | LabCheck | Visit


@dataclass(frozen=True)
class Kept:
    """A whole journal, oldest entry first. It is never changed; `add` and `judge` make another."""

    predictions: tuple[Prediction, ...] = ()
    quizzes: tuple[QuizAnswer, ...] = ()
    labs: tuple[LabCheck, ...] = ()
    visits: tuple[Visit, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing was kept yet."""
        return not (self.predictions or self.quizzes or self.labs or self.visits)

    @property
    def answers(self) -> list[Prediction | QuizAnswer]:
        """Predictions and answers to quizzes, oldest first."""
        return sorted([*self.predictions, *self.quizzes], key=lambda one: one.time)

    def add(self, entry: Entry) -> Kept:
        """Return the journal with one entry more."""
        if isinstance(entry, Prediction):
            return replace(self, predictions=(*self.predictions, entry))
        if isinstance(entry, QuizAnswer):
            return replace(self, quizzes=(*self.quizzes, entry))
        if isinstance(entry, LabCheck):
            return replace(self, labs=(*self.labs, entry))
        return replace(self, visits=(*self.visits, entry))

    def judge(self, made: Prediction) -> Kept:
        """Return the journal in which this prediction, found by card and time, is judged so."""
        return replace(
            self,
            predictions=tuple(
                made if (one.card, one.time) == (made.card, made.time) else one
                for one in self.predictions
            ),
        )


def to_json(kept: Kept) -> str:
    """Return the journal as JSON, a line an entry, so that people can read it."""
    lines = [f'  "version": {VERSION}']
    for part in fields(Kept):
        entries = [
            "    " + json.dumps(asdict(entry), ensure_ascii=False)
            for entry in getattr(kept, part.name)
        ]
        body = "\n" + ",\n".join(entries) + "\n  " if entries else ""
        lines.append(f'  "{part.name}": [{body}]')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def from_json(text: str) -> Kept:
    """Read a journal. Raises Damaged, and Newer for one of a later version."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Damaged(f"it is not JSON ({error})") from None
    if not isinstance(read, dict) or type(read.get("version")) is not int or read["version"] < 1:
        raise Damaged("it has no version")
    if read["version"] > VERSION:
        raise Newer(f"it has version {read['version']}, and this workbook knows {VERSION}")
    return Kept(
        _entries(read, "predictions", _prediction),
        _entries(read, "quizzes", lambda one: QuizAnswer(**_typed(QuizAnswer, one))),
        _entries(read, "labs", _check),
        _entries(read, "visits", _visit),
    )


def _entries(read: dict[str, Any], name: str, make: Callable[[Any], M]) -> tuple[M, ...]:
    found = read.get(name)
    if not isinstance(found, list):
        raise Damaged(f"it has no list of {name}")
    made = []
    for number, one in enumerate(found, 1):
        try:
            made.append(make(one))
        except (TypeError, ValueError) as error:
            raise Damaged(f"number {number} of its {name} is none ({error})") from None
    return tuple(made)


def _prediction(one: Any) -> Prediction:
    known = _typed(Prediction, one)
    if isinstance(known["answer"], list):
        known["answer"] = tuple(known["answer"])
    if not _is_answer(known["answer"]):
        raise ValueError("its answer is none")
    if known["result"] not in (None, *get_args(Result)):
        raise ValueError("its result is none")
    return Prediction(**known)


def _is_answer(value: object) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(part, str) for part in value)
    return isinstance(value, float | int | str) and not isinstance(value, bool)


def _check(one: Any) -> LabCheck:
    known = _typed(LabCheck, one)
    if not isinstance(known["verdicts"], dict):
        raise ValueError("its verdicts are none")
    return LabCheck(**known)


def _visit(one: Any) -> Visit:
    known = _typed(Visit, one)
    if known["step"] not in get_args(Step):
        raise ValueError("its step is none")
    return Visit(**known)


_BOOLS = {"right", "passed"}
_CHECKED_ABOVE = {"answer", "result", "verdicts"}  # by those that make the entry


def _typed(kind: type[Any], one: Any) -> dict[str, Any]:
    """Return the fields of an entry; raises ValueError when some are missing, foreign or wrong."""
    names = {part.name for part in fields(kind)}
    if not isinstance(one, dict) or set(one) != names:
        raise ValueError(f"it must have {', '.join(sorted(names))}")
    for name, value in one.items():
        if name in _CHECKED_ABOVE and kind is not QuizAnswer:
            continue
        if not isinstance(value, bool if name in _BOOLS else str):
            raise ValueError(f"its {name} is {value!r}")
    return one
