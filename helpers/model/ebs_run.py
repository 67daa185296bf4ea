"""What a run shows of classes for EBS: the classes as stored, and the volumes as EC2 answered.

Rows: source "session", manifests and refusals of StorageClasses; source "aws", object
"ec2:CreateVolume", fields "answer" and "refusal" as the account notes them, and "described.<name>",
EC2's own text about a parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.model import ebs
from helpers.model.timeline import Timeline, Value

ACTION = "ec2:CreateVolume"
MINE, COLD, COLD_CLAIM = "mine", "cold-storage", "archive"
HIGH, MEDIUM, STREAM = "high-iops-ssd", "medium-iops-ssd", "throughput"
CLASSES: dict[str, dict[str, str]] = {
    "general-purpose": {"type": "gp2"},
    HIGH: {"type": "io1", "iopsPerGB": "50"},
    MEDIUM: {"type": "io1", "iopsPerGB": "25"},
    STREAM: {"type": "st1"},
    COLD: {"type": "sc1"},
    "todays-default": {"type": "gp3"},
    "todays-io": {"type": "io2", "iopsPerGB": "50"},
}
"""The book's five classes, and two types that came later."""

COMPARED = 1000
"""GiB at which gp2 has the 3000 IOPS that every gp3 volume has: there prices are compared."""

WITHOUT_IOPS: dict[str, Value] = {
    "VolumeType": "io1",
    "Size": 10,
    "AvailabilityZone": "us-east-1a",
}


def requests() -> list[dict[str, Value]]:
    """Return what the driver would ask EC2 for: each class once, then the ones to compare."""
    made = [
        ebs.request(parameters, max(10, ebs.TYPES[parameters["type"]].size[0]))
        for parameters in CLASSES.values()
    ]
    per_gib = str(ebs.TYPES["gp2"].per_gib)
    same = ({"type": "gp2"}, {"type": "io1", "iopsPerGB": per_gib}, {"type": "gp3"})
    return [*made, *(ebs.request(parameters, COMPARED) for parameters in same)]


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume as EC2 answered: type, GiB, the IOPS asked for and answered, whose it is."""

    type: str
    gib: int
    asked: int | None
    answered: int | None
    mine: bool

    @property
    def per_gib(self) -> int | None:
        """How many IOPS a GiB were asked for."""
        return None if self.asked is None else self.asked // self.gib


def volumes(timeline: Timeline) -> list[Volume]:
    """Return the volumes of a run, in the order in which they were asked for."""
    found = []
    for row in timeline.where(source="aws", object=ACTION, field="answer"):
        value = row.value if isinstance(row.value, Mapping) else {}
        answer, sent = value.get("answer"), value.get("parameters")
        if isinstance(answer, Mapping) and isinstance(sent, Mapping):
            found.append(
                Volume(
                    str(answer.get("VolumeType")),
                    int(str(answer.get("Size"))),
                    _number(sent.get("Iops")),
                    _number(answer.get("Iops")),
                    "TagSpecifications" in sent,
                )
            )
    return found


def mine(timeline: Timeline) -> Volume | None:
    """Return the volume of your claim, or None where none was asked for."""
    return next((v for v in reversed(volumes(timeline)) if v.mine), None)


def refused(timeline: Timeline) -> str:
    """Return the code with which EC2 refused a request, or nothing."""
    value = timeline.value(source="aws", object=ACTION, field="refusal")
    return str(value.get("code")) if isinstance(value, Mapping) else ""


def described(timeline: Timeline, name: str) -> str:
    """Return what EC2's description says of a parameter, or nothing."""
    return str(timeline.value(source="aws", object=ACTION, field=f"described.{name}") or "")


def stored(timeline: Timeline, name: str) -> dict[str, str] | None:
    """Return the parameters of a class as the watch saw them, None if it saw no such class."""
    what = f"StorageClass/{timeline.meta.get('namespace')}-{name}"
    rows = timeline.where(source="watch", object=what)
    if not rows:
        return None
    return {
        row.field.removeprefix("parameters."): str(row.value)
        for row in rows
        if row.field.startswith("parameters.")
    }


def _number(value: Value) -> int | None:
    return int(value) if isinstance(value, int) else None
