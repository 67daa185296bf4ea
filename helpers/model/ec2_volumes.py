"""An EBS volume as EC2 knows it: its states, step by step, and what a request for one may say.

Rows of a run: source "session", object "Volume/book", field "step", value {"step", "state",
"volume", "instance"}, once EC2 has been asked what it thinks of the volume; source "aws", the
requests themselves (`helpers.aws.account`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helpers.model import aws
from helpers.model.manifests import Manifest
from helpers.model.timeline import Timeline

REGION = "us-east-1"
"""The region of the book's disk, and of the labels of the workbook's nodes."""

CREATE, DELETE = "ec2:CreateVolume", "ec2:DeleteVolume"
ATTACH, DETACH = "ec2:AttachVolume", "ec2:DetachVolume"
DESCRIBE = "ec2:DescribeVolumes"

CREATED, ATTACHED, TRIED = "created", "attached", "deletion tried"
DETACHED, MOVED, FREED, DELETED = "detached", "attached elsewhere", "detached again", "deleted"

AVAILABLE, IN_USE, GONE = "available", "in-use", "gone"

STATES = {
    CREATED: AVAILABLE,
    ATTACHED: IN_USE,
    TRIED: IN_USE,
    DETACHED: AVAILABLE,
    MOVED: IN_USE,
    FREED: AVAILABLE,
    DELETED: GONE,
}
"""The state after each step.

Upstream: docs.aws.amazon.com/ebs/latest/userguide/ebs-describing-volumes.html (the states);
EC2 API reference, DeleteVolume: "The volume must be in the available state (not attached)".
"""

WORDS = {
    IN_USE: "it is refused, and the volume stays in use",
    GONE: "the volume is deleted under the instance",
    AVAILABLE: "the volume is detached, and stays",
}
"""What a learner may say of a deletion while the volume is attached."""

SIZES = {"gp2": (1, 16384), "gp3": (1, 65536), "st1": (125, 16384), "sc1": (125, 16384)}
"""The sizes in GiB that a type may have. Upstream: botocore's model of ec2, CreateVolume."""


def iops(kind: str, size: int) -> int | None:
    """Return how many operations a second a volume of `size` GiB begins with; None: no such rule.

    Upstream: docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html.
    """
    if kind == "gp2":
        return min(max(100, 3 * size), 16000)
    return 3000 if kind == "gp3" else None


def create(*, zone: str, size: int, kind: str) -> Manifest:
    """Build the request that makes a volume of `size` GiB."""
    parameters: Manifest = {"AvailabilityZone": zone, "Size": size, "VolumeType": kind}
    return aws.request(CREATE, parameters)


@dataclass(frozen=True, slots=True)
class Step:
    """What EC2 said of the volume after a step."""

    step: str
    state: str
    volume: str
    instance: str
    """The instance to which it is attached; empty for none."""


def steps(timeline: Timeline) -> list[Step]:
    """Return the steps of a run, in their order."""
    found = []
    for row in timeline.where(source="session", object="Volume/book", field="step"):
        value: Any = row.value
        found.append(Step(value["step"], value["state"], value["volume"], value["instance"]))
    return found


def answers(timeline: Timeline, action: str) -> list[dict[str, Any]]:
    """Return parameters and answer, or code and message, of each request for an action."""
    return [
        dict(row.value)
        for row in timeline.where(source="aws", object=action)
        if isinstance(row.value, dict)
    ]
