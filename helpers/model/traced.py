"""What a run shows of an image's labels after its tag has moved, and of the commit behind a Pod.

Rows: as in `helpers.model.labels`, of the image's tags and digests; object "Tag/stable", field
"points to"; source "exec", object "Commit/<ID>", fields "kind" and "subject", as git has them;
source "watch", the Pod's "imageID".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from helpers.model import labels
from helpers.model.images import digest_of
from helpers.model.labels import KEYS, PREFIX
from helpers.model.pulls import IMAGE_ID, status
from helpers.model.timeline import Timeline

REPOSITORY = "randserver"
POD = "server"
FIRST, SECOND, STABLE, ANNOTATED = "first", "second", "stable", "annotated"
_ID = re.compile(r"[0-9a-f]{40}")
TAGS = (FIRST, SECOND, STABLE, ANNOTATED)

OLD = "the commit that the Pod's image was built from"
NEW = "the commit that stable stands for now"
NONE = "none: a tag such as stable tells no commit"
OUTCOMES = (OLD, NEW, NONE)


@dataclass(frozen=True, slots=True)
class Traced:
    """The run so far. Labels, annotations and passed values have their keys without the prefix.

    `before` and `after` are what the digest's labels were at first, and once the tag had moved.
    """

    passed: Mapping[str, str] = field(default_factory=dict)
    newer: Mapping[str, str] = field(default_factory=dict)
    """What was passed to the second build."""
    old_digest: str = ""
    new_digest: str = ""
    running: str = ""
    before: Mapping[str, str] | None = None
    after: Mapping[str, str] | None = None
    moved: Mapping[str, str] | None = None
    """The labels of what the tag stands for in the end."""
    plain: Mapping[str, str] | None = None
    """The annotations of the manifest as it was pushed."""
    annotated: Mapping[str, str] | None = None
    """Those of the manifest to which they were added."""
    commits: Mapping[str, str] = field(default_factory=dict)
    """What git has under each revision: "commit", or nothing."""
    subjects: Mapping[str, str] = field(default_factory=dict)

    @property
    def sent(self) -> dict[str, str]:
        """The values that make a label: those that are not empty."""
        return {key: text for key, text in self.passed.items() if text}

    @property
    def expected(self) -> tuple[str, str, str]:
        """Whose commit must be found: by the Pod's image at first and later, and by the tag."""
        if not _ID.fullmatch(self.passed.get("revision", "")):
            return NONE, NONE, NONE
        same = self.passed.get("revision") == self.newer.get("revision")
        return OLD, OLD, OLD if same else NEW

    def commit(self, found: Mapping[str, str] | None) -> str:
        """Say whose commit these labels tell; empty where nothing was read."""
        if found is None:
            return ""
        revision = found.get("revision", "")
        if not revision or self.commits.get(revision, "commit") != "commit":
            return NONE
        return OLD if revision == self.passed.get("revision") else NEW

    @property
    def outcome(self) -> str:
        """Which commit the labels of the Pod's image lead to; empty while it is not known."""
        if self.moved is None or (self.after or {}).get("revision", "") not in self.commits:
            return ""  # git was not asked yet
        return self.commit(self.after)


def traced(timeline: Timeline) -> Traced:
    """Read the run, as far as it has come."""
    rows = timeline.where(source="registry", object=f"Tag/{STABLE}", field="points to")
    points = [str(row.value) for row in rows]
    old = points[0] if points else ""
    image = f"Image/{REPOSITORY}@{old}"
    read = timeline.where(source="registry", object=image, field="labels") if old else ()
    newer = labels.texts(labels.built(timeline, SECOND).get("passed")) or {}
    passed = labels.texts(labels.built(timeline, FIRST).get("passed")) or {}
    commits = {
        row.object.removeprefix("Commit/"): str(row.value)
        for row in timeline.where(source="exec", field="kind")
    }
    subjects = {
        row.object.removeprefix("Commit/"): str(row.value)
        for row in timeline.where(source="exec", field="subject")
    }
    return Traced(
        passed,
        newer,
        old,
        points[1] if len(points) > 1 else "",
        digest_of(status(timeline, POD, IMAGE_ID)),
        short_keys(labels.texts(read[0].value)) if read else None,
        short_keys(labels.texts(read[1].value)) if len(read) > 1 else None,
        short_keys(labels.read(timeline, f"{REPOSITORY}:{STABLE}")) if len(points) > 1 else None,
        short_keys(labels.read(timeline, f"{REPOSITORY}:{FIRST}", "annotations")),
        short_keys(labels.read(timeline, f"{REPOSITORY}:{ANNOTATED}", "annotations")),
        commits,
        subjects,
    )


def short_keys(found: Mapping[str, str] | None) -> dict[str, str] | None:
    """Return those of the eleven keys that are there and not empty, without their prefix."""
    if found is None:
        return None
    return {key: found[PREFIX + key] for key in KEYS if found.get(PREFIX + key)}


def tags_with(timeline: Timeline, key: str, value: str) -> list[str]:
    """Return the tags whose image has this label: a question that no tag has to answer."""
    found = []
    for tag in TAGS:
        held = short_keys(labels.read(timeline, f"{REPOSITORY}:{tag}")) or {}
        if held.get(key) == value:
            found.append(tag)
    return found
