"""Containers by the CPU that they request and their CPU limit, under a LimitRange: who is let in.

Rows: the LimitRange's manifest (`helpers.model.limit_ranges`), and trials of Pods of one container.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from helpers.model import admission, limit_ranges, manifests
from helpers.model.admission import LimitRange
from helpers.model.manifests import Manifest
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline
from helpers.model.trials import trials

REQUESTS: tuple[int, ...] = (50, 100, 200, 400, 800, 1600)
LIMITS: tuple[int, ...] = (100, 200, 400, 800, 1500, 2000)
LARGEST = 2000
"""All in millicores."""


@dataclass(frozen=True, slots=True)
class Point:
    """A container: its request and limit in millicores (None: not written), and its fate.

    `rule` and `let_in` say whether it is let in; `by` is who refuses by the rule, `message` the
    server's words; `agrees` is whether amounts or words are those of the rule.
    """

    request: int | None
    limit: int | None
    rule: bool
    let_in: bool
    by: str
    message: str
    agrees: bool
    untouched: bool
    """Whether what was stored is what was written."""


def pods(namespace: str, lesson: str, limits: LimitRange) -> list[Manifest]:
    """Return every request with every limit, and without; and requests at the edges of the rule."""
    pairs = [(r, limit) for limit in (None, *LIMITS) for r in (None, *REQUESTS)]
    pairs += [(edge, None) for edge in _edges(limits)]
    return [
        manifests.burn_pod(
            namespace=namespace,
            lesson=lesson,
            name=f"r{request or '-none'}-l{limit or '-none'}",
            requests={"cpu": _text(request)},
            limits={"cpu": _text(limit)},
        )
        for request, limit in dict.fromkeys(pairs)
    ]


def points(timeline: Timeline) -> list[Point]:
    """Return the containers of a run, in the order in which they were tried."""
    limits = limit_ranges.sent(timeline)
    found = []
    for trial in trials(timeline) if limits is not None else ():
        written = limit_ranges.container(trial.sent)
        answer = limit_ranges.expected(trial, limits)
        stored = None if trial.stored is None else limit_ranges.container(trial.stored)
        found.append(
            Point(
                _milli(written.requests.get("cpu")),
                _milli(written.limits.get("cpu")),
                answer.stored is not None,
                stored is not None,
                answer.by,
                trial.message,
                limit_ranges.agrees(trial, answer),
                stored == written,
            )
        )
    return found


def window(limits: LimitRange, limit: int | None) -> tuple[int, int] | None:
    """Return the least and the largest request (millicores) that is let in beside this limit.

    None where no request is. A limit that is not written is the default. Upstream: validation and
    LimitRanger, as in `helpers.model.admission`.
    """
    default = limits.default.get("cpu")
    offered = LARGEST if default is None else admission.milli(default)
    high = offered if limit is None else limit
    least, most = limits.min.get("cpu"), limits.max.get("cpu")
    if (most is not None and high > most.millicores) or (
        least is not None and high < least.millicores
    ):
        return None
    low = Fraction(1)
    if least is not None:
        low = max(low, Fraction(least.millicores))
    if ratio := limits.ratio.get("cpu"):
        low = max(low, Fraction(high) / ratio.amount)
    return (-int(-low // 1), high) if low <= high else None


def largest_alone(timeline: Timeline) -> int | None:
    """Return the largest request, in millicores, that was let in without a limit."""
    alone = [p.request for p in points(timeline) if p.limit is None and p.let_in and p.request]
    return max(alone, default=None)


def _edges(limits: LimitRange) -> Iterator[int]:
    """Yield the requests on both sides of where a request alone is let in, or not."""
    found = window(limits, None)
    yield from found or ()
    if found is not None:
        low, high = found
        yield high + 1
        if low > 1:
            yield low - 1


def _milli(amount: Quantity | None) -> int | None:
    return None if amount is None else admission.milli(amount)


def _text(millicores: int | None) -> str | None:
    return None if millicores is None else f"{millicores}m"
