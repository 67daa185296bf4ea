"""The web server is no longer throttled, and what it uses is reserved, without waste."""

from __future__ import annotations

from typing import Any

from helpers.model.timeline import Timeline, Value
from helpers.model.verdicts import Question, Verdict, held, judge
from helpers.model.workloads import requested, rolled_out

MINUTES = 15
WATCH = ("Deployment", "Pod")
HOLDS = 5.0
WITHIN = 40.0
MEASURES = True
LESSON = "requests-and-limits"

SELDOM = 0.2
"""Share of the periods that may be throttled: a burst of customers is no fault."""
USED = (0.8, 2.0)
"""What is reserved, as a multiple of what is used."""

STARTED_WITH = 0.05
"""CPU that is reserved in the beginning."""

HINTS = {
    "unchanged": "The server wants more CPU than it gets: in most periods it is stopped until the "
    "next one begins. Which of the two fields stops a container?",
    "a-bigger-request": "More is reserved now, and the server is stopped as often as before. What "
    "does a request do for a container that has no neighbour to compete with?",
    "more-replicas": "There are more Pods, and each of them is still stopped. An answer comes from "
    "one Pod: how much CPU does one answer need at once?",
    "reserve-it-all": "Nothing is throttled, but far more is reserved than is used, and no other "
    "Pod can have that room. Compare the two numbers.",
    "more-than-a-node": "The new Pod is not there: the old one still does the work. Look at the "
    "new one's events. What does the scheduler look for?",
    "nothing-promised": "It runs well as long as the node is idle. What is left to it when a busy "
    "neighbour arrives?",
}

REASON = Question(
    ask="Why was the server slow, although the node had CPU to spare?",
    right="Its limit is a quota per period of 0.1 s: when that is used up, it waits, however idle "
    "the node is.",
    wrong={
        "Its request was too small, so the scheduler gave it too little.": "The scheduler only "
        "looks for room. A request becomes a weight, and that counts among those who compete.",
        "One Pod was too few for so many customers.": "Each Pod had the same quota, and every "
        "answer still had to fit into one of them.",
        "The node was overloaded.": "It was not: with another limit the same node served the same "
        "customers at once.",
    },
)


def check(timeline: Timeline) -> list[Verdict]:
    """Judge the Deployment web by its status, and its Pods by what their kernels counted."""
    counted = timeline.where(source="exec", field="cpu")
    stats: list[Any] = [row.value for row in counted]
    # Without a limit there are no periods, and nothing is throttled.
    periods = max(sum(stat["periods"] for stat in stats), 1)
    share = sum(stat["throttled"] for stat in stats) / periods
    used = sum(stat["cpu_seconds"] / stat["seconds"] for stat in stats)
    reserved = float(sum(requested(timeline, row.object, "cpu") for row in counted))
    hint = _hint(timeline, len(stats), reserved)
    return [
        judge(
            "The server is ready, and it is the one that you wrote.",
            held(timeline, _rolled_out, HOLDS),
            wanted=f"all its Pods, for {HOLDS:g} s",
            seen=f"{_status(timeline, 'updatedReplicas')} new of {_status(timeline, 'replicas')}",
            hint=hint,
        ),
        judge(
            "It is seldom throttled.",
            share <= SELDOM if stats else None,
            wanted=f"at most {SELDOM:.0%} of the periods",
            seen=f"{share:.0%}",
            hint=hint,
        ),
        judge(
            "What it uses is reserved.",
            reserved >= USED[0] * used if stats else None,
            wanted=f"at least {USED[0] * used:.2f} CPU",
            seen=f"{reserved:.2f} CPU",
            hint=hint if share > SELDOM else "nothing-promised",
        ),
        judge(
            "Not much more is reserved.",
            reserved <= USED[1] * used if stats else None,
            wanted=f"at most {USED[1] * used:.2f} CPU",
            seen=f"{reserved:.2f} CPU",
            hint="reserve-it-all",
        ),
    ]


def _status(timeline: Timeline, field: str) -> Value:
    return timeline.value(source="watch", object="Deployment/web", field=f"status.{field}")


def _rolled_out(timeline: Timeline) -> bool:
    return rolled_out(timeline, "web")


def _hint(timeline: Timeline, pods: int, reserved: float) -> str:
    """Return the hint for a server that is throttled, or not even there."""
    if not _rolled_out(timeline):
        return "more-than-a-node"
    if pods > 1:
        return "more-replicas"
    return "a-bigger-request" if reserved > STARTED_WITH else "unchanged"
