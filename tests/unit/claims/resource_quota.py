"""Timelines of the topic resource-quota."""

from __future__ import annotations

from helpers.experiments.quota_kinds import Hard, QuotaKinds
from helpers.lesson.experiment import Place
from helpers.model import admission, manifests, object_quotas, quotas, random_pods
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


def drawn(wrong: dict[str, str] | None = None, *, seed: int = 18) -> Story:
    """The Pods of a seed under a quota; `wrong` are answers off the rule, "" is a yes."""
    manifest = quotas.resource_quota(**PLACE, hard={"limits.cpu": "1", "requests.memory": "512Mi"})
    story = Story().row("session", QUOTA, "manifest", manifest)
    quota = admission.Quota.parse(manifest)
    for pod in random_pods.pods(seed, **PLACE):
        name = pod["metadata"]["name"]  # type: ignore[index, call-overload]
        answer = admission.admit(admission.pod_of(pod), None, [quota])
        said = (wrong or {}).get(str(name), "; ".join(answer.messages))
        trial = Trial(pod, None if said else pod, "", f"no: {said}" if said else "", [])
        story.row("session", f"Pod/{name}", "trial", trial.row)
    return story


def shown(
    wrong: dict[str, str] | None = None, *, services: int = 1, pods: int = 1, counted: str = "1"
) -> Story:
    """Eight objects under five quotas; `wrong` are answers off the rule, by the object's name."""
    story = Story()
    made = QuotaKinds().build(Hard(), Place(PLACE["lesson"], PLACE["namespace"]))
    for quota in made:
        story.row("session", f"ResourceQuota/{quota['metadata']['name']}", "manifest", quota)
    for name, resource, amount in (
        ("objects", "count/services", counted),
        ("objects", "count/configmaps", "1"),
        ("scratch", "pods", "1"),
    ):
        story.row("watch", f"ResourceQuota/{name}", f"status.used.{resource}", amount)
    used = {name: dict(of) for name, of in object_quotas.used(story).items()}
    for sent in object_quotas.objects(**PLACE):
        name = str(sent["metadata"]["name"])  # type: ignore[index, call-overload]
        rule = object_quotas.refusals(sent, made, used)
        said = (wrong or {}).get(name, next(iter(rule.values()), ""))
        trial = Trial(sent, None if said else sent, "", f"no: {said}" if said else "", [])
        story.row("session", f"{sent['kind']}/{name}", "trial", trial.row)
    story.row("session", "Service", "count", services)
    return story.row("session", "Pod", "count", pods)


LACKS, LET_IN = (
    next(one.name for one in random_pods.answered(drawn()) if one.rule == word)
    for word in (random_pods.LACKS, random_pods.LET_IN)
)

HOLDS: dict[str, list[Timeline]] = {
    "ch08-quota-01": [grown(), grown(most=2)],
    "ch08-quota-02": [shown()],
    "ch08-quota-03": [grown()],
    "ch08-quota-04": [drawn(), drawn(seed=3)],
    "ch08-quota-05": [grown(most=1)],
    "ch08-quota-06": [grown(), grown(most=4)],
    "ch08-quota-07": [grown()],
}
FAILS: dict[str, list[Timeline]] = {
    "ch08-quota-01": [grown(made=5), grown(made=3)],
    "ch08-quota-02": [
        shown({"second": ""}),
        shown({"core": "exceeded quota: deadline"}),
        shown(services=2),
        shown(pods=0),
        shown(counted="2"),
    ],
    "ch08-quota-03": [grown(first="500m")],
    "ch08-quota-04": [
        drawn({LACKS: ""}),
        drawn({LACKS: "failed quota: resource-quota: must specify limits.memory for: a"}),
        drawn({LET_IN: "failed quota: resource-quota: must specify limits.memory for: a"}),
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
    "ch08-quota-02": [grown(), drawn()],
    "ch08-quota-03": [Story()],
    "ch08-quota-04": [grown(), Story()],
    "ch08-quota-05": [Story()],
    "ch08-quota-06": [grown(most=3)],
    "ch08-quota-07": [grown(most=4)],
}
