"""The report runs on a node, with the orders, and is promised what it needs."""

from __future__ import annotations

from helpers.model.needs import Need
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value
from helpers.model.verdicts import Question, Verdict, held, judge

MINUTES = 20
WATCH = ("Deployment", "Pod")
HOLDS = 5.0
WITHIN = 40.0
NEEDS = frozenset({Need.SMALL_WORKERS})
LESSON = "adding-nodes"

NEEDED = "100m"
"""CPU that the report uses when it is busy."""

HINTS = {
    "unchanged": "No node takes it. Read the event as a list: how many nodes are there, and what "
    "does the scheduler say of each? One number in the manifest is larger than any worker.",
    "smaller-only": "It is small enough now, and the same node gives another reason. Which thing "
    "that the Pod needs cannot be moved, and where is it?",
    "to-the-control-plane": "It may now go to the control plane, and that is no help: its other "
    "wishes are still to be met. And should a report run there?",
    "a-new-volume": "A node takes it, but its container ends at once. Read its log: what is not "
    "in the volume that it was given?",
    "no-request": "It runs as long as nobody else needs the node. What has been promised to it?",
}

REASON = Question(
    ask="Why did the volume not appear in the first event?",
    right="For each node the scheduler stops at the first rule that refuses it, and volumes come "
    "after selectors and resources.",
    wrong={
        "The volume is looked at only when the Pod has started.": "Then the Pod would have got a "
        "node first. A volume can refuse it before it has any.",
        "The volume moved when the request became smaller.": "It has been on one node since the "
        "Job wrote into it.",
        "An event shows only the most important reasons.": "It counts reasons over nodes, and "
        "each node has one: the first.",
    },
)

_OF_THE_VOLUME = {True: "smaller-only", False: "unchanged"}


def check(timeline: Timeline) -> list[Verdict]:
    """Judge the newest Pod of the Deployment report."""
    words, phase = (
        _of(timeline, f"status.{field}") for field in ("conditions.PodScheduled.message", "phase")
    )
    asked = _asked(timeline)
    return [
        judge(
            "A node has taken the report, and it has found its orders.",
            held(timeline, _runs, HOLDS),
            wanted=f"a Pod that is ready for {HOLDS:g} s",
            seen=str(next(filter(None, (words, phase)), "no Pod")).partition(" preemption:")[0],
            hint=_hint(words),
        ),
        judge(
            "It is promised the CPU that it needs.",
            asked.amount >= Quantity.parse(NEEDED).amount,
            wanted=f"a request of {NEEDED} or more",
            seen=f"{asked.cores:g} CPU",
            hint="no-request",
        ),
    ]


def _newest(timeline: Timeline) -> str:
    """Return the Pod of the report that was made last, of those that exist."""
    rows = timeline.where(source="watch", field="metadata.creationTimestamp")
    made = {row.object: str(row.value) for row in rows}
    exists = {
        name: bool(timeline.value(source="watch", object=name, field="exists")) for name in made
    }
    return max(
        made,
        key=lambda name: (name.startswith("Pod/report-"), exists[name], made[name]),
        default="",
    )


def _of(timeline: Timeline, field: str) -> Value:
    return timeline.value(source="watch", object=_newest(timeline), field=field)


def _runs(then: Timeline) -> bool:
    return _of(then, "status.conditions.Ready.status") == "True"


def _asked(timeline: Timeline) -> Quantity:
    """Return the CPU that the server has stored as requested, for the container or the Pod."""
    stored = _of(timeline, "spec.containers.report.resources.requests.cpu") or _of(
        timeline, "spec.resources.requests.cpu"
    )
    return Quantity.parse(str(stored or "0"))


def _hint(words: Value) -> str:
    """Return the hint that goes with what the scheduler said: nothing, once there is a node."""
    if words is None:
        return "a-new-volume"
    if "taint" not in str(words):
        return "to-the-control-plane"
    return _OF_THE_VOLUME["PersistentVolume" in str(words)]
