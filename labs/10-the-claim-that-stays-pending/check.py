"""Each claim has what it needs, and the one that needs nothing is left as it was."""

from collections.abc import Sequence

from helpers.model.needs import Need
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline
from helpers.model.verdicts import Question, Verdict, held, judge
from helpers.model.watched import Fields, claims_of, objects, phase, ready

MINUTES = 25
WATCH = ("Deployment", "Pod", "PersistentVolumeClaim", "StorageClass")
HOLDS = 5.0
WITHIN = 45.0
QUIET = 10.0
NEEDS = frozenset({Need.SMALL_WORKERS, Need.WHOLE_CLUSTER})
LESSON = "storage-classes"

CATALOG, REPORTS, ARCHIVE = "catalog-data", "reports-data", "archive-data"
NEEDED = Quantity.parse("2Gi")
CLASS = "spec.storageClassName"

HINTS = {
    "pending": "A claim is still Pending, and a Pod waits for it. Read the claim's events, and "
    "compare each word of its spec with the volumes and classes that there are.",
    "empty-dir": "The catalog runs, but its files go with its Pod. Which volume does the Pod use?",
    "a-class-is-enough": "The class is there now, and still no volume. Who would have to make "
    "one, and does that program run here?",
    "one-replica": "The claim is bound, and one of the two Pods of reports is missing. What is "
    "it that ReadWriteOnce counts?",
    "a-smaller-claim": "The reports' claim is bound, to a disk on which the reports have no room.",
    "bound-at-any-price": "The archive's claim does not wait any more: its volume lies on one "
    "node now. What if tonight's job gets the other one?",
    "immediate": "The archive's claim no longer waits for the job. Who chooses the node, then?",
}

REASON = Question(
    ask="The claim archive-data is Pending, and that is right. Why?",
    right="Its class waits for the first Pod, so that the volume is made where that Pod can run.",
    wrong={
        "The provisioner has not come round to it yet.": "Nobody has asked the provisioner. The "
        "claim's event says for what it waits: for a first consumer.",
        "There is no free volume of exactly 1Gi.": "Volumes of this class are made when they are "
        "needed. And where they lie on a shelf, a larger one would do.",
        "A claim is bound when the container has started.": "The other way round: no container "
        "starts before its Pod's claims are bound.",
    },
)


def check(timeline: Timeline) -> list[Verdict]:
    """Judge both apps and the three claims."""
    catalog = list(ready(timeline, "catalog").values())
    reports = ready(timeline, "reports")
    claims = objects(timeline, "PersistentVolumeClaim")
    archive = claims.get(ARCHIVE, {})
    room = Quantity.parse(str(claims.get(REPORTS, {}).get("status.capacity.storage", "0")))
    return [
        judge(
            "The catalog is ready, and its files are on its claim.",
            held(timeline, _catalog, HOLDS),
            wanted=f"a ready Pod on {CATALOG}, for {HOLDS:.0f} s",
            seen=f"{len(catalog)} ready, claim {phase(timeline, CATALOG)}",
            hint=_why(timeline, catalog),
        ),
        judge(
            "Both Pods of the reports run on their claim.",
            held(timeline, _reports, HOLDS),
            wanted=f"2 ready Pods on {REPORTS}, for {HOLDS:.0f} s",
            seen=f"{len(reports)} ready, claim {phase(timeline, REPORTS)}",
            hint="one-replica" if reports else "pending",
        ),
        judge(
            "The reports have room for their 2Gi.",
            room >= NEEDED,
            wanted=f"{NEEDED} or more",
            seen=f"{room}",
            hint="a-smaller-claim" if room else "pending",
        ),
        judge(
            "The archive's volume is still to be made.",
            "spec.volumeName" not in archive,
            wanted="no volume",
            seen=f"{archive.get('spec.volumeName', 'no volume')}",
            hint="bound-at-any-price",
        ),
        judge(
            "The archive's claim is there, and waits for its job.",
            _mode(timeline, archive) == "WaitForFirstConsumer",
            wanted="a class that waits for the first Pod",
            seen=f"volumeBindingMode {_mode(timeline, archive)}",
            hint="immediate",
        ),
    ]


def _catalog(timeline: Timeline) -> bool:
    return any(CATALOG in claims_of(pod) for pod in ready(timeline, "catalog").values())


def _reports(timeline: Timeline) -> bool:
    on_claim = [REPORTS in claims_of(pod) for pod in ready(timeline, "reports").values()]
    return sum(on_claim) == 2


def _why(timeline: Timeline, catalog: Sequence[Fields]) -> str:
    """Return the hint for a catalog that has no volume."""
    if catalog:
        return "empty-dir"
    claim = objects(timeline, "PersistentVolumeClaim").get(CATALOG, {})
    known = claim.get(CLASS) in objects(timeline, "StorageClass")
    return "a-class-is-enough" if known else "pending"


def _mode(timeline: Timeline, claim: Fields) -> str:
    kind = objects(timeline, "StorageClass").get(str(claim.get(CLASS)), {})
    return str(kind.get("volumeBindingMode", "unknown"))
