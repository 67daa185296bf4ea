"""What a lab shows: what can be pressed, and nothing of before its beginning."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import pytest

from helpers.lesson.lab_view import LabView
from helpers.model.verdicts import judge


def view(*, clustered: bool) -> LabView:
    def nothing() -> None: ...

    return LabView(20, clustered=clustered, on_apply=nothing, on_check=nothing, on_cancel=nothing)


def shown(view: LabView) -> list[Any]:
    found: list[Any] = [view.widget]
    for widget in found:
        found += getattr(widget, "children", ())
    return found


def text(view: LabView) -> str:
    return " ".join(w.value for w in shown(view) if isinstance(w, widgets.HTML))


@pytest.mark.parametrize("clustered", [True, False])
def test_apply_is_there_when_files_are_sent_somewhere(clustered: bool) -> None:
    one = view(clustered=clustered)
    assert (one.apply in shown(one)) is clustered
    assert ("press Apply" in text(one)) is clustered
    assert one.check in shown(one)


def test_begun_again_it_shows_no_verdicts_of_before() -> None:
    one = view(clustered=True)
    fact = judge("It runs.", False, wanted="1 Pod", seen="none", hint="x")
    one.show_checked([fact], ["Look at the Pod."])
    assert "It runs." in text(one)
    one.show_begun("Ready")
    assert "It runs." not in text(one)
    assert "press Apply" in text(one)
    one.show_begun("Ready", notice="Your files were moved.")
    assert "Your files were moved." in text(one)
