"""What a LimitRange fills in: a table of what containers write, and what the server makes of it."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from helpers.charts.inheritance import CELLS, InheritanceChart
from helpers.experiments import trying
from helpers.forms.fields import quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Table
from helpers.model import admission, limit_ranges
from helpers.model.limit_ranges import AS_WRITTEN, DEFAULT, DEFAULT_REQUEST, OWN_LIMIT, REFUSED
from helpers.model.timeline import Timeline

FIELDS = {
    "default_cpu": "default.cpu",
    "default_memory": "default.memory",
    "request_cpu": "defaultRequest.cpu",
    "request_memory": "defaultRequest.memory",
}


@dataclass(frozen=True)
class Defaults:
    """What a LimitRange gives to containers that do not say it themselves."""

    default_cpu: Annotated[
        str,
        quantity(
            "default.cpu",
            help="The limit of a container that has none.",
            explain=lambda value: f"A container without a limit for it gets {value}.",
        ),
    ] = "1"
    default_memory: Annotated[
        str,
        quantity(
            "default.memory",
            help="The limit of a container that has none.",
            explain=lambda value: f"A container without a limit for it gets {value}.",
        ),
    ] = "512Mi"
    request_cpu: Annotated[
        str,
        quantity(
            "defaultRequest.cpu",
            help="The request of a container that has none.",
            explain=lambda value: f"A container without a request for it gets {value}.",
        ),
    ] = "500m"
    request_memory: Annotated[
        str,
        quantity(
            "defaultRequest.memory",
            help="The request of a container that has none.",
            explain=lambda value: f"A container without a request for it gets {value}.",
        ),
    ] = "256Mi"


class Inheritance(Experiment[Defaults]):
    """Where each amount of a container comes from, by what the container writes itself."""

    id = "what-a-limit-range-fills-in"
    title = "What a LimitRange fills in"
    seconds = 3
    spec = Defaults
    script = Script(
        prediction=(
            *(DEFAULT_REQUEST, DEFAULT),
            *(AS_WRITTEN, DEFAULT),
            *(OWN_LIMIT, AS_WRITTEN),
            *(AS_WRITTEN, AS_WRITTEN),
            REFUSED,
            *(DEFAULT_REQUEST, DEFAULT),
        ),
        misconceptions={
            "a request that is missing always comes from the LimitRange": (
                *(DEFAULT_REQUEST, DEFAULT),
                *(AS_WRITTEN, DEFAULT),
                *(DEFAULT_REQUEST, AS_WRITTEN),
                *(AS_WRITTEN, AS_WRITTEN),
                REFUSED,
                *(DEFAULT_REQUEST, DEFAULT),
            ),
            "the default gives way to a larger request": (
                *(DEFAULT_REQUEST, DEFAULT),
                *(AS_WRITTEN, DEFAULT),
                *(OWN_LIMIT, AS_WRITTEN),
                *(AS_WRITTEN, AS_WRITTEN),
                AS_WRITTEN,
                *(DEFAULT_REQUEST, DEFAULT),
            ),
        },
    )
    measured = (
        "<p>The LimitRange is made. Each pod is sent to the API server with dry-run: admission "
        "fills in, judges and answers, and keeps nothing. A dot says which of the amounts on offer "
        "the stored one equals.</p><p>Four pods more, which speak of memory too, are in "
        "<i>Table</i>.</p>"
    )

    def question(self) -> Table:
        """Ask where each request and each limit comes from."""
        return Table(
            self.ask(Defaults()),
            limit_ranges.ROWS,
            limit_ranges.KINDS,
            limit_ranges.WORDS,
            absent={("request 2", "requests"): "2 is written"},
        )

    def ask(self, values: Defaults) -> str:
        """Put the question for these defaults."""
        return (
            f"The LimitRange has <b>default</b> {values.default_cpu} CPU and "
            f"{values.default_memory}, <b>defaultRequest</b> {values.request_cpu} and "
            f"{values.request_memory}. On the left is what a container writes of CPU. Where do its "
            "request and its limit come from?"
        )

    def check(self, values: Defaults) -> Mapping[str, str]:
        """Refuse what the server would refuse in a LimitRange."""
        manifest = self.build(values, Place("limit-ranges", "limit-ranges"))
        by_path = {path: field for field, path in FIELDS.items()}
        item = admission.LimitRange.parse(manifest)
        found = {}
        for name in ("cpu", "memory"):
            fields = {"default": item.default, "defaultRequest": item.default_request}
            for path, amounts in fields.items():
                if amounts[name].amount < 0:
                    found[by_path[f"{path}.{name}"]] = f"{path}.{name}: must not be negative."
            for path, words in limit_ranges.refusals(manifest, name):
                where = f"{path}.{name}"
                found.setdefault(by_path[where], f"{where}: the server says: {words}.")
        return found

    def build(self, values: Defaults, place: Place) -> Manifest:
        """Return the LimitRange."""
        return limit_ranges.limit_range(
            namespace=place.namespace,
            lesson=place.lesson,
            default={"cpu": values.default_cpu, "memory": values.default_memory},
            default_request={"cpu": values.request_cpu, "memory": values.request_memory},
        )

    async def run(self, bench: Bench, values: Defaults) -> None:
        """Make the LimitRange, and show every pod to the server."""
        shown = limit_ranges.pods(bench.place.namespace, bench.place.lesson)
        await trying.under_limit_range(bench, self.build(values, bench.place), shown)

    def chart(self, timeline: Timeline) -> InheritanceChart:
        """Return the chart of where each amount comes from."""
        return InheritanceChart(timeline)

    def outcome(self, timeline: Timeline) -> tuple[str, ...] | None:
        """Return where each amount comes from, by which one on offer the stored one equals.

        Where several do, as when a limit is as large as the default, your word for it stands.
        """
        found = InheritanceChart(timeline).answers
        words = tuple(one.said if one.right else one.measured for one in found)
        return words if len(words) == len(CELLS) and all(words) else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many cells were right, what the first wrong one is, and what was refused."""
        chart = InheritanceChart(timeline)
        right = len(chart.answers) - len(chart.wrong)
        told = f"<b>{right} of {len(chart.answers)} cells are as you said.</b>"
        if chart.wrong:
            one = chart.wrong[0]
            told += (
                f" With <b>{one.row}</b> you said <q>{one.said}</q>; the server: "
                f"<q>{one.measured}</q>."
            )
        refused = next((fate for fate in chart.fates if fate.stored is None), None)
        if refused is not None:
            told += f" It refused {refused.row}: <q>{html.escape(refused.message)}</q>"
        return f"{told}<p>Next: which default.cpu lets a request of 2 in?</p>"
