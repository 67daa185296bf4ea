"""A Deployment for each way to tag: its rollouts, the way back, and what a running Pod tells.

Rows: source "session", "Deployment/<name>" with "manifest", "patch" (a restart), "undo" ({revision,
template}) and "generation" ({before, after}: of a manifest that was sent again); "Step/<step>" with
"begin". Source "watch": the Deployments, their ReplicaSets ("<name>-<hash>") and Pods. Source
"registry": "Tag/<tag>" with "points to" (a digest), "Image/dice@<digest>" with "labels". Source
"git": "Commit/<id>" with "made" ({subject, tag}), "Tag/<tag>" with "names" (what git finds under a
tag's text). Source "exec": a Pod's "answer".

Upstream: K pkg/controller/deployment/rolling.go, and what `helpers.model.rollouts` names;
pkg/kubelet/images/image_manager.go, EnsureImageExists (the pull policy).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from helpers.model.images import digest_of
from helpers.model.labels import PREFIX
from helpers.model.manifests import LESSON_LABEL, Manifest, containers, metadata
from helpers.model.rollouts import HASH, REVISION
from helpers.model.tag_run import APP, FEATURE, FIRST, FIX
from helpers.model.timeline import Timeline, Value

COMMIT, SEMVER, MOVING, UPSTREAM = "commit", "semver", "moving", "upstream"
WORDS = {
    COMMIT: "commit ID",
    SEMVER: "semantic version",
    MOVING: "moving tag",
    UPSTREAM: "upstream version",
}
"""The Deployments, and the strategy of each in words."""

TAG, LABEL, BACK = "its tag tells the commit", "its digest leads there", "undo brings it back"
QUESTIONS = (TAG, LABEL, BACK)

VERSIONS = (FIRST, FIX, FEATURE)
"""The semantic versions of the three releases."""

LATEST = "latest"
REPACKAGED = ("8.0.12-c15", "8.0.12-c16", "8.0.12-c17")
REPLICAS = 2
ALWAYS, IF_NOT_PRESENT = "Always", "IfNotPresent"
STEPS = ("release 1", "release 2", "release 3", "undo")


def tag(name: str, release: int, commit: str) -> str:
    """Return the tag that a Deployment's strategy gives to a release (1 to 3) of this commit."""
    fixed = {COMMIT: commit, MOVING: LATEST}
    return fixed.get(name) or (VERSIONS if name == SEMVER else REPACKAGED)[release - 1]


def deployment(
    *, name: str, namespace: str, lesson: str, image: str, policy: str, node: str
) -> Manifest:
    """Build a Deployment of the program, all of whose Pods stand on one node."""
    spec: Manifest = {
        "containers": [{"name": APP, "image": image, "imagePullPolicy": policy}],
        "nodeSelector": {"kubernetes.io/hostname": node},
        "terminationGracePeriodSeconds": 1,
    }
    template: Manifest = {"metadata": {"labels": {"app": name, LESSON_LABEL: lesson}}, "spec": spec}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(name, namespace, lesson),
        "spec": {
            "replicas": REPLICAS,
            "selector": {"matchLabels": {"app": name}},
            "template": template,
        },
    }


def release_expected(name: str, step: str, *, policy: str, revision: int) -> int:
    """Return which release a Deployment's Pods run after a step, `revision` the one undone to.

    A tag that stays names one release. One that moves names the newest, for a node that asks; a
    node that has an image of that name and need not ask goes on with the first.
    """
    newest = min(STEPS.index(step) + 1, len(VERSIONS))
    if name != MOVING:
        return revision if step == STEPS[-1] else newest
    return newest if policy == ALWAYS else 1


@dataclass(frozen=True, slots=True)
class Life:
    """One Pod's running: of which Deployment and ReplicaSet, which image, from when to when."""

    pod: str
    name: str
    hash: str = ""
    image: str = ""
    digest: str = ""
    since: float | None = None
    until: float | None = None
    """When its deletion was asked for."""


