"""A table of choices is filled in by keys alone, in a wide page and in a narrow one."""

from __future__ import annotations

import pytest
from conftest import LIVE, Lab, shot
from playwright.sync_api import Page, expect
from test_first_lesson import RUN_MS, card_in, open_notebook, run_button, run_cell

from helpers.experiments.survives import BY_RULE
from helpers.model.survives import CELLS

pytestmark = pytest.mark.skipif(LIVE, reason="plays a recording")


@pytest.mark.parametrize("width", [800, 1440])
def test_a_table_is_filled_in_by_keys(page: Page, lab: Lab, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1400})
    open_notebook(page, lab, "ch09/07-what-survives.ipynb")
    run_cell(page, "Lesson.open")
    card = card_in(run_cell(page, "grid = lesson.card"))
    cells = page.locator(".jp-Cell").count()
    commit = card.locator("button.wb-commit")
    expect(commit).to_contain_text(f"{len(CELLS)} of {len(CELLS)} to go")
    selects = card.locator(".wb-choices select")
    expect(selects).to_have_count(len(CELLS))
    selects.first.focus()
    for said in BY_RULE:
        page.keyboard.type(said[:2])  # letters choose; to a notebook they are commands
        page.keyboard.press("Tab")
    event, kind = CELLS[0]
    named = card.get_by_role("combobox", name=f"{event}, {kind}", exact=True)
    expect(named).to_have_value(BY_RULE[0])
    expect(commit).to_be_focused()
    expect(commit).to_have_text("Commit")
    shot(page, f"table-{width}")
    page.keyboard.press("Enter")
    expect(run_button(card)).to_be_focused()
    page.keyboard.press("Enter")
    expect(run_button(card)).to_have_text("Run again", timeout=RUN_MS)
    expect(card.locator(".wb-difference")).to_contain_text("as you said")
    expect(page.locator(".jp-Cell")).to_have_count(cells)
    assert card.evaluate("card => card.scrollWidth <= card.clientWidth + 1")
