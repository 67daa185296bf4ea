"""What a run shows of a tag that was to move: where it pointed to, and which image each Pod runs.

Rows: source "registry", object "Tag/<tag>", field "points to"; source "watch", the Pods' "imageID";
source "session", the Pods' manifests; source "aws", object "ecr:PutImage". Where the repository has
exclusions, which moto reads otherwise than ECR, the refusal's source is "model".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.model.images import digest_of
from helpers.model.immutability import new_in
from helpers.model.manifests import containers
from helpers.model.pulls import IMAGE_ID, status
from helpers.model.timeline import Timeline, Value

REPOSITORY = "randserver"
PODS = ("first", "second", "third")


@dataclass(frozen=True, slots=True)
class Run:
    """The tag, the digests it pointed to before and after, and those that the Pods run.

    `refusal` is what ECR's stand-in said when the tag was to move; `policy` that of the Pods.
    """

    tag: str
    before: str
    after: str
    digests: tuple[str, ...]
    refusal: str
    policy: str

    @property
    def moved(self) -> bool:
        """Whether the tag points to another image now."""
        return bool(self.before) and self.before != self.after

    @property
    def runs_new(self) -> tuple[bool, ...]:
        """Which Pods run something else than what the tag pointed to at first."""
        return tuple(bool(digest) and digest != self.before for digest in self.digests)

    @property
    def rule(self) -> tuple[bool, ...]:
        """Which Pods run the new image by the rule."""
        return tuple(new_in(place, self.policy, moved=self.moved) for place in range(len(PODS)))


def run_of(timeline: Timeline) -> Run:
    """Read the run, as far as it has come."""
    sent = timeline.value(source="session", object=f"Pod/{PODS[0]}", field="manifest")
    container = next(containers(sent), {}) if isinstance(sent, Mapping) else {}
    tag = str(container.get("image") or "").rpartition(":")[2]
    rows = timeline.where(source="registry", object=f"Tag/{tag}", field="points to")
    points = [str(row.value) for row in rows]
    return Run(
        tag,
        points[0] if points else "",
        points[-1] if points else "",
        tuple(digest_of(status(timeline, pod, IMAGE_ID)) for pod in PODS),
        next((text for name, text in refusals(timeline) if name == tag), ""),
        str(container.get("imagePullPolicy") or ""),
    )


def refusals(timeline: Timeline) -> list[tuple[str, str]]:
    """Return the tags of the repository that may not move, each with the words that said so."""
    found = []
    for row in timeline.where(object="ecr:PutImage", field="refusal"):
        if isinstance(row.value, Mapping):
            asked = row.value.get("parameters")
            if isinstance(asked, Mapping) and asked.get("repositoryName") == REPOSITORY:
                found.append((str(asked.get("imageTag")), _text(row.value.get("message"))))
    return found


def _text(value: Value) -> str:
    return str(value or "")
