"""The card's look and the predictions, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import ipywidgets as widgets
import pytest

from helpers.forms import Form, integer
from helpers.lesson.browser import Slider
from helpers.lesson.prediction import Choice, Number, Order, PredictionError, Table
from helpers.lesson.view import CardView
from helpers.lesson.view import Table as Numbers
from helpers.model.timeline import Row


@dataclass(frozen=True)
class Spec:
    threads: Annotated[int, integer("busy threads", low=1, high=8)] = 2


class FakeChart:
    legend = (("measured", "measured"), ("rule", "the <rule>"))
    text = "Two dots & a line."
    table: Numbers = ({"limit": "500m", "share": 0.98123},)

    def __init__(self) -> None:
        self.figure = widgets.HTML("figure")


class Heard(list[object]):
    """What the card called back with."""

    def note(self, name: str) -> None:
        self.append(name)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def view(heard: Heard) -> CardView:
    return CardView(
        "A <limit> throttles",
        "about 40 s",
        Number("How many <b>percent</b>?", 0, 100, "%"),
        Form(Spec, lambda spec: {"kind": "Pod", "threads": spec.threads}),
        FakeChart(),
        on_commit=heard.append,
        on_run=lambda: heard.note("run"),
        on_reset=lambda: heard.note("reset"),
        on_cancel=lambda: heard.note("cancel"),
    )


def everything(widget: widgets.Widget) -> Iterator[widgets.Widget]:
    """Yield the widgets that are shown, from the top down."""
    if getattr(widget, "layout", None) is not None and widget.layout.display == "none":
        return
    yield widget
    for child in getattr(widget, "children", ()):
        yield from everything(child)


def shown(view: CardView) -> str:
    """Return all that can be read on the card."""
    style = "<style>"
    return "\n".join(
        str(w.value)
        for w in everything(view.widget)
        if isinstance(w, widgets.HTML) and not w.value.startswith(style)
    )


def visible(view: CardView, button: widgets.Button) -> bool:
    return button in list(everything(view.widget))


def test_a_widget_is_sent_what_it_has_missed_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[list[str]] = []
    slider = Slider(value=3)
    monkeypatch.setattr(Slider, "send_state", lambda _, key: told.append(key))
    slider._handle_custom_msg({"has": {"value": 50, "disabled": False}}, [])
    slider._handle_custom_msg({"has": {"value": 3, "disabled": False}}, [])
    slider._handle_custom_msg("something else", [])
    assert told == [["value"]]
    assert slider.own_id == slider.model_id


def test_locked_says_why_and_shows_no_chart(view: CardView) -> None:
    assert view.run.disabled
    assert "Commit a prediction first." in shown(view)
    assert view.chart.figure not in list(everything(view.widget))
    assert not visible(view, view.cancel)
    assert '<li class="wb-now" aria-current="step">Predict</li>' in shown(view)


def test_a_commit_is_told_and_ready_unlocks(view: CardView, heard: Heard) -> None:
    view.question.commit(62)
    assert heard == [62.0]
    view.show_ready()
    assert not view.run.disabled
    assert view.chart.figure in list(everything(view.widget))


def test_buttons_call_back(view: CardView, heard: Heard) -> None:
    for button in (view.run, view.cancel, view.reset):
        button.click()
    assert heard == ["run", "cancel", "reset"]


def test_running_shows_progress_and_cancel_and_locks_the_form(view: CardView) -> None:
    view.show_running("Measuring", 0.5)
    assert 'aria-valuenow="50"' in shown(view)
    assert "Measuring" in shown(view)
    assert "wb-clock" in shown(view)
    assert visible(view, view.cancel)
    assert view.run.disabled
    assert view.form.inputs["threads"].disabled
    view.show_running("Waiting", None)
    assert "wb-unknown" in shown(view)
    view.show_ready()
    assert not view.form.inputs["threads"].disabled


def test_the_time_of_a_run_is_told(view: CardView, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("helpers.lesson.view.time.monotonic", lambda: now)
    view.show_running("Measuring", 0.1)
    now = 112.0
    view.show_running("Measuring", 0.2)
    assert "animation-delay:-12s" in shown(view)
    now = 138.4
    view.show_done("<p>So it is.</p>", "7 limits swept")
    assert "7 limits swept in 38 s" in shown(view)
    assert "<p>So it is.</p>" in shown(view)
    assert view.run.description == "Run again"
    assert '<li class="wb-now" aria-current="step">Compare</li>' in shown(view)


def test_an_error_takes_the_place_of_the_chart(view: CardView) -> None:
    view.show_running("Creating", None)
    view.show_error("Refused", "must be <less> than", "Lower it.")
    text = shown(view)
    assert view.chart.figure not in list(everything(view.widget))
    assert "must be &lt;less&gt; than" in text
    assert "Lower it." in text
    assert not view.run.disabled
    view.show_running("Creating", None)
    assert "Lower it." not in shown(view)
    assert view.chart.figure in list(everything(view.widget))


def test_a_wrong_form_after_a_commit_keeps_the_chart(view: CardView) -> None:
    view.question.commit(10)
    view.show_ready()
    view.show_locked("Mend limits.cpu first.")
    assert view.run.disabled
    assert "Mend limits.cpu first." in shown(view)
    assert view.chart.figure in list(everything(view.widget))


def test_the_chart_has_its_words_and_its_table(view: CardView) -> None:
    view.show_done("")
    view.set_table(view.chart.table)
    assert shown(view).count("Two dots &amp; a line.") == 2
    assert '<th scope="col">share</th>' in shown(view)
    assert "<td>0.9812</td>" in shown(view)
    assert "the &lt;rule&gt;" in shown(view)


def test_events_are_counted_and_listed(view: CardView) -> None:
    view.set_events([Row(0.0, "event", "Pod/burn", "Scheduled", "to <worker>")])
    assert "Events (1)" in [w.description for w in view.folds.values()]
    assert "to &lt;worker&gt;" in shown(view)


def test_titles_footer_and_replay_are_text(view: CardView) -> None:
    view.show_footer("namespace a · kind-workbook")
    view.show_replay("Recorded 2026-11-23 on <2 cores>")
    text = shown(view)
    assert "A &lt;limit&gt; throttles" in text
    assert "namespace a · kind-workbook" in text
    assert "Recorded 2026-11-23 on &lt;2 cores&gt;" in text


def test_a_number_in_range_only() -> None:
    question = Number("How many?", 0, 100, "%", step=5)
    assert question.value == 50
    assert question.committed is None
    with pytest.raises(PredictionError, match="0 to 100"):
        question.commit(101)
    with pytest.raises(PredictionError, match="number"):
        question.commit("lots")
    assert question.committed is None
    assert question.commit(98) == 98
    assert question.committed == 98
    assert question.slider.value == 98


def test_a_prediction_can_be_changed_and_withdrawn() -> None:
    question = Number("How many?", 0, 100, "%")
    question.commit(62)
    assert question.button.layout.display == "none"
    question.slider.value = 70
    assert question.button.description == "Commit 70 %"
    assert question.button.layout.display is None
    assert question.committed == 62
    assert "62 % counts" in question.note.value
    question.withdraw()
    assert question.committed is None
    assert question.note.value == ""


def test_the_slider_is_labelled_by_the_question() -> None:
    question = Number("Limit <b>500m</b> &amp; two?", 0, 100)
    assert question.slider.label == "Limit 500m & two?"
    question.ask("Limit <b>1</b>?")
    assert question.slider.label == "Limit 1?"


def test_a_choice_is_one_of_its_options() -> None:
    question = Choice("Which?", ["yes", "no"])
    assert question.commit("no") == "no"
    with pytest.raises(PredictionError, match="yes, no"):
        question.commit("perhaps")


def test_an_order_is_made_by_lifting() -> None:
    question = Order("In what order?", ["a", "b", "c"])
    question.lift("c")
    question.lift("c")
    question.lift("c")
    assert question.commit() == ("c", "a", "b")
    assert question.describe(question.value) == "c → a → b"
    assert question.commit(["b", "a", "c"]) == ("b", "a", "c")  # type: ignore[arg-type]
    with pytest.raises(PredictionError, match="each of these once"):
        question.commit(("a", "a", "b"))


def table() -> Table:
    return Table(
        "Who <b>may</b>?",
        ["ann", "bob"],
        ["push", "pull"],
        ["yes", "no"],
        absent={("bob", "pull"): "not asked"},
    )


def test_a_table_has_one_of_the_options_in_each_cell_that_is_asked() -> None:
    question = table()
    assert question.cells == (("ann", "push"), ("ann", "pull"), ("bob", "push"))
    assert question.grid.absent == [["", ""], ["", "not asked"]]
    assert question.grid.label == "Who may?"
    assert question.commit(("no", "yes", "no")) == ("no", "yes", "no")
    assert question.grid.value == ["no", "yes", "no"]
    assert question.describe(question.value) == "1 yes, 2 no"
    with pytest.raises(PredictionError, match="3 cells"):
        question.commit(("yes", "yes"))
    with pytest.raises(PredictionError, match="ann, pull: 'perhaps' is not one of: yes, no"):
        question.commit(("yes", "perhaps", "no"))
    assert question.committed == ("no", "yes", "no")


def test_a_table_is_committed_once_it_is_full() -> None:
    question = table()
    assert question.button.description == "Commit (3 of 3 to go)"
    question.grid.value = ["yes", "no", ""]
    assert question.button.description == "Commit (1 of 3 to go)"
    with pytest.raises(PredictionError, match="bob, push"):
        question.commit()
    question.button.click()
    assert question.committed is None
    assert question.note.value == "Not yet: bob, push is still open."
    question.grid.value = ["yes", "no", "no"]
    assert question.note.value == ""
    question.button.click()
    assert question.committed == ("yes", "no", "no")
    assert question.button.layout.display == "none"
    question.grid.value = ["no", "no", "no"]
    assert "1 yes, 2 no counts" in question.note.value


def test_predictions_lock_during_a_run() -> None:
    for question in (Number("?", 0, 1), Choice("?", ["a"]), Order("?", ["a", "b"]), table()):
        question.enable(False)
        assert question.button.disabled
        inside = question.widget.children[1]
        assert getattr(inside, "disabled", True)
