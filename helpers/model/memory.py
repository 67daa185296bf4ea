"""Memory limits: what the kernel makes of them, and when it kills.

Memory cannot be handed out more slowly, as CPU can: whoever is over the limit, and has nothing
left that the kernel could take back, is killed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.model.quantity import Quantity

PAGE = 4096
"""Bytes in a page of memory."""

KILLED = "OOMKilled"
"""Reason of a container that the kernel killed for memory (container status, terminated.reason)."""

EXIT_CODE = 137
"""Its exit code: 128 + 9, the number of SIGKILL."""

OVERHEAD = 32 * 2**20
"""Bytes that a burn container may hold beside what it was told to: interpreter, page tables."""


def enforced_bytes(limit: Quantity | None) -> int | None:
    """Return the memory limit in bytes that the kernel enforces: whole pages; None for no limit.

    Upstream: Linux, mm/page_counter.c, page_counter_memparse: bytes ÷ page size, rounded down.
    The kubelet passes the bytes on (K pkg/kubelet/kuberuntime, calculateLinuxResources).
    """
    if limit is None or limit.amount == 0:
        return None
    return limit.bytes // PAGE * PAGE


def survives(steps: Sequence[Quantity], limit: Quantity | None) -> bool | None:
    """Tell whether a container that holds these amounts in turn lives; None when it is too close.

    It is killed once it would hold more than the limit.  Its program needs some memory of its own,
    so that with less than `OVERHEAD` to spare the rule does not say.
    Upstream: Linux, mm/memcontrol.c, mem_cgroup_out_of_memory.
    """
    most, bound = max((step.bytes for step in steps), default=0), enforced_bytes(limit)
    if bound is None or most + OVERHEAD <= bound:
        return True
    return False if most > bound else None


@dataclass(frozen=True, slots=True)
class Prefix:
    """A row of the table of prefixes: the power n of 1000^n and 1024^n, and the two suffixes."""

    power: int
    decimal: str
    binary: str

    @property
    def missing(self) -> float:
        """Share of the binary unit (0 to 1) that one goes without by leaving out the i."""
        return 1 - (1000 / 1024) ** self.power


PREFIXES = tuple(
    Prefix(power, "k" if letter == "K" else letter, f"{letter}i")
    for power, letter in enumerate("KMGTPE", 1)
)
"""The prefixes of both families (resource/suffix.go); only the decimal kilo is a small letter."""


def oom_score_adj(request: Quantity | None, capacity: int, *, qos: str = "Burstable") -> int:
    """Return the oom_score_adj of a container's processes: who dies first when a node is short.

    `request` is its memory request, `capacity` the node's memory in bytes, `qos` its pod's class.
    Upstream: K pkg/kubelet/qos/policy.go, GetContainerOOMScoreAdjust.
    """
    if qos != "Burstable":
        return {"Guaranteed": -997, "BestEffort": 1000}[qos]
    asked = request.bytes if request else 0
    return min(max(1000 - 1000 * asked // capacity, 3), 999)
