"""Every Pod runs the wanted commit, and no other image can come under its name."""

from __future__ import annotations

from typing import Any

from helpers.model.needs import Need
from helpers.model.timeline import Timeline
from helpers.model.verdicts import Question, Verdict, held, judge

MINUTES = 20
WATCH = ("Deployment", "Pod")
HOLDS = 4.0
WITHIN = 30.0
EXCLUSIVE = "node"
NEEDS = frozenset({Need.NODES})
LESSON = "repositories-push-and-pull"

WANTED = "c7a1f0e94b8de52c6a30f97b1d4e85c20b6f9a13"
REVISION = "metadata.annotations.deployment.kubernetes.io/revision"
POLICY = "spec.template.spec.containers.randserver.imagePullPolicy"

HINTS = {
    "unchanged": "Two Pods of one Deployment run two commits, under one name. Each of the nodes "
    "has an image of that name. Since when?",
    "restart": "The Pods are new, and they still run two commits. When does a node ask the "
    "registry, if it has an image of that name?",
    "always-asks": "Every node asks now, and today all of them get the right answer. What do they "
    "get on the day that somebody moves the tag again?",
    "a-tag-of-its-own": "The name is a better one now, and a name it still is. Who keeps somebody "
    "from putting it on another image?",
    "locked-too-late": "Nobody can move the tag any more. Which image does the node have that "
    "started its Pod before the tag was moved?",
    "the-other-digest": "All Pods run the same image, and nobody can change that. Is it the one "
    "that is wanted? images.txt has the commit of each.",
}

REASON = Question(
    ask="How could two Pods of one Deployment run two programs, although nobody had changed the "
    "Deployment?",
    right="The name was a tag, which had been moved; each node kept what the tag stood for when it "
    "pulled.",
    wrong={
        "A rollout had stopped half-way.": "There was no rollout: the Pods' template was the same "
        "all the time, and so was their ReplicaSet.",
        "The registry gave two nodes two images for one tag.": "At any moment it had one image for "
        "it. The nodes asked at different moments.",
        "The second node had not enough room for the newer image.": "It had the newer one: it was "
        "the first node that ran the old one.",
    },
)


def check(timeline: Timeline) -> list[Verdict]:
    """Judge the Pods by what they said of themselves, and their name by what ECR's stand-in did."""
    commits = [_commit(timeline, pod) for pod in _ready(timeline)]
    name: Any = timeline.value(source="registry", object="Repository/randserver", field="name")
    moves = name is None or name["moves"]
    first = _of(timeline, "Deployment/randserver", REVISION) == "1"
    right = held(timeline, lambda then: _right(timeline, _ready(then)), HOLDS)
    hint = _future(timeline) if right else _present(commits, moves=moves, first=first)
    nodes = {_of(timeline, pod, "spec.nodeName") for pod in _ready(timeline)}
    return [
        judge(
            "A Pod is ready on each of two workers.",
            len(nodes) == 2,
            wanted="2 workers",
            seen=f"{len(nodes)} workers",
            hint=hint,
        ),
        judge(
            f"Every Pod runs the commit {WANTED[:7]}.",
            right,
            wanted=f"{WANTED[:7]} alone, for {HOLDS:g} s",
            seen=", ".join(sorted(commit[:7] for commit in commits)),
            hint=hint,
        ),
        judge(
            "No other image can come under the name that the Deployment says.",
            not moves,
            wanted="another image is refused",
            seen=_told(name),
            hint=hint,
        ),
    ]


def _ready(timeline: Timeline) -> list[str]:
    """Return the Pods that are ready and not about to go."""
    pods = {row.object for row in timeline.where(source="watch", field="spec.nodeName")}
    ready = {pod for pod in pods if _of(timeline, pod, "status.conditions.Ready.status") == "True"}
    return sorted(p for p in ready if _of(timeline, p, "metadata.deletionTimestamp") is None)


def _of(timeline: Timeline, object: str, field: str) -> Any:
    return timeline.value(source="watch", object=object, field=field)


def _commit(timeline: Timeline, pod: str) -> str:
    said = timeline.value(source="exec", object=pod, field="commit")
    return str(said or "unknown")


def _right(timeline: Timeline, pods: list[str]) -> bool:
    return {_commit(timeline, pod) for pod in pods} == {WANTED}


def _told(name: Any) -> str:
    said = name or {"image": "", "moves": None, "refused": ""}
    image = said["image"].rpartition("/")[2]
    return f"{image} may move: {said['moves']}. {said['refused']}"


def _present(commits: list[str], *, moves: bool, first: bool) -> str:
    """Return the hint for Pods that run something else; `first`: nothing was rolled out yet."""
    if len(set(commits)) == 1:
        return "the-other-digest"
    if not moves:
        return "locked-too-late"
    return "unchanged" if first else "restart"


def _future(timeline: Timeline) -> str:
    """Return the hint for a name that may get another image."""
    asks = _of(timeline, "Deployment/randserver", POLICY) == "Always"
    return "always-asks" if asks else "a-tag-of-its-own"
