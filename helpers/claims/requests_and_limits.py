"""Claims about requests and limits (ledger: ch08-requests-*; 12, eviction, comes with QoS).

Rows that several claims read:

- *what was sent*: source "session", object "Pod/<name>", field "manifest" (the whole manifest) and
  "resize" ({"container": ..., "resources": {...}}), as the session writes them.
- *windows*: source "exec", object "Pod/<name>", fields "stat.<name>" for all that `burn stat`
  prints and "stat.limit" (the CPU limit in force, null for none); the rows of one window have one
  time, that of its end.
- *what became of a pod*: source "watch", object "Pod/<name>" (a Recorder that watches Pods).
- *the board*: what `helpers.model.scheduling` reads (a Recorder that watches Pods and Nodes).
- *trials*: what `helpers.model.trials` reads.
- the Timeline's `meta["cores"]`: how many cores the machine has.
"""

from __future__ import annotations

from fractions import Fraction
from statistics import fmean

from helpers.claims import pods
from helpers.claims.pods import Window
from helpers.claims.registry import MACHINE_BUSY, Verdict, cannot_tell, claim
from helpers.model import cfs, manifests, memory
from helpers.model.band import Band
from helpers.model.cfs import ThrottleWindow
from helpers.model.manifests import containers
from helpers.model.quantity import Quantity
from helpers.model.resources import Resources, asked, qos_class, refusals
from helpers.model.scheduling import Node, Pod, board
from helpers.model.timeline import Timeline, Value
from helpers.model.trials import trials

BURN = "Pod/burn"
WEB = "Pod/webserver"
IDLE = 0.05
"""Cores: a pod that uses more is at work (one that declares nothing comes last on a busy core)."""


def _cores(value: float) -> str:
    return f"{value:.2f} cores"


def _wanted(timeline: Timeline, object: str = BURN) -> tuple[float, float]:
    """Return the cores that the pod's threads can use, and those of the machine."""
    threads, core = pods.busy(timeline, object)
    stated = timeline.meta.get("cores")
    cores = float(stated) if isinstance(stated, int | float) else float(max(threads, 1))
    return cfs.demand(threads, cores, pinned=core is not None), cores


@claim("ch08-requests-01")
def undeclared_use_is_not_accounted(timeline: Timeline) -> Verdict:
    """Check that a pod that declares nothing adds nothing to what its node counts as taken.

    Rows: the board, and windows of a busy pod that requests no CPU and runs on a node that the
    requests of other pods fill until one has to wait.  Held if the waiting pod lacks room by
    requests alone, and all that is free by requests was given out, in spite of the real use.
    """
    nodes, waiting = board(timeline)
    stuck = [pod for pod in waiting if pod.unschedulable is not None]
    told = []
    for node in nodes:
        for pod in node.pods:
            seen = pods.measured(timeline, f"Pod/{pod.name}")
            if seen and not pod.requests.get("cpu") and seen[-1].seen.cores_used > IDLE:
                told.append((node, pod, seen[-1].seen.cores_used))
    if not told or not stuck:
        return cannot_tell("busy pod without requests on a node that others fill")
    held = all(node.lacks(pod) for node, _, _ in told for pod in stuck if _may_go(pod, node))
    return Verdict(
        held,
        ", ".join(f"{pod.name} uses {_cores(used)} of {node.name}" for node, pod, used in told)
        + " and declares nothing: the scheduler "
        + ("gives that CPU to others all the same." if held else "seems to leave it out."),
        "; ".join(
            f"{node.name} given out by requests, less than {_milli(_least(stuck))} left"
            for node, _, _ in told
        ),
        "; ".join(f"{node.name}: {_milli(node.free('cpu'))} left" for node, _, _ in told),
    )


