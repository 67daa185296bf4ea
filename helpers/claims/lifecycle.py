"""Claims about ECR's lifecycle policies (ledger: ch10-lifecycle-*).

Rows that they read: what `helpers.model.lifecycle_run` names.
"""

from __future__ import annotations

import json
from typing import Any

from helpers.claims.registry import Verdict, cannot_tell, claim
from helpers.model import lifecycle, lifecycle_run
from helpers.model.timeline import Timeline


@claim("ch10-lifecycle-01")
def a_policy_is_kept_as_it_is_sent(timeline: Timeline) -> Verdict:
    """Check that the repository keeps the policy that was sent, and that keeping none is refused.

    Rows: the answers to ecr:PutLifecyclePolicy and ecr:GetLifecyclePolicy, and the refusal.
    """
    put = timeline.last(source="aws", object=lifecycle_run.PUT, field="answer")
    got = timeline.last(source="aws", object="ecr:GetLifecyclePolicy", field="answer")
    zero = timeline.last(source="aws", object=lifecycle_run.PUT, field="refusal")
    if put is None or got is None or zero is None:
        return cannot_tell("policy that was stored, read back, and once refused")
    sent = lifecycle.policy_of(put.value)
    kept: Any = lifecycle_run.answer(got).get("lifecyclePolicyText")
    said = str(zero.value["message"]) if isinstance(zero.value, dict) else ""
    held = json.loads(str(kept)) == sent and "minimum: 1" in said
    return Verdict(
        held,
        "The repository keeps the policy as it was sent; a rule that keeps no image is refused."
        if held
        else "Another policy is kept than was sent, or a countNumber of 0 was taken.",
        f"{json.dumps(sent)}; countNumber 0: refused, minimum 1",
        f"{kept}; countNumber 0: {said}",
    )


@claim("ch10-lifecycle-02")
def cleaning_begins_above_the_number(timeline: Timeline) -> Verdict:
    """Check that nothing goes up to the number, and then the oldest, until that many are left.

    Rows: of each day what ecr:ListImages counts after the pushes and after the rule was applied,
    and the oldest then. The rule is applied by the model.
    """
    run = lifecycle_run.days(timeline)
    done = [day for day in run.days if day.left is not None] if run else []
    if run is None or not any(day.taken for day in done):
        return cannot_tell("day on which a rule of a number took an image")
    total, expected, measured = 0, [], []
    for day in done:
        total += run.daily
        left = min(total, run.keep)
        oldest = lifecycle_run.tag(total - left + 1)
        expected.append((day.number, left, oldest))
        measured.append((day.number, day.left, day.oldest))
    held = expected == measured
    first = lifecycle_run.first_day(run.keep, run.daily)
    return Verdict(
        held,
        f"Up to {run.keep} images none goes; from day {first} on the oldest go, and the newest "
        f"{run.keep} stay."
        if held
        else "Other images were taken than the oldest above the number.",
        _told(expected),
        _told(measured),
    )


def _told(days: list[Any]) -> str:
    return "; ".join(f"day {day}: {left} from {oldest}" for day, left, oldest in days)


@claim("ch10-lifecycle-03")
def rules_combine_by_priority(timeline: Timeline) -> Verdict:
    """Check what three rules together leave: by tags, number and age, each image by one at most.

    Rows: "images" (name, tags, ages), the policy that was sent, and what ecr:ListImages names in
    the end. The expectation is the model's, of the policy that was sent.
    """
    policy, images = lifecycle_run.sent(timeline), lifecycle_run.images(timeline)
    left = lifecycle_run.left(timeline)
    if policy is None or not images or left is None or len(policy["rules"]) < 2:
        return cannot_tell("repository to which several rules were applied")
    fates = lifecycle.evaluate(policy, images)
    stay = {name for name, fate in fates.items() if fate.action != "expire"}
    held = stay == left
    taken = {
        rule["rulePriority"]: [n for n, f in fates.items() if f.rule == rule["rulePriority"]]
        for rule in policy["rules"]
    }
    by = "; ".join(f"rule {number} takes {', '.join(n) or 'none'}" for number, n in taken.items())
    return Verdict(
        held,
        "Rules by tag, by number and by age combine: each image is taken by one rule at most."
        if held
        else "Other images are left than the rules together leave.",
        f"{by}; left: {', '.join(sorted(stay))}",
        f"left: {', '.join(sorted(left))}",
    )
