"""What a quantity means: spellings shown to the API server, and the book's first example."""

from __future__ import annotations

import contextlib
import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from helpers.charts.quantities import ASKED, Point, QuantitiesChart
from helpers.experiments import pods, trying
from helpers.forms.fields import Entry, Field
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script, Trouble
from helpers.lesson.prediction import Number
from helpers.model import manifests
from helpers.model.memory import PREFIXES
from helpers.model.quantity import Quantity, QuantityError
from helpers.model.timeline import Timeline
from helpers.model.trials import readings, trials

CPU = ("0.5", "500m", "1000m", "1", "0.25", "0.001", "0.0005", "0.1m")
MEMORY = ("128974848", "129e6", "129M", "123Mi", "400m", "64K", "64k", "64Ki", "1000M", "8Ei")
OWN = "yours"
"""Name of the pod that shows the learner's own quantities to the server."""


def _cpu(entry: Entry) -> str:
    return _means(entry, lambda quantity: f"{quantity.millicores:,} millicores")


def _memory(entry: Entry) -> str:
    return _means(entry, lambda quantity: f"{quantity.bytes:,} bytes")


def _means(entry: Entry, amount: Any) -> str:
    """Say what the rule makes of a quantity; the form lets a wrong one pass on to the server."""
    try:
        quantity = Quantity.parse(str(entry))
    except QuantityError as refusal:
        return f"The rule: refused. {refusal.hint}"
    return f"The rule: {quantity.canonical}, that is {amount(quantity)}."


@dataclass(frozen=True)
class Written:
    """Two quantities as somebody types them, right or wrong."""

    cpu: Annotated[
        str,
        Field(
            "a quantity of CPU",
            "text",
            "Type anything; the manifest takes it as it is, and the server judges it.",
            explain=_cpu,
        ),
    ] = "0.5"
    memory: Annotated[
        str,
        Field(
            "a quantity of memory",
            "text",
            "Try 64K, 64k and 64Ki, or the 129e6 of a program that writes manifests.",
            explain=_memory,
        ),
    ] = "64K"


class QuantitiesAreRead(Experiment[Written]):
    """What the API server stores for each spelling of an amount, and what it refuses.

    Every spelling is a pod of its own, sent with dry-run: judged and thrown away. Then the book's
    first example runs, and its cgroup is read.
    """

    id = "what-a-quantity-means"
    title = "What a quantity means"
    seconds = 5
    spec = Written
    script = Script(
        prediction=7.0,
        values={"cpu": "0.5", "memory": "64K"},
        misconceptions={
            "with and without the i are the same": 0.0,
            "the gap is that of a kilobyte, whatever the prefix": 2.5,
        },
    )
    measured = (
        "<p>Every spelling is sent to the API server as the limit of a pod, with dry-run: the "
        "server decodes, defaults and validates it as always, answers what it would store, and "
        "keeps nothing. A dot compares what it stored for 1k and 1Ki, 1M and 1Mi, and so on.</p>"
        "<p>The web server at the end is a real pod. What its container got is read in its own "
        "control group.</p>"
    )

    def question(self) -> Number:
        """Ask how much is lost without the i, in percent."""
        return Number(
            "You write <b>1G</b> where you meant <b>1Gi</b>. How much less memory is that?",
            0,
            15,
            "%",
            0.5,
            start=1.0,
        )

    def build(self, values: Written, place: Place) -> Manifest:
        """Return the pod that shows the learner's quantities to the server."""
        return _shown(place, OWN, {"cpu": values.cpu, "memory": values.memory})

    async def run(self, bench: Bench, values: Written) -> None:
        """Show every spelling to the server, then run the book's first example."""
        asked = list(_manifests(bench.place))
        bench.progress("Showing your quantities to the server", 0.0)
        await bench.call(trying.dry_run, bench, self.build(values, bench.place))
        for number, manifest in enumerate(asked):
            bench.progress(f"{number + 1} of {len(asked)} spellings", 0.7 * number / len(asked))
            await bench.call(trying.dry_run, bench, manifest)
        web = manifests.webserver_pod(namespace=bench.place.namespace, lesson=bench.place.lesson)
        bench.progress("Starting the web server", 0.75)
        await bench.apply(web)
        with contextlib.suppress(Trouble):  # full nodes do not spoil what the server has said
            await pods.started(bench, "webserver")
            await pods.read(bench, "webserver", seconds=0, limit="500m")
        bench.progress(f"{len(asked) + 1} spellings", 1.0)

    def chart(self, timeline: Timeline) -> QuantitiesChart:
        """Return the chart of what is lost without the i, by prefix."""
        return QuantitiesChart(timeline)

    def outcome(self, timeline: Timeline) -> float | None:
        """Return how much less 1G is than 1Gi, in percent, by what the server stored of both."""
        return _asked(timeline).measured

    def difference(self, timeline: Timeline) -> str:
        """Say what 1G is beside 1Gi, and what the server said of the learner's own."""
        said = timeline.value(source="learner", field="prediction")
        point = _asked(timeline)
        small, large = Quantity.parse("1G"), Quantity.parse("1Gi")
        return (
            f"<b>1G is {small.bytes:,} bytes and 1Gi is {large.bytes:,}</b>: {point.measured:.1f} "
            f"% less; you said {said:g} %. {_verdict(timeline)}"
            "<p>Next: type a quantity of your own. Which one will the server refuse?</p>"
        )


def _asked(timeline: Timeline) -> Point:
    """Return the prefix that the prediction is about, as far as it is measured."""
    return next(p for p in QuantitiesChart(timeline).points if p.prefix.decimal == ASKED)


def _shown(place: Place, name: str, limits: dict[str, str | None]) -> Manifest:
    return manifests.burn_pod(
        namespace=place.namespace, lesson=place.lesson, name=name, limits=limits
    )


def _manifests(place: Place) -> Iterator[Manifest]:
    """Yield a manifest for each spelling, then the book's example by its text and by its YAML."""
    number = 0
    pairs = [text for prefix in PREFIXES for text in (f"1{prefix.decimal}", f"1{prefix.binary}")]
    for resource, texts in (("memory", [*pairs, *MEMORY]), ("cpu", CPU)):
        for text in texts:
            number += 1
            yield _shown(place, f"spelling-{number}", {resource: text})
    for memory in ("250Mi", "64Mi"):
        yield manifests.webserver_pod(
            namespace=place.namespace,
            lesson=place.lesson,
            limits={"cpu": "500m", "memory": "128Mi"},
            requests={"cpu": "250m", "memory": memory},
        )


def _verdict(timeline: Timeline) -> str:
    """Say in a sentence what the server made of the learner's own quantities."""
    row = timeline.last(source="session", object=f"Pod/{OWN}", field="trial")
    assert row is not None
    own = Timeline()
    own.append(row)
    (trial,) = trials(own)
    if trial.stored is None:
        return f"The server refused yours: <q>{html.escape(trial.message)}</q>."
    words = ", ".join(
        f"{html.escape(reading.text)} is stored as {html.escape(str(reading.stored))}"
        for resource in ("cpu", "memory")
        for reading in readings(own, resource)
    )
    return f"Of yours, {words}."
