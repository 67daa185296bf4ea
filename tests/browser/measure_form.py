"""How fast a form answers in the browser. `make bench` runs this; the tests do not."""

from __future__ import annotations

import json
from collections.abc import Callable

from conftest import Lab
from playwright.sync_api import Page
from test_first_lesson import CARD, card_in, open_notebook, run_cell

EDITS = 20

EDIT = """(card, [label, value, line]) => new Promise((resolve, reject) => {
    const yaml = () => card.querySelector(".wb-yaml")?.textContent ?? "";
    const field = [...card.querySelectorAll("input")].find(input =>
        [...(input.labels ?? [])].some(one => one.textContent.trim() === label));
    let began = null, took = null;
    const edit = () => {
        field.value = value;
        began = performance.now();
        field.dispatchEvent(new Event("input", {bubbles: true}));
    };
    // The next edit comes when nothing has moved for a moment, as between two keys of a typist.
    const settle = () => took === null ? edit() : (observer.disconnect(), resolve(took));
    let quiet = setTimeout(settle, QUIET_MS);
    const observer = new MutationObserver(() => {
        if (began === null || took !== null) {
            clearTimeout(quiet);
            quiet = setTimeout(settle, QUIET_MS);
        } else if (yaml().includes(line)) {
            took = performance.now() - began;
            quiet = setTimeout(settle, QUIET_MS);
        }
    });
    observer.observe(card, {subtree: true, childList: true, characterData: true});
    setTimeout(() => reject(new Error(`no ${line} in 20 s:\\n${yaml()}`)), 20000);
})""".replace("QUIET_MS", "200")
"""One edit as the field sees it; the milliseconds until the card's YAML holds what was typed."""


def test_edit_to_yaml(page: Page, lab: Lab, record_property: Callable[[str, object], None]) -> None:
    open_notebook(page, lab)
    run_cell(page, "Lesson.open")
    card = card_in(run_cell(page, CARD))
    times = [
        card.evaluate(EDIT, ["limits.cpu", f"{300 + number}m", f"cpu: {300 + number}m"])
        for number in range(EDITS + 1)
    ]
    record_property("milliseconds", json.dumps(times[1:]))  # the first finds everything cold
