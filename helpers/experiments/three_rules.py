"""Three lifecycle rules over a repository of tagged and untagged images."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Annotated, Any

from helpers.charts.three_rules import FatesChart
from helpers.experiments import ecr_images
from helpers.forms.fields import choice, integer, text
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Table
from helpers.model import aws, lifecycle, lifecycle_run
from helpers.model.lifecycle import Image
from helpers.model.lifecycle_run import NAME, REPOSITORY
from helpers.model.timeline import Row, Timeline, Value

STAYS, GOES, ARCHIVED = "stays", "expires", "to the archive"
WORDS = {"keep": STAYS, "expire": GOES, "archive": ARCHIVED}

IMAGES = (
    Image("c31b165", ("c31b165",), 50),
    Image("prod-1", ("prod-1",), 40, pulled=2),
    Image("beta-1", ("beta-1",), 35, pulled=34),
    Image("prod-2", ("prod-2",), 30, pulled=29),
    Image("prod-3 and beta-3", ("prod-3", "beta-3"), 21, pulled=1),
    Image("beta-2", ("beta-2",), 20, pulled=3),
    Image("untagged, 12 days", (), 12),
    Image("prod-4", ("prod-4",), 9, pulled=1),
    Image("beta-4", ("beta-4",), 6, pulled=5),
    Image("untagged, half a day", (), 0.5),
)


@dataclass(frozen=True)
class Rules:
    """The three rules: for some tags, for untagged images, and for any."""

    priority: Annotated[
        int, integer("tagged: rulePriority", low=0, high=9, help="The lowest number goes first.")
    ] = 1
    tags: Annotated[
        str,
        text(
            "tagged: tags",
            help="Patterns or prefixes, with commas between; an image must meet all of them.",
        ),
    ] = "prod*"
    matched: Annotated[
        str,
        choice(
            "tagged: list",
            "tagPatternList",
            "tagPrefixList",
            help="A pattern is met by the whole tag, and * stands for anything.",
        ),
    ] = "tagPatternList"
    count: Annotated[
        str,
        choice(
            "tagged: countType",
            "imageCountMoreThan",
            "sinceImagePushed",
            "sinceImagePulled",
            help="By number, or by days since the push or the last pull.",
        ),
    ] = "imageCountMoreThan"
    number: Annotated[
        int, integer("tagged: countNumber", low=0, high=99, help="Images, or days.")
    ] = 2
    action: Annotated[
        str,
        choice("tagged: action", "expire", "transition", help="Transition means: to the archive."),
    ] = "expire"
    days: Annotated[
        int, integer("untagged: days", low=0, high=99, help="Older ones expire (rule 2).")
    ] = 1
    last: Annotated[
        int, integer("any: rulePriority", low=0, high=9, help="This rule selects all images.")
    ] = 3
    most: Annotated[
        int, integer("any: countNumber", low=0, high=99, help="How many images may be there.")
    ] = 4


class ThreeRules(Experiment[Rules]):
    """Which images three rules take: by priority, and what an earlier rule shields."""

    id = "three-rules-and-ten-images"
    title = "Three rules, ten images"
    seconds = 5
    spec = Rules
    script = Script(
        prediction=[GOES, GOES, GOES, GOES, STAYS, GOES, GOES, STAYS, STAYS, STAYS],
        values={"number": 2, "most": 4},
        misconceptions={
            "the last rule keeps the newest four, whatever came before": [
                *(GOES,) * 6, STAYS, STAYS, STAYS, STAYS,
            ],
            "what is in production is safe": [
                GOES, STAYS, GOES, STAYS, STAYS, GOES, GOES, STAYS, STAYS, STAYS,
            ],
        },
    )  # fmt: skip
    measured = (
        "<p>Ten manifests are pushed to moto, AWS's stand-in on this machine. When they were "
        "pushed and pulled is made up, for moto knows only now. <b>moto applies no policy</b> and "
        "answers its preview with an error, so the workbook's model of ECR's documented rules "
        "decides; the images that it lets expire are deleted, and a dot shows what moto lists "
        "afterwards.</p><p>Rules of today's grammar that moto does not know yet are refused by it; "
        "the model decides on them all the same.</p>"
    )

    def question(self) -> Table:
        """Ask what becomes of each image."""
        return Table(
            "Three rules are applied to ten images, oldest first. What becomes of each?",
            [_label(image) for image in IMAGES],
            ["becomes"],
            [STAYS, GOES, ARCHIVED],
        )

    def check(self, values: Rules) -> Mapping[str, str]:
        """Refuse what ECR refuses, at the field that is to be mended."""
        found: dict[str, str] = {}
        for wrong in lifecycle.refusals(policy(values)):
            name = _field(wrong, values)
            found.setdefault(name, f"ECR refuses this. {wrong}.")
        return found

    def build(self, values: Rules, place: Place) -> Manifest:
        """Return the request that stores the policy."""
        parameters: dict[str, Value] = {
            "repositoryName": NAME,
            "lifecyclePolicyText": policy(values),
        }
        return aws.request(lifecycle_run.PUT, parameters)

    async def run(self, bench: Bench, values: Rules) -> None:
        """Push the images, offer the policy, let the model decide, and delete what expires."""
        account = await bench.aws()
        await bench.call(account.call, "ecr:CreateRepository", repositoryName=NAME)
        _note(bench, "images", lifecycle_run.told(IMAGES))
        for image in IMAGES:
            await bench.call(ecr_images.push, account, NAME, image.name, image.tags)
        request = self.build(values, bench.place)
        await bench.call(account.tried, request["request"], **request["parameters"])
        fates = lifecycle.evaluate(policy(values), IMAGES)
        _note(bench, "fates", {name: [fate.rule, fate.action] for name, fate in fates.items()})
        gone = [name for name, fate in fates.items() if fate.action == "expire"]
        await bench.call(ecr_images.delete, account, NAME, gone)
        left = await bench.call(ecr_images.listed, account, NAME, [image.name for image in IMAGES])
        bench.progress(f"{len(left)} images are left", 1.0)

    def chart(self, timeline: Timeline) -> FatesChart:
        """Return the chart of images by age."""
        return FatesChart(timeline, WORDS)

    def outcome(self, timeline: Timeline) -> tuple[str, ...] | None:
        """Return what became of each image: whether moto lists it in the end.

        Of those that it lists, the run's own decision tells which are in the archive: moto has
        none.
        """
        left = lifecycle_run.left(timeline)
        if left is None:
            return None
        fates = lifecycle_run.decided(timeline)
        archived = {name for name, fate in fates.items() if fate.action == "archive"}
        return tuple(
            GOES if name not in left else ARCHIVED if name in archived else STAYS for name in fates
        )

    def difference(self, timeline: Timeline) -> str:
        """Say how many were told right, and where the first surprise is."""
        said = timeline.value(source="learner", field="prediction")
        fates = lifecycle_run.decided(timeline)
        guesses = dict(zip(fates, said, strict=False)) if isinstance(said, list) else {}
        became = dict(zip(fates, self.outcome(timeline) or (), strict=False))
        wrong = [name for name in became if guesses[name] != became[name]]
        gone = list(became.values()).count(GOES)
        right = len(fates) - len(wrong)
        head = f"<b>{gone} of {len(fates)} images are gone; you said {right} of them right.</b> "
        if not wrong:
            return head + "<p>Next: give the rule for tagged images the number 4. Who says no?</p>"
        name, fate = wrong[0], fates[wrong[0]]
        why = f"rule {fate.rule} takes it" if fate.rule is not None else "no rule may take it"
        return (
            f"{head}The first that you had otherwise is <b>{html.escape(name)}</b>: you said it "
            f"{html.escape(str(guesses[name]))}, and {why}."
            "<p>Next: look in the table for the rule that took each.</p>"
        )


def policy(values: Rules) -> dict[str, Any]:
    """Return the policy of the three rules."""
    tags = [part.strip() for part in values.tags.split(",") if part.strip()]
    since = {"countUnit": "days"} if values.count != "imageCountMoreThan" else {}
    archive = {"targetStorageClass": "archive"} if values.action == "transition" else {}
    return {
        "rules": [
            {
                "rulePriority": values.priority,
                "selection": {
                    "tagStatus": "tagged",
                    values.matched: tags,
                    "countType": values.count,
                    **since,
                    "countNumber": values.number,
                },
                "action": {"type": values.action, **archive},
            },
            {
                "rulePriority": 2,
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": values.days,
                },
                "action": {"type": "expire"},
            },
            {
                "rulePriority": values.last,
                "selection": {
                    "tagStatus": "any",
                    "countType": "imageCountMoreThan",
                    "countNumber": values.most,
                },
                "action": {"type": "expire"},
            },
        ]
    }


def _field(wrong: str, values: Rules) -> str:
    """Return the field that a refusal is about."""
    if "highest" in wrong:
        return "last"
    if "twice" in wrong or "rulePriority must" in wrong:
        return "priority" if f"{values.priority}" in wrong.split(":", maxsplit=1)[0] else "last"
    if "List" in wrong or "wildcards" in wrong:
        return "tags"
    rule = wrong.split(":", maxsplit=1)[0]
    return {f"rule {values.priority}": "number", "rule 2": "days"}.get(rule, "most")


def _label(image: Image) -> str:
    pulled = "never pulled" if image.pulled is None else f"pulled {image.pulled:g} d ago"
    return f"{image.name} · {image.pushed:g} d old, {pulled}"


def _note(bench: Bench, field: str, value: Value) -> None:
    bench.timeline.append(Row(time(), "model", REPOSITORY, field, value))
