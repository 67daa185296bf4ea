"""A learner's way through the first lesson, in JupyterLab in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import failure
import nbformat
import pytest
from conftest import LIVE, ROOT, Lab, shot
from playwright.sync_api import Locator, Page, expect

from helpers.charts.throttling import throttling_chart
from helpers.model.timeline import Timeline

NOTEBOOK = "ch08/01-requests-and-limits.ipynb"
CARD = "throttling = lesson.card"
RUN_MS = 120_000

replay_only = pytest.mark.skipif(LIVE, reason="shows on a recording what it would show live")

SCRATCH = """\
from pathlib import Path
Path("rows.jsonl").write_text(throttling.timeline.to_jsonl())
"""


def open_notebook(page: Page, lab: Lab, name: str = NOTEBOOK) -> None:
    page.goto(lab.notebook(name))
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible()
    # Cells that are run before the kernel is connected are lost. Jupyter's server gives a kernel
    # that says nothing up after 60 s, and the page asks once more.
    try:
        expect(page.locator(".jp-StatusBar-Left")).to_contain_text("| Idle", timeout=120_000)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{failure.kernel_told(lab.logs)}") from None


def choose(page: Page, item: str) -> None:
    """Choose an item of the menu Run."""
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{item}$")).first.click()


def cell(page: Page, source: str) -> Locator:
    return page.locator(".jp-CodeCell", has_text=source).first


def run_cell(page: Page, source: str) -> Locator:
    """Run the cell with this text, by the keyboard, and return it."""
    found = cell(page, source)
    found.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    return found


def card_in(found: Locator) -> Locator:
    card = found.locator(".wb-card")
    expect(card).to_be_visible(timeout=60_000)
    return card


def run_button(card: Locator) -> Locator:
    return card.locator("button.wb-run")


def predict(page: Page, card: Locator, value: int) -> None:
    """Move the slider by keys alone, and commit by the Enter key."""
    card.get_by_role("slider").focus()
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


def in_scratch_cell(page: Page, source: str, written: Path) -> str:
    """Run code in a new cell at the notebook's end, and return the file that it writes."""
    page.locator(".jp-Notebook .jp-Cell").last.click(position={"x": 5, "y": 5})
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")
    for _ in range(100):
        if written.exists() and written.stat().st_size:
            return written.read_text()
        page.wait_for_timeout(100)
    raise AssertionError(f"the scratch cell wrote no {written.name}")


def drawn(card: Locator) -> dict[str, dict[str, float]]:
    """Return the points of the first trace of each name: what plotly draws, not what was sent.

    A point goes by its text, which is the limit that it is about.
    """
    return card.locator(".js-plotly-plot").evaluate(  # type: ignore[no-any-return]
        """plot => Object.fromEntries([...plot._fullData].reverse().map(trace => [
            trace.name, Object.fromEntries(Array.from(trace.y ?? [])
                .map((y, i) => [(trace.text ?? [])[i], y]).filter(([_, y]) => y != null))]))"""
    )


def test_predict_run_compare(page: Page, lab: Lab) -> None:
    open_notebook(page, lab)
    choose(page, "Run All Cells")

    # "Run All" stops at the first result cell with one quiet line.
    quiet = page.locator(".jp-OutputArea-output", has_text="make your prediction")
    expect(quiet).to_be_visible(timeout=60_000)
    assert len((quiet.text_content() or "").strip().splitlines()) == 1
    expect(page.locator(".jp-OutputArea-output", has_text="held")).to_have_count(0)

    card = card_in(run_cell(page, CARD))
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
    wrong = card.locator(".wb-wrong")
    expect(wrong.filter(has_text="100m")).to_have_count(1)
    expect(run_button(card)).to_be_disabled()
    fill(card, "limits.cpu", "half")
    # Each field's words come in a message of their own.
    expect(wrong.filter(has_text="limits.cpu")).to_have_count(1)
    expect(wrong).to_have_count(1)
    shot(page, "card-wrong-field")
    fill(card, "limits.cpu", "500m")
    expect(run_button(card)).to_be_enabled()

    # The run: Cancel is offered, and the chart grows.
    run_button(card).click()
    if LIVE:  # a replay may be over before one has looked
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
    assert drawn(card)["measured"] == pytest.approx(stops, abs=0.06)
    assert drawn(card)["your prediction"] == {"500m": 62}

    # And the result cell goes through now.
    run_cell(page, "await throttling.result()")
    claim = run_cell(page, 'run.claim("ch08-requests-08")')
    expect(claim.locator(".jp-OutputArea-output")).to_contain_text("✓ held")


