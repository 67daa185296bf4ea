"""A wrong prediction names the card that tells the ideas apart, and its link opens the notebook."""

from __future__ import annotations

import re

import pytest
from conftest import LIVE, Lab, shot
from playwright.sync_api import Page, expect
from test_first_lesson import card_in, open_notebook, run_button, run_cell

pytestmark = pytest.mark.skipif(LIVE, reason="plays recordings")


def test_a_wrong_prediction_leads_to_the_card_that_tells_the_ideas_apart(
    page: Page, lab: Lab
) -> None:
    open_notebook(page, lab, "ch08/03-resource-quotas.ipynb")
    run_cell(page, "await Lesson.open")
    card = card_in(run_cell(page, "quota = lesson.card"))
    card.get_by_role("slider").focus()
    page.keyboard.press("End")  # six: the last one is made and waits, Pending
    card.locator("button.wb-commit").click()
    run_button(card).click()
    idea = card.locator(".wb-idea")
    expect(idea).to_contain_text("You may think that a pod over the quota is made")
    expect(idea).to_contain_text("“The scheduler counts requests”")
    card.scroll_into_view_if_needed()
    shot(page, "idea")

    # The notebook that you came from stays as it is.
    with page.expect_popup() as popup:
        idea.get_by_role("link").click()
    expect(popup.value).to_have_url(re.compile(r"/ch08/01-requests-and-limits\.ipynb"))
    expect(popup.value.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(timeout=60_000)