def lives(timeline: Timeline) -> list[Life]:
    """Return the Pods of the Deployments that have run, in the order in which they came."""
    found: dict[str, Life] = {}
    status = f"status.containerStatuses.{APP}"
    fields = {
        f"metadata.labels.{HASH}": "hash",
        f"spec.containers.{APP}.image": "image",
        f"{status}.imageID": "digest",
    }
    for row in timeline.where(source="watch"):
        kind, _, pod = row.object.partition("/")
        name = pod.partition("-")[0]
        if kind != "Pod" or name not in WORDS or "-" not in pod:
            continue
        life = found.setdefault(pod, Life(pod, name))
        if row.field in fields and row.value:
            text = digest_of(row.value) if row.field.endswith("imageID") else str(row.value)
            life = replace(life, **{fields[row.field]: text})  # type: ignore[arg-type]
        elif row.field == f"{status}.state.running.startedAt" and row.value and life.since is None:
            life = replace(life, since=row.time)
        going = row.field == "metadata.deletionTimestamp" and row.value
        if (going or (row.field == "exists" and row.value is False)) and life.until is None:
            life = replace(life, until=row.time)
        found[pod] = life
    return [life for life in found.values() if life.since is not None]


def begun(timeline: Timeline) -> dict[str, float]:
    """Return when each step began."""
    rows = timeline.where(source="session", field="begin")
    return {
        row.object.removeprefix("Step/"): row.time
        for row in rows
        if row.object.removeprefix("Step/") in STEPS
    }


def releases(timeline: Timeline) -> dict[str, int]:
    """Return the releases, 1 to 3, by the digest of their image."""
    found = {}
    for number, version in enumerate(VERSIONS, start=1):
        digest = timeline.value(source="registry", object=f"Tag/{version}", field="points to")
        if digest:
            found[str(digest)] = number
    return found


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked for, and what is known of it so far."""

    policy: str = ""
    revision: int = 0
    labelled: bool = True
    lives: tuple[Life, ...] = ()
    begun: Mapping[str, float] = field(default_factory=dict)
    ended: float = 0.0
    releases: Mapping[str, int] = field(default_factory=dict)
    commits: Mapping[int, str] = field(default_factory=dict)
    """The commit of each release."""

    def after(self, name: str, step: str) -> list[Life]:
        """Return the Pods of a Deployment that ran when a step had come to rest."""
        if step not in self.begun:
            return []
        later = [at for at in self.begun.values() if at > self.begun[step]]
        end = min(later, default=self.ended)
        return [
            life
            for life in self.lives
            if life.name == name
            and life.since is not None
            and life.since <= end
            and (life.until is None or life.until > end)
        ]

    def release_after(self, name: str, step: str) -> int | None:
        """Return which release all Pods of a Deployment ran after a step; None if they differ."""
        found = {self.releases.get(life.digest) for life in self.after(name, step)}
        return found.pop() if len(found) == 1 else None

    def undone_to(self) -> str:
        """Return the step whose revision was undone to."""
        return STEPS[self.revision - 1] if self.revision else ""


def run_of(timeline: Timeline) -> Run:
    """Read the run, as far as it has come."""
    sent = timeline.value(source="session", object=f"Deployment/{COMMIT}", field="manifest")
    container = next(containers(sent), {}) if isinstance(sent, Mapping) else {}
    undo = timeline.value(source="session", object=f"Deployment/{COMMIT}", field="undo")
    chosen = timeline.value(source="learner", field="values")
    values = dict(chosen) if isinstance(chosen, Mapping) else {}
    by_version = {}
    for row in timeline.where(source="git", field="made"):
        if isinstance(row.value, Mapping):
            by_version[str(row.value["tag"])] = row.object.removeprefix("Commit/")
    return Run(
        str(container.get("imagePullPolicy") or ""),
        int(str((undo if isinstance(undo, Mapping) else values).get("revision") or 0)),
        values.get("label") != "no",
        tuple(lives(timeline)),
        begun(timeline),
        timeline.rows[-1].time if len(timeline) else 0.0,
        releases(timeline),
        {n: by_version[v] for n, v in enumerate(VERSIONS, start=1) if v in by_version},
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """A Deployment and a question, as predicted, by the rule, and as measured."""

    row: str
    column: str
    predicted: bool | None
    rule: bool | None
    answer: bool | None


def cells(timeline: Timeline) -> list[Cell]:
    """Return the table of Deployments and questions, row by row."""
    run = run_of(timeline)
    said = timeline.value(source="learner", field="prediction")
    guesses = list(said) if isinstance(said, list | tuple) else []
    found = []
    for place, name in enumerate(WORDS):
        seen = (tells(timeline, run, name), leads(timeline, run, name), back(run, name))
        rules = (name == COMMIT, run.labelled, _back_expected(run, name))
        for column, question in enumerate(QUESTIONS):
            at = place * len(QUESTIONS) + column
            guess = guesses[at] == "yes" if at < len(guesses) else None
            rule = rules[column] if run.policy else None
            found.append(Cell(WORDS[name], question, guess, rule, seen[column]))
    return found


def tells(timeline: Timeline, run: Run, name: str) -> bool | None:
    """Tell whether git finds, under the tag of a Deployment's running Pods, what they run."""
    pods = run.after(name, STEPS[-1])
    release = run.release_after(name, STEPS[-1])
    if not pods or release is None:
        return None
    text = pods[0].image.rpartition(":")[2]
    named = timeline.value(source="git", object=f"Tag/{text}", field="names")
    return None if named is None else named == run.commits.get(release)


