"""The way through the course: what is done, how good the predictions were, and what comes next."""

from __future__ import annotations

import json
import re
from itertools import count
from pathlib import Path

import nbformat
import pytest

from helpers.jupyter import Server
from helpers.lesson import course, journal, start
from helpers.lesson.journal import Journal
from helpers.model import journal as model
from helpers.model.journal import Kept, LabCheck, Prediction, QuizAnswer, Result, Visit
from helpers.model.misconceptions import MISCONCEPTIONS, PLACES
from helpers.model.way import AFTER, EXPERIMENT, LAB, LESSON, Course, Lab, Taught, Way
from tests import course as tested

READ = course.read()
SMALL = Course(
    (
        Taught("ch08/01-a.ipynb", "requests-and-limits", "Requests", 40, 2),
        Taught("ch08/02-b.ipynb", "quality-of-service", "Quality", 30, 1),
    ),
    (
        Lab("01-stop", "Stop it", 15, ("ch08/01-a.ipynb",)),
        Lab("02-evict", "Evict it", 20, ("ch08/02-b.ipynb",)),
    ),
)
FIRST = SMALL.notebooks[0]


TIMES = count()


def said(card: str, result: Result | None, idea: str = "") -> Prediction:
    return Prediction(f"{next(TIMES):04}", FIRST.lesson, card, 1.0, result, idea)


def way(*entries: model.Entry) -> Way:
    kept = Kept()
    for entry in entries:
        kept = kept.add(entry)
    return Way(SMALL, kept)


def test_the_course_is_read_from_its_notebooks() -> None:
    assert [one.path for one in READ.notebooks] == [
        f"{taught.path.parent.name}/{taught.path.name}" for taught in tested.taught()
    ]
    for one, taught in zip(READ.notebooks, tested.taught(), strict=True):
        assert one.lesson == taught.lesson
        assert one.cards == len(taught.experiments)
        assert 10 <= one.minutes <= 60
        assert one.title


def test_what_a_lesson_builds_on_is_in_the_course_and_comes_before_it() -> None:
    order = [one.lesson for one in READ.notebooks]
    for lesson, before in AFTER.items():
        assert all(order.index(one) < order.index(lesson) for one in before)


def test_a_course_without_labs_and_with_a_broken_notebook_is_read(tmp_path: Path) -> None:
    assert course.read(tmp_path) == Course((), ())
    chapter, lab = tmp_path / "notebooks/ch08", tmp_path / "labs/01-stop"
    chapter.mkdir(parents=True)
    lab.mkdir(parents=True)
    (chapter / "01-broken.ipynb").write_text('{"cells": [')
    (chapter / "02-opens-nothing.ipynb").write_text(json.dumps({"cells": [{"source": ["# A"]}]}))
    text = [
        "# Lab 1 · Stop\n",
        "\n",
        "**About 15 minutes.** With [A](../../notebooks/ch08/01-a.ipynb).",
    ]
    (lab / "lab.ipynb").write_text(json.dumps({"cells": [{"source": text}]}))
    assert course.read(tmp_path) == Course(
        (), (Lab("01-stop", "Lab 1 · Stop", 15, ("ch08/01-a.ipynb",)),)
    )


def test_a_lesson_is_done_when_closed_or_when_all_its_cards_ran() -> None:
    assert way().state(FIRST) == "open"
    assert way(Visit("1", FIRST.lesson, "opened")).state(FIRST) == "begun"
    assert way(said("a", None), said("b", None)).state(FIRST) == "begun"
    assert way(said("a", "right"), said("a", "wrong")).state(FIRST) == "begun"
    assert way(said("a", "right"), said("b", "not judged")).state(FIRST) == "done"
    assert way(Visit("1", FIRST.lesson, "finished")).state(FIRST) == "done"
    assert way(Visit("1", "another", "finished")).state(FIRST) == "open"
    assert way(Visit("1", FIRST.lesson, "finished")).minutes == (40, 70)


def test_a_lab_is_done_when_its_check_passed_once() -> None:
    lab = SMALL.labs[0]
    failed, passed = LabCheck("1", "01-stop", False), LabCheck("2", "01-stop", True)
    assert way().lab_state(lab) == "open"
    assert way(failed).lab_state(lab) == "begun"
    assert way(passed, failed).lab_state(lab) == "done"


def test_the_first_judged_prediction_of_a_card_counts_and_the_first_answer_to_a_question() -> None:
    score = way(
        said("a", None),
        said("a", "wrong"),
        said("a", "right"),
        said("b", "right"),
        said("c", "not judged"),
        QuizAnswer("1", FIRST.lesson, "q", "x", right=False),
        QuizAnswer("2", FIRST.lesson, "q", "y", right=True),
        QuizAnswer("3", "another", "q", "y", right=True),
    ).score(FIRST)
    assert (score.right, score.judged) == (1, 3)
    assert way().score(FIRST).share == 0


def test_an_empty_journal_sends_you_to_the_first_lesson() -> None:
    (step,) = way().advice()
    assert (step.kind, step.path, step.name) == (LESSON, "notebooks/ch08/01-a.ipynb", "Requests")


