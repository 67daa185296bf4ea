"""A self-quiz: questions with one right answer each; every wrong one says why it is wrong."""

from __future__ import annotations

import html
from collections.abc import Callable

from helpers.lesson import journal, tasks
from helpers.lesson.browser import Questions
from helpers.lesson.prediction import plain
from helpers.lesson.telling import told_apart
from helpers.model.quizzes import QUIZZES, Option


class Quiz:
    """The quiz of a lesson. Display it, or answer it with `answer`."""

    def __init__(self, lesson: str, keep: Callable[[str], None] = lambda _: None) -> None:
        """Take the questions of this lesson; `keep` is told what is wrong with the journal.

        Raises KeyError for a lesson that has none.
        """
        self.lesson = lesson
        self.questions = QUIZZES[lesson]
        self._keep = keep
        self.widget = Questions(
            label="Questions on this lesson",
            questions=[
                {"ask": one.ask, "options": [option.text for option in one.options]}
                for one in self.questions
            ],
            value=[-1] * len(self.questions),
            said=[""] * len(self.questions),
            marks=[""] * len(self.questions),
        )
        self.widget.observe(self._answered, names="value")

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.widget)
        if tasks.autoplay():
            self.play()

    def __repr__(self) -> str:
        right = self.widget.marks.count("wb-right")
        return f"<Quiz {self.lesson}: {right} of {len(self.questions)} right>"

    def answer(self, question: int, option: int) -> str:
        """Answer a question, both numbered from 1 as on the screen; return what is said to it.

        Raises ValueError for a number that there is not.
        """
        if not 1 <= question <= len(self.questions):
            raise ValueError(f"there are {len(self.questions)} questions, numbered from 1")
        options = self.questions[question - 1].options
        if not 1 <= option <= len(options):
            raise ValueError(f"question {question} has {len(options)} options, numbered from 1")
        chosen = list(self.widget.value)
        chosen[question - 1] = option - 1
        self.widget.value = chosen
        return plain(self.widget.said[question - 1])

    def play(self) -> None:
        """Answer every question right, in the learner's place."""
        for number, question in enumerate(self.questions, 1):
            self.answer(number, question.options.index(question.right) + 1)

    def _answered(self, change: dict[str, list[int]]) -> None:
        said, marks = list(self.widget.said), list(self.widget.marks)
        for place, (old, new) in enumerate(zip(change["old"], change["new"], strict=True)):
            if old == new:
                continue
            question = self.questions[place]
            option = question.options[new]
            said[place] = _said(option, question.claim)
            marks[place] = "wb-right" if option.right else "wb-wrong"
            trouble = journal.note_quiz(
                self.lesson,
                question.id,
                plain(option.text),
                right=option.right,
                misconception=option.misconception,
            )
            self._keep(trouble)
        self.widget.said, self.widget.marks = said, marks


def _said(option: Option, claim: str) -> str:
    if option.right:
        return f"<b>✓ Yes.</b> {option.why} <span>{html.escape(claim)}</span>"
    return f"<b>✗ No.</b> {option.why} {told_apart(option.misconception)}"
