"""Under nbval, a cell that says "Skipped on this cluster" counts as skipped, with that reason."""

from collections.abc import Generator
from typing import Any

import pytest

WORDS = "– Skipped on this cluster"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    outputs = getattr(item, "test_outputs", None) or []
    if call.when == "call" and report.passed and (why := _why(outputs)):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), getattr(item, "cell_num", 0), why)
    return report


def _why(outputs: list[Any]) -> str:
    for output in outputs:
        text = str(output.get("data", {}).get("text/plain", ""))
        if text.startswith(WORDS):
            return text.removeprefix("– ")
    return ""
