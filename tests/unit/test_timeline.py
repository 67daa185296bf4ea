"""The Timeline keeps what it was given, in order, for everyone."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.model.timeline import Row, Timeline, Value

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)  # fmt: skip
rows = st.builds(Row, st.floats(0, 4e9), st.text(), st.text(), st.text(), json_values)


def row(value: Value, field: str = "status.phase", time: float = 1.0) -> Row:
    return Row(time, "watch", "Pod/burn", field, value)


@given(st.dictionaries(st.text(), json_values), st.lists(rows, max_size=6))
def test_what_is_written_is_read_back_equal(meta: dict[str, Value], some: list[Row]) -> None:
    timeline = Timeline(meta)
    for one in some:
        timeline.append(one)
    again = Timeline.from_jsonl(timeline.to_jsonl())
    assert again.meta == timeline.meta
    assert again.rows == timeline.rows == tuple(some)


def test_where_last_and_value() -> None:
    timeline = Timeline()
    for one in (row("Pending"), row("Running", time=2.0), row("burn-1", field="spec.nodeName")):
        timeline.append(one)
    assert [r.value for r in timeline.where(field="status.phase")] == ["Pending", "Running"]
    assert timeline.where(source="event") == ()
    assert timeline.last(object="Pod/burn", field="status.phase") == row("Running", time=2.0)
    assert timeline.value(field="spec.nodeName") == "burn-1"
    assert timeline.last(object="Pod/other") is None
    assert timeline.value(object="Pod/other") is None


def test_a_record_does_not_change_when_its_giver_changes_the_value() -> None:
    timeline, containers = Timeline(), ["burn"]
    timeline.append(row({"containers": containers}))
    containers.append("another")
    assert timeline.rows[0].value == {"containers": ["burn"]}


@pytest.mark.parametrize("value", [{"a": object()}, {1, 2}, float("nan")])
def test_a_value_that_json_cannot_hold_is_refused(value: object) -> None:
    timeline = Timeline()
    with pytest.raises((TypeError, ValueError)):
        timeline.append(row(value))  # type: ignore[arg-type]
    assert len(timeline) == 0


def test_subscribers_hear_each_row_until_they_leave() -> None:
    timeline, heard = Timeline(), list[Row]()
    leave = timeline.subscribe(heard.append)
    timeline.append(row("Pending"))
    leave()
    leave()
    timeline.append(row("Running"))
    assert heard == [row("Pending")]


def test_a_failing_subscriber_is_told_of_and_silences_nobody() -> None:
    timeline, heard = Timeline(), list[Row]()

    def fail(_: Row) -> None:
        raise RuntimeError("the chart broke")

    timeline.subscribe(fail)
    timeline.subscribe(heard.append)
    with pytest.raises(RuntimeError, match="the chart broke"):
        timeline.append(row("Pending"))
    assert heard == list(timeline.rows) == [row("Pending")]


def test_a_subscriber_may_append_and_read() -> None:
    timeline = Timeline()

    def echo(seen: Row) -> None:
        if seen.source == "watch":
            timeline.append(Row(seen.time, "model", seen.object, seen.field, len(timeline.rows)))

    timeline.subscribe(echo)
    timeline.append(row("Pending"))
    assert timeline.value(source="model") == 1


def test_threads_lose_nothing() -> None:
    timeline = Timeline()

    def fill(name: str) -> None:
        for number in range(500):
            timeline.append(row(number, field=name))

    threads = [threading.Thread(target=fill, args=(f"f{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(timeline) == 2000
    for i in range(4):
        assert [r.value for r in timeline.where(field=f"f{i}")] == list(range(500))


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "empty"), ("{}\nnonsense\n", "line 2"), ('{}\n{"time": 1}\n', "line 2"), ("7", "line 1")],
)
def test_other_text_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Timeline.from_jsonl(text)
