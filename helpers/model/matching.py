"""A game of volumes and claims: which volumes there are, and what the rule says of each claim.

Rows: source "session", manifests of PersistentVolumes (whose names begin with the namespace) and
of claims; source "watch", each claim's "spec.volumeName" and "status.phase".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helpers.model import claim_run, volumes
from helpers.model.timeline import Timeline
from helpers.model.volumes import Claim, Volume

SMALL, OTHER, MIDDLE, LARGE = "small", "other-class", "middle", "large"
WAITS = "none: it waits"

FIRST, SECOND = "first", "second"
"""The claim of the form, and one more that asks for the same."""

SHELF = {SMALL: "1Gi", OTHER: "3Gi", MIDDLE: "5Gi", LARGE: "10Gi"}
"""The volumes that are there beforehand, and their capacity; all of one class but one."""

SHARED = frozenset({LARGE})
"""Those that many nodes may mount: ReadWriteMany beside ReadWriteOnce."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A claim: the volume's short name by the rule and by the controller, or `WAITS`."""

    claim: str
    rule: str
    measured: str | None
    """None: the controller has not decided yet."""


def shelf(timeline: Timeline) -> list[Volume]:
    """Return the volumes that were sent, by their short names, in their order."""
    found: list[Volume] = []
    for row in timeline.where(source="session", field="manifest"):
        manifest: Any = row.value
        if row.object.startswith("PersistentVolume/"):
            volume = Volume.parse(manifest)
            short = next((name for name in SHELF if volume.name.endswith(f"-{name}")), volume.name)
            found.append(
                Volume(
                    short,
                    volume.capacity,
                    volume.access_modes,
                    volume.storage_class,
                    volume.volume_mode,
                )
            )
    return found


def claims(timeline: Timeline) -> list[Claim]:
    """Return the claims that were sent, in their order."""
    return [
        Claim.parse(sent[0])
        for name in (FIRST, SECOND)
        if (sent := claim_run.sent(timeline, f"PersistentVolumeClaim/{name}"))
    ]


def outcomes(timeline: Timeline) -> list[Outcome]:
    """Return what the rule and the controller say of each claim."""
    asked, there = claims(timeline), shelf(timeline)
    ruled = volumes.bound(asked, there)
    return [
        Outcome(claim.name, ruled[claim.name] or WAITS, decided(timeline, claim.name))
        for claim in asked
    ]


def decided(timeline: Timeline, claim: str) -> str | None:
    """Return the short name of the volume that a claim got, or that it waits; None: not yet."""
    object = f"PersistentVolumeClaim/{claim}"
    name = claim_run.watched(timeline, object, "spec.volumeName")
    phase = claim_run.watched(timeline, object, "status.phase")
    if isinstance(name, str) and phase == "Bound":
        return next((short for short in SHELF if name.endswith(f"-{short}")), name)
    told = {reason for reason, _ in claim_run.told(timeline, claim)}
    return WAITS if told & {"FailedBinding", "ProvisioningFailed"} else None
