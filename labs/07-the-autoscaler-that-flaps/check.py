"""The workers come for each burst, stay between bursts, and go when it is quiet."""

from __future__ import annotations

from fnmatch import fnmatch
from itertools import pairwise

from helpers.model.needs import Need
from helpers.model.timeline import Timeline
from helpers.model.verdicts import Question, Verdict, held, judge
from helpers.model.workloads import replicas

MINUTES = 25
WATCH = ("HorizontalPodAutoscaler", "Deployment")
HOLDS = 3.0
WITHIN = 6.0
EXCLUSIVE = "cluster"
NEEDS = frozenset({Need.FLAGS, Need.WHOLE_CLUSTER})
LESSON = "autoscaling-on-metrics"

WORKER = "worker"
ENOUGH = 5
"""Workers for 10 messages, at 2 a worker."""
MAY_GO = 2
"""Workers that may go in the dip between the bursts."""
FEW = 2
"""Workers that may be left when it is quiet."""
PERIOD = "spec.behavior.scaleDown.policies.*.periodSeconds"
LONG = range(6, 1801)
"""Seconds: more than the 5 between two looks, which is the age of the workers in the dip."""

HINTS = {
    "unchanged": "All workers go between the bursts, and some seconds later they are made again. "
    "What would the autoscaler have to remember in order not to believe a short dip?",
    "half-at-a-time": "Fewer go at a time, and still too many go in the dip and come again. How "
    "many may go at one look of the autoscaler, and how many looks is a dip long?",
    "one-in-eight-seconds": "All went at once, whatever number your policy names: workers that "
    "have come within its period may go within it, and are not counted. How long is the period, "
    "and how old are the workers in the dip?",
    "slowly-up": "It stands still, but too low: the messages wait, and nobody comes. Which of the "
    "two ways has been slowed down?",
    "never-down": "No burst comes any more, and still nobody goes. What would have to happen "
    "before one may?",
    "always-five": "It is calm now, and as large at night as in the rush. What keeps the workers: "
    "the messages, or a bound?",
}

REASON = Question(
    ask="Why did the workers come and go, although the bursts were all alike?",
    right="At each sync the autoscaler believed what it read at that moment. Nothing made it look "
    "back, so a dip of some seconds was reason enough to go.",
    wrong={
        "Its target is too near to what is used, so it wavers around it.": "What it read went "
        "from nothing to five times its target. Within a tenth of the target it does nothing.",
        "The metric comes too late.": "It came at every sync. It went up in time, and down in "
        "time: that was the trouble.",
        "10 workers are too many to be allowed.": "It never wanted more than 5. A lower maximum "
        "makes the swing smaller, and the messages wait.",
    },
)


def check(timeline: Timeline) -> list[Verdict]:
    """Judge the replicas of the Deployment worker from the first burst until after the last."""
    sent = [row.time for row in timeline.where(source="aws", object="sqs:SendMessageBatch")]
    taken = [row.time for row in timeline.where(source="aws", object="sqs:DeleteMessageBatch")]
    begin, end = min(sent, default=0.0), max(taken, default=0.0)
    counts = [replicas(timeline.until(begin), WORKER)]
    rows = timeline.where(source="watch", object=f"Deployment/{WORKER}", field="spec.replicas")
    counts += [int(str(row.value)) for row in rows if begin < row.time <= end]
    gone = sum(max(before - after, 0) for before, after in pairwise(counts))
    least = timeline.value(
        source="watch", object="HorizontalPodAutoscaler/worker", field="spec.minReplicas"
    )
    return [
        judge(
            "In the last burst there are workers enough.",
            counts[-1] >= ENOUGH,
            wanted=f"{ENOUGH} or more",
            seen=f"{counts[-1]}",
            hint="slowly-up",
        ),
        judge(
            "Between the bursts they stay.",
            gone <= MAY_GO,
            wanted=f"at most {MAY_GO} go",
            seen=f"{gone} went: there were {', '.join(map(str, counts))}",
            hint="half-at-a-time"
            if (max(counts), least) not in pairwise(counts)
            else "one-in-eight-seconds"
            if _waits(timeline)
            else "unchanged",
        ),
        judge(
            "When it is quiet, they go.",
            held(timeline, lambda then: replicas(then, WORKER) <= FEW, HOLDS),
            wanted=f"at most {FEW} left after three quarters of a minute",
            seen=f"{replicas(timeline, WORKER)}",
            hint="always-five" if replicas(timeline, WORKER) == least else "never-down",
        ),
    ]


def _waits(timeline: Timeline) -> bool:
    """Tell whether some policy on the way down has a period as long as the workers were there."""
    rows = timeline.where(source="watch", object="HorizontalPodAutoscaler/worker")
    return any(row.value in LONG for row in rows if fnmatch(row.field, PERIOD))
