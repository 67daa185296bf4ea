"""A run's claims: shown with both values, raised only under autoplay."""

from typing import Any

import pytest
from lesson_fakes import Trial

from helpers import claims
from helpers.claims import Verdict
from helpers.lesson.run import Run
from helpers.model.timeline import Timeline

VERDICTS = {
    "holds": Verdict(True, "It is so.", "1 core", "1.01 cores"),
    "fails": Verdict(False, "It is <not> so.", "1 core", "2 cores"),
    "unknown": Verdict(None, "It cannot tell.", "not known", "nothing"),
}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    displayed: list[dict[str, str]] = []

    def display(data: dict[str, str], raw: bool) -> None:
        assert raw
        displayed.append(data)

    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr(claims, "verdict", lambda id, timeline: VERDICTS[id])
    monkeypatch.delenv("WORKBOOK_AUTOPLAY", raising=False)
    return displayed


def a_run() -> Run:
    return Run(Timeline(), Trial())


@pytest.mark.parametrize(
    ("id", "word"), [("holds", "✓ held"), ("fails", "✗ not held"), ("unknown", "? could not tell")]
)
def test_a_claim_is_shown_with_both_values(id: str, word: str, shown: list[dict[str, Any]]) -> None:
    a_run().claim(id)
    (data,) = shown
    verdict = VERDICTS[id]
    for text in data.values():
        assert word in text.replace("</b>", "")
        assert verdict.expected in text
        assert verdict.measured in text
        assert id in text
    assert "<not>" not in data["text/html"]


@pytest.mark.parametrize("id", ["fails", "unknown"])
def test_a_claim_raises_only_under_autoplay(
    id: str, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBOOK_AUTOPLAY", "1")
    with pytest.raises(AssertionError, match=id):
        a_run().claim(id)
    a_run().claim("holds")
    assert len(shown) == 2  # it is shown before it is raised


def test_an_unknown_claim_names_its_neighbours() -> None:
    with pytest.raises(KeyError, match="ch08-requests-08"):
        a_run().claim("ch08-request-08")