@pytest.mark.skipif(not LIVE, reason="a replay is over before one can cancel it")
def test_cancel_frees_the_card(page: Page, lab: Lab) -> None:
    open_notebook(page, lab)
    run_cell(page, "Lesson.open")
    card = card_in(run_cell(page, CARD))
    predict(page, card, 5)
    expect(run_button(card)).to_be_focused()
    page.keyboard.press("Enter")
    # By keys alone: when a button goes, the focus goes on to the next one.
    expect(card.locator("button.wb-cancel")).to_be_focused()
    page.keyboard.press("Enter")
    expect(run_button(card)).to_be_enabled(timeout=60_000)
    expect(run_button(card)).to_be_focused()
    expect(card.locator("button.wb-cancel")).to_be_hidden()
    run_button(card).click()
    expect(run_button(card)).to_have_text("Run again", timeout=RUN_MS)


@replay_only
def test_whole_notebook(page: Page, lab: Lab) -> None:
    """Go through every card as a learner does, until the lesson is closed."""
    open_notebook(page, lab)
    sources = [
        c.source
        for c in nbformat.read(ROOT / "notebooks" / NOTEBOOK, as_version=4).cells
        if c.cell_type == "code"
    ]
    choose(page, "Run All Cells")
    for source in sources:
        if ".result()" not in source:
            continue
        quiet = cell(page, source).locator(".jp-OutputArea-output")
        expect(quiet).to_contain_text("make your prediction", timeout=60_000)
        name = source.split("await ")[1].split(".")[0]
        card = card_in(cell(page, f"{name} = lesson.card"))
        card.locator("button.wb-commit").click()
        run_button(card).click()
        expect(run_button(card)).to_have_text("Run again", timeout=RUN_MS)
        card.scroll_into_view_if_needed()
        shot(page, f"lesson-{name}")
        cell(page, source).locator(".cm-content").click()
        choose(page, "Run Selected Cell and All Below")
    close = cell(page, "await lesson.close()")
    expect(close.locator(".jp-InputArea-prompt")).to_have_text(
        re.compile(r"\[\d+\]:"), timeout=60_000
    )
    claims = sum(source.count(".claim(") for source in sources)
    expect(
        page.locator("div", has_text=re.compile("^✓ held")).locator("visible=true")
    ).not_to_have_count(0)
    assert page.locator(".jp-OutputArea-output b", has_text="✓ held").count() == claims
    assert page.locator(".jp-OutputArea-output b", has_text="✗ not held").count() == 0


@replay_only
def test_a_slow_browser_draws_the_chart_too(page: Page, lab: Lab) -> None:
    """On a browser six times slower, plotly takes long to load, and updates come meanwhile."""
    open_notebook(page, lab)
    slow = page.context.new_cdp_session(page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    run_cell(page, "Lesson.open")
    card = card_in(run_cell(page, "units = lesson.card"))
    card.locator("button.wb-commit").click()
    run_button(card).click()
    expect(run_button(card)).to_have_text("Run again", timeout=RUN_MS)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.wait_for_function(
        """() => document.querySelector(".wb-card .js-plotly-plot")?._fullData
            ?.find(trace => trace.name === "measured")?.y.filter(y => y != null).length == 6""",
        timeout=RUN_MS,
    )


# A browser on which each module takes longer to load than anywidget allows.
TOO_SLOW = """AbortSignal.timeout = () => {
    const given = new AbortController();
    queueMicrotask(() => given.abort());
    return given.signal;
}"""


@replay_only
def test_a_slow_browser_hears_the_kernel_too(page: Page, lab: Lab) -> None:
    page.add_init_script(TOO_SLOW)
    open_notebook(page, lab)
    run_cell(page, "Lesson.open")
    card = card_in(run_cell(page, CARD))
    expect(card.get_by_role("slider")).to_be_visible()
    in_scratch_cell(
        page,
        'throttling.predict(17)\nopen("predicted", "w").write("17")',
        lab.folder / "ch08" / "predicted",
    )
    expect(card.get_by_role("slider")).to_have_value("17")


@replay_only
@pytest.mark.parametrize("width", [420, 800, 1440])
def test_every_width_and_theme(page: Page, lab: Lab, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1400})
    open_notebook(page, lab)
    if width > 800:  # the wide one is dark, the narrow one light
        page.locator(".lm-MenuBar-itemLabel", has_text="Settings").first.click()
        page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Theme$")).hover()
        page.locator(".lm-Menu-itemLabel", has_text=re.compile("^JupyterLab Dark$")).click()
        expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    if width < 800:
        page.keyboard.press("Control+b")  # the side bar alone would fill the window
        expect(page.locator(".jp-SideArea .jp-FileBrowser")).to_be_hidden()
    run_cell(page, "Lesson.open")
    card = card_in(run_cell(page, CARD))
    expect(page.locator(".Toastify__toast")).to_have_count(0)  # nothing lies over the card
    # By keys alone: when a button goes, the focus goes on to the next one.
    predict(page, card, 40)
    expect(run_button(card)).to_be_focused()
    page.keyboard.press("Enter")
    expect(run_button(card)).to_have_text("Run again", timeout=RUN_MS)
    expect(run_button(card)).to_be_focused()
    card.scroll_into_view_if_needed()
    shot(page, f"card-{width}")
    assert card.evaluate("card => card.scrollWidth <= card.clientWidth + 1")
