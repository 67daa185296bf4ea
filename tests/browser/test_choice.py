"""A choice can be committed, changed, and committed again."""

import pytest
from conftest import LIVE, Lab, shot
from playwright.sync_api import Page, expect
from test_first_lesson import choose, open_notebook

pytestmark = pytest.mark.skipif(LIVE, reason="plays recordings")


def test_a_choice_is_changed_and_committed_again(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, "ch09/02-volumes-of-the-cloud.ipynb")
    choose(page, "Run All Cells")
    card = page.locator(".wb-card").first
    radios = card.locator("input[type=radio]")
    commit = card.locator(".wb-commit")
    radios.nth(1).check()
    commit.click()
    expect(card.locator(".wb-note")).to_contain_text("Committed at")
    expect(commit).to_be_hidden()
    radios.nth(2).check()
    expect(commit).to_be_visible()
    commit.click()
    expect(commit).to_be_hidden()
    radios.nth(0).check()
    expect(commit).to_be_visible()
    shot(page, "choice")
