"""Timelines for the claims about lifecycle policies."""

from __future__ import annotations

import json
from typing import Any

from helpers.experiments import eight_hundred, three_rules
from helpers.experiments.three_rules import IMAGES, Rules
from helpers.model import lifecycle, lifecycle_run
from helpers.model.lifecycle_run import LIST, PUT, REPOSITORY, tag
from tests.unit.claims.story import Story

BOOK = eight_hundred.policy(800)


def asked(story: Story, action: str, policy: Any, answer: Any = None) -> Story:
    parameters = {"lifecyclePolicyText": policy} if policy else {}
    value = {"caller": "root", "parameters": parameters, "answer": answer}
    return story.row("aws", action, "answer", value)


def stored(kept: Any = BOOK, words: str = "required minimum (minimum: 1, found: 0)") -> Story:
    refusal = {
        "parameters": {"lifecyclePolicyText": eight_hundred.policy(0)},
        "code": "InvalidParameterException",
        "message": words,
    }
    story = Story().row("aws", PUT, "refusal", refusal)
    asked(story, PUT, BOOK)
    return asked(story, "ecr:GetLifecyclePolicy", None, {"lifecyclePolicyText": json.dumps(kept)})


def grown(*left: tuple[int, str], keep: int = 10, daily: int = 5) -> Story:
    """Days of five pushes; after each, what was left and the oldest of it."""
    story = asked(Story(), PUT, eight_hundred.policy(keep))
    story.row("model", REPOSITORY, "daily", daily)
    before = 0
    for number, (count, oldest) in enumerate(left, start=1):
        story.row("model", REPOSITORY, "day", number)
        asked(story, LIST, None, {"count": before + daily, "oldest": tag(1)})
        story.row("model", REPOSITORY, "takes", before + daily - count)
        asked(story, LIST, None, {"count": count, "oldest": oldest})
        before = count
    return story


def ruled(values: Rules, left: set[str] | None) -> Story:
    policy = three_rules.policy(values)
    story = Story().row("model", REPOSITORY, "images", lifecycle_run.told(IMAGES))
    asked(story, PUT, policy)
    fates = lifecycle.evaluate(policy, IMAGES)
    told = {name: [fate.rule, fate.action] for name, fate in fates.items()}
    story.row("model", REPOSITORY, "fates", told)
    return story if left is None else asked(story, LIST, None, {"names": sorted(left)})


STAY = {"prod-3 and beta-3", "prod-4", "beta-4", "untagged, half a day"}

HOLDS = {
    "ch10-lifecycle-01": [stored()],
    "ch10-lifecycle-02": [
        grown((5, tag(1)), (10, tag(1)), (10, tag(6))),
        grown((5, tag(1)), (8, tag(3)), keep=8),
    ],
    "ch10-lifecycle-03": [
        ruled(Rules(), STAY),
        ruled(Rules(action="transition"), STAY | {"prod-1", "prod-2"}),
    ],
}
FAILS = {
    "ch10-lifecycle-01": [stored(eight_hundred.policy(80)), stored(words="")],
    "ch10-lifecycle-02": [
        grown((5, tag(1)), (9, tag(2)), (10, tag(6))),  # at the number already
        grown((5, tag(1)), (10, tag(1)), (10, tag(1))),  # the newest went
    ],
    "ch10-lifecycle-03": [
        ruled(Rules(), STAY | {"beta-2"}),
        ruled(Rules(), STAY - {"prod-3 and beta-3"}),  # nothing is shielded
    ],
}
CANNOT_TELL = {
    "ch10-lifecycle-01": [asked(Story(), PUT, BOOK)],
    "ch10-lifecycle-02": [grown((5, tag(1)), (10, tag(1)))],
    "ch10-lifecycle-03": [ruled(Rules(), None)],
}
