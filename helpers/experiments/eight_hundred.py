"""The book's lifecycle policy: twenty days of pushes, and a rule that keeps 800 images."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Annotated, Any

from helpers.aws.account import Account
from helpers.charts.eight_hundred import KeptImagesChart
from helpers.experiments import ecr_images
from helpers.forms.fields import integer
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import aws, lifecycle, lifecycle_run
from helpers.model.lifecycle_run import DAYS, NAME, REPOSITORY, tag
from helpers.model.timeline import Row, Timeline, Value


@dataclass(frozen=True)
class Kept:
    """How many images the rule keeps, and how many a day the pipeline pushes."""

    number: Annotated[
        int, integer("countNumber", low=0, high=900, help="The rule acts on what is more.")
    ] = 800
    daily: Annotated[
        int,
        integer("images a day", low=1, high=50, help="What the pipeline pushes each day."),
    ] = 50


class KeepsEightHundred(Experiment[Kept]):
    """On which day a rule that keeps 800 images takes its first."""

    id = "a-rule-keeps-eight-hundred"
    title = "A rule that keeps 800 images"
    seconds = 20
    spec = Kept
    script = Script(
        prediction=17.0,
        values={"number": 800, "daily": 50},
        misconceptions={"at 800, not above": 16.0, "the quota of the registry counts": 20.0},
    )
    measured = (
        "<p>moto, AWS's stand-in on this machine, takes the policy and holds the images: each is a "
        "manifest that is really pushed. <b>But moto applies no policy.</b> What the rule takes is "
        "decided by the workbook's model of the rules that ECR documents; the workbook then "
        "deletes those images, and a dot is what moto lists afterwards.</p>"
        "<p>A day of this chart is a step of the run. ECR acts within 24 hours of an image's "
        "meeting the rule; here it acts once, at the end of each day.</p>"
    )

    def question(self) -> Number:
        """Ask for a day. The slider does not begin at the answer."""
        return Number(self.ask(Kept()), 1, DAYS, "", start=1)

    def ask(self, values: Kept) -> str:
        """Put the question for these values."""
        return (
            f"A pipeline pushes <b>{values.daily} images a day</b> into an empty repository. The "
            f"rule says <b>imageCountMoreThan {values.number}</b>. At the end of which day does "
            "the rule take its first image?"
        )

    def check(self, values: Kept) -> Mapping[str, str]:
        """Refuse what ECR refuses, and a rule that would take nothing in these days."""
        if wrong := lifecycle.refusals(policy(values.number)):
            return {"number": f"countNumber: ECR refuses this. {wrong[0]}."}
        if values.number >= values.daily * DAYS:
            return {
                "number": f"countNumber: {DAYS} days push {values.daily * DAYS} images, so this "
                "rule would take none. Choose fewer."
            }
        return {}

    def build(self, values: Kept, place: Place) -> Manifest:
        """Return the request that stores the policy."""
        return _put(policy(values.number))

    async def run(self, bench: Bench, values: Kept) -> None:
        """Store the policy, push day by day, and let the model apply the rule."""
        account = await bench.aws()
        await bench.call(account.call, "ecr:CreateRepository", repositoryName=NAME)
        await bench.call(_try_none, account)
        await bench.call(account.send, self.build(values, bench.place))
        await bench.call(account.call, "ecr:GetLifecyclePolicy", repositoryName=NAME)
        _note(bench, "daily", values.daily)
        there: list[str] = []
        for day in range(1, DAYS + 1):
            bench.progress(f"Day {day} of {DAYS}", day / (DAYS + 1))
            _note(bench, "day", day)
            there = await bench.call(_pass_day, account, values, day, there)
        bench.progress(f"{DAYS} days", 1.0)

    def chart(self, timeline: Timeline) -> KeptImagesChart:
        """Return the chart of images by day."""
        return KeptImagesChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return the first day after whose end moto lists fewer images than before it."""
        first = lifecycle_run.first_taken(timeline)
        return first.number if first else None

    def difference(self, timeline: Timeline) -> str:
        """Say on which day the first image went, and what was left then."""
        said = timeline.value(source="learner", field="prediction")
        run = lifecycle_run.days(timeline)
        first = lifecycle_run.first_taken(timeline)
        if run is None or first is None:
            return f"<b>No image was taken; you said day {said:g}.</b>"
        before = run.days[first.number - 2] if first.number > 1 else None
        eve = (
            f"On day {before.number} there were {before.pushed}, and none had to go: "
            if before
            else ""
        )
        return (
            f"<b>The first images went on day {first.number}; you said day {said:g}.</b> {eve}"
            f"more than {run.keep} is what the rule asks for. Of {first.pushed} images the oldest "
            f"{first.gone} went, and {html.escape(first.oldest)} is now the oldest."
            "<p>Next: how many are there in the middle of the day after?</p>"
        )


def policy(number: int) -> dict[str, Any]:
    """Return a policy with one rule: keep so many images, whatever their tags."""
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": number}
    return {
        "rules": [
            {
                "rulePriority": 10,
                "description": f"Keep {number} images",
                "selection": selection,
                "action": {"type": "expire"},
            }
        ]
    }


def _put(document: dict[str, Any]) -> Manifest:
    parameters: dict[str, Value] = {
        "registryId": aws.ACCOUNT,
        "repositoryName": NAME,
        "lifecyclePolicyText": document,
    }
    return aws.request(lifecycle_run.PUT, parameters)


def _try_none(account: Account) -> None:
    """Offer the policy that keeps none, which is refused."""
    request = _put(policy(0))
    account.tried(request["request"], **request["parameters"])


def _pass_day(account: Account, values: Kept, day: int, there: list[str]) -> list[str]:
    """Push what a day brings, apply the rule at its end, and return what is there then."""
    pushed = [tag(n) for n in range((day - 1) * values.daily + 1, day * values.daily + 1)]
    for name in pushed:
        ecr_images.push(account, NAME, name, [name])
    there = ecr_images.listed(account, NAME, [*there, *pushed])
    images = [
        lifecycle.Image(name, (name,), float(len(there) - place))
        for place, name in enumerate(there)
    ]
    fates = lifecycle.evaluate(policy(values.number), images)
    taken = [name for name, fate in fates.items() if fate.rule is not None]
    account.timeline.append(Row(time(), "model", REPOSITORY, "takes", len(taken)))
    ecr_images.delete(account, NAME, taken)
    return ecr_images.listed(account, NAME, there)


def _note(bench: Bench, field: str, value: Value) -> None:
    bench.timeline.append(Row(time(), "model", REPOSITORY, field, value))
