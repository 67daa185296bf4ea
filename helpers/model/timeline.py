"""The Timeline: what was seen and done in a run, row by row, and never changed afterwards.

Everything that shows or judges a run (chart, table, claim, check, recording) reads a Timeline;
nothing of it asks the cluster. So a run read back from a file is as good as a live one.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = (
    "bool | int | float | str | Sequence[Value] | Mapping[str, Value] | None"  # what JSON can say
)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing seen: at `time` (seconds since the epoch), `source` said this of `object`.

    `source` is who saw it: "learner", "session", "watch", "event", "exec", "kubelet",
    "aws", "recorder" or "model". `object` is kind and name, such as "Pod/burn". `field` is a
    dotted path or a name, and `value` is JSON.
    """

    time: float
    source: str
    object: str
    field: str
    value: Value


class Timeline:
    """An append-only list of rows, safe to fill and read from several threads.

    `meta` says what the rows are about: lesson, card, recorded (ISO time), machine, kubernetes,
    cgroup ("v1" or "v2"), replay (bool).
    """

    def __init__(self, meta: Mapping[str, Value] | None = None) -> None:
        self.meta: dict[str, Value] = dict(meta or {})
        self._rows: list[Row] = []
        self._callbacks: dict[object, Callable[[Row], None]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._rows)

    def append(self, row: Row) -> None:
        """Add a row, then tell the subscribers, on this thread.

        A list or dict in `row.value` is copied, so that nobody can change the record later.
        Raises TypeError or ValueError for a value that JSON cannot hold. An error of a subscriber
        is raised here, after the row is in and every other subscriber has been told.
        """
        if not isinstance(row.value, str | int | None):
            value = json.loads(json.dumps(row.value, allow_nan=False))
            row = Row(row.time, row.source, row.object, row.field, value)
        with self._lock:
            self._rows.append(row)
            callbacks = list(self._callbacks.values())
        failure: Exception | None = None
        for callback in callbacks:
            try:
                callback(row)
            except Exception as error:
                failure = failure or error
        if failure is not None:
            raise failure

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows so far, in the order in which they were appended."""
        with self._lock:
            return tuple(self._rows)

    def until(self, time: float) -> Timeline:
        """Return what was known at that time (seconds since the epoch): the rows up to it."""
        before = Timeline(self.meta)
        before._rows = [row for row in self.rows if row.time <= time]
        return before

    def where(
        self, *, source: str | None = None, object: str | None = None, field: str | None = None
    ) -> tuple[Row, ...]:
        """Return the rows that agree with every argument given, oldest first."""
        return tuple(row for row in self.rows if _agrees(row, source, object, field))

    def last(
        self, *, source: str | None = None, object: str | None = None, field: str | None = None
    ) -> Row | None:
        """Return the newest row that agrees with every argument given, or None."""
        for row in reversed(self.rows):
            if _agrees(row, source, object, field):
                return row
        return None

    def value(
        self, *, source: str | None = None, object: str | None = None, field: str | None = None
    ) -> Value:
        """Return the value of the newest such row, or None where there is none."""
        row = self.last(source=source, object=object, field=field)
        return None if row is None else row.value

    def subscribe(self, callback: Callable[[Row], None]) -> Callable[[], None]:
        """Call `callback` with each row from now on, on the thread that appends it.

        Returns a function that ends the subscription; calling it twice does no harm.
        """
        key = object()
        with self._lock:
            self._callbacks[key] = callback

        def unsubscribe() -> None:
            with self._lock:
                self._callbacks.pop(key, None)

        return unsubscribe

    def to_jsonl(self) -> str:
        """Return the Timeline as text: `meta` in the first line, then one row a line."""
        lines: list[object] = [self.meta]
        lines += [
            {"time": r.time, "source": r.source, "object": r.object, "field": r.field,
             "value": r.value}
            for r in self.rows
        ]  # fmt: skip
        return "".join(
            json.dumps(line, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"
            for line in lines
        )

    @classmethod
    def from_jsonl(cls, text: str) -> Timeline:
        """Read what `to_jsonl` wrote. Raises ValueError, naming the line, for anything else."""
        timeline: Timeline | None = None
        # Not splitlines: JSON text may hold U+2028, which splitlines would cut at.
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            try:
                data = json.loads(line)
                if timeline is None:
                    timeline = cls(dict(data))
                else:
                    timeline.append(
                        Row(
                            float(data["time"]),
                            str(data["source"]),
                            str(data["object"]),
                            str(data["field"]),
                            data["value"],
                        )
                    )
            except (ValueError, TypeError, KeyError) as error:
                raise ValueError(f"line {number} is not a row of a Timeline: {error!r}") from error
        if timeline is None:
            raise ValueError("an empty text is not a Timeline: its first line should be the meta")
        return timeline


def _agrees(row: Row, source: str | None, object: str | None, field: str | None) -> bool:
    return (
        (source is None or row.source == source)
        and (object is None or row.object == object)
        and (field is None or row.field == field)
    )
