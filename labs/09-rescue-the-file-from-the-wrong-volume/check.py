"""The ledger serves the file that was thought lost, from its claim."""

from helpers.model.needs import Need
from helpers.model.timeline import Timeline, Value
from helpers.model.verdicts import Question, Verdict, held, judge
from helpers.model.watched import claims_of, objects, phase, ready

MINUTES = 30
WATCH = ("Deployment", "Pod", "PersistentVolumeClaim", "PersistentVolume", "ConfigMap")
HOLDS = 5.0
WITHIN = 45.0
QUIET = 10.0
NEEDS = frozenset({Need.SMALL_WORKERS, Need.WHOLE_CLUSTER})
LESSON = "volumes-and-claims"

CLAIM = "ledger-data"

HINTS = {
    "another-file": "The ledger does not serve the file of the receipt. Which volume is its claim "
    "bound to, when was that one made, and which others are there?",
    "spoken-for": "The claim asks for a volume, and does not get it. Read its event. Whose does "
    "the volume say that it is?",
    "let-it-go": "The volume that held the file is not there any more, and nobody serves the "
    "file. What does its reclaim policy tell the provisioner to do with a volume that was let "
    "go? (Reset the lab to try again.)",
    "around-the-claim": "The right file is served, but past the claim: the Pod reaches into a "
    "folder of its node. What if it is to run on another cluster, or the folder is somebody "
    "else's?",
}

REASON = Question(
    ask="The claim was deleted and made again under the same name. Why did it get an empty volume?",
    right="The old volume was still reserved for the old claim, which it knows by its uid.",
    wrong={
        "Its files were deleted with the claim.": "You have just had the file in your hands. "
        "Retain keeps a volume with all that is on it.",
        "The old volume was too small for the new claim.": "Both claims asked for the same size.",
        "A claim looks for a new volume whenever a Pod starts.": "A claim stays with its volume, "
        "whatever Pods come and go. It was another claim.",
    },
)


def check(timeline: Timeline) -> list[Verdict]:
    """Judge what the ledger serves, and from where."""
    receipt = objects(timeline, "ConfigMap").get("receipt", {})
    wanted = receipt.get("data.sha256", "no receipt")
    served = _served(timeline)
    why = _why(timeline)
    right = held(timeline, lambda then: _served(then) == {wanted}, HOLDS)
    return [
        judge(
            "The ledger serves the file of the receipt.",
            right,
            wanted=f"{_short(wanted)}, for {HOLDS:.0f} s",
            seen=_short(min(served, key=str, default="no file")),
            hint=why,
        ),
        judge(
            "It has it from its claim.",
            held(timeline, _claimed, HOLDS),
            wanted=f"a ready Pod on {CLAIM}, which is bound",
            seen=f"{len(ready(timeline, 'ledger'))} ready, claim {phase(timeline, CLAIM)}",
            hint="around-the-claim" if right else why,
        ),
    ]


def _served(timeline: Timeline) -> set[Value]:
    """Return the checksums of what the ready Pods serve."""
    return {
        timeline.value(source="exec", object=f"Pod/{name}", field="checksum")
        for name in ready(timeline, "ledger")
    }


def _claimed(timeline: Timeline) -> bool:
    return any(CLAIM in claims_of(pod) for pod in ready(timeline, "ledger").values())


def _why(timeline: Timeline) -> str:
    """Return the hint for a ledger that does not serve that file."""
    disks = objects(timeline, "PersistentVolume")
    old = objects(timeline, "ConfigMap").get("receipt", {}).get("data.volume")
    claim = objects(timeline, "PersistentVolumeClaim").get(CLAIM, {})
    if old not in disks:
        return "let-it-go"
    return "spoken-for" if claim.get("spec.volumeName") == old else "another-file"


def _short(checksum: Value) -> str:
    return str(checksum)[:12]
