"""Timelines for the claims about tags."""

from __future__ import annotations

from typing import Any

from helpers.experiments.dice import COMMITS
from helpers.experiments.newer_tag import ODD, REFUSED
from helpers.model import rollback_run as rollback
from helpers.model.images import Blob, Image, Push
from helpers.model.labels import PREFIX
from helpers.model.pulls import uri
from helpers.model.rollback_run import MOVING, REPLICAS, STEPS, VERSIONS, WORDS
from helpers.model.rollouts import HASH, REVISION
from helpers.model.tag_run import APP, BEFORE, FOUR, PODS
from helpers.model.timeline import Timeline
from tests.unit.claims.story import Story

SHAS = ("1" * 40, "2" * 40, "3" * 40)
DIGESTS = ("sha256:a", "sha256:b", "sha256:c")
REVISED = f"metadata.annotations.{REVISION}"
ANSWERS: dict[str, dict[str, Any]] = {version: answer for version, _, answer in COMMITS}
RUNS = {
    "exact-before": "1.0.0",
    "moving-before": "1.0.0",
    "exact": "1.0.0",
    "moving": "1.0.1",
    "minor": "1.1.0",
    "major": "2.0.0",
    "commit": "1.0.1",
}


def put(**unlike: bool) -> Story:
    """Tags that are given; `unlike` are answered otherwise, by the first letters of a tag."""
    story = Story()
    for tag in (*ODD, *REFUSED):
        accepted = next((yes for start, yes in unlike.items() if tag.startswith(start)), None)
        said = tag not in REFUSED if accepted is None else accepted
        story.row("registry", f"Tag/{tag}", "put", {"accepted": said, "words": ""})
    return story


def listed(*order: str, automatic: str = "1.10.0", minor: str = "1.5.0") -> Story:
    tags = list(order) or sorted([*FOUR, "1.4.7", "1.9.0", "1.10.0", "2.0.0", "latest"])
    story = Story()
    for tag in FOUR:
        story.row("registry", f"Tag/{tag}", "put", {"accepted": True, "words": ""})
    story.row("registry", "Repository/mysql", "tags", tags)
    after = {"PATCH": "1.4.8", "MINOR": minor, "MAJOR": "2.0.0"}
    story.row("model", "Version/1.4.7", "next", after)
    found = {"automatic": automatic, "to be looked at": ["2.0.0", "8.0.12"]}
    return story.row("model", "Version/1.4.7", "upgrades", found)


def pushed(*digests: str) -> Story:
    story = Story()
    for tag, digest in zip(FOUR, digests, strict=False):
        image = Image(digest, 500, Blob(f"c{digest}", 2), (), {})
        done = Push(f"mysql:{tag}", image, 1000)
        story.row("registry", f"Image/{done.name}", "push", done.row)
    return story


def ran(**runs: str) -> Story:
    """Pods of several versions; `runs` run another one than they should."""
    story = Story()
    for pod in (*BEFORE, *PODS):
        version = runs.get(pod.replace("-", "_"), RUNS[pod])
        story.row("exec", f"Pod/{pod}", "answer", ANSWERS[version])
    return story


def rolled(
    *,
    policy: str = "Always",
    went: int | None = None,
    answer: int | None = None,
    back: int = 2,
    numbers: bool = True,
    hashed: bool = False,
    changed: int = 0,
    names: dict[str, str] | None = None,
    labels: dict[int, str] | None = None,
    shown: str | None = None,
) -> Story:
    """Four Deployments, rolled out three times and back.

    `went` is the release that the moving tag's Pods run in the end, `answer` the one whose answer
    they give; `numbers` tells whether the former ReplicaSets get the next number; `changed` is
    added to a generation when a manifest is sent again.
    """
    story = Story()
    for number, (version, subject, _) in enumerate(COMMITS[:3]):
        made = {"subject": subject, "tag": version}
        story.row("git", f"Commit/{SHAS[number]}", "made", made)
        for name in WORDS:
            tag = rollback.tag(name, number + 1, SHAS[number])
            story.row("registry", f"Tag/{tag}", "points to", DIGESTS[number])
        story.row("session", f"Step/{STEPS[number]}", "begin", True)
        for name in WORDS:
            image = uri(APP, rollback.tag(name, number + 1, SHAS[number]))
            place = {"namespace": "x", "lesson": "x", "node": "n"}
            sent = rollback.deployment(name=name, image=image, policy=policy, **place)
            story.row("session", f"Deployment/{name}", "manifest", sent)
            generation = {"before": number + 1, "after": number + 1 + changed}
            if name == MOVING and number:
                story.row("session", f"Deployment/{name}", "generation", generation)
            story.row("watch", f"ReplicaSet/{name}-{number}", REVISED, str(number + 1))
            release = rollback.release_expected(name, STEPS[number], policy=policy, revision=back)
            pods_of(story, name, number, image, release, answer=release)
    story.row("session", f"Step/{STEPS[-1]}", "begin", True)
    for name in WORDS:
        kept = {"labels": {HASH: "0"} if hashed else {}}
        undo = {"revision": back, "template": {"metadata": kept}}
        story.row("session", f"Deployment/{name}", "undo", undo)
        if numbers:
            story.row("watch", f"ReplicaSet/{name}-{back - 1}", REVISED, "4")
        release = rollback.release_expected(name, STEPS[-1], policy=policy, revision=back)
        if name == MOVING and went:
            release = went
        image = uri(APP, rollback.tag(name, back, SHAS[back - 1]))
        said = answer if name == MOVING and answer else release
        pods_of(story, name, len(STEPS), image, release, answer=said)
    tags = {rollback.tag(name, n + 1, sha) for name in WORDS for n, sha in enumerate(SHAS)}
    for tag in sorted(tags):
        found = {sha: sha for sha in SHAS} | (names or {})
        story.row("git", f"Tag/{tag}", "names", found.get(tag, ""))
    for number, digest in enumerate(DIGESTS, start=1):
        label = (labels or {}).get(number, SHAS[number - 1])
        value = {f"{PREFIX}revision": label}
        story.row("registry", f"Image/{APP}@{digest}", "labels", value)
    subject = shown or COMMITS[back - 1][1]
    return story.row("git", f"Commit/{SHAS[back - 1]}", "show", subject)


