"""Timelines of the topic resource-quota."""

from __future__ import annotations

from helpers.model import admission, manifests, quotas
from helpers.model.timeline import Timeline
from helpers.model.trials import Trial
from tests.unit.claims.story import Story

PLACE = {"namespace": "resource-quotas-3f2a", "lesson": "resource-quotas"}
QUOTA = "ResourceQuota/resource-quota"
DEPLOYMENT = "Deployment/example"
WORDS = (
    "exceeded quota: resource-quota, requested: limits.cpu=500m, "
    "used: limits.cpu=2, limited: limits.cpu=2"
)


def grown(
    *,
    most: int = 6,
    made: int = 4,
    first: str = "0",
    by: str = "ReplicaSet/example-1",
    words: str = WORDS,
    pending: int = 0,
) -> Story:
    """A Deployment of 500m pods under a quota of 2 that is scaled up; `made` pods are let in."""
    story = Story()
    quota = quotas.resource_quota(**PLACE, hard={"limits.cpu": "2"})
    story.row("session", QUOTA, "manifest", quota)
    story.row("watch", QUOTA, "status.hard.limits.cpu", "2")
    story.row("watch", QUOTA, "status.used.limits.cpu", first)
    sent = manifests.idle_deployment(**PLACE, name="example", limits={"cpu": "500m"})
    for asked in range(1, most + 1):
        ready = min(asked, made)
        field = "manifest" if asked == 1 else "scale"
        story.row("session", DEPLOYMENT, field, sent if asked == 1 else asked)
        story.row("watch", DEPLOYMENT, "status.readyReplicas", ready)
        story.row("watch", QUOTA, "status.used.limits.cpu", f"{500 * ready}m")
        if asked > made and by:
            told = f'Error creating: pods "example-1-x" is forbidden: {words}'
            story.row("event", by, "FailedCreate", told)
        waiting = pending if asked > made else 0
        step = {"pods": ready + waiting, "pending": waiting}
        story.row("session", DEPLOYMENT, "step", step)
    return story


def tried(*limits: str | None, answers: tuple[str, ...]) -> Story:
    """Pods with these limits, shown to the server under the quota; "" is a yes."""
    story = Story()
    quota = quotas.resource_quota(**PLACE, hard={"limits.cpu": "2"})
    story.row("session", QUOTA, "manifest", quota)
    for limit, answer in zip(limits, answers, strict=True):
        pod = manifests.burn_pod(**PLACE, name="tried", limits={"cpu": limit})
        said = f'pods "tried" is forbidden: {answer}' if answer else ""
        trial = Trial(pod, None if answer else pod, "", said, [])
        story.row("session", "Pod/tried", "trial", trial.row)
    return story


MISSING = "failed quota: resource-quota: must specify limits.cpu for: tried"
assert admission.refused_by(
    admission.Quota.parse(quotas.resource_quota(**PLACE, hard={"limits.cpu": "2"})),
    admission.pod_of(manifests.burn_pod(**PLACE, name="tried")),
) == MISSING  # fmt: skip

HOLDS: dict[str, list[Timeline]] = {
    "ch08-quota-01": [grown(), grown(most=2)],
    "ch08-quota-02": [grown()],
    "ch08-quota-03": [grown()],
    "ch08-quota-04": [tried(None, "500m", answers=(MISSING, ""))],
    "ch08-quota-05": [grown(most=1)],
    "ch08-quota-06": [grown(), grown(most=4)],
    "ch08-quota-07": [grown()],
}
FAILS: dict[str, list[Timeline]] = {
    "ch08-quota-01": [grown(made=5), grown(made=3)],
    "ch08-quota-02": [grown(pending=1), grown(by="", made=6)],
    "ch08-quota-03": [grown(first="500m")],
    "ch08-quota-04": [
        tried(None, "500m", answers=("", "")),
        tried(None, "500m", answers=(MISSING, "must specify limits.memory for: tried")),
    ],
    "ch08-quota-05": [grown(most=1, made=0)],
    "ch08-quota-06": [grown(made=3)],
    "ch08-quota-07": [
        grown(pending=1),
        grown(by="Pod/example-1-x"),
        grown(by=""),
        grown(words="exceeded quota: other"),
    ],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch08-quota-01": [Story()],
    "ch08-quota-02": [grown(most=4)],
    "ch08-quota-03": [Story()],
    "ch08-quota-04": [tried("500m", answers=("",))],
    "ch08-quota-05": [Story()],
    "ch08-quota-06": [grown(most=3)],
    "ch08-quota-07": [grown(most=4)],
}