@claim("ch08-requests-02")
def scheduler_adds_up_requests(timeline: Timeline) -> Verdict:
    """Check that pods are placed where their requests still fit, and wait where none does.

    Rows: the board of a run in which at least one pod had to wait.  Held if no node's requests
    exceed its allocatable, every waiting pod fits on no node that it may go to, and the scheduler
    names what the model says is short ("Insufficient cpu"), in the pod's condition or its event
    (source "event", object "Pod/<name>", field "FailedScheduling").
    """
    nodes, waiting = board(timeline)
    stuck = [pod for pod in waiting if pod.unschedulable is not None]
    if not nodes or not stuck:
        return cannot_tell("pod that had to wait for room")
    over = [n.name for n in nodes if n.free("cpu") < 0 or n.free("memory") < 0]
    fits = [(p.name, n.name) for p in stuck for n in nodes if _may_go(p, n) and not n.lacks(p)]
    unsaid = []
    for pod in stuck:
        said = f"{pod.unschedulable} " + " ".join(
            str(row.value)
            for row in timeline.where(
                source="event", object=f"Pod/{pod.name}", field="FailedScheduling"
            )
        )
        reasons = {reason for node in nodes if _may_go(pod, node) for reason in node.lacks(pod)}
        if not any(reason in said for reason in reasons):
            unsaid.append(pod.name)
    held = not (over or fits or unsaid)
    if over:
        wrong = f"more is requested of {', '.join(over)} than it has"
    elif fits:
        wrong = f"{fits[0][0]} waits though it fits on {fits[0][1]}"
    else:
        wrong = f"the scheduler gives {', '.join(unsaid)} another reason to wait"
    open_nodes = [node for node in nodes if not node.tainted]
    return Verdict(
        held,
        "Pods run where the sum of requests leaves room, and the next one waits."
        if held
        else f"Placement is not by requests alone: {wrong}.",
        "; ".join(f"{n.name}: at most {_milli(n.allocatable['cpu'])}" for n in open_nodes)
        + f"; a pod of {_milli(_least(stuck))} waits when less is left",
        "; ".join(
            f"{n.name}: {_milli(n.requested('cpu'))} by {len(n.pods)} pods" for n in open_nodes
        )
        + f"; {len(stuck)} waiting",
    )


def _may_go(pod: Pod, node: Node) -> bool:
    return not node.tainted and pod.only_on in {None, node.name}


def _least(stuck: list[Pod]) -> Fraction:
    return min(pod.requests.get("cpu", Fraction(0)) for pod in stuck)


def _milli(cores: Fraction) -> str:
    return f"{int(cores * 1000)}m"


@claim("ch08-requests-03")
def request_caps_nothing(timeline: Timeline) -> Verdict:
    """Check that a container without a CPU limit uses more than it requested.

    Rows: what was sent and windows of Pod/burn; meta "cores".  Reads the windows without a limit,
    of a pod whose request is well under what its busy threads can use.
    """
    wanted, _ = _wanted(timeline)
    free = [w for w in pods.measured(timeline, BURN) if w.limit is None and w.in_force]
    tells = [w for w in free if w.request is None or w.request.cores <= 0.8 * wanted]
    if not tells or not wanted:
        return cannot_tell("window of busy threads without a limit and with a small request")
    request = tells[-1].request
    used = min(w.seen.cores_used for w in tells)
    asked_for = request.canonical if request else "nothing"
    held = used > (1.1 * request.cores if request else 0.1 * wanted)
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
    seen = [w for w in pods.measured(timeline, BURN) if w.limit is not None and w.in_force]
    if not seen:
        return cannot_tell("window with a limit in force")
    expected = [f"{cfs.quota_us(w.limit)}/{cfs.PERIOD_US}" for w in seen]
    read = [f"{w.seen.quota_us}/{w.seen.period_us}" for w in seen]
    held = expected == read
    return Verdict(
        held,
        "In the container's cgroup stands "
        + ("each limit" if held else "something else than each limit")
        + f" that was sent ({', '.join(w.seen.name for w in seen)}), as µs of CPU per period.",
        ", ".join(expected),
        ", ".join(read),
    )


