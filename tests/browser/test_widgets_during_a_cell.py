"""What a learner does on a card while a cell waits arrives: all of it, not only the first."""

import nbformat
from conftest import Lab
from playwright.sync_api import Page, expect
from test_first_lesson import choose, open_notebook

STEPS = 5
SHOWS = """\
import asyncio
import ipywidgets
from helpers.lesson import tasks

tasks.watch_kernel()
slider = ipywidgets.IntSlider(description="steps")
slider"""
WAITS = f"""\
while slider.value < {STEPS}:
    await asyncio.sleep(0.05)
print("They have all arrived.")"""


def test_a_slider_moves_on_while_a_cell_waits(page: Page, lab: Lab) -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in (SHOWS, WAITS)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, lab.folder / "waits.ipynb")
    open_notebook(page, lab, "waits.ipynb")
    choose(page, "Run All Cells")
    waiting = page.locator(".jp-CodeCell").nth(1)
    expect(waiting.locator(".jp-InputPrompt")).to_contain_text("[*]")
    page.get_by_role("slider").focus()
    for step in range(1, STEPS + 1):
        page.keyboard.press("ArrowRight")
        expect(page.locator(".widget-readout")).to_have_text(str(step))
        expect(page.locator(".jp-StatusBar-Left")).to_contain_text("| Busy")
        if step < STEPS:
            page.wait_for_timeout(100)  # each goes to the kernel by itself, as by hand
    expect(waiting.locator(".jp-OutputArea-output")).to_have_text("They have all arrived.")
    expect(page.locator(".jp-StatusBar-Left")).to_contain_text("| Idle")
