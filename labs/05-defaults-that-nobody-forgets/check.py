"""Whoever writes nothing gets an amount that fits, and whoever writes something keeps it."""

from typing import Any

from helpers.model.timeline import Timeline
from helpers.model.verdicts import Question, Verdict, held, judge
from helpers.model.workloads import ready_pods

MINUTES = 20
WATCH = ("Deployment", "ReplicaSet", "Pod")
HOLDS = 5.0
WITHIN = 15.0
QUIET = 6.0
LESSON = "limit-ranges"

PODS = {"web": 2, "report": 1}
BOTH = {"cpu", "memory"}

HINTS = {
    "unchanged": "Of web there is not one Pod. Who refused them, and what did they not say?",
    "written-by-hand": "These two run now. What becomes of the next one whose author forgets?",
    "only-requests": "There is a request for everybody now. Read the refusal: of which field does "
    "the quota still hear nothing?",
    "max-alone": "The budget is used up too soon. How much does a container get for which nothing "
    "is said but the most that it may have?",
    "a-default-below-a-request": "The one that says something is refused now. Compare what report "
    "asks for with the limit that it is given.",
    "report-gives-in": "Everything runs, and report has less than it asked for in the beginning. "
    "The defaults are yours; its need is not.",
    "away-with-the-quota": "Nobody is refused any more, not even one who wants eight cores. The "
    "budget was not yours to take away.",
}

REASON = Question(
    ask="Why does report keep its request of 300m, although the namespace has a default request?",
    right="Defaults fill in what is missing, container by container and field by field; what is "
    "written stays.",
    wrong={
        "Because it was there before the LimitRange.": "Its Pod was made after it, and admission "
        "looked at it. It found the field filled.",
        "Because the default request is smaller, and the larger one counts.": "Nobody compares the "
        "two. A written request below the default would stay as well.",
        "Because a Deployment is not looked at, only bare Pods are.": "Every Pod is looked at when "
        "it is made, whoever makes it: web's got their amounts from the defaults.",
    },
)


def check(timeline: Timeline) -> list[Verdict]:
    """Judge the two Deployments' Pods, and what the server said to two newcomers."""
    hint = _hint(timeline)
    newcomer, greedy = _given(timeline, "newcomer"), _given(timeline, "greedy")
    kept = [_request(timeline, pod) for pod in ready_pods(timeline, "report")]
    return [
        judge(
            f"web and report have all their Pods, for {HOLDS:g} s.",
            held(timeline, _all_ready, HOLDS),
            wanted="2 and 1 ready",
            seen=" and ".join(str(len(ready_pods(timeline, app))) for app in PODS),
            hint=hint,
        ),
        judge(
            "A Pod that says nothing is let in, with a request and a limit of both.",
            newcomer.get("limits", {}).keys() == newcomer.get("requests", {}).keys() == BOTH,
            wanted="requests and limits of cpu, memory",
            seen=_said(timeline, "newcomer"),
            hint=hint,
        ),
        judge(
            "What report asks for itself is what it got.",
            kept == ["300m"],
            wanted="a request of 300m",
            seen=", ".join(kept),
            hint=hint,
        ),
        judge(
            "The budget still holds: a Pod that may take eight cores is refused.",
            not greedy,
            wanted="a refusal",
            seen=_said(timeline, "greedy"),
            hint=hint,
        ),
    ]


def _all_ready(timeline: Timeline) -> bool:
    return all(len(ready_pods(timeline, app)) == count for app, count in PODS.items())


def _request(timeline: Timeline, pod: str) -> str:
    field = "spec.containers.report.resources.requests.cpu"
    return str(timeline.value(source="watch", object=pod, field=field))


def _given(timeline: Timeline, name: str) -> Any:
    """Return the resources with which the server would let a Pod in; {} if it refused it."""
    return timeline.value(source="session", object=f"Pod/{name}", field="dry-run") or {}


def _refusal(timeline: Timeline, name: str) -> str:
    said: Any = timeline.value(source="session", object=f"Pod/{name}", field="refusal")
    return str(said["message"]) if said else ""


def _said(timeline: Timeline, name: str) -> str:
    return f"{_refusal(timeline, name)}{_given(timeline, name)}".removesuffix("{}")


def _hint(timeline: Timeline) -> str:
    """Return the hint that belongs to what the server said, the budget's loss first."""
    refusal = _refusal(timeline, "newcomer")
    if not _refusal(timeline, "greedy"):
        return "away-with-the-quota"
    if not refusal:
        return "report-gives-in" if _all_ready(timeline) else "a-default-below-a-request"
    if "exceeded quota" in refusal:
        return "max-alone"
    if "requests." not in refusal:
        return "only-requests"
    return "written-by-hand" if _all_ready(timeline) else "unchanged"
