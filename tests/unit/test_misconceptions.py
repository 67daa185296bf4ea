"""Each misconception leads to a real card of the course, by a way that can be gone."""

from __future__ import annotations

import asyncio
import dataclasses
import re

import pytest
from lesson_fakes import Bare, FakeSession, Trial, no_cluster, played

from helpers.forms import Form
from helpers.lesson.experiment import Place, Script
from helpers.lesson.run import plain
from helpers.lesson.telling import told_apart
from helpers.model import ledger
from helpers.model.misconceptions import MISCONCEPTIONS, PLACES
from tests import course

CARDS = {made.id: (taught, made) for taught in course.taught() for made in taught.experiments}
SCRIPTED = {(made.id, name) for _, made in CARDS.values() for name in made.script.misconceptions}


def test_every_scripted_misconception_is_known() -> None:
    new = sorted({name for _, name in SCRIPTED} - set(MISCONCEPTIONS))
    assert not new, f"add these to helpers/model/misconceptions.py: {new}"


def test_the_places_are_those_of_the_course() -> None:
    assert set(PLACES) == {known.card for known in MISCONCEPTIONS.values()}
    for card, place in PLACES.items():
        taught, made = CARDS[card]
        assert place.title == made.title
        assert place.notebook == f"{taught.path.parent.name}/{taught.path.name}"


def test_the_topics_are_those_of_the_ledger() -> None:
    topics = {entry.topic for entry in ledger.load()}
    assert {known.topic for known in MISCONCEPTIONS.values()} <= topics


@pytest.mark.parametrize("name", MISCONCEPTIONS)
def test_an_idea_is_a_clause(name: str) -> None:
    known = MISCONCEPTIONS[name]
    assert not re.search(r"[.;]$", known.idea)
    assert not re.search(r"[.;]$", known.look)
    assert not (known.look and known.change)


@pytest.mark.parametrize(("card", "name"), sorted(SCRIPTED))
def test_the_card_that_was_just_run_says_what_to_do_next(card: str, name: str) -> None:
    known, (_, made) = MISCONCEPTIONS[name], CARDS[card]
    form = Form(made.spec, lambda values: made().build(values, Place("x", "x-0000")))
    words = plain(told_apart(name, card, form.fields))
    assert words.startswith(f"You may think that {known.idea}; ")
    if known.card != card:
        assert PLACES[known.card].title in words
    else:
        assert known.look or known.change, "the learner has just run it"


@pytest.mark.parametrize("name", [n for n, known in MISCONCEPTIONS.items() if known.change])
def test_the_change_is_one_that_the_form_takes(name: str) -> None:
    known = MISCONCEPTIONS[name]
    made = CARDS[known.card][1]()
    form = Form(
        made.spec, lambda values: made.build(values, Place("x", "x-0000")), check=made.check
    )
    form.set(**made.script.values)
    before = dataclasses.asdict(form.values)
    form.set(**known.change)
    assert form.errors == {}
    after = dataclasses.asdict(form.values)
    assert {field for field in after if after[field] != before[field]} == set(known.change)


def test_what_nobody_knows_is_not_told() -> None:
    assert told_apart("", "a-card") == ""
    assert told_apart("an idea of nobody", "a-card") == ""


class Taken(Trial):
    """Its wrong prediction stands for an idea that another card tells apart."""

    script = Script(62.0, {"count": 3}, {"a request is a cap": 5.0})


@pytest.mark.parametrize(("said", "told"), [(5.0, True), (62.0, False), (30.0, False)])
def test_a_card_tells_the_way_after_such_a_prediction_alone(
    said: float, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_cluster(monkeypatch)

    async def play() -> None:
        card = Bare(FakeSession()).card(Taken)
        card.set(count=3)
        card.predict(said)
        card.run()
        await card.result()
        await asyncio.sleep(0)
        words = card.view._said.value
        assert ("You may think that a pod never gets more CPU than it requests" in words) is told
        assert ('href="../ch08/01-requests-and-limits.ipynb"' in words) is told

    played(play)
