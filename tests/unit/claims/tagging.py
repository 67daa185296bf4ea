"""Timelines for the claims about tags."""

from __future__ import annotations

from typing import Any

from helpers.experiments.fix_feature_break import COMMITS
from helpers.experiments.newer_tag import ODD, REFUSED
from helpers.model.images import Blob, Image, Push
from helpers.model.tag_run import BEFORE, FIX, FOUR, PODS, REPACKAGED
from helpers.model.timeline import Timeline
from tests.unit.claims.story import Story

SHA = "c31b1656da70a0b0b683b060187b889c4fd1d958"
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


def ran(names: dict[str, str] | None = None, subject: str = COMMITS[1][1], **runs: str) -> Story:
    """Pods of several versions; `runs` run another one than they should."""
    story = Story()
    made = {"subject": COMMITS[1][1], "tag": FIX}
    story.row("git", f"Commit/{SHA}", "made", made)
    image = f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/dice:{SHA}"
    story.row("watch", "Pod/commit", "spec.containers.commit.image", image)
    for pod in (*BEFORE, *PODS):
        version = runs.get(pod.replace("-", "_"), RUNS[pod])
        story.row("exec", f"Pod/{pod}", "answer", ANSWERS[version])
    for tag, commit in (names or {SHA: SHA, FIX: "", REPACKAGED: ""}).items():
        story.row("git", f"Tag/{tag}", "names", commit)
    return story.row("git", f"Commit/{SHA}", "show", subject)


HOLDS: dict[str, list[Timeline]] = {
    "ch10-vcs-01": [put()],
    "ch10-vcs-02": [ran()],
    "ch10-vcs-03": [ran()],
    "ch10-semver-01": [listed()],
    "ch10-semver-02": [listed()],
    "ch10-semver-03": [ran()],
    "ch10-semver-04": [ran()],
    "ch10-semver-05": [ran()],
    "ch10-upstream-01": [pushed("sha256:a", "sha256:b")],
    "ch10-upstream-02": [listed()],
}
FAILS: dict[str, list[Timeline]] = {
    "ch10-vcs-01": [put(latest=False), put(**{"1.2.3": True})],
    "ch10-vcs-02": [
        ran({SHA: "", FIX: "", REPACKAGED: ""}),
        ran({SHA: SHA, FIX: SHA, REPACKAGED: ""}),
    ],
    "ch10-vcs-03": [ran(subject="Another commit")],
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
    "ch10-vcs-03": [listed()],
    "ch10-semver-02": [listed("1.9.0")],
    "ch10-upstream-01": [pushed("sha256:a")],
    "ch10-upstream-02": [listed("8.0.13-c1"), put()],
}
