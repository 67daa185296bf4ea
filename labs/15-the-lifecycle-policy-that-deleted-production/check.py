"""The policy deletes what is old, and never what production or the newest releases run."""

from __future__ import annotations

from textwrap import shorten
from typing import Any

from helpers.model.lifecycle import meets_tags
from helpers.model.lifecycle_run import REPOSITORY
from helpers.model.timeline import Timeline
from helpers.model.verdicts import Question, Verdict, judge

MINUTES = 20
WATCH = ()
HOLDS = 0.0
WITHIN = 0.0
CLUSTER = False
LESSON = "lifecycle-policies"

NEWEST, DAYS, UNTAGGED_DAYS = 5, 14, 3

HINTS = {
    "unchanged": "The image that production runs is gone. Look at all of its tags in images.json: "
    "which rule does it meet, and by which tag?",
    "no-rule-meets-it": "The image that production runs is gone, and one of your rules selects no "
    "image at all. A pattern without a star is met by that very tag alone.",
    "protect-last": "You wrote a rule for the image that production runs, but when its turn came "
    "the image was gone. Which rule had decided on it before?",
    "newest-are-enough": "The rule for releases took the image that production runs. How many "
    "releases are newer than that one?",
    "one-list": "Production is safe, and the newest releases are not. If one of your rules has a "
    "list of several entries: which images have a tag for every one of them?",
    "by-age": "Today it is right. In half a year only three releases come, and your rule takes "
    "some of the newest five. What does it count?",
    "just-enough": "Today it is right. In half a year three releases come, and production still "
    "runs the old one. How does your policy know which one that is?",
    "a-number-for-days": "All that must stay is there, and too much else. Which rule was to take "
    "it, and from when on does that rule act?",
    "any-too-soon": "Builds are gone that are not old yet. Which images does the rule select that "
    "took them?",
    "any-first": "ECR does not take this policy, so nothing was deleted. Why, says the table.",
}

REASON = Question(
    ask="Nobody wrote a rule for releases. Why would the first policy have deleted the image that "
    "production runs?",
    right="A rule selects an image by any one of its tags, and what goes is the image, with all of "
    "its tags.",
    wrong={
        "Nobody had pulled it for 14 days.": "Its nodes had. sinceImagePushed counts from the "
        "push, and no pull changes that.",
        "The rule with the number 1 comes first, and it took the image.": "It does come first. But "
        "it selects what has no tag at all, so this image is none of its affair.",
        "There were more than 800 images.": "There were 47, so the last rule had nothing to do.",
    },
)

Images = list[dict[str, Any]]


def check(timeline: Timeline) -> list[Verdict]:
    """Judge a policy by what it leaves today, and by what it leaves in half a year."""
    refusals = _rows(timeline, "refusals")
    today, later = _rows(timeline, "today"), _rows(timeline, "in half a year")
    production, newest, young, old = _parts(today)
    lost, missing = _gone(production, today), _gone(newest, today)
    then = _gone([*production, *_parts(later)[1]], later)
    left = [image["name"] for image in old if image["there"]]
    why = _why(_rows(timeline, "rules"), today)
    what = f"the newest {NEWEST} releases"
    return [
        judge(
            "ECR takes the policy.",
            not refusals,
            wanted="0 objections",
            seen=_told("objections", refusals),
            hint="any-first",
        ),
        _stay("The image that production runs is there.", lost, why),
        _stay(f"So are {what}.", missing, why),
        _stay(
            f"So are builds of the last {DAYS} days, and images without a tag of the last "
            f"{UNTAGGED_DAYS}.",
            _gone(young, today),
            "any-too-soon",
        ),
        judge(
            "All else is gone.",
            not left,
            wanted="0 left",
            seen=_told("left", left),
            hint="any-first" if refusals else "a-number-for-days",
        ),
        _stay(
            f"In half a year, after three more releases, production's image and {what} are there.",
            then,
            why if lost or missing else _later(later),
        ),
    ]


def _rows(timeline: Timeline, field: str) -> Images:
    rows: Any = timeline.where(source="model", object=REPOSITORY, field=field)
    return [item for row in rows for item in row.value]


def _parts(images: Images) -> tuple[Images, Images, Images, Images]:
    """Tell apart production's image, the newest releases, what is young, and all else."""
    production = [i for i in images if "production" in i["tags"]]
    releases = [i for i in images if any(tag.startswith("release-") for tag in i["tags"])]
    newest = sorted(releases, key=lambda i: float(i["days"]))[:NEWEST]
    others = [i for i in images if i not in [*production, *newest]]
    young = [i for i in others if i["days"] <= (DAYS if i["tags"] else UNTAGGED_DAYS)]
    return production, newest, young, [i for i in others if i not in young]


def _gone(wanted: Images, images: Images) -> list[str]:
    there = {image["name"] for image in images if image["there"]}
    return [image["name"] for image in wanted if image["name"] not in there]


def _stay(fact: str, gone: list[str], hint: str) -> Verdict:
    return judge(fact, not gone, wanted="0 gone", seen=_told("gone", gone), hint=hint)


def _told(what: str, names: list[Any]) -> str:
    said = f"{len(names)} {what}: {'; '.join(map(str, names))}".rstrip(": ")
    return shorten(said, 100, placeholder=" …")


def _why(rules: Images, images: Images) -> str:
    """Return the hint for images that are gone today: by the rule that took production's."""
    production, _, _, _ = _parts(images)
    took = [_selection(rules, image) for image in production if not image["there"]]
    if not took:
        return "one-list"
    if not meets_tags(took[0], ["dev-0"]):
        return "newest-are-enough"
    tagged = [r["selection"] for r in rules if r["selection"]["tagStatus"] == "tagged"]
    if any(meets_tags(selection, ["production"]) for selection in tagged):
        return "protect-last"
    met = [any(meets_tags(selection, i["tags"]) for i in images) for selection in tagged]
    return "unchanged" if all(met) else "no-rule-meets-it"


def _later(images: Images) -> str:
    """Return the hint for images that are gone in half a year, and are there today."""
    _, newest, _, _ = _parts(images)
    return "by-age" if _gone(newest, images) else "just-enough"


def _selection(rules: Images, image: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(
        r["selection"] for r in rules if r["rulePriority"] == image["rule"]
    )
    return found
