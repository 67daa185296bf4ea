"""How good a prediction was, and the misconception for which a wrong one stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.lesson.prediction import Number, Prediction, Table
from helpers.model.journal import Result
from helpers.model.timeline import Value

FEW = 20
"""A slider of at most so many steps counts things: there the number must be met."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a prediction was right; for a wrong one the misconception's name, if it is known."""

    result: Result
    misconception: str = ""


def judge(
    question: Prediction, said: Value, outcome: Value, ideas: Mapping[str, Value]
) -> Judgement:
    """Compare what was said with the outcome; `ideas` holds wrong answers by misconception.

    A number is right within a twentieth of the slider, and nearer to the outcome than a third of
    the way to any of the ideas; an order, a choice and a table are right when they are the same. A
    table stands for an idea when it says what the idea says wherever the idea is wrong.
    """
    said, outcome = _tuple(said), _tuple(outcome)
    if said is None or outcome is None:
        return Judgement("not judged")
    wrong = {name: _tuple(idea) for name, idea in ideas.items() if _tuple(idea) != outcome}
    near = _near(question, [outcome, *wrong.values()])
    if _same(said, outcome, near):
        return Judgement("right")
    if isinstance(question, Table):
        held = {name: _held(said, idea, outcome) for name, idea in wrong.items()}
    else:
        held = {name: int(_same(said, idea, near)) for name, idea in wrong.items()}
    # Of several, that which explains most cells; each idea is wrong in one at least.
    return Judgement("wrong", max(held, key=held.__getitem__) if any(held.values()) else "")


def _near(question: Prediction, answers: list[Value]) -> float:
    """Return how far apart two numbers may be and still be the same answer."""
    if not isinstance(question, Number):
        return 0.0
    span = question.high - question.low
    if span / question.step <= FEW:
        return question.step / 2
    numbers = [float(one) for one in answers if isinstance(one, int | float)]
    apart = [abs(numbers[0] - other) for other in numbers[1:]] if numbers else []
    return min([span / 20, *(gap / 3 for gap in apart)])


def _same(one: Value, other: Value, near: float) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= near + 1e-9
    return one == other


def _held(said: Value, idea: Value, right: Value) -> int:
    """Return in how many cells the table follows a wrong idea; 0 if not wherever it is wrong."""
    assert isinstance(said, tuple)
    assert isinstance(idea, tuple)
    assert isinstance(right, tuple)
    cells = [at for at, cell in enumerate(idea) if cell != right[at]]
    return len(cells) if all(said[at] == idea[at] for at in cells) else 0


def _tuple(value: Value) -> Value:
    return tuple(value) if isinstance(value, list) else value
