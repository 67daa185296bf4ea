"""The whole team runs within its quota, and its next version can be brought out."""

from collections.abc import Sequence

from helpers.model.timeline import Timeline
from helpers.model.verdicts import Question, Verdict, held, judge
from helpers.model.workloads import ended_for, pods_of, ready_pods, replicas, watched

MINUTES = 25
WATCH = ("Deployment", "Pod", "ResourceQuota")
HOLDS = 5.0
WITHIN = 40.0
LESSON = "resource-quotas"

TEAM = {"shop": 3, "search": 2, "mail": 1}
BUDGET = {
    "exists": True,
    "spec.hard.limits.cpu": "2",
    "spec.hard.limits.memory": "1Gi",
    "spec.scopes": None,
}

HINTS = {
    "unchanged": "Ask why the Pods are not there: each ReplicaSet has an event FailedCreate with "
    "the API server's words. Shop's says another thing than mail's.",
    "the-quota-raised": "There is room now because the budget is another one. It is the platform "
    "team's: put it back, and let the services be what changes.",
    "fewer-replicas": "The Pods fit because some were given up. Shop needs three, search two, mail "
    "one. How much does each of them claim, and how much does it use?",
    "limits-below-use": "A container ended with the reason OOMKilled. Which limit is smaller than "
    "what its program holds?",
    "nothing-declared": "Who states nothing is not free of charge. Read the newest event "
    "FailedCreate: what must each container state?",
    "smaller-requests": "Some Pods are not there, not even as Pending: it is not the scheduler who "
    "keeps them out. Read the event FailedCreate of their ReplicaSet: which resource does it name, "
    "and is it the one that you changed?",
    "used-to-the-last": "All six run, and their next version cannot: while a Deployment is rolled "
    "out, one Pod more than its replicas may be there, and it is counted. Is there room for that "
    "one, or need it not come?",
}

REASON = Question(
    ask="Why had shop not one Pod at the beginning, not even a Pending one?",
    right="The API server did not store it: admission adds up the limits, and the sum would have "
    "been above the quota.",
    wrong={
        "The scheduler found no node with room for it.": "Then there would have been a Pod, and it "
        "would have been Pending. The nodes had room all the time.",
        "Its Pods were evicted to make room for search.": "A quota takes nothing away: it only "
        "keeps out what comes. Search had come first.",
        "Its Pods used more CPU than the quota allows.": "They never ran. A quota counts what is "
        "claimed, whether it is used or not.",
    },
)


def whole_team(timeline: Timeline) -> bool:
    """Tell whether each service has the Pods that it needs, and all of them are ready."""
    return all(len(ready_pods(timeline, app)) >= count for app, count in TEAM.items())


def why(timeline: Timeline) -> str:
    """Return the hint that belongs to a team of which somebody is missing."""
    pods = [pod for app in TEAM for pod in pods_of(timeline, app)]
    if any(ended_for(timeline, pod, "OOMKilled") for pod in pods):
        return "limits-below-use"
    if any(replicas(timeline, app) < count for app, count in TEAM.items()):
        return "fewer-replicas"
    limits = [watched(timeline, f"Deployment/{app}", LIMIT.format(app)) for app in TEAM]
    return BY_SILENT.get(limits.count(None), "unchanged")


def check(timeline: Timeline) -> Sequence[Verdict]:
    """Judge the budget, the team's Pods, and the release that the check has tried."""
    budget = {field: watched(timeline, "ResourceQuota/budget", field) for field in BUDGET}
    whole = held(timeline, whole_team, HOLDS)
    released = {
        app: timeline.value(source="session", object=f"Deployment/{app}", field="released")
        for app in TEAM
    }
    return [
        judge(
            "The budget is as the platform team made it.",
            budget == BUDGET,
            wanted="limits.cpu 2, limits.memory 1Gi",
            seen="limits.cpu {}, limits.memory {}".format(*list(budget.values())[1:3]),
            hint="the-quota-raised",
        ),
        judge(
            f"Every service has all its Pods, ready for {HOLDS:g} s.",
            whole,
            wanted=", ".join(f"{app} {count}" for app, count in TEAM.items()),
            seen=", ".join(f"{app} {len(ready_pods(timeline, app))}" for app in TEAM),
            hint=why(timeline),
        ),
        judge(
            "The next version of each service can be rolled out.",
            all(released.values()),
            wanted="shop, search and mail, one after the other",
            seen="; ".join(f"{app} {CAME[came]}" for app, came in released.items()),
            hint="used-to-the-last" if whole else why(timeline),
        ),
    ]


LIMIT = "spec.template.spec.containers.{0}.resources.limits.cpu"
BY_SILENT = {0: "smaller-requests", len(TEAM): "nothing-declared"}
CAME = {True: "rolled out", False: "stuck", None: "not tried"}
