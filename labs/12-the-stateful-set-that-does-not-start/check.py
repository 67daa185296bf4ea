"""The set runs, each Pod on a claim of its own and under a name of its own."""

from helpers.model.needs import Need
from helpers.model.timeline import Timeline, Value
from helpers.model.verdicts import Question, Verdict, held, judge
from helpers.model.watched import claims_of, objects, pods, ready

MINUTES = 25
WATCH = ("StatefulSet", "Service", "Pod", "PersistentVolumeClaim")
HOLDS = 5.0
WITHIN = 60.0
QUIET = 10.0
NEEDS = frozenset({Need.WHOLE_CLUSTER})
LESSON = "stateful-sets"

HINTS = {
    "not-started": "Not all three Pods are ready. Look at the first one that is not: what do its "
    "events say, and those of its claim? A set makes no other before that one is ready.",
    "the-template-alone": "The template says something else now, and the claim of the first Pod "
    "still says the old thing. When does a set make a claim from its template?",
    "all-at-once": "Now all Pods are there at once, and not one is ready. They were made; who "
    "says that they do not serve?",
    "without-claims": "The Pods run, and each loses its files when it is deleted. Where are they?",
    "a-name-is-decoration": "The Pods are ready, and nobody finds them by the names that the set "
    "gives them. Who is to publish these names, and is there such a one?",
}

REASON = Question(
    ask="While cart-0 was not ready, there was no cart-1. Why?",
    right="With OrderedReady the set makes the next Pod when the one before is ready.",
    wrong={
        "The scheduler had no node for it.": "There was no Pod that it could have placed: the "
        "set had not made one.",
        "Its claim was missing.": "A set makes a Pod's claim just before the Pod. Neither was due.",
        "A set starts all its Pods from one claim.": "Each has its own, named after it.",
    },
)


def check(timeline: Timeline) -> list[Verdict]:
    """Judge the set called cart."""
    up = ready(timeline, "cart")
    there = pods(timeline, "cart")
    own = {claim for pod in there.values() for claim in claims_of(pod)}
    found = _files(timeline)
    started = held(timeline, lambda then: len(ready(then, "cart")) == 3, HOLDS)
    return [
        judge(
            "All three Pods are ready.",
            started,
            wanted=f"3 ready, for {HOLDS:.0f} s",
            seen=f"{len(up)} ready of {len(there)} that there are",
            hint=_why(timeline),
        ),
        judge(
            "Each keeps its file on a claim of its own.",
            len(own) == 3,
            wanted="3 claims",
            seen=f"{len(own)}",
            hint="without-claims" if started else _why(timeline),
        ),
        judge(
            "Each serves its own file under its own name.",
            len(found) == 3,
            wanted="3 files, by the names cart-0 to cart-2 in the domain of the set's Service",
            seen=f"{len(found)}",
            hint="a-name-is-decoration" if started else _why(timeline),
        ),
    ]


def _files(timeline: Timeline) -> set[Value]:
    """Return the checksums of the files that were got by the Pods' names."""
    found = {row.object: row.value for row in timeline.where(source="exec", field="found")}
    return {*found.values()} - {None}


def _why(timeline: Timeline) -> str:
    """Return the hint for a set that does not start."""
    kind = "spec.storageClassName"
    wish = (
        objects(timeline, "StatefulSet").get("cart", {}).get(f"spec.volumeClaimTemplates.0.{kind}")
    )
    claim = objects(timeline, "PersistentVolumeClaim").get("data-cart-0", {})
    if claim.get(kind, wish) != wish:
        return "the-template-alone"
    return "all-at-once" if len(pods(timeline, "cart")) > 1 else "not-started"
