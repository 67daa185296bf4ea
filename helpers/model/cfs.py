"""CPU limits as the kernel's bandwidth control sees them, and what a run showed of them.

A limit becomes a quota: so many microseconds of CPU in every period of 100 ms.  Busy threads that
use it up before the period ends are stopped until the next one begins.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

from helpers.model.band import Band
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value

PERIOD_US = 100_000
"""Length of a period in µs (K: pkg/kubelet/cm/helpers_linux.go, QuotaPeriod)."""

MIN_QUOTA_US = 1_000
"""Smallest quota in µs (K: pkg/kubelet/cm/helpers_linux.go, MinQuotaPeriod)."""

UNDECIDED = 0.2
"""A limit closer than this share of the machine's CPU to what the threads can use decides nothing:
whether they reach it depends on what else the machine does in that moment."""

THREADS_AT_REST = 0.05
"""Share of a core that a container may use beyond what its threads burn: starting, `burn stat`."""


def quota_us(limit: Quantity | None, period_us: int = PERIOD_US) -> int | None:
    """Return the quota in µs per period that a CPU limit becomes, None for no limit.

    Upstream: K pkg/kubelet/cm/helpers_linux.go, MilliCPUToQuota: millicores × period / 1000, at
    least 1000 µs, so that limits under 10m act as 10m.  A limit of 0 sets no quota.
    """
    if limit is None or limit.millicores == 0:
        return None
    return max(limit.millicores * period_us // 1000, MIN_QUOTA_US)


def shares(request: Quantity | None) -> int:
    """Return the CPU shares that a request becomes: 1024 a core, from 2 to 262144.

    Upstream: K pkg/kubelet/cm/helpers_linux.go, MilliCPUToShares.
    """
    millicores = request.millicores if request is not None else 0
    return min(max(millicores * 1024 // 1000, 2), 262144)


def pod_weight(shares: int) -> int:
    """Return the cgroup v2 weight of a pod's cgroup, which the kubelet makes in a straight line.

    Upstream: K pkg/kubelet/cm/cgroup_manager_linux.go, getCPUWeight.
    """
    return 10000 if shares >= 262144 else 1 + (shares - 2) * 9999 // 262142


def container_weight(shares: int) -> int:
    """Return the cgroup v2 weight of a container's cgroup: the OCI runtime's curve, 1 core is 100.

    Runtimes before runc 1.3.2 and crun 1.23 used the kubelet's line here too (`pod_weight`).
    Upstream: opencontainers/cgroups utils.go, ConvertCPUSharesToCgroupV2Value.
    """
    if shares <= 2:
        return 1
    if shares >= 262144:
        return 10000
    power = math.log2(shares)
    return math.ceil(10 ** ((power * power + 125 * power) / 612 - 7 / 34))


def weight_of_pod(request: Quantity | None, cgroup: str) -> int:
    """Return the weight with which a pod competes with the other pods of its QoS class.

    It is its pod cgroup's: shares on cgroup "v1", weight on "v2".  The container's own weight only
    counts against the other containers of the same pod.
    """
    return shares(request) if cgroup == "v1" else pod_weight(shares(request))


def divide(
    capacity: float, wanted: Mapping[str, float], weight: Mapping[str, int]
) -> dict[str, float]:
    """Divide a CPU among groups: to each by its weight, and what one leaves goes to the others.

    `capacity` and `wanted` (what each could use, its limit counted in) are in cores.
    Upstream: Linux, Documentation/scheduler/sched-design-CFS.rst, "Group scheduler extensions".
    """
    got: dict[str, float] = {}
    while left := wanted.keys() - got.keys():
        free, sum_of_weights = capacity - sum(got.values()), sum(weight[name] for name in left)
        offer = {name: free * weight[name] / sum_of_weights for name in left}
        modest = {name: wanted[name] for name in left if wanted[name] <= offer[name]}
        got |= modest or offer
    return got


def demand(threads: int, cores: float, *, pinned: bool = False) -> float:
    """Return how many cores `threads` busy threads can use on a machine of `cores` cores.

    Threads that are all pinned to one core can use that one.
    """
    return min(threads, 1 if pinned else cores)


def cpu_used(limit: Quantity | None, wanted: float) -> Band:
    """Return the CPU in cores that threads use that could use `wanted` cores.

    The rule: the quota per period, or what they can use where that is less.  Upwards the kernel
    may let through a slice of 5 ms (sched_cfs_bandwidth_slice_us) a core; downwards a busy
    machine may have less to give.
    Upstream: Linux, Documentation/scheduler/sched-bwc.rst.
    """
    quota = quota_us(limit)
    used = wanted if quota is None else min(wanted, quota / PERIOD_US)
    return Band(used * 0.85, used, used * 1.1 + THREADS_AT_REST, "cores")


def throttled_share(limit: Quantity | None, wanted: float) -> Band:
    """Return the share of periods (0 to 1) in which threads that could use `wanted` cores stop.

    The rule: all of them if the quota is less than what they can use in a period, none if not.
    The band lets a measurement stray: the first and the last period of a window are cut, and the
    nearer the limit is to the demand, the less it takes to miss it.
    Upstream: Linux, kernel/sched/fair.c, nr_throttled and nr_periods in cpu.stat.
    """
    quota = quota_us(limit)
    if quota is None or quota / PERIOD_US >= wanted:
        return Band(0.0, 0.0, 0.15, "share")
    tightness = quota / PERIOD_US / wanted
    return Band(0.85 if tightness <= 0.5 else 0.7, 1.0, 1.0, "share")


def decides(limit: Quantity | None, wanted: float, cores: float, able: float | None = None) -> bool:
    """Tell whether a measurement at this limit can speak for or against the rule.

    `wanted` is what the threads can use by the rule, `able` what they could really get in this
    run, where that is known (the CPU they used without a limit); all in cores.  A limit decides if
    it is clear of both by a fifth of the machine's whole CPU: in between, what else the machine
    does, not the rule, decides which comes first.
    """
    quota = quota_us(limit)
    if quota is None:
        return True
    least = wanted if able is None else min(wanted, able)
    apart = UNDECIDED * cores
    return quota / PERIOD_US <= least - apart or quota / PERIOD_US >= wanted + apart


@dataclass(frozen=True, slots=True)
class ThrottleWindow:
    """What `burn stat` read in the container at the start and at the end of one window.

    `end` is in seconds since the epoch, `limit` the CPU limit in force (None for none), `periods`
    and `throttled` are counts, `throttled_seconds` the time that its threads stood still (each
    core's counted), `cpu_seconds` the CPU time used, `quota_us` and `period_us` what the cgroup
    held at the end, `cgroup` "v1" or "v2".
    """

    end: float
    limit: Quantity | None
    seconds: float
    periods: int
    throttled: int
    throttled_seconds: float
    cpu_seconds: float
    quota_us: int | None
    period_us: int
    cgroup: str

    @property
    def share(self) -> float:
        """Periods with a stop ÷ all periods; 0 where the kernel counted none (no limit)."""
        return self.throttled / self.periods if self.periods else 0.0

    @property
    def cores_used(self) -> float:
        """CPU time ÷ time, in cores."""
        return self.cpu_seconds / self.seconds

    @property
    def name(self) -> str:
        """The limit in canonical form, or "no limit"."""
        return "no limit" if self.limit is None else self.limit.canonical


def windows(timeline: Timeline, object: str = "Pod/burn") -> tuple[ThrottleWindow, ...]:
    """Return the windows that a run measured of `object`, in the order in which they ended.

    Reads the rows of source "exec" whose field begins with "stat."; those of one window have the
    same time.  A window of which a row is missing (it is being written) is left out.
    """
    found: dict[float, dict[str, Value]] = {}
    for row in timeline.where(source="exec", object=object):
        if row.field.startswith("stat."):
            found.setdefault(row.time, {})[row.field.removeprefix("stat.")] = row.value
    read = (_window(end, fields) for end, fields in sorted(found.items()))
    return tuple(window for window in read if window is not None)


def _window(end: float, fields: Mapping[str, Value]) -> ThrottleWindow | None:
    if "limit" not in fields or "quota_us" not in fields:
        return None
    limit, quota = fields["limit"], fields["quota_us"]
    seconds, throttled_seconds = fields.get("seconds"), fields.get("throttled_seconds")
    cpu_seconds, periods = fields.get("cpu_seconds"), fields.get("periods")
    throttled, period, cgroup = (fields.get(f) for f in ("throttled", "period_us", "cgroup"))
    if not (_number(seconds) and _number(throttled_seconds) and _number(cpu_seconds)):
        return None
    if not (_number(periods) and _number(throttled) and _number(period) and seconds > 0):
        return None
    return ThrottleWindow(
        end=end,
        limit=None if limit is None else Quantity.parse(str(limit), field="stat.limit"),
        seconds=float(seconds),
        periods=int(periods),
        throttled=int(throttled),
        throttled_seconds=float(throttled_seconds),
        cpu_seconds=float(cpu_seconds),
        quota_us=int(quota) if _number(quota) else None,
        period_us=int(period),
        cgroup=str(cgroup),
    )


def _number(value: Value) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
