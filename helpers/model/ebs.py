"""EBS volume types: what a class asks of them, what one gets, and what it costs.

Units: GiB, I/O operations a second (IOPS), MiB/s, US dollars a month in the region us-east-1.

Upstream: the sizes, IOPS and throughputs that can be asked for are those of EC2's own description
of CreateVolume (botocore 1.44.5, checked by a test); IOPS per GiB of io1, io2 and gp3 are
aws-ebs-csi-driver pkg/cloud/cloud.go; what gp2, st1 and sc1 give is from AWS's page "Amazon EBS
volume types", and so are the limits of the book's time, as that page stood in 2018.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.model.timeline import Value

EBS_CSI = "ebs.csi.aws.com"
IN_TREE = "kubernetes.io/aws-ebs"
"""The provisioner that the book names; Kubernetes hands its claims over to `EBS_CSI`."""

BOOK, TODAY = "2018", "2026"


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars a month: for a GiB, for an I/O operation a second, for a MiB/s; and who says so."""

    gib: float
    iops: float = 0.0
    mibps: float = 0.0
    source: str = ""
    verified: bool = True


@dataclass(frozen=True, slots=True)
class VolumeType:
    """One type: its limits, and what it costs.

    `iops` are the fewest and the most that a volume has, None for a disk that turns; `per_gib` is
    how many a GiB brings (gp2) or may have at most (the others). `free_iops` and `free_mibps` come
    with every volume. `mibps` is the most that a volume carries.
    """

    name: str
    what: str
    size: tuple[int, int]
    iops: tuple[int, int] | None
    per_gib: int
    mibps: int
    price: Price
    free_iops: int = 0
    free_mibps: int = 0

    @property
    def provisioned(self) -> bool:
        """Whether the number of IOPS is yours to choose."""
        return self.name in ("io1", "io2", "gp3")


_SKILL = "aws/agent-toolkit, early 2026"
_EXTRAS = f"{_SKILL}; extra IOPS and MiB/s: saisci.com, 2021"
_OPEN = "not verified"

TYPES = {
    made.name: made
    for made in (
        VolumeType("gp2", "general purpose SSD", (1, 16384), (100, 16000), 3, 250,
                   Price(0.10, source=_SKILL)),
        VolumeType("gp3", "general purpose SSD", (1, 65536), (3000, 80000), 500, 2000,
                   Price(0.08, 0.005, 0.04, _EXTRAS), free_iops=3000, free_mibps=125),
        VolumeType("io1", "provisioned IOPS SSD", (4, 16384), (100, 64000), 50, 1000,
                   Price(0.125, 0.065, source=_SKILL)),
        VolumeType("io2", "provisioned IOPS SSD", (4, 65536), (100, 256000), 1000, 4000,
                   Price(0.125, 0.065, source=_SKILL)),
        VolumeType("st1", "throughput disk", (125, 16384), None, 0, 500,
                   Price(0.045, source=_OPEN, verified=False)),
        VolumeType("sc1", "cold disk", (125, 16384), None, 0, 250,
                   Price(0.015, source=_OPEN, verified=False)),
    )
}  # fmt: skip
"""The types of today."""

BOOKS = {
    made.name: made
    for made in (
        VolumeType("gp2", "general purpose SSD", (1, 16384), (100, 10000), 3, 160,
                   Price(0.10, source=_OPEN, verified=False)),
        VolumeType("io1", "provisioned IOPS SSD", (4, 16384), (100, 32000), 50, 500,
                   Price(0.125, 0.065, source=_OPEN, verified=False)),
        VolumeType("st1", "throughput disk", (500, 16384), None, 0, 500,
                   Price(0.045, source=_OPEN, verified=False)),
        VolumeType("sc1", "cold disk", (500, 16384), None, 0, 250,
                   Price(0.025, source=_OPEN, verified=False)),
    )
}  # fmt: skip
"""The four types that the book names, with the limits of its year."""


class EbsRefusal(ValueError):
    """What EBS, or its driver, does not take: the parameter, and why."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field, self.why = field, why


def iops(kind: VolumeType, gib: int, per_gib: int | None = None) -> int | None:
    """Return the IOPS of a volume, or None where they are not what the type is sold by.

    `per_gib` is the class's iopsPerGB. What is above a limit is cut down to it, and what is below
    the least is refused.

    Upstream: aws-ebs-csi-driver pkg/cloud/cloud.go, capIOPS. Raises EbsRefusal.
    """
    if kind.iops is None:
        return None
    least, most = kind.iops
    if not kind.provisioned:
        return min(max(kind.per_gib * gib, least), most)
    if per_gib is None:
        if kind.free_iops:
            return kind.free_iops
        raise EbsRefusal("iopsPerGB", f"{kind.name} needs it (or iops)")
    asked = per_gib * gib
    if asked < least:
        raise EbsRefusal("iopsPerGB", f"{asked} IOPS in all are too few, {least} are the least")
    asked = min(asked, most)
    allowed = kind.per_gib * gib
    return allowed if asked > allowed >= least else asked


def throughput(kind: VolumeType, gib: int, operations: int | None = None) -> float:
    """Return how many MiB/s a volume carries at most, without extra throughput bought.

    A disk gives 40 (st1) or 12 (sc1) MiB/s for each TiB for as long as you like; a gp2 volume of
    up to 170 GiB 128; io1 and io2 no more than their IOPS of 256 KiB.

    Upstream: AWS's page "Amazon EBS volume types". The two slopes and gp2's step are not verified.
    """
    if kind.iops is None:
        slope = 40 if kind.name == "st1" else 12
        return min(slope * gib / 1024, kind.mibps)
    if kind.free_mibps:
        return float(kind.free_mibps)
    if kind.name == "gp2":
        return float(min(kind.mibps, 128 if gib <= 170 else 250))
    return min((operations or 0) / 4, kind.mibps)


def price(kind: VolumeType, gib: int, operations: int | None = None) -> float:
    """Return what a volume costs a month, in dollars."""
    extra = max((operations or 0) - kind.free_iops, 0)
    return kind.price.gib * gib + kind.price.iops * extra


def request(parameters: Mapping[str, str], gib: int) -> dict[str, Value]:
    """Return what the driver asks EC2 for, for a claim of this size and a class's parameters.

    Upstream: aws-ebs-csi-driver docs/parameters.md and pkg/cloud/cloud.go, CreateDisk; without a
    type it takes gp3. Raises EbsRefusal.
    """
    name = parameters.get("type", "gp3")
    if name not in TYPES:
        raise EbsRefusal("type", f"{name!r} is none of {', '.join(TYPES)}")
    kind, text = TYPES[name], parameters.get("iopsPerGB")
    if text is not None and not text.isdigit():
        raise EbsRefusal("iopsPerGB", f"{text!r} is not a whole number")
    if text is not None and not kind.provisioned:
        raise EbsRefusal("iopsPerGB", f"{name} has no IOPS to choose")
    least, most = kind.size
    if not least <= gib <= most:
        raise EbsRefusal("size", f"{name} is made from {least} to {most} GiB")
    asked = iops(kind, gib, None if text is None else int(text))
    made: dict[str, Value] = {"VolumeType": name, "Size": gib, "AvailabilityZone": "us-east-1a"}
    if kind.provisioned and text is not None:
        made["Iops"] = asked
    return made
