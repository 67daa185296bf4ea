"""A learner's way through the first card, in JupyterLab in a real browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import LIVE, Lab, shot
from playwright.sync_api import Locator, Page, expect

from helpers.charts.throttling import throttling_chart
from helpers.model.timeline import Timeline

NOTEBOOK = "ch08/01-requests-and-limits.ipynb"
RUN_MS = 120_000

SCRATCH = """\
from pathlib import Path
Path("rows.jsonl").write_text(throttling.timeline.to_jsonl())
"""


def open_notebook(page: Page, lab: Lab) -> None:
    page.goto(lab.notebook(NOTEBOOK))
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible()
    # Cells that are run before the kernel is connected are lost.
    expect(page.locator(".jp-StatusBar-Left")).to_contain_text("| Idle", timeout=60_000)


def run_all(page: Page) -> None:
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()


def the_card(page: Page) -> Locator:
    card = page.locator(".wb-card").first
    expect(card).to_be_visible(timeout=60_000)
    return card


def run_button(card: Locator) -> Locator:
    return card.locator("button.wb-run")


def predict(page: Page, card: Locator, value: int) -> None:
    """Move the slider by keys alone, and commit by the Enter key."""
    slider = card.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Home")
    for _ in range(value):
        page.keyboard.press("ArrowRight")
    button = card.locator("button.wb-commit")
    expect(button).to_contain_text(str(value))
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")


def fill(card: Locator, label: str, text: str) -> None:
    card.get_by_label(label, exact=True).fill(text)


def in_scratch_cell(page: Page, source: str, seen: Path) -> str:
    """Run code in a new cell at the notebook's end, and return the file that it writes."""
    page.locator(".jp-Notebook").focus()
    page.keyboard.press("Escape")
    page.locator(".jp-Notebook .jp-Cell").last.click(position={"x": 5, "y": 5})
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(100)
    for _ in range(100):
        if seen.exists() and seen.stat().st_size:
            return seen.read_text()
        page.wait_for_timeout(100)
    raise AssertionError(f"the scratch cell wrote no {seen.name}")


def drawn(card: Locator) -> dict[str, dict[str, list[object]]]:
    """Return the first trace of each name in the chart: what plotly draws, not what was sent."""
    return card.locator(".js-plotly-plot").evaluate(  # type: ignore[no-any-return]
        """plot => Object.fromEntries([...plot._fullData].reverse().map(trace => [
            trace.name, {x: Array.from(trace.x ?? []), y: Array.from(trace.y ?? [])}]))"""
    )


@pytest.fixture
def opened(page: Page, lab: Lab) -> tuple[Page, Lab, Locator]:
    open_notebook(page, lab)
    run_all(page)
    return page, lab, the_card(page)


def test_predict_run_compare(opened: tuple[Page, Lab, Locator]) -> None:
    page, lab, card = opened

    # "Run All" has stopped at the result cell with one quiet line, and Run is locked.
    quiet = page.locator(".jp-OutputArea-output", has_text="make your prediction")
    expect(quiet).to_be_visible(timeout=60_000)
    assert len(quiet.inner_text().strip().splitlines()) == 1
    expect(page.locator(".jp-OutputArea-output", has_text="held")).to_have_count(0)
    expect(run_button(card)).to_be_disabled()
    card.scroll_into_view_if_needed()
    shot(page, "card-locked")

    # A changed field changes the YAML; a wrong one says what is wrong and locks Run.
    yaml = card.locator(".wb-yaml")
    expect(yaml).to_contain_text("cpu: 500m")
    fill(card, "limits.cpu", "250m")
    expect(yaml).to_contain_text("cpu: 250m")
    expect(card.locator(".wb-changed")).to_contain_text("250m")
    expect(card.locator(".wb-question")).to_contain_text("250m")
    predict(page, card, 62)
    expect(run_button(card)).to_be_enabled()
    fill(card, "limits.cpu", "50m")
    expect(card.locator(".wb-wrong")).to_contain_text("below requests.cpu")
    expect(run_button(card)).to_be_disabled()
    fill(card, "limits.cpu", "half")
    expect(card.locator(".wb-wrong")).to_contain_text("limits.cpu")
    shot(page, "card-wrong-field")
    fill(card, "limits.cpu", "500m")
    expect(run_button(card)).to_be_enabled()

    # The run: the chart grows, the kernel stays free, and Cancel is offered.
    run_button(card).click()
    expect(card.locator("button.wb-cancel")).to_be_visible()
    expect(card.locator(".js-plotly-plot")).to_be_visible(timeout=RUN_MS)
    page.wait_for_function(
        """() => document.querySelector(".wb-card .js-plotly-plot")._fullData
            .find(trace => trace.name === "measured").y.filter(y => y != null).length > 1""",
        timeout=RUN_MS,
    )
    shot(page, "card-running")
    expect(run_button(card)).to_have_text("Run again", timeout=RUN_MS)
    expect(card.locator(".wb-difference")).to_contain_text("you said 62 %")
    card.scroll_into_view_if_needed()
    shot(page, "card-done")

    # What the browser has drawn is what the Timeline holds.
    rows = in_scratch_cell(page, SCRATCH, lab.folder / "ch08" / "rows.jsonl")
    timeline = Timeline.from_jsonl(rows)
    assert timeline.meta["replay"] is not LIVE
    stops = {
        str(row["limits.cpu"]): row["periods stopped, measured (%)"]
        for row in throttling_chart(timeline).table
    }
    assert len(stops) >= 7
    trace = drawn(card)["measured"]
    seen = {x: y for x, y in zip(trace["x"], trace["y"], strict=True) if y is not None}
    assert seen == pytest.approx(stops, abs=0.06)
    assert drawn(card)["your prediction"] == {"x": ["500m"], "y": [62]}

    # The rest of the notebook goes through now.
    run_all(page)
    held = page.locator(".jp-OutputArea-output", has_text="✓ held")
    # "Run All" opens the lesson anew; its new card waits for a prediction again.
    expect(quiet).to_be_visible(timeout=60_000)
    assert held.count() == 0


def test_narrow_and_dark(page: Page, lab: Lab) -> None:
    page.set_viewport_size({"width": 800, "height": 1400})
    open_notebook(page, lab)
    page.evaluate("document.body.dataset.jpThemeLight")
    run_all(page)
    card = the_card(page)
    predict(page, card, 40)
    run_button(card).click()
    expect(run_button(card)).to_have_text("Run again", timeout=RUN_MS)
    card.scroll_into_view_if_needed()
    shot(page, "card-800")
    assert card.evaluate("card => card.scrollWidth <= card.clientWidth + 1")
    json.dumps(drawn(card))