def pods_of(story: Story, name: str, step: int, image: str, release: int, *, answer: int) -> None:
    """The Pods of a step come, and those of the step before go."""
    status = f"status.containerStatuses.{APP}"
    for number in range(REPLICAS):
        pod = f"Pod/{name}-{step}-{number}"
        story.row("watch", pod, f"spec.containers.{APP}.image", image)
        image_id = f"{APP}@{DIGESTS[release - 1]}"
        story.row("watch", pod, f"{status}.imageID", image_id)
        story.row("watch", pod, f"{status}.state.running.startedAt", "now")
        story.row("exec", pod, "answer", COMMITS[answer - 1][2])
    for gone in [old for old in rollback.lives(story) if old.name == name and old.until is None]:
        if not gone.pod.startswith(f"{name}-{step}-"):
            story.row("watch", f"Pod/{gone.pod}", "metadata.deletionTimestamp", "now")


HOLDS: dict[str, list[Timeline]] = {
    "ch10-vcs-01": [put()],
    "ch10-vcs-02": [rolled(), rolled(back=1)],
    "ch10-vcs-03": [rolled(), rolled(back=1)],
    "ch10-semver-01": [listed()],
    "ch10-semver-02": [listed()],
    "ch10-semver-03": [ran()],
    "ch10-semver-04": [ran()],
    "ch10-semver-05": [ran()],
    "ch10-upstream-01": [pushed("sha256:a", "sha256:b")],
    "ch10-upstream-02": [listed()],
    "own-ch10-rollback-01": [rolled(), rolled(back=1)],
    "own-ch10-rollback-02": [rolled(), rolled(back=1), rolled(policy="IfNotPresent")],
    "own-ch10-rollback-03": [rolled()],
    "own-ch10-rollback-04": [rolled(), rolled(policy="IfNotPresent")],
}
FAILS: dict[str, list[Timeline]] = {
    "ch10-vcs-01": [put(latest=False), put(**{"1.2.3": True})],
    "ch10-vcs-02": [
        rolled(names={SHAS[1]: ""}),
        rolled(names={VERSIONS[1]: SHAS[1]}),
        rolled(names={"latest": SHAS[2]}),
    ],
    "ch10-vcs-03": [rolled(shown="Another commit")],
    "own-ch10-rollback-01": [rolled(numbers=False), rolled(hashed=True)],
    "own-ch10-rollback-02": [
        rolled(went=2),
        rolled(policy="IfNotPresent", went=3),
        rolled(answer=2),
    ],
    "own-ch10-rollback-03": [rolled(changed=1)],
    "own-ch10-rollback-04": [rolled(labels={2: SHAS[0]})],
    "ch10-semver-01": [listed(automatic="1.9.0"), listed(automatic="2.0.0")],
    "ch10-semver-02": [listed(minor="1.5.7")],
    "ch10-semver-03": [ran(exact="1.0.1"), ran(moving="1.0.0")],
    "ch10-semver-04": [ran(minor="2.0.0"), ran(minor="1.0.1")],
    "ch10-semver-05": [ran(major="1.1.0")],
    "ch10-upstream-01": [pushed("sha256:a", "sha256:a")],
    "ch10-upstream-02": [
        listed("8.0.12-c9", "8.0.12-c15", "8.0.13-c1"),
        listed("8.0.12", "8.0.12-c9"),
    ],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch10-vcs-02": [ran(), listed()],
    "ch10-vcs-03": [listed()],
    "own-ch10-rollback-01": [listed()],
    "own-ch10-rollback-04": [rolled(labels=dict.fromkeys((1, 2, 3), ""))],
    "ch10-semver-02": [listed("1.9.0")],
    "ch10-upstream-01": [pushed("sha256:a")],
    "ch10-upstream-02": [listed("8.0.13-c1"), put()],
}
