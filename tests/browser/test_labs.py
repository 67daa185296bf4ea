"""Every lab on its recordings: the start fails with a hint, the first solution passes."""

from __future__ import annotations

import re

import pytest
from conftest import LIVE, Lab, shot
from playwright.sync_api import Page, expect
from test_first_lesson import choose, open_notebook

from helpers.lesson.lab_folder import LabFolder
from tests.labs.cases import folders

pytestmark = pytest.mark.skipif(LIVE, reason="plays recordings")

FIRST = folders()[0]


def run_to_the_end(page: Page) -> None:
    choose(page, "Run All Cells")
    last = page.locator(".jp-Notebook .jp-CodeCell").last
    expect(last.locator(".jp-InputPrompt")).to_contain_text(re.compile(r"\[\d+\]:"), timeout=90_000)


@pytest.mark.parametrize("lab", [{"WORKBOOK_AUTOPLAY": "1"}], indirect=True, ids=[""])
@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.folder)
def test_a_lab_is_played(page: Page, lab: Lab, folder: LabFolder) -> None:
    open_notebook(page, lab, f"labs/{folder.folder}/lab.ipynb")
    run_to_the_end(page)
    expect(page.locator(".jp-RenderedText[data-mime-type*=error]")).to_have_count(0)
    card = page.locator(".wb-card").first
    card.scroll_into_view_if_needed()
    expect(card.get_by_text("Everything holds.", exact=True)).to_be_visible()
    shot(page, f"lab-{folder.folder}")


def test_check_tells_what_was_wanted_and_seen(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, f"labs/{FIRST.folder}/lab.ipynb")
    choose(page, "Run All Cells")  # it stops, quietly, where the check has not passed
    card = page.locator(".wb-card").first
    card.get_by_role("button", name="Check").click()
    expect(card.locator(".wb-verdicts tbody tr")).to_have_count(4)
    expect(card.get_by_text("Look here.")).to_have_count(1)
    expect(card.locator("[role=status]").first).to_contain_text("of 4 hold")
    shot(page, "lab-start-fails")

    page.set_viewport_size({"width": 800, "height": 900})
    card.scroll_into_view_if_needed()
    shot(page, "lab-narrow")


@pytest.mark.parametrize("lab", [{"WORKBOOK_AUTOPLAY": "1"}], indirect=True, ids=[""])
def test_the_last_question_explains(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, f"labs/{FIRST.folder}/lab.ipynb")
    run_to_the_end(page)
    question = page.get_by_role("group", name="Why?")
    wrong, why = next(iter(FIRST.check.reason.wrong.items()))
    answer = question.get_by_role("button", name="Answer")
    question.get_by_label(wrong).check()
    answer.click()
    expect(question.get_by_text(why)).to_be_visible()
    shot(page, "lab-reason")
    question.get_by_label(FIRST.check.reason.right).check()
    answer.click()
    expect(question.get_by_text("That is it.")).to_be_visible()
