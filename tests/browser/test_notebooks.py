"""Every notebook on its recordings, from the first cell to the last, and how each card looks."""

from __future__ import annotations

import re

import pytest
from conftest import LIVE, Lab, shot
from playwright.sync_api import Locator, Page, expect
from test_first_lesson import choose, open_notebook, run_button

from tests import course
from tests.course import Taught

pytestmark = pytest.mark.skipif(LIVE, reason="plays recordings")


FULL_HEIGHT = """plot =>
    plot.clientHeight === Math.round(plot._fullLayout.height) && plot.clientHeight >= 150"""
IN_SIGHT = """plot => plot._fullData.flatMap(trace => {
    const x = plot._fullLayout[trace.xaxis.replace("x", "xaxis")];
    const [low, high] = x.range.map(x.r2l);
    const place = at => (x.d2l(at) - low) / (high - low);
    return Array.from(trace.x ?? []).filter(at => at != null && Math.abs(place(at) - 0.5) <= 0.51);
}).length"""


def in_sight(card: Locator) -> int:
    """Count the points that lie within the chart's axes."""
    return card.locator(".js-plotly-plot").evaluate(IN_SIGHT)  # type: ignore[no-any-return]


# Autoplay commits each card's prediction; the recordings are played without their pauses.
@pytest.mark.parametrize("lab", [{"WORKBOOK_AUTOPLAY": "1"}], indirect=True, ids=[""])
@pytest.mark.parametrize("lesson", course.taught(), ids=lambda lesson: lesson.path.stem)
def test_the_whole_notebook_is_played(page: Page, lab: Lab, lesson: Taught) -> None:
    open_notebook(page, lab, f"{lesson.path.parent.name}/{lesson.path.name}")
    choose(page, "Run All Cells")

    last = page.locator(".jp-Notebook .jp-CodeCell").last
    expect(last.locator(".jp-InputPrompt")).to_contain_text(
        re.compile(r"\[\d+\]:"), timeout=180_000
    )
    expect(page.locator(".jp-StatusBar-Left")).to_contain_text("| Idle", timeout=120_000)
    expect(page.locator(".jp-CodeCell .jp-InputPrompt", has_text="[*]")).to_have_count(0)
    stderr = ".jp-OutputArea-output [data-mime-type='application/vnd.jupyter.stderr']"
    expect(page.locator(stderr)).to_have_count(0)
    expect(page.locator(".jp-RenderedText[data-mime-type*=error]")).to_have_count(0)
    expect(page.get_by_text("✗ not held")).to_have_count(0)

    cards = page.locator(".wb-card")
    expect(cards).to_have_count(len(lesson.experiments))
    for number in range(len(lesson.experiments)):
        card = cards.nth(number)
        card.scroll_into_view_if_needed()
        expect(run_button(card)).to_contain_text("Run again")
        expect(card.locator(".js-plotly-plot")).to_be_visible()
        assert in_sight(card) > 1, "the chart shows nothing"
        assert card.locator(".js-plotly-plot").evaluate(FULL_HEIGHT), "the chart is drawn too low"
        shot(page, f"{lesson.path.stem}-{number + 1}")