@claim("ch08-requests-05")
def cpu_gives_way_memory_does_not(timeline: Timeline) -> Verdict:
    """Check that too much CPU is only slowed down, and too much memory ends the container.

    Rows: what was sent; windows and what became of a pod whose busy threads want more than its
    CPU limit; what became of a pod that is told (--memory) to hold more than its memory limit.
    """
    slowed, killed = [], []
    for object in pods.sent_pods(timeline):
        windows = [w for w in pods.measured(timeline, object) if _over_cpu(timeline, w)]
        if windows:
            stopped = max(w.seen.throttled for w in windows)
            slowed.append((object, stopped, pods.restarts(timeline, object)))
        if _should_die(timeline, object):
            killed.append((object, _killed(timeline, object)))
    if not slowed or not killed:
        return cannot_tell("pod over its CPU limit beside one over its memory limit")
    held = all(stopped and not restarts for _, stopped, restarts in slowed) and all(
        dead for _, dead in killed
    )
    return Verdict(
        held,
        "CPU gives way, memory does not."
        if held
        else "Over-use of CPU and of memory did not end as the rule says.",
        f"{slowed[0][0]} is stopped and goes on; {killed[0][0]} ends with "
        f"{memory.KILLED}, exit code {memory.EXIT_CODE}",
        "; ".join(f"{o}: stopped in {n} periods, {r} restarts" for o, n, r in slowed)
        + "; "
        + "; ".join(f"{o}: {_end(timeline, o)}" for o, _ in killed),
    )


@claim("ch08-requests-06")
def first_example_is_stored_and_enforced(timeline: Timeline) -> Verdict:
    """Check the book's first example: stored as written, its class, and its cgroup's ceiling.

    Rows: what was sent and what became of Pod/webserver ("spec.containers.<c>.resources...",
    "status.qosClass"), and a window or a reading of it: source "exec", fields "stat.quota_us" and
    "stat.memory_limit" (bytes).
    """
    wanted = asked(timeline, WEB)
    quota = timeline.last(source="exec", object=WEB, field="stat.quota_us")
    limit = timeline.last(source="exec", object=WEB, field="stat.memory_limit")
    stored_class = timeline.value(source="watch", object=WEB, field="status.qosClass")
    if wanted is None or quota is None or limit is None or stored_class is None:
        return cannot_tell("web server whose spec, class and cgroup were read")
    name = pods.container(timeline, WEB).get("name")
    expected: dict[str, object] = {}
    found: dict[str, object] = {}
    for kind, amounts in (("requests", wanted.requests), ("limits", wanted.limits)):
        for resource, quantity in amounts.items():
            path = f"spec.containers.{name}.resources.{kind}.{resource}"
            expected[f"{kind}.{resource}"] = quantity.canonical
            found[f"{kind}.{resource}"] = timeline.value(source="watch", object=WEB, field=path)
    expected |= {
        "class": qos_class([wanted]),
        "quota": cfs.quota_us(wanted.limit("cpu")),
        "memory limit": memory.enforced_bytes(wanted.limit("memory")),
    }
    found |= {"class": stored_class, "quota": quota.value, "memory limit": limit.value}
    held = expected == found
    wrong = [key for key in expected if expected[key] != found[key]]
    return Verdict(
        held,
        "The pod reserves its requests and may burst to its limits."
        if held
        else f"Not as the manifest says: {', '.join(wrong)}.",
        ", ".join(f"{key} {value}" for key, value in expected.items()),
        ", ".join(f"{key} {value}" for key, value in found.items()),
    )


