"""The autoscaler of web reads a number, it is web's own, and nobody was sent away for it."""

from __future__ import annotations

from helpers.model.timeline import Timeline, Value
from helpers.model.verdicts import Question, Verdict, held, judge

MINUTES = 25
WATCH = ("HorizontalPodAutoscaler", "Deployment", "Pod")
HOLDS = 6.0
"""Seconds; longer than the 5 s between two syncs of this cluster's autoscaler."""
WITHIN = 20.0
QUIET = 1.0
"""Seconds; observe.py has waited already until the autoscaler says nothing new."""
LESSON = "autoscaling-on-cpu"

HINTS = {
    "unchanged": "The autoscaler says in its conditions what it looks for. Does that exist?",
    "name-only": "It has found the Deployment, and now says something else: a percentage of what? "
    "Read which container of which Pod it names.",
    "one-more-autoscaler": "Two autoscalers now lead to the same Pods, and neither acts. How many "
    "metrics may one of them have?",
    "any-number": "There is a number, but nobody visits the shop: whose CPU is it? Compare "
    "`kubectl top pods` with the Pods that the Deployment's selector chooses.",
    "without-the-cache": "The number is right, and the shop has lost its cache. The autoscaler "
    "must be able to live beside it.",
}

REASON = Question(
    ask="Nobody asked web for anything. Why does its autoscaler want four replicas, if all you do "
    "is to let it read a number?",
    right="It takes the Pods by the labels in the Deployment's selector, and the busy cache's Pods "
    "carry them too.",
    wrong={
        "A percentage of a small request is quickly large.": "An idle web server uses hardly any "
        "of its 50m. The CPU that was counted was used in another Pod.",
        "Until it has measured for long enough, an autoscaler goes to its maximum.": "Without "
        "metrics it does nothing at all. It goes up because of what it reads.",
        "The second container's request is counted twice.": "Requests and use are added up once "
        "for each container, and this one uses next to nothing.",
    },
)

_SAYS = {"FailedGetResourceMetric": "name-only", "AmbiguousSelector": "one-more-autoscaler"}
"""Which hint goes with a reason of the condition ScalingActive."""


def check(timeline: Timeline) -> list[Verdict]:
    """Judge the autoscaler web by its status, and the cache by its Deployment's."""
    said = [
        _status(timeline, f"conditions.{name}.message") for name in ("ScalingActive", "AbleToScale")
    ]
    return [
        judge(
            "The autoscaler web reads a number.",
            held(timeline, _reads, HOLDS),
            wanted="AbleToScale and ScalingActive are true",
            seen=str(next(filter(None, said), "it has said nothing yet")),
            hint=_SAYS.get(str(_status(timeline, "conditions.ScalingActive.reason")), "unchanged"),
        ),
        judge(
            "It asks for no more than minReplicas, for web is idle.",
            held(timeline, _small, HOLDS),
            wanted=f"{_least(timeline)}",
            seen=f"{_status(timeline, 'desiredReplicas')}",
            hint="any-number",
        ),
        judge(
            "The cache runs.",
            held(timeline, _cache, HOLDS),
            wanted="a Pod that is ready",
            seen=f"ready: {_cache(timeline)}",
            hint="without-the-cache",
        ),
    ]


def _reads(then: Timeline) -> bool:
    # Both: where the target is not found, the other condition stays as it was.
    conditions = ("AbleToScale", "ScalingActive")
    return {_status(then, f"conditions.{name}.status") for name in conditions} == {"True"}


def _small(then: Timeline) -> bool:
    # 0 before it has read anything.
    return _status(then, "desiredReplicas") in (0, _least(then))


def _least(then: Timeline) -> Value:
    return _of(then, "HorizontalPodAutoscaler/web", "spec.minReplicas")


def _cache(then: Timeline) -> Value:
    return _of(then, "Deployment/cache", "status.readyReplicas")


def _status(then: Timeline, field: str) -> Value:
    return _of(then, "HorizontalPodAutoscaler/web", f"status.{field}")


def _of(then: Timeline, object: str, field: str) -> Value:
    return then.value(source="watch", object=object, field=field)
