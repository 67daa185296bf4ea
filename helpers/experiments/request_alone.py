"""Requests with and without limits under a LimitRange that has bounds: which are let in."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from helpers.charts.request_limit_grid import GridChart
from helpers.experiments import trying
from helpers.forms.fields import quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import admission, limit_ranges, request_limit_grid
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline

FIELDS = {
    "default": "default",
    "min": "least",
    "max": "most",
    "maxLimitRequestRatio": "ratio",
    "defaultRequest": "default",  # it is the default, as none is written
}
LABELS = {
    "default": "default.cpu",
    "least": "min.cpu",
    "most": "max.cpu",
    "ratio": "maxLimitRequestRatio.cpu",
}


@dataclass(frozen=True)
class Bounds:
    """A LimitRange for CPU: a default limit, and what no container may leave."""

    default: Annotated[
        str,
        quantity(
            "default.cpu",
            help="The limit of a container that has none.",
            explain=lambda value: f"A container without a limit gets {value}.",
        ),
    ] = "1"
    least: Annotated[
        str | None,
        quantity(
            "min.cpu",
            optional=True,
            help="No request or limit below it.",
            explain=lambda value: f"Nothing below {value}." if value else "No minimum.",
        ),
    ] = "100m"
    most: Annotated[
        str | None,
        quantity(
            "max.cpu",
            optional=True,
            help="No request or limit above it.",
            explain=lambda value: f"Nothing above {value}." if value else "No maximum.",
        ),
    ] = "1500m"
    ratio: Annotated[
        str | None,
        quantity(
            "maxLimitRequestRatio.cpu",
            optional=True,
            help="The limit may be so many times the request, and no more.",
            explain=lambda value: (
                f"The limit is at most {value} times the request." if value else "Any ratio."
            ),
        ),
    ] = "4"


class RequestAlone(Experiment[Bounds]):
    """Up to which request a container is let in that writes no limit."""

    id = "a-request-without-a-limit"
    title = "A request without a limit"
    seconds = 4
    spec = Bounds
    script = Script(
        prediction=1000.0,
        misconceptions={
            "only the maximum bounds a request": 1500.0,
            "the limit grows with the request": 2000.0,
            "the default limit times the ratio": 250.0,
        },
    )
    measured = (
        "<p>The LimitRange is made; then pods with every request and every limit of the axes are "
        "sent to the API server with dry-run, and requests just inside and just outside the rule. "
        "A dot is a pod that is let in, a cross one that is refused; <i>Table</i> holds the "
        "server's words.</p>"
    )

    def question(self) -> Number:
        """Ask for millicores. The slider does not begin at the answer."""
        return Number(self.ask(Bounds()), 0, request_limit_grid.LARGEST, "m", 50, start=0)

    def ask(self, values: Bounds) -> str:
        """Put the question for this LimitRange."""
        given = ", ".join(
            f"<b>{LABELS[field].split('.')[0]} {amount}</b>"
            for field, amount in vars(values).items()
            if amount
        )
        return (
            f"A LimitRange has for CPU: {given}. A container writes <code>requests.cpu</code> and "
            "no limit. Up to which request is it let in?"
        )

    def check(self, values: Bounds) -> Mapping[str, str]:
        """Refuse what the server would refuse in a LimitRange, and what leaves the axes."""
        found = {}
        for field, label in LABELS.items():
            text = getattr(values, field)
            amount = Quantity.parse(text) if text else None
            if field != "ratio" and amount and not 10 <= amount.millicores <= 2000:
                found[field] = f"{label}: choose from 10m to 2, or the chart has no place for it."
        manifest = self.build(values, Place("limit-ranges", "limit-ranges"))
        wrong = limit_ranges.refusals(manifest, "cpu")
        for path, words in sorted(wrong, key=lambda one: one[0] == "defaultRequest"):
            field = FIELDS[path]
            found.setdefault(field, f"{LABELS[field]}: the server says: {words}.")
        return found

    def build(self, values: Bounds, place: Place) -> Manifest:
        """Return the LimitRange."""
        return limit_ranges.limit_range(
            namespace=place.namespace,
            lesson=place.lesson,
            default={"cpu": values.default},
            min={"cpu": values.least},
            max={"cpu": values.most},
            ratio={"cpu": values.ratio},
        )

    async def run(self, bench: Bench, values: Bounds) -> None:
        """Make the LimitRange, and show every pod to the server."""
        manifest = self.build(values, bench.place)
        limits = admission.LimitRange.parse(manifest)
        shown = request_limit_grid.pods(bench.place.namespace, bench.place.lesson, limits)
        await trying.under_limit_range(bench, manifest, shown)

    def chart(self, timeline: Timeline) -> GridChart:
        """Return the chart of requests and limits that are let in."""
        return GridChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return the largest request that was let in without a limit, in millicores.

        None until 1m more was refused: up to there, only round numbers have been tried.
        """
        largest = request_limit_grid.largest_alone(timeline)
        refused = {
            p.request
            for p in request_limit_grid.points(timeline)
            if p.limit is None and not p.let_in
        }
        return largest if largest is not None and largest + 1 in refused else None

    def difference(self, timeline: Timeline) -> str:
        """Say up to where a request alone is let in, and who refuses above and below."""
        said = timeline.value(source="learner", field="prediction")
        largest = request_limit_grid.largest_alone(timeline)
        alone = [p for p in request_limit_grid.points(timeline) if p.limit is None and p.request]
        refused = [p for p in alone if not p.let_in]
        above = min(
            (p for p in refused if p.request and p.request > (largest or 0)),
            key=lambda p: p.request or 0,
            default=None,
        )
        below = max(
            (p for p in refused if p.request and p.request < (largest or 0)),
            key=lambda p: p.request or 0,
            default=None,
        )
        told = (
            f"<b>Without a limit, a request of up to {largest}m is let in; you said {said:g}m.</b>"
            if largest is not None
            else f"<b>Without a limit, no request is let in; you said {said:g}m.</b>"
        )
        for point in (above, below):
            if point is not None:
                told += f" {point.request}m is refused: <q>{html.escape(point.message)}</q>"
        return f"{told}<p>Next: empty the ratio. Which crosses become dots?</p>"
