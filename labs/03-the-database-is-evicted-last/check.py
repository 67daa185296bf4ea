"""The database is the last of three whom the kubelet evicts when their node runs short."""

from collections.abc import Sequence
from itertools import chain

from helpers.model.eviction import Candidate
from helpers.model.evictions import evicted, next_to_go
from helpers.model.needs import Need
from helpers.model.timeline import Timeline
from helpers.model.verdicts import Question, Verdict, held, judge
from helpers.model.workloads import ended_for, pods_of, ready_pods, requested, watched

MINUTES = 30
WATCH = ("Deployment", "Pod", "Node", "PodDisruptionBudget")
HOLDS = 5.0
WITHIN = 15.0
QUIET = 1.0  # all that takes time has been observed by then
MEASURES = True
EXCLUSIVE = "node"
NEEDS = frozenset({Need.NODES, Need.SMALL_WORKERS, Need.WHOLE_CLUSTER})
LESSON = "quality-of-service"

PODS = ("database", "web", "reports")
ZONE = "us-east-1b"

HINTS = {
    "unchanged": "Look at the event Evicted: it names two numbers. Which of them is the program's, "
    "and which one is yours?",
    "burstable-is-enough": "The database has another class now, and the kubelet does not ask for "
    "the class. How far is what it uses above what it requests, beside the others?",
    "nobody-beside-it": "One of the three does not run at all. It shall: it may go in the night, "
    "and not before.",
    "a-disruption-budget": "A PodDisruptionBudget is asked by those who evict through the API, "
    "such as kubectl drain. The kubelet that runs short of memory does not ask.",
    "the-same-priority-for-all": "A priority sets one apart from others. Who has which one here?",
    "a-limit-too-tight": "The database is ended before any night comes, with the reason OOMKilled. "
    "By whom, and because of which number?",
    "more-than-a-node-has": "The database waits, Pending: the scheduler finds no room for what it "
    "requests. How much does it use?",
    "another-node": "The database has moved, or somebody else has. Any node may run short one day: "
    "all three shall stay on the worker where they are.",
}

REASON = Question(
    ask="The database was BestEffort, and it went first. What did the kubelet compare?",
    right="How far each Pod's use is above its request: with no request that is all that it uses.",
    wrong={
        "The QoS classes: BestEffort goes before Burstable.": "It looks so, as whoever requests "
        "nothing is above its request. A Burstable Pod that is further above it goes first.",
        "How much memory each Pod uses: the largest goes.": "A Pod that uses much and has "
        "requested it is left alone.",
        "The scores oom_score_adj: the highest goes.": "By these the kernel chooses a process when "
        "the memory is all gone. The kubelet acts before that, and by its own rule.",
    },
)


def all_ready(timeline: Timeline) -> bool:
    """Tell whether each of the three has a Pod that is ready."""
    return all(ready_pods(timeline, name) for name in PODS)


def zones(timeline: Timeline) -> dict[str, set[str]]:
    """Return the zones in which each of the three has Pods that are ready."""
    field = "metadata.labels.topology.kubernetes.io/zone"
    found: dict[str, set[str]] = {}
    for name in PODS:
        nodes = {watched(timeline, pod, "spec.nodeName") for pod in ready_pods(timeline, name)}
        found[name] = {str(watched(timeline, f"Node/{node}", field)) for node in nodes}
    return found


def why(timeline: Timeline) -> str:
    """Return the hint that belongs to what was done so far."""
    database = pods_of(timeline, "database")
    budgets = timeline.where(source="watch", field="spec.minAvailable")
    priorities = [watched(timeline, p, PRIORITY) for name in PODS for p in pods_of(timeline, name)]
    found = {
        "a-limit-too-tight": any(ended_for(timeline, pod, "OOMKilled") for pod in database),
        "more-than-a-node-has": "Unschedulable"
        in (watched(timeline, pod, SCHEDULED) for pod in database),
        "another-node": set(chain(*zones(timeline).values())) - {ZONE},
        "nobody-beside-it": not all(pods_of(timeline, name) for name in PODS),
        "a-disruption-budget": any(watched(timeline, row.object, "exists") for row in budgets),
        "the-same-priority-for-all": 0 not in priorities,
        "burstable-is-enough": any(requested(timeline, pod, "memory") for pod in database),
    }
    return next((hint for hint, so in found.items() if so), "unchanged")


def told(candidate: Candidate) -> str:
    """Say by what a Pod is judged, in words."""
    over, priority = candidate.over >> 20, candidate.priority
    return f"{candidate.name} (use - request: {over:+}Mi, priority {priority})"


def check(timeline: Timeline) -> Sequence[Verdict]:
    """Judge the evening before, who went in the night, and who would have been the next."""
    night = timeline.where(source="exec", object="Pod/night", field="grows")
    evening = timeline.until(min([*(row.time for row in night), float("inf")]))
    went, left, hint = evicted(timeline), next_to_go(timeline, PODS), why(evening)
    return [
        judge(
            "All three are on the worker where they were.",
            set(chain(*zones(evening).values())) == {ZONE},
            wanted=f"each in the zone {ZONE}",
            seen=", ".join(f"{name}: {' '.join(z)}" for name, z in zones(evening).items()),
            hint=hint,
        ),
        judge(
            f"All three are ready for {HOLDS:g} s, before the night.",
            held(evening, all_ready, HOLDS),
            wanted="a ready Pod of each, that stays so",
            seen=", ".join(f"{name} {len(ready_pods(evening, name))}" for name in PODS),
            hint=hint,
        ),
        judge(
            "When the node runs short of memory, the database is the last of them to go.",
            "database" in {c.name for c in left if c.over <= 0 or c is left[-1]},
            wanted="it goes after the others, or uses no more than it requests",
            seen=", then ".join([next(iter(went), "nobody: no night came"), *map(told, left)]),
            hint=hint,
        ),
    ]


PRIORITY = "spec.priority"
SCHEDULED = "status.conditions.PodScheduled.reason"
