"""The self-quizzes: questions on what a prediction does not ask, by lesson.

Each wrong option stands for a misconception, by its name, and says why it is wrong; the right one
names the claim that proves it. Texts may hold simple HTML such as <code>.
"""

from __future__ import annotations

from collections.abc import Mapping

from helpers.model.quizzes import chapter8, chapter9, chapter10
from helpers.model.quizzes.question import Option, Question

__all__ = ["QUIZZES", "Option", "Question"]

QUIZZES: Mapping[str, tuple[Question, ...]] = {
    **chapter8.QUIZZES,
    **chapter9.QUIZZES,
    **chapter10.QUIZZES,
}