@claim("ch08-requests-07")
def request_above_limit_is_refused(timeline: Timeline) -> Verdict:
    """Check that a memory request above its limit is refused, and one below it accepted.

    Rows: trials of at least one manifest of each sort (the book's text: request 250Mi, limit
    128Mi; its YAML: request 64Mi).
    """
    above, below = [], []
    for trial in trials(timeline):
        for container in containers(trial.sent):
            block = container.get("resources")
            amounts = block if isinstance(block, dict) else {}
            wrong = refusals(amounts)
            parsed = None if wrong else Resources.parse(amounts)
            if set(wrong) == {"requests.memory"} and "limit of" in wrong["requests.memory"].message:
                above.append((trial, wrong["requests.memory"].message))
            elif parsed and "memory" in parsed.requests and "memory" in parsed.limits:
                below.append(trial)
    if not above or not below:
        return cannot_tell("pair of trials, one with the request above its limit, one below")
    accepted = [trial for trial, _ in above if trial.stored is not None]
    unsaid = [message for trial, message in above if message not in trial.message]
    refused = [trial for trial in below if trial.stored is None]
    held = not (accepted or unsaid or refused)
    return Verdict(
        held,
        "A request above its limit is refused, one below is accepted."
        if held
        else "The server judged a request beside its limit in another way.",
        f"refused: {above[0][1]}; accepted otherwise",
        f"refused: {above[0][0].message or 'no'}; {len(below) - len(refused)} of {len(below)} "
        "others accepted",
    )


@claim("ch08-requests-08")
def limit_is_a_quota(timeline: Timeline) -> Verdict:
    """Check that m millicores are m × 100 µs in every 100 ms, and that busy threads feel it.

    Rows: what was sent and windows of Pod/burn; meta "cores".  In each window that decides
    (`cfs.decides`), the quota in the cgroup, the share of periods with a stop, and the CPU used
    must be those of the model.  What the machine could give is read from the windows without a
    limit; a window in which it had too little to give decides nothing.
    """
    wanted, cores = _wanted(timeline)
    told, failed = [], []
    windows = pods.measured(timeline, BURN)
    able = min((w.seen.cores_used for w in windows if w.limit is None), default=None)
    for window in windows:
        seen, limit = window.seen, window.limit
        if limit is None or not window.in_force or not cfs.decides(limit, wanted, cores, able):
            continue
        share, used = cfs.throttled_share(limit, wanted), cfs.cpu_used(limit, wanted)
        right = seen.quota_us == cfs.quota_us(limit) and seen.period_us == cfs.PERIOD_US
        if right and _short_of_cpu(seen, share, used):
            continue
        told.append(window)
        if not (right and seen.share in share and seen.cores_used in used):
            failed.append(window)
    if not told:
        would = [w for w in windows if w.in_force and cfs.decides(w.limit, wanted, cores)]
        if any(w.limit is not None for w in would):
            return MACHINE_BUSY
        return cannot_tell("window that decides: a limit well under or over what is wanted")
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


def _short_of_cpu(seen: ThrottleWindow, share: Band, used: Band) -> bool:
    """Tell a machine that had too little to give from a rule that fails.

    On such a machine less CPU is used than the rule says, so that some periods end before the
    quota does; yet what was used accounts for every stop, since a stopped period has used up its
    quota.
    """
    quota = (seen.quota_us or 0) / seen.period_us
    less = seen.cores_used < used.low or (
        seen.share < share.low and seen.cores_used < 0.97 * used.expected
    )
    return less and seen.cores_used >= 0.9 * seen.share * quota


