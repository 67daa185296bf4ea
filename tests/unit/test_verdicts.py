"""Verdicts: how a fact comes out, and whether a state has held."""

import pytest

from helpers.model.timeline import Row, Timeline
from helpers.model.verdicts import CLOCK, Outcome, Verdict, held, hints, judge, judged, passed


def watched(*values: tuple[float, object], until: float) -> Timeline:
    """A field that took these values at these seconds, watched from 0 on."""
    timeline = Timeline()
    rows = [(0.0, CLOCK, "seconds", 0), *((t, "watch", "replicas", v) for t, v in values)]
    for time, source, field, value in [*rows, (until, CLOCK, "seconds", until)]:
        timeline.append(Row(time, source, "Deployment/web", field, value))  # type: ignore[arg-type]
    return timeline


def three(timeline: Timeline) -> bool:
    return timeline.value(source="watch", field="replicas") == 3


@pytest.mark.parametrize(
    ("timeline", "holds"),
    [
        (watched((0.0, 3), until=10.0), True),
        (watched((0.0, 3), until=9.0), False),
        (watched((0.0, 2), (1.0, 3), until=11.0), True),
        (watched((0.0, 3), (5.0, 2), (6.0, 3), until=15.0), False),
        (watched((0.0, 3), (14.0, 2), until=15.0), False),
        (Timeline(), False),
    ],
)
def test_a_state_holds_for_ten_seconds(timeline: Timeline, holds: bool) -> None:
    assert held(timeline, three, 10.0) is holds


def one(timeline: Timeline) -> list[Verdict]:
    return [judge("There are three.", three(timeline), wanted="3", seen="?", hint="few")]


def test_what_was_not_observed_to_its_end_could_not_run() -> None:
    timeline = watched((0.0, 3), until=10.0)
    assert judged(one, timeline)[0].outcome is Outcome.COULD_NOT_RUN
    timeline.append(Row(10.0, CLOCK, "Lab/x", "observed", True))
    assert passed(judged(one, timeline))


def test_what_broke_is_told() -> None:
    timeline = watched((0.0, 3), until=10.0)
    timeline.append(Row(10.0, CLOCK, "Lab/x", "observed", True))
    timeline.append(Row(10.0, CLOCK, "Lab/x", "broke", "The cluster does not answer."))
    (verdict,) = judged(one, timeline)
    assert verdict.outcome is Outcome.COULD_NOT_RUN
    assert "does not answer" in verdict.seen


def test_hints_are_those_of_what_failed_each_once() -> None:
    outcomes = [(True, "a"), (False, "b"), (None, "c"), (False, "b"), (False, "d")]
    verdicts = [judge("x", o, wanted="", seen="", hint=h) for o, h in outcomes]
    assert hints(verdicts) == ("b", "d")
    assert not passed(verdicts)
    assert not passed([])
