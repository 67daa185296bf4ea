"""Pods from a seed under a quota: which are let in, and why the others are not."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from helpers.charts.random_pods import RandomPodsChart
from helpers.experiments import trying
from helpers.forms.fields import integer, quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Table
from helpers.model import quota_run, quotas, random_pods
from helpers.model.admission import Quota
from helpers.model.quantity import Quantity
from helpers.model.random_pods import COUNT, LACKS, LET_IN, NOT_VALID, WORDS
from helpers.model.timeline import Timeline

WITHIN = 20.0  # seconds for the quota's controller
NAMES = tuple(f"pod-{number}" for number in range(1, COUNT + 1))


@dataclass(frozen=True)
class Drawn:
    """A quota, and the seed of the pods that are asked about."""

    seed: Annotated[
        int, integer("seed", low=1, high=9999, help="Another seed, other pods: eight each time.")
    ] = 18
    cpu: Annotated[
        str,
        quantity(
            "hard limits.cpu",
            help="What all Pods of the namespace together may have.",
            explain=lambda value: f"All CPU limits of the namespace add up to {value} at most.",
        ),
    ] = "1"
    memory: Annotated[
        str,
        quantity(
            "hard requests.memory",
            help="What all Pods of the namespace together may ask for.",
            explain=lambda value: f"All memory requests add up to {value} at most.",
        ),
    ] = "512Mi"


def _quota(values: Drawn, place: Place) -> Manifest:
    return quotas.resource_quota(
        namespace=place.namespace,
        lesson=place.lesson,
        hard={"limits.cpu": values.cpu, "requests.memory": values.memory},
    )


def _script() -> Script:
    """Return the rule's answers to the first seed, and those of two wrong ideas."""
    quota = Quota.parse(_quota(Drawn(), Place("oracle", "oracle")))
    right = random_pods.answers(quota, random_pods.pods(Drawn().seed, "oracle", "oracle"))

    def if_let_in(word: str) -> tuple[str, ...]:
        return tuple(LET_IN if said == word else said for said in right)

    return Script(
        prediction=right,
        misconceptions={
            "what is not written counts nothing": if_let_in(LACKS),
            "a request may be above its limit": if_let_in(NOT_VALID),
        },
    )


class Oracle(Experiment[Drawn]):
    """What a quota makes of eight random pods, each of them shown to the server alone."""

    id = "an-oracle-of-admission"
    title = "Be the oracle"
    seconds = 3
    spec = Drawn
    script = _script()
    measured = (
        "<p>The quota is made; then each pod is sent to the API server with dry-run, alone, so "
        "that nothing is used when it is judged. <i>too much</i> is a refusal with <q>exceeded "
        "quota</q>, <i>number missing</i> one with <q>failed quota</q>, and <i>not valid</i> any "
        "other; <i>Table</i> holds the server's words.</p>"
    )

    def question(self) -> Table:
        """Ask for the server's answer to each pod."""
        return Table(self.ask(Drawn()), NAMES, ("the server says",), WORDS)

    def ask(self, values: Drawn) -> str:
        """Put the question for the pods of this seed."""
        shown = random_pods.pods(values.seed, "oracle", "oracle")
        listed = "<br>".join(
            f"<b>{name}</b> {html.escape(random_pods.declares(pod))}"
            for name, pod in zip(NAMES, shown, strict=True)
        )
        return (
            f"A quota allows <b>limits.cpu {values.cpu}</b> and <b>requests.memory "
            f"{values.memory}</b>. Nothing is used yet. Each of these pods is asked about alone:"
            f"<br>{listed}<br>What does the server say?"
        )

    def check(self, values: Drawn) -> Mapping[str, str]:
        """Refuse what the server would refuse."""
        fields = {"cpu": "hard limits.cpu", "memory": "hard requests.memory"}
        return {
            field: f"{label}: must be greater than or equal to 0."
            for field, label in fields.items()
            if Quantity.parse(getattr(values, field)).amount < 0
        }

    def build(self, values: Drawn, place: Place) -> list[Manifest]:
        """Return the quota and the pods."""
        return [
            _quota(values, place),
            *random_pods.pods(values.seed, place.namespace, place.lesson),
        ]

    async def run(self, bench: Bench, values: Drawn) -> None:
        """Make the quota, and show every pod to the server."""
        quota, *shown = self.build(values, bench.place)
        bench.progress("Making the quota", 0.0)
        await bench.apply(quota)
        await bench.wait(quota_run.filled, WITHIN, "the quota to be counted")
        bare = random_pods.bare(bench.place.namespace, bench.place.lesson)
        await bench.call(trying.until, bench, bare, lambda trial: trial.stored is None)
        for number, pod in enumerate(shown, 1):
            bench.progress(f"{number} of {len(shown)} pods", number / (len(shown) + 1))
            await bench.call(trying.dry_run, bench, pod)
        bench.progress(f"{len(shown)} pods", 1.0)

    def chart(self, timeline: Timeline) -> RandomPodsChart:
        """Return the chart of answers by pod."""
        return RandomPodsChart(timeline)

    def outcome(self, timeline: Timeline) -> tuple[str, ...] | None:
        """Return the server's answer to each pod, by the words of its refusals."""
        found = tuple(one.measured for one in random_pods.answered(timeline))
        return found if len(found) == COUNT else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many answers were right, and the server's words about the first that was not."""
        chart = RandomPodsChart(timeline)
        wrong = chart.wrong
        right = len(chart.answers) - len(wrong)
        told = f"<b>{right} of {len(chart.answers)} answers are as you said.</b>"
        if wrong:
            one = wrong[0]
            found = next(p for p in random_pods.answered(timeline) if p.name == one.row)
            words = found.message or found.declares
            told += (
                f" Of <b>{one.row}</b> you said <q>{one.said}</q>, and the server <q>{one.measured}"
                f"</q>: {html.escape(words)}."
            )
        agree = sum(one.agrees for one in random_pods.answered(timeline))
        return (
            f"{told} Rule and server agree on {agree}."
            "<p>Next: take another seed. Can you get all eight?</p>"
        )
