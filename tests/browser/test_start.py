"""The page "start here" and a self-quiz, as a learner sees them and reaches them by keys."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import LIVE, Lab, shot
from playwright.sync_api import Page, expect
from test_first_lesson import choose, open_notebook, run_cell

from helpers.model import journal
from helpers.model.journal import Kept, Prediction, Visit

pytestmark = pytest.mark.skipif(LIVE, reason="needs no cluster")

START = "00-start-here.ipynb"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name the journal that the kernels of this test's JupyterLab write; asked for before it."""
    path = tmp_path / "journal.json"
    monkeypatch.setenv("WORKBOOK_JOURNAL", str(path))
    return path


def darken(page: Page) -> None:
    page.locator(".lm-MenuBar-itemLabel", has_text="Settings").first.click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Theme$")).hover()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^JupyterLab Dark$")).click()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")


def run_all(page: Page) -> None:
    choose(page, "Run All Cells")
    expect(page.locator(".wb-start")).to_have_count(4, timeout=60_000)
    expect(page.locator(".jp-RenderedText[data-mime-type*=error]")).to_have_count(0)


def test_an_empty_journal_sends_to_the_first_lesson(file: Path, lab: Lab, page: Page) -> None:
    open_notebook(page, lab, START)
    run_all(page)
    shown = page.locator(".wb-start")
    expect(shown.nth(0)).to_contain_text("Requests and limits")
    expect(shown.nth(2)).to_contain_text("Nothing yet")
    expect(shown.nth(3)).to_contain_text(str(file))
    shown.nth(0).scroll_into_view_if_needed()
    shot(page, "start-empty")
    shown.nth(0).get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"ch08/01-requests-and-limits\.ipynb"))
    expect(page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab")).to_have_count(2)


def test_it_tells_what_was_done_and_fits_a_narrow_window(file: Path, lab: Lab, page: Page) -> None:
    idea = "the sixth is made and waits, Pending"
    kept = Kept()
    for lesson in ("requests-and-limits", "quality-of-service", "resource-quotas"):
        kept = kept.add(Visit("2026-01-01", lesson, "finished"))
    kept = kept.add(Visit("2026-01-02", "empty-dir", "opened"))
    for number, result in enumerate(("right", "right", "wrong")):
        made = Prediction(f"2026-01-0{number + 1}", "requests-and-limits", f"{number}", 1.0)
        kept = kept.add(Prediction(made.time, made.lesson, made.card, 1.0, result))  # type: ignore[arg-type]
    made = Prediction("2026-01-05", "resource-quotas", "the-fifth-replica", 6.0, "wrong", idea)
    file.write_text(journal.to_json(kept.add(made)))
    open_notebook(page, lab, START)
    run_all(page)
    shown = page.locator(".wb-start")
    expect(shown.nth(0)).to_contain_text("You thought that a pod over the quota is made")
    expect(shown.nth(1)).to_contain_text("3 of 21 notebooks done")
    expect(shown.nth(2)).to_contain_text("2 of 3 right")
    shot(page, "start-journal")
    shown.nth(2).scroll_into_view_if_needed()
    shot(page, "start-journal-2")
    darken(page)
    shot(page, "start-dark")
    page.set_viewport_size({"width": 800, "height": 1400})
    shot(page, "start-narrow")
    for number in range(4):
        wide = shown.nth(number).evaluate("one => one.scrollWidth > one.clientWidth + 1")
        assert not wide, "it goes beyond its place"


def test_a_damaged_journal_is_told_calmly(file: Path, lab: Lab, page: Page) -> None:
    file.write_text("{")
    open_notebook(page, lab, START)
    run_all(page)
    expect(page.locator(".wb-start").first.get_by_role("alert")).to_contain_text("is damaged")
    expect(page.locator(".wb-start").first).to_contain_text("Requests and limits")
    shot(page, "start-damaged")


def test_a_quiz_is_answered_by_keys_alone(file: Path, lab: Lab, page: Page) -> None:
    open_notebook(page, lab, "ch08/03-resource-quotas.ipynb")
    run_cell(page, "await Lesson.open")
    quiz = run_cell(page, "lesson.quiz()").locator(".wb-quiz")
    expect(quiz).to_be_visible(timeout=60_000)
    first = quiz.get_by_role("group", name="1. A Pod would go over the quota")
    first.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(first.get_by_role("button", name="Answer")).to_be_focused()
    page.keyboard.press("Enter")
    said = first.get_by_role("status")
    expect(said).to_contain_text("The scheduler never hears of it")
    expect(said).to_contain_text("You may think that the scheduler says no")
    expect(first.get_by_role("button", name="Answer")).to_be_disabled()
    page.keyboard.press("ArrowDown")  # the focus is back on the choices
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Yes.")
    expect(said).to_contain_text("ch08-quota-07")
    quiz.scroll_into_view_if_needed()
    shot(page, "quiz")
    darken(page)
    page.set_viewport_size({"width": 800, "height": 1400})
    shot(page, "quiz-dark-narrow")
    answers = journal.from_json(file.read_text()).quizzes
    assert [one.right for one in answers] == [False, True]
