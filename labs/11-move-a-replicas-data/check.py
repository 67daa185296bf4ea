"""The replica's file is on a fast disk, and each replica has still its own."""

from helpers.model.needs import Need
from helpers.model.timeline import Timeline, Value
from helpers.model.verdicts import Question, Verdict, held, judge
from helpers.model.watched import claims_of, objects, ready

MINUTES = 35
WATCH = ("StatefulSet", "Pod", "PersistentVolumeClaim", "ConfigMap")
HOLDS = 5.0
WITHIN = 45.0
QUIET = 10.0
NEEDS = frozenset({Need.WHOLE_CLUSTER})
LESSON = "stateful-sets"

FIRST, SECOND = "store-0", "store-1"
CLASS = "spec.storageClassName"

HINTS = {
    "still-slow": "store-1 still has its slow disk. By what does a Pod of a set find its claim, "
    "and what can be changed of a claim that is bound?",
    "delete-the-claim": "store-1 does not serve its file. A set that misses a claim makes one; "
    "what is on a volume that was made just now? (If the old one is gone, reset the lab.)",
    "another-name": "There is a fast disk, and the set does not use it. Which name does the set "
    "look for?",
    "all-claims": "store-1 is as it should be; store-0 has lost its file. Was its claim in the "
    "way?",
}

REASON = Question(
    ask="The set's template named the fast class all the time. Why did store-1 stay slow?",
    right="A set makes a claim from its template only where there is none of that name.",
    wrong={
        "The fast class had no room left.": "Nobody asked it for anything: store-1's claim named "
        "another class.",
        "A set takes its template only for the first Pod.": "It does for every Pod whose claim "
        "is missing, as it did for store-0.",
        "The template counts after the next restart.": "You may delete the Pod as often as you "
        "like: it finds the claim of its name again.",
    },
)


def check(timeline: Timeline) -> list[Verdict]:
    """Judge both replicas."""
    receipt = objects(timeline, "ConfigMap").get("receipt", {})
    kept = {pod: receipt.get(f"data.{pod}", "no receipt") for pod in (FIRST, SECOND)}
    fast = held(timeline, lambda then: _class(then).endswith("-fast"), HOLDS)
    return [
        judge(
            f"{SECOND} is on a disk of the fast class.",
            fast,
            wanted=f"the class …-fast, for {HOLDS:.0f} s",
            seen=_class(timeline),
            hint="another-name" if _unused(timeline) else "still-slow",
        ),
        judge(
            f"{SECOND} serves its file.",
            held(timeline, lambda then: _file(then, SECOND) == kept[SECOND], HOLDS),
            wanted=f"{_short(kept[SECOND])}, for {HOLDS:.0f} s",
            seen=_short(_file(timeline, SECOND)),
            hint="delete-the-claim",
        ),
        judge(
            f"{FIRST} serves its file, as before.",
            held(timeline, lambda then: _file(then, FIRST) == kept[FIRST], HOLDS),
            wanted=f"{_short(kept[FIRST])}, for {HOLDS:.0f} s",
            seen=_short(_file(timeline, FIRST)),
            hint="all-claims",
        ),
    ]


def _file(timeline: Timeline, pod: str) -> Value:
    """Return the checksum of a replica's file, None while the replica is not ready."""
    if pod not in ready(timeline, "store"):
        return None
    return timeline.value(source="exec", object=f"Pod/{pod}", field="checksum")


def _class(timeline: Timeline) -> str:
    """Return the class of the claim on which store-1 has its file."""
    claims = objects(timeline, "PersistentVolumeClaim")
    for claim in claims_of(ready(timeline, "store").get(SECOND, {})):
        return str(claims.get(claim, {}).get(CLASS))
    return "no ready Pod on a claim"


def _unused(timeline: Timeline) -> bool:
    """Tell whether there is a claim that no replica uses."""
    used = {claim for pod in ready(timeline, "store").values() for claim in claims_of(pod)}
    claims = objects(timeline, "PersistentVolumeClaim")
    return any(claim not in used for claim in claims)


def _short(checksum: Value) -> str:
    return str(checksum)[:12]