def leads(timeline: Timeline, run: Run, name: str) -> bool | None:
    """Tell whether the label behind the digest of its running Pods names the commit they run."""
    pods = run.after(name, STEPS[-1])
    release = run.release_after(name, STEPS[-1])
    if not pods or release is None:
        return None
    label = labelled_with(timeline, pods[0].digest)
    return None if label is None else label == run.commits.get(release)


def labelled_with(timeline: Timeline, digest: str) -> str | None:
    """Return the commit in an image's label; None where the labels were not read."""
    object = f"Image/{APP}@{digest}"
    labels = timeline.value(source="registry", object=object, field="labels")
    return str(labels.get(f"{PREFIX}revision") or "") if isinstance(labels, Mapping) else None


def back(run: Run, name: str) -> bool | None:
    """Tell whether undo brought back the release that ran under its revision before."""
    before = run.release_after(name, run.undone_to())
    after = run.release_after(name, STEPS[-1])
    if STEPS[-1] not in run.begun or None in (before, after):
        return None
    return before == after


def _back_expected(run: Run, name: str) -> bool | None:
    if not run.revision or not run.policy:
        return None
    given: Any = {"policy": run.policy, "revision": run.revision}
    return release_expected(name, run.undone_to(), **given) == release_expected(
        name, STEPS[-1], **given
    )


def rests(timeline: Timeline, name: str, revision: int) -> bool:
    """Tell whether a Deployment has come to a revision, and only that one's Pods are there."""
    object = f"Deployment/{name}"

    def now(path: str) -> Value:
        return timeline.value(source="watch", object=object, field=path)

    wanted = {
        f"metadata.annotations.{REVISION}": str(revision),
        "status.observedGeneration": now("metadata.generation"),
        "status.replicas": REPLICAS,
        "status.updatedReplicas": REPLICAS,
        "status.availableReplicas": REPLICAS,
    }
    if any(now(path) != value for path, value in wanted.items()):
        return False
    running = [life for life in lives(timeline) if life.name == name and life.until is None]
    return len(running) == REPLICAS


def revisions(timeline: Timeline, name: str) -> dict[str, list[int]]:
    """Return, by the hash of its template, the numbers that each ReplicaSet has had."""
    found: dict[str, list[int]] = {}
    prefix = f"ReplicaSet/{name}-"
    for row in timeline.where(source="watch", field=f"metadata.annotations.{REVISION}"):
        if row.object.startswith(prefix) and row.value:
            found.setdefault(row.object.removeprefix(prefix), []).append(int(str(row.value)))
    return found
