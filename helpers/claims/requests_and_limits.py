"""Claims about requests and limits (ledger: ch08-requests-*).

Rows that several claims read:

- *what was sent*: source "session", object "Pod/<name>", field "manifest" (the whole manifest) and
  "resize" ({"container": ..., "resources": {...}}).
- *windows*: source "exec", object "Pod/<name>", fields "stat.<name>" for all that `burn stat`
  prints and "stat.limit" (the CPU limit in force, null for none); the rows of one window have one
  time, that of its end.
- the Timeline's `meta["cores"]`: how many cores the machine has.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpers.claims.registry import Verdict, claim
from helpers.model import cfs
from helpers.model.band import Band
from helpers.model.cfs import ThrottleWindow
from helpers.model.manifests import busy_threads
from helpers.model.quantity import Quantity
from helpers.model.resources import asked, container_of
from helpers.model.timeline import Timeline

BURN = "Pod/burn"


@dataclass(frozen=True, slots=True)
class _Window:
    """A measured window beside what had been asked for when it began."""

    seen: ThrottleWindow
    limit: Quantity | None
    request: Quantity | None

    def decides(self, wanted: float, cores: float) -> bool:
        """Whether the rule can be read here: the limit is the one sent, and clear of the demand."""
        return self.limit == self.seen.limit and cfs.decides(self.limit, wanted, cores)


def _windows(timeline: Timeline, object: str = BURN) -> list[_Window]:
    found = []
    for seen in cfs.windows(timeline, object):
        sent = asked(timeline, object, at=seen.end - seen.seconds)
        if sent is not None:
            found.append(_Window(seen, sent.limit("cpu"), sent.request("cpu")))
    return found


def _wanted(timeline: Timeline, object: str = BURN) -> tuple[float, float]:
    """Return the cores that the pod's threads can use, and those of the machine."""
    threads, core = busy_threads(container_of(timeline, object))
    stated = timeline.meta.get("cores")
    cores = float(stated) if isinstance(stated, int | float) else float(max(threads, 1))
    return cfs.demand(threads, cores, pinned=core is not None), cores


def _no_rows(what: str) -> Verdict:
    return Verdict(None, f"The run holds no {what}, so it cannot tell.", "not known", "nothing")


def _cores(value: float) -> str:
    return f"{value:.2f} cores"


def _short_of_cpu(seen: ThrottleWindow, used: Band) -> bool:
    """Tell a machine that had too little to give from a rule that fails.

    On such a machine less CPU is used than the rule says, yet what was used accounts for every
    stop: a stopped period has used up its quota.
    """
    quota = (seen.quota_us or 0) / seen.period_us
    return seen.cores_used < used.low and seen.cores_used >= 0.9 * seen.share * quota


@claim("ch08-requests-03")
def request_caps_nothing(timeline: Timeline) -> Verdict:
    """Check that a container without a CPU limit uses more than it requested.

    Rows: what was sent and windows of Pod/burn; meta "cores".  Reads the windows without a limit,
    of a pod whose request is well under what its busy threads can use.
    """
    wanted, _ = _wanted(timeline)
    free = [w for w in _windows(timeline) if w.limit is None and w.seen.limit is None]
    tells = [w for w in free if w.request is None or w.request.cores <= 0.8 * wanted]
    if not tells or not wanted:
        return _no_rows("window of busy threads without a limit and with a small request")
    request = tells[-1].request
    used = min(w.seen.cores_used for w in tells)
    asked_for = request.canonical if request else "nothing"
    floor = 1.1 * request.cores if request else 0.1 * wanted
    held = used > floor
    return Verdict(
        held,
        f"It asked for {asked_for} of CPU and used {_cores(used)}: a request "
        + ("caps nothing." if held else "seems to cap it."),
        f"more than {asked_for}, up to {_cores(wanted)}",
        _cores(used),
    )


@claim("ch08-requests-04")
def limit_reaches_the_cgroup(timeline: Timeline) -> Verdict:
    """Check that the container's cgroup holds the quota and period that its limit stands for.

    Rows: what was sent and windows of Pod/burn.  Every window with a limit must hold exactly the
    quota of the model.
    """
    measured = [w for w in _windows(timeline) if w.limit is not None and w.seen.limit == w.limit]
    if not measured:
        return _no_rows("window with a limit in force")
    expected = [f"{cfs.quota_us(w.limit)}/{cfs.PERIOD_US}" for w in measured]
    read = [f"{w.seen.quota_us}/{w.seen.period_us}" for w in measured]
    names = [w.seen.name for w in measured]
    held = expected == read
    return Verdict(
        held,
        "In the container's cgroup stands "
        + ("each limit" if held else "something else than each limit")
        + f" that was sent ({', '.join(names)}), as µs of CPU per period.",
        ", ".join(expected),
        ", ".join(read),
    )


@claim("ch08-requests-08")
def limit_is_a_quota(timeline: Timeline) -> Verdict:
    """Check that m millicores are m × 100 µs in every 100 ms, and that busy threads feel it.

    Rows: what was sent and windows of Pod/burn; meta "cores".  In each window that decides
    (`cfs.decides`), the quota in the cgroup, the share of periods with a stop, and the CPU used
    must be those of the model.  A window in which the machine had too little CPU to give decides
    nothing.
    """
    wanted, cores = _wanted(timeline)
    told, failed = [], []
    for window in _windows(timeline):
        seen, limit = window.seen, window.limit
        if limit is None or not window.decides(wanted, cores):
            continue
        share, used = cfs.throttled_share(limit, wanted), cfs.cpu_used(limit, wanted)
        right = seen.quota_us == cfs.quota_us(limit) and seen.period_us == cfs.PERIOD_US
        if right and _short_of_cpu(seen, used):
            continue
        told.append(window)
        if not (right and seen.share in share and seen.cores_used in used):
            failed.append(window)
    if not told:
        return _no_rows("window that decides: limits well under or over what the threads can use")
    shown = failed or told
    expected = [
        f"{w.seen.name}: {cfs.quota_us(w.limit)} µs, stopped in "
        f"{cfs.throttled_share(w.limit, wanted)} of periods, "
        f"{_cores(cfs.cpu_used(w.limit, wanted).expected)}"
        for w in shown
    ]
    measured = [
        f"{w.seen.name}: {w.seen.quota_us} µs, {w.seen.throttled} of {w.seen.periods} periods, "
        f"{_cores(w.seen.cores_used)}"
        for w in shown
    ]
    names = ", ".join(w.seen.name for w in shown)
    return Verdict(
        not failed,
        f"The rule (limit × 100 ms in every 100 ms) {'fails' if failed else 'holds'} at {names}.",
        "; ".join(expected),
        "; ".join(measured),
    )