@claim("ch08-requests-09")
def cpu_is_shared_by_weight(timeline: Timeline) -> Verdict:
    """Check that two busy pods on one core share it by their requests, and one alone takes all.

    Rows: what was sent, what became of, and windows of two pods without limits that are pinned to
    the same core (--core) of one node: at least one window of each while the other is busy too,
    and one of either after the other is gone.  Both must be of the class Burstable, whose pods
    stand side by side in one cgroup.
    """
    beside: dict[tuple[str, str], list[Window]] = {}
    single: dict[str, list[Window]] = {}
    for object in pods.sent_pods(timeline):
        for window in pods.measured(timeline, object):
            if window.limit is None and qos_class([window.asked]) == "Burstable":
                others = pods.neighbours(timeline, window)
                if len(others) == 1:
                    beside.setdefault((object, others[0]), []).append(window)
                elif pods.alone(timeline, window):
                    single.setdefault(object, []).append(window)
    for (one, other), windows in beside.items():
        its = beside.get((other, one))
        left = [w for name in (one, other) for w in single.get(name, [])]
        if not its or not left:
            continue
        used, its_used = (fmean(w.seen.cores_used for w in ws) for ws in (windows, its))
        cgroup = windows[0].seen.cgroup
        weights = [cfs.weight_of_pod(ws[0].request, cgroup) for ws in (windows, its)]
        expected, ratio = weights[0] / weights[1], used / max(its_used, 1e-6)
        both = {one: used, other: its_used}
        taken = [_taken(w, both) for w in left]
        # Half of it will do: the machine may have had less to give by then.
        held = expected / 1.3 <= ratio <= expected * 1.3 and max(taken) >= 0.5
        whole = max(w.seen.cores_used for w in left)
        return Verdict(
            held,
            f"{one} and {other} share a core by weight, and one alone takes it all."
            if held
            else f"{one} and {other} do not share a core by weight.",
            f"{weights[0]} to {weights[1]}, so {expected:.2f} times as much; alone, all of it",
            f"{_cores(used)} and {_cores(its_used)}, so {ratio:.2f} times as much; alone, "
            f"{_cores(whole)}",
        )
    return cannot_tell("pair of busy pods on one core, together and then one alone")


def _taken(alone: Window, both: dict[str, float]) -> float:
    """Return how much of what its neighbour used (cores by pod) a pod took over when alone."""
    mine = both[alone.object]
    its = sum(both.values()) - mine
    return (alone.seen.cores_used - mine) / max(its, 1e-6)


@claim("ch08-requests-10")
def limit_and_request_hurt_in_different_cells(timeline: Timeline) -> Verdict:
    """Check the four cells of {tight limit, low request} × {idle, busy neighbour}.

    Rows: what was sent, what became of, and windows of busy pods pinned to one core.  A window
    with a CPU limit is one of the tight limit; one without, of a pod whose request is below its
    neighbour's, one of the low request.  The neighbour is another pod with busy threads on the same
    core and node.  All four cells must have a window.  What the core can give is what the low
    request gets of it alone; the limit must be at most 0.6 of that.
    """
    cells: dict[tuple[str, str], Window] = {}
    other: dict[tuple[str, str], Resources] = {}
    low = {w.object for w in _all_measured(timeline) if _starved(timeline, w)}
    for window in _all_measured(timeline):
        beside = pods.neighbours(timeline, window)
        place = "busy" if beside else "idle" if pods.alone(timeline, window) else ""
        kind = "tight" if window.limit is not None else "low" if window.object in low else ""
        if place and kind:
            cells[kind, place] = window
            neighbour = asked(timeline, beside[0], at=window.seen.end) if beside else None
            other[kind, place] = neighbour or Resources()
    whole = cells["low", "idle"].seen.cores_used if len(cells) == 4 else 0
    tight = cells["tight", "idle"].limit if whole else None
    if tight is None or tight.cores > 0.6 * whole:
        return cannot_tell("set of all four cells on a core with more to give than the limit")
    expected = {cell: _cell(cells[cell], other[cell], whole, cell[1]) for cell in cells}
    used = {cell: window.seen.cores_used for cell, window in cells.items()}
    held = all(used[cell] in expected[cell] for cell in cells)
    order = [(kind, place) for kind in ("tight", "low") for place in ("idle", "busy")]
    names = {"tight": "tight limit", "low": "low request"}
    return Verdict(
        held,
        "A tight limit is slow even beside an idle neighbour, a low request only beside a busy one."
        if held
        else "The four cells are not as limit and weight say.",
        "; ".join(f"{names[k]}, {p}: {_cores(expected[k, p].expected)}" for k, p in order),
        "; ".join(f"{names[k]}, {p}: {_cores(used[k, p])}" for k, p in order),
    )


def _all_measured(timeline: Timeline) -> list[Window]:
    return [w for object in pods.sent_pods(timeline) for w in pods.measured(timeline, object)]


def _starved(timeline: Timeline, window: Window) -> bool:
    """Tell whether the pod had, in this window, a neighbour with a larger request."""
    for object in pods.neighbours(timeline, window):
        its = asked(timeline, object, at=window.seen.end)
        request = its.request("cpu") if its else None
        if request and (window.request is None or window.request < request):
            return True
    return False


