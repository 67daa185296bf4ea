"""A StatefulSet starts: in which order its Pods come, and by which names they are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from helpers.charts.set_order import OrderChart, grown
from helpers.experiments import pods, sets
from helpers.forms.fields import choice, integer
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import manifests, set_run, statefulset
from helpers.model.statefulset import NAME, ORDERED, PARALLEL, POLICIES, PORT, SERVICE
from helpers.model.timeline import Timeline

OTHER = "other"


@dataclass(frozen=True)
class Start:
    """How many Pods, in which order, and the port of their Service."""

    replicas: Annotated[int, integer("replicas", low=2, high=4)] = 3
    policy: Annotated[
        str, choice("podManagementPolicy", *POLICIES, help="The server's own choice comes first.")
    ] = ORDERED
    port: Annotated[
        int, integer("Service: port", low=1, high=65535, help="The book's: 80, for the pods' 3000.")
    ] = 80


class SetStarts(Experiment[Start]):
    """Two sets start, one by each policy; a client asks for the names of the first one."""

    id = "a-set-starts-in-order"
    title = "A StatefulSet starts"
    seconds = 35
    spec = Start
    script = Script(
        prediction=1.0,
        misconceptions={
            "all are made at once, as by a Deployment": 3.0,
            "the next one starts when this one runs, ready or not": 2.0,
        },
    )
    measured = (
        "<p>The workbook watches the Pods of two sets: yours, and after it one with the other "
        "<code>podManagementPolicy</code>. A dot is the moment in which a Pod was made; the rule's "
        "line steps up whenever one has become ready. A Pod is ready when it serves its file.</p>"
        "<p>Then a Pod <code>client</code> looks up the Service's name and those of the Pods, and "
        "asks <code>randserver-0.randserver</code> for its file on two ports.</p>"
    )

    def question(self) -> Number:
        """Ask how many Pods there are when the first is ready."""
        return Number(self.ask(Start()), 0, 4, "pods", start=0)

    def ask(self, values: Start) -> str:
        """Put the question for these values."""
        return (
            f"A StatefulSet asks for <b>{values.replicas}</b> pods, with the policy <b>"
            f"{values.policy}</b>. How many of them exist, running or not, in the moment in which "
            f"<code>{NAME}-0</code> becomes ready?"
        )

    def check(self, values: Start) -> Mapping[str, str]:
        """Refuse the one port that would hide what the card is about."""
        if values.port == PORT:
            return {"port": f"Service: port: take another one than the pods' own {PORT}."}
        return {}

    def build(self, values: Start, place: Place) -> list[Manifest]:
        """Return the headless Service and the set."""
        service = statefulset.headless_service(
            namespace=place.namespace, lesson=place.lesson, port=values.port
        )
        return [service, _set(place, NAME, values.replicas, values.policy)]

    async def run(self, bench: Bench, values: Start) -> None:
        """Start the set, ask for its names, then start one with the other policy."""
        place = bench.place
        service, mine = self.build(values, place)
        bench.progress(f"{values.replicas} pods, {values.policy}", 0.0)
        await bench.apply(service)
        await sets.apply(bench, mine)
        await bench.apply(
            manifests.burn_pod(namespace=place.namespace, lesson=place.lesson, name="client")
        )
        await sets.ready(bench, f"{NAME}-", values.replicas)
        await pods.started(bench, "client")
        bench.progress("Asking for the names", 0.6)
        names = [statefulset.pod_name(NAME, ordinal) for ordinal in range(values.replicas)]
        await bench.call(_ask, bench, names, values.port)
        await sets.files(bench, "started", {NAME: names})
        policy = PARALLEL if values.policy == ORDERED else ORDERED
        bench.progress(f"{values.replicas} pods, {policy}", 0.7)
        await sets.apply(bench, _set(place, OTHER, values.replicas, policy))
        await sets.ready(bench, f"{OTHER}-", values.replicas)
        bench.progress(f"{2 * values.replicas} pods in two sets", 1.0)

    def chart(self, timeline: Timeline) -> OrderChart:
        """Return the chart of Pods made over time."""
        return OrderChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return how many Pods the watch had seen when the set's first one became ready."""
        runs = grown(timeline)
        return runs[0].when_first_ready if runs else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many there were, by which policy, and what the other one does."""
        said = timeline.value(source="learner", field="prediction")
        shown = OrderChart(timeline)
        mine = shown.runs[0] if shown.runs else None
        number = self.outcome(timeline)
        if mine is None or number is None:
            return f"<b>The first pod did not become ready.</b> You said {said:g}."
        words = f"<b>{number} of {mine.replicas}; you said {said:g}.</b> "
        words += (
            f"{mine.policy} makes the next pod only when the one before is ready. "
            if mine.policy == ORDERED
            else f"{mine.policy} makes all pods at once. "
        )
        if len(shown.runs) > 1 and shown.runs[1].took is not None and mine.took is not None:
            other = shown.runs[1]
            words += (
                f"Until the last one was ready it took {mine.took:.0f} s; with {other.policy}, "
                f"{other.took:.0f} s."
            )
        return (
            f"{words}<p>Next: choose {PARALLEL if mine.policy == ORDERED else ORDERED}. For which "
            "programs does the order matter?</p>"
        )


def _set(place: Place, name: str, replicas: int, policy: str) -> Manifest:
    return statefulset.stateful_set(
        namespace=place.namespace,
        lesson=place.lesson,
        name=name,
        replicas=replicas,
        policy=policy,
    )


def _ask(bench: Bench, names: list[str], port: int) -> None:
    """Ask for all names, until each of them is known."""
    whole = statefulset.dns_name(names[0], SERVICE, bench.session.namespace)
    short = [f"{name}.{SERVICE}" for name in names]

    def known() -> bool:
        found = set_run.lookups(bench.timeline)
        return len(found[SERVICE].addresses) == len(names) and all(
            found[name].addresses for name in short
        )

    ports = [(short[0], port), (short[0], PORT)]
    sets.ask(bench, [SERVICE, *short, whole], ports, known)
