"""Each claim: a Timeline on which it holds, one on which it must fail, one that cannot tell.

The Timelines stand in tests/unit/claims, a module a topic.
"""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from helpers import claims
from helpers.model.timeline import Timeline
from tests.unit import claims as topics
from tests.unit.claims.requests_and_limits import burn

TOPICS = [
    importlib.import_module(found.name)
    for found in pkgutil.iter_modules(topics.__path__, f"{topics.__name__}.")
    if not found.name.endswith(".story")
]
HOLDS: dict[str, list[Timeline]] = {id: t for topic in TOPICS for id, t in topic.HOLDS.items()}
FAILS: dict[str, list[Timeline]] = {id: t for topic in TOPICS for id, t in topic.FAILS.items()}
CANNOT_TELL: dict[str, list[Timeline]] = {
    id: t for topic in TOPICS for id, t in topic.CANNOT_TELL.items()
}


def cases(of: dict[str, list[Timeline]]) -> list[object]:
    return [
        pytest.param(id, timeline, id=f"{id}-{number}")
        for id, timelines in of.items()
        for number, timeline in enumerate(timelines)
    ]


@pytest.mark.parametrize(("id", "timeline"), cases(HOLDS))
def test_it_holds(id: str, timeline: Timeline) -> None:
    assert claims.verdict(id, timeline).held is True


@pytest.mark.parametrize(("id", "timeline"), cases(FAILS))
def test_it_fails(id: str, timeline: Timeline) -> None:
    assert claims.verdict(id, timeline).held is False


@pytest.mark.parametrize(("id", "timeline"), cases(CANNOT_TELL))
def test_it_cannot_tell(id: str, timeline: Timeline) -> None:
    assert claims.verdict(id, timeline).held is None


@pytest.mark.parametrize("id", sorted(claims.registered()))
def test_each_claim_has_a_run_on_which_it_holds_and_one_on_which_it_fails(id: str) -> None:
    assert HOLDS.get(id)
    assert FAILS.get(id)


@pytest.mark.parametrize("id", sorted(claims.registered()))
def test_an_empty_run_cannot_tell(id: str) -> None:
    verdict = claims.verdict(id, Timeline())
    assert verdict.held is None
    assert verdict.text


@pytest.mark.parametrize("id", sorted(claims.registered()))
def test_both_values_are_said(id: str) -> None:
    for timeline in (HOLDS[id][0], FAILS[id][0]):
        verdict = claims.verdict(id, timeline)
        assert verdict.expected
        assert verdict.measured
        assert verdict.text.endswith(".")


def test_a_recording_gives_the_same_verdict() -> None:
    for id, timelines in HOLDS.items():
        again = Timeline.from_jsonl(timelines[0].to_jsonl())
        assert claims.verdict(id, again) == claims.verdict(id, timelines[0])


def test_a_limit_that_was_never_sent_proves_nothing() -> None:
    timeline = Timeline({"cores": 2})
    for row in burn({"500m": (30, 30, 0.5)}).rows:
        if row.field != "resize":
            timeline.append(row)
    assert claims.verdict("ch08-requests-08", timeline).held is None


def test_an_unknown_claim_names_those_like_it() -> None:
    with pytest.raises(KeyError, match="ch08-requests-08"):
        claims.verdict("ch08-request-08", Timeline())


def test_two_claims_cannot_share_an_id() -> None:
    with pytest.raises(ValueError, match="ch08-requests-08"):
        claims.claim("ch08-requests-08")(lambda timeline: claims.verdict("", timeline))


def test_a_machine_without_cpu_to_give_is_told_as_what_it_is() -> None:
    starved = burn({None: (0, 0, 0.46), "500m": (2, 30, 0.3), "250m": (9, 30, 0.2)})
    said = claims.verdict("ch08-requests-08", starved)
    assert said.held is None
    assert "too little CPU" in said.text