def _cell(window: Window, neighbour: Resources, whole: float, place: str) -> Band:
    """Return the CPU that the model gives the measured pod in its cell."""
    mine, its = cfs.cpu_used(window.limit, whole), cfs.cpu_used(neighbour.limit("cpu"), whole)
    expected = mine.expected
    if place == "busy":  # two more who vary, so a wider band
        weight = {
            "mine": cfs.weight_of_pod(window.request, window.seen.cgroup),
            "its": cfs.weight_of_pod(neighbour.request("cpu"), window.seen.cgroup),
        }
        wanted = {"mine": mine.expected, "its": its.expected}
        expected = cfs.divide(whole, wanted, weight)["mine"]
        return Band(expected * 0.5, expected, expected * 1.5 + cfs.THREADS_AT_REST, "cores")
    return Band(expected * 0.7, expected, expected * 1.3 + cfs.THREADS_AT_REST, "cores")


@claim("ch08-requests-11")
def over_the_memory_limit_is_killed(timeline: Timeline) -> Verdict:
    """Check that a container over its memory limit is killed, and restarted where that is asked.

    Rows: what was sent and what became of pods that are told to hold memory (--memory).  One that
    must go over its limit ends with OOMKilled, exit code 137, and is restarted unless its
    restartPolicy is Never; one that stays well below lives.  At least one must go over.
    """
    must_die, wrong = [], []
    for object in pods.sent_pods(timeline):
        fate = _should_die(timeline, object)
        if fate is None:
            continue
        killed = _killed(timeline, object)
        if fate:
            must_die.append(object)
        restarted = pods.restarts(timeline, object) > 0 or not _restarts_wanted(timeline, object)
        if killed is not fate or (fate and not restarted):
            wrong.append(object)
    if not must_die:
        return cannot_tell("pod that is told to hold more than its memory limit")
    shown = wrong or must_die
    return Verdict(
        not wrong,
        f"{must_die[0]} went over its memory limit and was killed."
        if not wrong
        else f"{', '.join(wrong)} did not end as the rule says.",
        f"{memory.KILLED}, exit code {memory.EXIT_CODE}, then a restart",
        "; ".join(f"{object}: {_end(timeline, object)}" for object in shown),
    )


def _over_cpu(timeline: Timeline, window: Window) -> bool:
    wanted, cores = _wanted(timeline, window.object)
    return (
        window.in_force
        and cfs.decides(window.limit, wanted, cores)
        and cfs.throttled_share(window.limit, wanted).expected == 1
    )


def _should_die(timeline: Timeline, object: str) -> bool | None:
    """Tell whether a pod must be killed for memory; None when it holds none, or nearly enough."""
    steps = manifests.memory_steps(pods.container(timeline, object))
    sent = asked(timeline, object)
    if not steps or sent is None:
        return None
    lives = memory.survives([Quantity.parse(step) for step in steps], sent.limit("memory"))
    return None if lives is None else not lives


def _killed(timeline: Timeline, object: str) -> bool:
    return memory.KILLED in pods.ended(timeline, object, "reason") and memory.EXIT_CODE in (
        pods.ended(timeline, object, "exitCode")
    )


def _restarts_wanted(timeline: Timeline, object: str) -> bool:
    manifest: Value = timeline.value(source="session", object=object, field="manifest")
    spec = manifest.get("spec") if isinstance(manifest, dict) else None
    return not isinstance(spec, dict) or spec.get("restartPolicy") != "Never"


def _end(timeline: Timeline, object: str) -> str:
    reasons = sorted(str(reason) for reason in pods.ended(timeline, object, "reason"))
    codes = sorted(str(code) for code in pods.ended(timeline, object, "exitCode"))
    if not reasons:
        return "still running"
    return (
        f"{', '.join(reasons)}, exit code {', '.join(codes)}, "
        f"{pods.restarts(timeline, object)} restarts"
    )
