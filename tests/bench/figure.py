"""What a measurement is, and the arithmetic on it. Pure."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

Json = str | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]

GIB = 1024**3


@dataclass(frozen=True)
class Figure:
    """One figure: what was measured, in which unit, and the bound that it is to keep.

    `value` is None when it could not be measured, and `bound` when the project sets none.
    """

    what: str
    unit: str
    value: float | None
    bound: float | None = None
    values: Sequence[float] = ()
    beside: Mapping[str, Json] = field(default_factory=dict)

    @property
    def holds(self) -> bool | None:
        """Whether the bound is kept; None without a bound. What was not measured keeps none."""
        if self.bound is None:
            return None
        return self.value is not None and self.value <= self.bound

    def report(self) -> dict[str, Json]:
        """The figure as it goes into the document."""
        said: dict[str, Json] = {"what": self.what, "unit": self.unit}
        said |= {"value": rounded(self.value), "bound": self.bound, "holds": self.holds}
        if self.values:
            said["values"] = [rounded(value) for value in self.values]
        return said | dict(self.beside)


def median(what: str, unit: str, values: Sequence[float], **more: Json) -> Figure:
    """A figure without a bound: the median of what was measured."""
    return Figure(what, unit, statistics.median(values), None, values, more)


def percentile(values: Iterable[float], share: float) -> float:
    """Return the smallest of the values that at least `share` (0 to 1) of them do not exceed."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    # In whole counts: 0.95 × 20 is a little more than 19 for a float.
    return ordered[max(math.ceil(round(share * len(ordered), 9)), 1) - 1]


def p95(what: str, bound: float, milliseconds: Sequence[float]) -> Figure:
    """A figure in ms: the 95th percentile, with the median and the greatest beside it."""
    beside: dict[str, Json] = {
        "median": rounded(statistics.median(milliseconds)),
        "greatest": rounded(max(milliseconds)),
    }
    return Figure(what, "ms", percentile(milliseconds, 0.95), bound, milliseconds, beside)


def rounded(value: float | None) -> float | None:
    """Three digits behind the point say more than enough of any of these."""
    return None if value is None else round(value, 3)


def cold_start(records: str) -> tuple[float, dict[str, Json]] | None:
    """Find the last cold start among the records of commands, JSON a line; None if there is none.

    A start was cold when it made the node image and went through. The Python environment made
    right before it belongs to it: its own record ends less than a minute before.
    """
    began = ended = None
    found: tuple[float, dict[str, Json]] | None = None
    for line in records.splitlines():
        record = json.loads(line)
        steps, at = record["steps"], datetime.fromisoformat(record["began"]).timestamp()
        if record["command"] == "environment":
            began, ended = at, at + record["seconds"]
        elif record["command"] == "start" and record["good"] and "node image" in steps:
            first = began if began is not None and ended is not None and at - ended < 60 else at
            found = at + record["seconds"] - first, {"began": record["began"], "steps": steps}
    return found


def used_memory(controller: str, usage: int, stat: str) -> int:
    """Return the bytes that a cgroup holds and cannot drop: all without the page cache.

    `controller` is "v1" or "v2"; `usage` the file memory.usage_in_bytes or memory.current, `stat`
    memory.stat. Files in memory (tmpfs) count as cache there, but have nowhere else to be.
    Rule: the kernel's Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst.
    """
    counts = {name: int(value) for name, value in map(str.split, stat.splitlines())}
    if controller == "v1":
        return usage - counts["total_cache"] + counts.get("total_shmem", 0)
    return usage - counts["file"] + counts.get("shmem", 0)
