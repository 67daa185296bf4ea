"""Each service claims what it uses, with some room, and none of them stands still."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from helpers.model.timeline import Timeline
from helpers.model.verdicts import Question, Verdict, held, judge
from helpers.model.workloads import ended_for, pods_of, ready_pods, requested

MINUTES = 30
WATCH = ("Deployment", "Pod")
HOLDS = 5.0
WITHIN = 30.0
QUIET = 2.0  # all that takes time has been observed by then
MEASURES = True
LESSON = "requests-and-limits"

SERVICES = ("shop", "cache", "report")
NEAR = 0.85  # of the use: what a few seconds of counting may be off
STOPPED = 0.25  # of the periods: a start may take a few

HINTS = {
    "unchanged": "A request is kept free for you, whether you use it or not: for others the nodes "
    "are full. Measure what the services use before you write another number.",
    "reserve-the-peak": "A service claims far more CPU than it uses. What does it use on average, "
    "over some seconds? What it may take beyond that is another field's matter.",
    "memory-left-alone": "CPU is one half. Compare what each service claims of memory with what it "
    "uses.",
    "limit-at-the-mean": "A service stood still, though it used no more on average than its limit. "
    "Over which time is the mean that you measured, and over which time does a limit count?",
    "memory-limit-too-tight": "A container ended with the reason OOMKilled. Which number is "
    "smaller than what its program holds?",
    "small-enough-to-fit": "It fits, but on paper only: a service uses more than it claims, and "
    "what it was not promised it loses when others want it.",
    "nothing-declared": "Without a request a service is promised nothing, and the scheduler "
    "takes its node to be empty. What should it be promised?",
}

REASON = Question(
    ask="report uses about a quarter of a core on average. Why would a limit just above that hurt?",
    right="A limit counts in each 100 ms: report works in bursts, and would stand still in them.",
    wrong={
        "The kernel would end it for going over its limit.": "That is what a memory limit does. "
        "CPU that one does not get now one can get later.",
        "It would only hurt while the neighbours are busy too.": "A limit is a quota, also on an "
        "idle node. What hurts beside busy neighbours is a request that is too low.",
        "The scheduler would find no node for it.": "The scheduler reads requests, not limits.",
    },
)


class Resource(NamedTuple):
    """How much may be requested of a resource: so many times the use, or `room` more than it.

    Numbers are in its unit, of which `one` makes a core or a byte.
    """

    name: str
    said: str
    unit: str
    one: Fraction
    times: float
    room: float
    used: Callable[[Mapping[str, Any]], float]


CPU = Resource(
    "cpu", "CPU", "m", Fraction(1, 1000), 2, 50, lambda r: r["cpu_seconds"] / r["seconds"]
)
MEMORY = Resource("memory", "memory", "Mi", Fraction(2**20), 1.5, 16, lambda r: r["memory_usage"])


def counted(timeline: Timeline) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Return by service its ready Pod, and what the kernel counted in it."""
    found = {}
    for name in SERVICES:
        for pod in ready_pods(timeline, name):
            read = timeline.value(source="exec", object=pod, field="use")
            if isinstance(read, Mapping):
                found[name] = (pod, read)
    return found


def sizes(timeline: Timeline, resource: Resource) -> dict[str, tuple[float, float]]:
    """Return by service what it uses and requests of a resource, in its unit."""
    return {
        name: (
            float(resource.used(read) / resource.one),
            float(requested(timeline, pod, resource.name) / resource.one),
        )
        for name, (pod, read) in counted(timeline).items()
    }


def faults(timeline: Timeline, resource: Resource) -> set[str]:
    """Return what is wrong with requests for a resource: "none", "small", "cpu large" …."""
    found = set()
    for used, asked in sizes(timeline, resource).values():
        if not asked:
            found.add("none")
        elif asked < NEAR * used:
            found.add("small")
        elif asked > max(resource.times * used, used + resource.room):
            found.add(f"{resource.name} large")
    return found


def stopped(timeline: Timeline) -> dict[str, float]:
    """Return by service the share of its periods in which a limit stopped it."""
    read = {name: counts for name, (_, counts) in counted(timeline).items()}
    return {name: counts["throttled"] / max(1, counts["periods"]) for name, counts in read.items()}


def all_ready(timeline: Timeline) -> bool:
    """Tell whether each service has a Pod that is ready."""
    return all(ready_pods(timeline, name) for name in SERVICES)


def why(timeline: Timeline) -> str:
    """Return the hint that belongs to what is wrong."""
    pods = [pod for name in SERVICES for pod in pods_of(timeline, name)]
    if any(ended_for(timeline, pod, "OOMKilled") for pod in pods):
        return "memory-limit-too-tight"
    found = faults(timeline, CPU) | faults(timeline, MEMORY)
    return next((hint for wrong, hint in WHY if wrong <= found), "limit-at-the-mean")


def check(timeline: Timeline) -> Sequence[Verdict]:
    """Judge readiness, both requests, and whether somebody was stopped."""
    hint, shares = why(timeline), stopped(timeline)
    return [
        judge(
            f"All three services are ready, for {HOLDS:g} s.",
            held(timeline, all_ready, HOLDS),
            wanted="a ready Pod of each",
            seen=", ".join(f"{name} {len(ready_pods(timeline, name))}" for name in SERVICES),
            hint=hint,
        ),
        *(
            judge(
                f"Each requests the {resource.said} that it uses, and not much more.",
                not faults(timeline, resource),
                wanted=f"from its use to {resource.times:g} times that, or {resource.room:g}"
                f"{resource.unit} more",
                seen="; ".join(
                    f"{name} uses {used:.0f}{resource.unit}, requests {asked:.0f}{resource.unit}"
                    for name, (used, asked) in sizes(timeline, resource).items()
                ),
                hint=hint,
            )
            for resource in (CPU, MEMORY)
        ),
        judge(
            "None of them is stopped by a limit.",
            all(share < STOPPED for share in shares.values()),
            wanted=f"stopped in less than {STOPPED:.0%} of its periods",
            seen=", ".join(f"{name} in {share:.0%}" for name, share in shares.items()),
            hint=hint,
        ),
    ]


WHY = (
    ({"none"}, "nothing-declared"),
    ({"small"}, "small-enough-to-fit"),
    ({"cpu large", "memory large"}, "unchanged"),
    ({"cpu large"}, "reserve-the-peak"),
    ({"memory large"}, "memory-left-alone"),
)
