"""The sizes of machines that a node autoscaler may choose from, and how it packs pods into them.

A made-up price list under AWS's names: each size has twice the CPUs, twice the memory and twice the
price of the one before. Zones are those of the workbook's two workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from helpers.model.quantity import Quantity
from helpers.model.timeline import Value

ZONES = ("us-east-1a", "us-east-1b")
RESERVED_CPU = Quantity.parse("100m")
RESERVED_MEMORY = Quantity.parse("10Mi")
"""What each node keeps for itself.

Upstream: sigs.k8s.io/karpenter v1.14.0 kwok/cloudprovider/helpers.go, newInstanceType.
"""


@dataclass(frozen=True, slots=True)
class Size:
    """A size of machine: its name, CPUs, memory in GiB, and price an hour."""

    name: str
    cpus: int
    gib: int
    price: float

    @property
    def free(self) -> Fraction:
        """The CPUs that pods may request on it."""
        return self.cpus - RESERVED_CPU.amount

    @property
    def free_memory(self) -> Fraction:
        """The bytes that pods may request on it."""
        return self.gib * 2**30 - RESERVED_MEMORY.amount


SIZES = tuple(
    Size(f"m7i.{name}", cpus, 4 * cpus, 0.05 * cpus)
    for name, cpus in (("large", 2), ("xlarge", 4), ("2xlarge", 8), ("4xlarge", 16))
)
NAMES = tuple(size.name for size in SIZES)


def named(name: str) -> Size:
    """Return the size of this name; raises KeyError."""
    return {size.name: size for size in SIZES}[name]


def up_to(largest: str) -> tuple[Size, ...]:
    """Return the sizes up to this one."""
    return SIZES[: NAMES.index(largest) + 1]


def smallest(request: Fraction, sizes: Sequence[Size]) -> Size | None:
    """Return the cheapest size that has room for so many CPUs; None if none has.

    Upstream: sigs.k8s.io/karpenter v1.14.0 kwok/cloudprovider/cloudprovider.go, toNode: of the
    sizes that the NodeClaim allows, the cheapest offering.
    """
    fitting = [size for size in sizes if size.free >= request]
    return min(fitting, key=lambda size: size.price, default=None)


def nodes_for(pods: int, request: Quantity, sizes: Sequence[Size]) -> list[Size]:
    """Return the nodes that are made for so many equal pods that wait, largest first.

    A pod goes to a node that is being planned as long as any size still holds it with the others;
    only else is another node planned. Each plan becomes the cheapest size that holds it. Pods that
    no size holds get no node.

    Upstream: sigs.k8s.io/karpenter v1.14.0 pkg/controllers/provisioning/scheduling/scheduler.go,
    add, addToInflightNode and addToNewNodeClaim.
    """
    most = max((int(size.free // request.amount) for size in sizes), default=0)
    if most == 0:
        return []
    planned = [most] * (pods // most) + ([pods % most] if pods % most else [])
    chosen = [smallest(count * request.amount, sizes) for count in planned]
    return [size for size in chosen if size is not None]


def told(sizes: Sequence[Size]) -> str:
    """Say which nodes these are, such as "1 node of 8 CPUs"."""
    if not sizes:
        return "no node"
    counts: dict[int, int] = {}
    for size in sizes:
        counts[size.cpus] = counts.get(size.cpus, 0) + 1
    return " and ".join(
        f"{count} node{'' if count == 1 else 's'} of {cpus} CPUs"
        for cpus, count in sorted(counts.items(), reverse=True)
    )


def price_list(sizes: Sequence[Size] = SIZES) -> list[Value]:
    """Return the sizes as Karpenter's kwok provider reads them (INSTANCE_TYPES_FILE_PATH).

    Upstream: sigs.k8s.io/karpenter v1.14.0 kwok/cloudprovider/helpers.go, InstanceTypeOptions.
    """
    return [
        {
            "name": size.name,
            "architecture": "amd64",
            "operatingSystems": ["linux"],
            "resources": {
                "cpu": str(size.cpus),
                "memory": f"{size.gib}Gi",
                "pods": "110",
                "ephemeral-storage": "20Gi",
            },
            "offerings": [
                {
                    "Price": size.price,
                    "Available": True,
                    "Requirements": [
                        _one_of("karpenter.sh/capacity-type", "on-demand"),
                        _one_of("topology.kubernetes.io/zone", zone),
                    ],
                }
                for zone in ZONES
            ],
        }
        for size in sizes
    ]


def _one_of(key: str, value: str) -> dict[str, Value]:
    return {"key": key, "operator": "In", "values": [value]}
