"""The self-quizzes: each wrong option stands for a known idea, and each right one for a claim."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from lesson_fakes import no_cluster

from helpers.lesson.journal import Journal
from helpers.lesson.prediction import plain
from helpers.lesson.quiz import Quiz
from helpers.model.misconceptions import MISCONCEPTIONS, PLACES
from helpers.model.quizzes import QUIZZES, Question
from tests import course

NOTEBOOKS = {taught.lesson: taught for taught in course.taught()}
QUESTIONS = [(lesson, one) for lesson, questions in QUIZZES.items() for one in questions]
OPTIONS = [
    (lesson, number, place)
    for lesson, questions in QUIZZES.items()
    for number, one in enumerate(questions, 1)
    for place in range(1, len(one.options) + 1)
]


def code(lesson: str) -> list[str]:
    notebook = nbformat.read(NOTEBOOKS[lesson].path, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("lesson", QUIZZES)
def test_a_quiz_has_three_to_five_questions_and_is_in_its_notebook(lesson: str) -> None:
    assert 3 <= len(QUIZZES[lesson]) <= 5
    assert code(lesson)[-2] == "lesson.quiz()", "before the summary and the close"
    ids = [question.id for question in QUIZZES[lesson]]
    assert len(set(ids)) == len(ids)


def test_a_notebook_asks_for_no_quiz_that_there_is_not() -> None:
    for lesson in NOTEBOOKS:
        assert ("lesson.quiz()" in code(lesson)) is (lesson in QUIZZES)


@pytest.mark.parametrize(("lesson", "question"), QUESTIONS, ids=lambda one: getattr(one, "id", one))
def test_a_question_has_one_right_answer_and_its_claim(lesson: str, question: Question) -> None:
    assert [option.right for option in question.options].count(True) == 1
    assert len({option.text for option in question.options}) == len(question.options) >= 2
    made = re.findall(r'\.claim\("([^"]+)"\)', "\n".join(code(lesson)))
    assert question.claim in made, "the notebook itself proves what the quiz says"


def test_the_right_answers_are_not_always_at_the_same_place() -> None:
    places = {question.options.index(question.right) for _, question in QUESTIONS}
    assert places == {0, 1, 2}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    no_cluster(monkeypatch)
    path = tmp_path / "journal.json"
    monkeypatch.setenv("WORKBOOK_JOURNAL", str(path))
    return path


@pytest.mark.parametrize(("lesson", "number", "place"), OPTIONS)
def test_each_answer_is_explained_and_kept(
    lesson: str, number: int, place: int, file: Path
) -> None:
    question = QUIZZES[lesson][number - 1]
    option = question.options[place - 1]
    quiz = Quiz(lesson)
    said = quiz.answer(number, place)
    assert plain(option.why) in said
    (kept,) = Journal(file).read().quizzes
    assert (kept.lesson, kept.question, kept.right) == (lesson, question.id, option.right)
    if option.right:
        assert said.startswith("✓ Yes.")
        assert question.claim in said
        assert quiz.widget.marks[number - 1] == "wb-right"
    else:
        known = MISCONCEPTIONS[option.misconception]
        assert said.startswith("✗ No.")
        assert known.idea in said
        assert PLACES[known.card].title in said
        assert PLACES[known.card].notebook in quiz.widget.said[number - 1]
        assert kept.misconception == option.misconception
        assert quiz.widget.marks[number - 1] == "wb-wrong"
    assert quiz.widget.marks.count("") == len(quiz.questions) - 1


def test_an_answer_may_be_changed_and_a_wrong_number_says_what_there_is(file: Path) -> None:
    quiz = Quiz("resource-quotas")
    quiz.answer(1, 1)
    assert "Yes" in quiz.answer(1, 2)
    assert repr(quiz) == "<Quiz resource-quotas: 1 of 3 right>"
    assert [one.right for one in Journal(file).read().quizzes] == [False, True]
    for number, place, words in ((0, 1, "3 questions"), (4, 1, "3 questions"), (1, 4, "3 options")):
        with pytest.raises(ValueError, match=words):
            quiz.answer(number, place)


def test_under_autoplay_it_answers_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("IPython.display.display", lambda _: None)
    no_cluster(monkeypatch)
    quiz = Quiz("labels")
    quiz._ipython_display_()
    assert set(quiz.widget.marks) == {""}
    monkeypatch.setenv("WORKBOOK_AUTOPLAY", "1")
    quiz._ipython_display_()
    assert set(quiz.widget.marks) == {"wb-right"}


def test_what_is_wrong_with_the_journal_is_told(file: Path) -> None:
    file.write_text('{"version": 99}')
    told: list[str] = []
    Quiz("labels", told.append).answer(1, 1)
    assert "newer workbook" in told[0]


def test_every_misconception_is_used() -> None:
    scripted = {name for _, made in course.experiments() for name in made.script.misconceptions}
    asked = {option.misconception for _, question in QUESTIONS for option in question.options}
    assert set(MISCONCEPTIONS) == scripted | asked - {""}
