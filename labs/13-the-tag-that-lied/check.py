"""Every Pod runs the wanted commit, and no other image can come under its name."""

from __future__ import annotations

from collections.abc import Iterable

from helpers.model.needs import Need
from helpers.model.timeline import Timeline
from helpers.model.verdicts import Question, Verdict, held, judge
from helpers.model.watched import Fields, objects, ready

MINUTES = 20
WATCH = ("Deployment", "Pod")
HOLDS = 4.0
WITHIN = 30.0
EXCLUSIVE = "node"
NEEDS = frozenset({Need.NODES})
LESSON = "repositories-push-and-pull"

APP = "randserver"
WANTED = "c7a1f0e94b8de52c6a30f97b1d4e85c20b6f9a13"
REVISION = "metadata.annotations.deployment.kubernetes.io/revision"
WAITING = "status.unavailableReplicas"
"""A field that a Deployment has while a Pod of it is not ready."""
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
    "the-other-digest": "All Pods run the same image now. Is it the one that is wanted? images.txt "
    "has the commit of each.",
    "the-label-as-a-tag": "A Pod of the newest template does not get ready, so older ones stay. "
    "What do its events say of the image's name? Compare it with images.txt.",
    "one-pod-is-enough": "A Pod that is alone contradicts nobody. But how many of the workers have "
    "one that is ready?",
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
    up = ready(timeline, APP)
    commits = _commits(timeline, up)
    nodes = {pod["spec.nodeName"] for pod in up.values()}
    right = held(timeline, lambda then: _commits(timeline, ready(then, APP)) == {WANTED}, HOLDS)
    stays = timeline.value(source="registry", field="moves") is False
    deployment = objects(timeline, "Deployment").get(APP, {})
    if WAITING in deployment:
        hint = "the-label-as-a-tag"
    elif len(nodes) < 2:
        hint = "one-pod-is-enough"
    else:
        hint = _future(deployment) if right else _present(deployment, commits, stays=stays)
    return [
        judge(
            "A Pod is ready on each of two workers.",
            len(nodes) == 2,
            wanted="2 workers",
            seen=f"{len(nodes)}",
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
            stays,
            wanted="another image is refused",
            seen=str(timeline.value(source="registry", field="told")),
            hint=hint,
        ),
    ]


def _commits(timeline: Timeline, pods: Iterable[str]) -> set[str]:
    """Return which commits these Pods run, by their own word."""
    told = {row.object: str(row.value) for row in timeline.where(source="exec", field="commit")}
    return {told.get(f"Pod/{pod}", "unknown") for pod in pods}


def _present(deployment: Fields, commits: set[str], *, stays: bool) -> str:
    """Return the hint for Pods that run something else than is wanted."""
    if len(commits) == 1:
        return "the-other-digest"
    if stays:
        return "locked-too-late"
    return "unchanged" if deployment.get(REVISION) == "1" else "restart"


def _future(deployment: Fields) -> str:
    """Return the hint for a name that may get another image."""
    return "always-asks" if deployment.get(POLICY) == "Always" else "a-tag-of-its-own"