def test_advice_is_the_next_lesson_the_weakest_experiment_and_the_lab_that_goes_with_it() -> None:
    steps = way(
        Visit("1", FIRST.lesson, "finished"),
        said("a", "wrong", "a request is a cap"),
        said("b", "right"),
    ).advice()
    assert [step.kind for step in steps] == [LESSON, EXPERIMENT, LAB]
    lesson, experiment, lab = steps
    assert lesson.name == "Quality"
    assert "“Requests”" in lesson.why
    known = MISCONCEPTIONS["a request is a cap"]
    assert experiment.name == PLACES[known.card].title
    assert known.idea in experiment.why
    assert lab.path == "labs/01-stop/lab.ipynb"


def test_a_lesson_that_was_begun_comes_first_and_a_passed_lab_not_again() -> None:
    steps = way(
        Visit("1", FIRST.lesson, "finished"),
        LabCheck("2", "01-stop", True),
        Visit("3", "quality-of-service", "opened"),
    ).advice()
    assert [(step.kind, step.name) for step in steps] == [(LESSON, "Quality")]
    assert "begun" in steps[0].why


def test_a_wrong_prediction_of_no_known_idea_leads_back_to_its_lesson() -> None:
    steps = way(Visit("1", FIRST.lesson, "finished"), said("a", "wrong")).advice()
    assert steps[1].path == "notebooks/ch08/01-a.ipynb"


def test_who_has_done_all_is_told_so() -> None:
    visits = [Visit("1", one.lesson, "finished") for one in SMALL.notebooks]
    labs = [LabCheck("2", one.folder, True) for one in SMALL.labs]
    assert way(*visits, *labs).advice() == []


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[dict[str, str]]:
    monkeypatch.setenv("WORKBOOK_JOURNAL", str(tmp_path / "journal.json"))
    found: list[dict[str, str]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: found.append(data))
    return found


def page(shown: list[dict[str, str]]) -> tuple[str, str]:
    """Show the whole page; return it as text and as HTML."""
    shown.clear()
    for part in (start.next_steps, start.chapters, start.predictions, start.journal):
        part()
    return "\n".join(one["text/plain"] for one in shown), "".join(one["text/html"] for one in shown)


def test_the_page_of_an_empty_journal(shown: list[dict[str, str]]) -> None:
    text, rich = page(shown)
    assert "A lesson: Requests and limits (notebooks/ch08/01-requests-and-limits.ipynb)" in text
    assert f"0 of {len(READ.notebooks)} notebooks done" in text
    assert "Nothing yet" in text
    assert "nothing yet" in text
    assert rich.count("not begun") >= len(READ.notebooks)
    assert 'href="ch08/01-requests-and-limits.ipynb"' in rich
    assert 'role="alert"' not in rich


def test_the_page_tells_what_was_done(shown: list[dict[str, str]]) -> None:
    journal.note_lesson("resource-quotas", "finished")
    made = journal.prediction("resource-quotas", "the-fifth-replica", 6.0)
    idea = "the sixth is made and waits, Pending"
    journal.note_prediction(made)
    journal.note_judgement(model.Prediction(made.time, made.lesson, made.card, 6.0, "wrong", idea))
    text, rich = page(shown)
    assert "✓ Resource quotas (25 min, done)" in text
    assert "Resource quotas: 0 of 1 right" in text
    assert MISCONCEPTIONS[idea].idea in text
    assert 'href="ch08/01-requests-and-limits.ipynb"' in rich
    assert "width:0%" in rich


def test_the_page_of_a_damaged_journal_says_so_and_goes_on(
    shown: list[dict[str, str]], tmp_path: Path
) -> None:
    (tmp_path / "journal.json").write_text("{")
    text, rich = page(shown)
    assert "is damaged" in text
    assert 'role="alert"' in rich
    assert "Requests and limits" in text
    assert (tmp_path / "journal.json").read_text() == "{"


def test_the_journal_is_deleted_from_the_page(shown: list[dict[str, str]], tmp_path: Path) -> None:
    journal.note_lesson("resource-quotas", "opened")
    start.delete_journal()
    assert "is deleted" in shown[-1]["text/plain"]
    assert Journal(tmp_path / "journal.json").read().empty
    start.delete_journal()
    assert "no journal" in shown[-1]["text/plain"]


def test_a_lesson_that_plays_itself_has_no_journal(
    shown: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKBOOK_JOURNAL")
    text, _ = page(shown)
    assert "keeps no journal" in text


def test_its_notebook_is_short_and_without_outputs_and_make_start_opens_it() -> None:
    notebook = nbformat.read(tested.START, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    called = re.findall(r"start\.(\w+)\(", "\n".join(cell.source for cell in notebook.cells))
    assert called
    assert set(called) <= set(dir(start))
    address = Server(1, "http://127.0.0.1:8888/", "secret").address
    path = tested.START.relative_to(tested.PROJECT).as_posix()
    assert address == f"http://127.0.0.1:8888/lab/tree/{path}?token=secret"
