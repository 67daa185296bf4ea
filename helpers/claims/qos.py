"""Claims about QoS classes and eviction (ledger: ch08-qos-*, ch08-requests-12).

Rows that several claims read:

- *cases*: what `helpers.model.qos_cases` reads: pods shown to the server, and the class it gave.
- *scores*: what `helpers.model.oom_scores` reads.
- *windows*: what `helpers.claims.pods` reads.
- *the eviction*: what `helpers.model.evictions` reads, and source "event", object "Pod/<name>",
  field "Evicted".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from helpers.claims import pods
from helpers.claims.registry import MACHINE_BUSY, Verdict, cannot_tell, claim
from helpers.model import eviction, evictions
from helpers.model.oom_scores import Score, scores
from helpers.model.qos import UNCHANGEABLE, all_containers, pod_class
from helpers.model.qos_cases import Case, cases
from helpers.model.quantity import Quantity
from helpers.model.resources import Resources
from helpers.model.timeline import Timeline, Value
from helpers.model.trials import trials

NEAR = 0.8
"""A pod has what is promised to it if it uses this share of it: starting and reading cost some."""
STARVED = 0.15
"""Share of a core below which a pod that wants the whole of it counts as starved."""


@claim("ch08-qos-01")
def each_pod_has_one_class_for_good(timeline: Timeline) -> Verdict:
    """Check that every pod gets the class of the rule, and that a resize may not change it.

    Among them are pods whose own resources say another class than their containers; those of the
    pod decide alone.  Rows: cases; source "session", field "refusal" of a "resize", and source
    "watch", field "status.qosClass".
    """
    seen = [case for case in cases(timeline) if case.rule is not None and case.measured]
    refusals = [
        row.value
        for row in timeline.where(source="session", field="refusal")
        if isinstance(row.value, Mapping) and row.value.get("verb") == "resize"
    ]
    resized = timeline.where(source="session", field="resize")
    whole = [case for case in seen if _overruled(case)]
    if not whole or not (refusals or resized):
        return cannot_tell(
            "pods with a class, some by resources of their own, and a try to change one"
        )
    wrong = [case.name for case in seen if case.rule != case.measured]
    said = [str(refusal.get("message")) for refusal in refusals]
    stays = _classes_stay(timeline)
    held = not wrong and any(UNCHANGEABLE in words for words in said) and stays
    return Verdict(
        held,
        "Each pod has one class, from its requests and limits, and keeps it; resources of the pod "
        "itself decide alone."
        if held
        else f"The classes are not those of the rule, or change: {', '.join(wrong) or said}.",
        f"{len(seen)} classes by the rule, {len(whole)} by the pod's own resources; a resize that "
        f"would change one: {UNCHANGEABLE}",
        f"{len(seen) - len(wrong)} as the rule says; {'; '.join(said) or 'no refusal'}",
    )


def _overruled(case: Case) -> bool:
    """Tell whether the resources of the pod itself give another class than its containers do."""
    spec = case.sent.get("spec")
    if not isinstance(spec, Mapping) or not spec.get("resources"):
        return False
    without = {**case.sent, "spec": {k: v for k, v in spec.items() if k != "resources"}}
    return pod_class(without) != case.rule


def _classes_stay(timeline: Timeline) -> bool:
    first: dict[str, Value] = {}
    for row in timeline.where(source="watch", field="status.qosClass"):
        if row.value is not None and first.setdefault(row.object, row.value) != row.value:
            return False
    return True


def _judge(timeline: Timeline, name: str, wanted: str, which: Callable[[Case], bool]) -> Verdict:
    """Judge the class of the cases that `which` picks."""
    chosen = [case for case in cases(timeline) if case.measured and which(case)]
    if not chosen:
        return cannot_tell(f"pod of which this is so: {name}")
    wrong = [case for case in chosen if case.measured != wanted]
    return Verdict(
        not wrong,
        f"All {len(chosen)} such pods are {wanted}."
        if not wrong
        else f"Not {wanted}: {', '.join(case.name for case in wrong)}.",
        f"{wanted} for {len(chosen)} pods: {name}",
        f"{len(chosen) - len(wrong)} {wanted}"
        + "".join(f"; {case.name} {case.measured}" for case in wrong),
    )


def _blocks(case: Case) -> list[Resources]:
    """Return what each container of a pod without resources of its own declares."""
    spec = case.sent.get("spec")
    if isinstance(spec, Mapping) and spec.get("resources"):
        return []
    found = []
    for container in all_containers(case.sent):
        block = container.get("resources")
        found.append(Resources.parse(block if isinstance(block, Mapping) else {}))
    return found


def _declares(block: Resources) -> bool:
    return any(
        bool(amounts.get(name))
        for amounts in (block.requests, block.limits)
        for name in ("cpu", "memory")
    )


def _whole(block: Resources) -> bool:
    """Tell whether CPU and memory have a limit each, and requests that are equal to it."""
    return all(
        block.limit(name) is not None and block.request(name) == block.limit(name)
        for name in ("cpu", "memory")
    )


@claim("ch08-qos-05")
def best_effort_declares_nothing(timeline: Timeline) -> Verdict:
    """Check that a pod of which no container declares CPU or memory is BestEffort. Rows: cases."""
    return _judge(
        timeline,
        "no container declares CPU or memory",
        "BestEffort",
        lambda case: bool(_blocks(case)) and not any(_declares(b) for b in _blocks(case)),
    )


@claim("ch08-qos-06")
def guaranteed_declares_all_and_equal(timeline: Timeline) -> Verdict:
    """Check that limits equal to requests, in all containers, make a pod Guaranteed.

    Rows: cases, of which some fulfil the rule and some do not; the latter must not be Guaranteed.
    """
    told = _judge(
        timeline,
        "limits in all containers, requests equal",
        "Guaranteed",
        lambda case: bool(_blocks(case)) and all(_whole(b) for b in _blocks(case)),
    )
    others = [
        case.name
        for case in cases(timeline)
        if case.measured == "Guaranteed" and _blocks(case) and not all(map(_whole, _blocks(case)))
    ]
    if told.held and others:
        return Verdict(False, f"Guaranteed all the same: {others}.", told.expected, str(others))
    return told


@claim("ch08-qos-07")
def limits_alone_are_copied(timeline: Timeline) -> Verdict:
    """Check that limits without requests are stored as both, and make a pod Guaranteed.

    Rows: cases of one container with limits for CPU and memory and no requests; what was stored.
    """
    shown, found = cases(timeline), []
    for trial in trials(timeline):
        case = next((c for c in shown if c.sent == trial.sent), None)
        blocks = _blocks(case) if case is not None else []
        if len(blocks) != 1 or blocks[0].requests or not _whole(blocks[0]) or not trial.stored:
            continue
        stored = all_containers(trial.stored)[0].get("resources")
        kept = Resources.parse(stored if isinstance(stored, Mapping) else {})
        found.append((case, dict(kept.requests) == dict(blocks[0].limits)))
    if not found:
        return cannot_tell("pod with limits and without requests")
    held = all(copied and case and case.measured == "Guaranteed" for case, copied in found)
    return Verdict(
        held,
        "The server copies the limits into the requests, and the pod is Guaranteed."
        if held
        else "Limits alone did not become requests, or the pod is not Guaranteed.",
        "requests as the limits; Guaranteed",
        "; ".join(
            f"{case.name}: {'copied' if copied else 'not copied'}, {case.measured}"
            for case, copied in found
            if case is not None
        ),
    )


@claim("ch08-qos-08")
def burstable_is_all_in_between(timeline: Timeline) -> Verdict:
    """Check that a pod that declares something, but not all equal, is Burstable. Rows: cases."""
    return _judge(
        timeline,
        "something is declared, and not all of it equal",
        "Burstable",
        lambda case: (
            any(_declares(b) for b in _blocks(case)) and not all(map(_whole, _blocks(case)))
        ),
    )


@claim("ch08-qos-09")
def two_ways_to_end_up_burstable(timeline: Timeline) -> Verdict:
    """Check both ways: one of several containers without limits, and requests below the limits.

    Rows: cases of each sort.
    """
    mixed, lower = [], []
    for case in cases(timeline):
        blocks = _blocks(case)
        if len(blocks) > 1 and any(map(_whole, blocks)) and not all(map(_whole, blocks)):
            mixed.append(case)
        if len(blocks) == 1 and all(
            (limit := blocks[0].limit(name)) is not None
            and (request := blocks[0].request(name)) is not None
            and request < limit
            for name in ("cpu", "memory")
        ):
            lower.append(case)
    if not mixed or not lower:
        return cannot_tell("pods of both sorts")
    wrong = [case.name for case in (*mixed, *lower) if case.measured != "Burstable"]
    return Verdict(
        not wrong,
        "Either is enough to make a pod Burstable." if not wrong else f"Not Burstable: {wrong}.",
        f"Burstable: {', '.join(case.name for case in (*mixed, *lower))}",
        "all Burstable" if not wrong else f"not Burstable: {', '.join(wrong)}",
    )


def _last(timeline: Timeline) -> dict[str, tuple[float, pods.Window]]:
    """Return, by class, the cores that its busy pod used while all three classes were busy."""
    found = {}
    for object in pods.sent_pods(timeline):
        windows = pods.measured(timeline, object)
        threads, core = pods.busy(timeline, object)
        manifest = timeline.value(source="session", object=object, field="manifest")
        if windows and threads and core is not None and isinstance(manifest, Mapping):
            found[pod_class(manifest)] = (windows[-1].seen.cores_used, windows[-1])
    return found if len(found) == 3 else {}


def _score(timeline: Timeline, qos: str) -> Score | None:
    return next((score for score in scores(timeline) if score.qos == qos), None)


def _kept(
    timeline: Timeline, qos: str, promise: Callable[[pods.Window], Quantity | None]
) -> tuple[Score, float, float] | Verdict:
    """Return a class's score, the cores that its pod used, and those promised to it.

    A verdict instead where the run, or the machine, does not let it be told.
    """
    score, last = _score(timeline, qos), _last(timeline)
    if score is None or not last:
        return cannot_tell("busy pods of all three classes with their scores")
    used, window = last[qos]
    amount = promise(window)
    promised = amount.cores if amount is not None else 0.0
    if used < NEAR * promised and sum(cores for cores, _ in last.values()) < NEAR:
        return MACHINE_BUSY
    return score, used, promised


def _told(score: Score, cpu: str, enough: bool) -> Verdict:
    """Judge a score beside its rule, and what was seen of the CPU."""
    held = score.measured == score.rule and enough
    raised = (
        f" (the kubelet asks for {score.wanted}; the node may not go below {score.rule})"
        if score.rule != score.wanted
        else ""
    )
    return Verdict(
        held,
        f"A {score.qos} pod has an oom_score_adj of {score.measured}; {cpu}."
        if held
        else f"The {score.qos} pod is not treated as its class should be.",
        f"oom_score_adj {score.rule}{raised}",
        f"oom_score_adj {score.measured}; {cpu}",
    )


@claim("ch08-qos-02")
def guaranteed_has_its_limit(timeline: Timeline) -> Verdict:
    """Check that a Guaranteed pod has the score of the rule, and its full limit of CPU when wanted.

    Rows: scores; windows of three busy pods on one core, one of each class.
    """
    found = _kept(timeline, "Guaranteed", lambda window: window.limit)
    if isinstance(found, Verdict):
        return found
    score, used, limit = found
    enough = used >= NEAR * limit
    lowest = all(score.measured <= other.measured for other in scores(timeline))
    return _told(score, f"it used {used:.2f} cores of its limit of {limit:.2f}", enough and lowest)


@claim("ch08-qos-03")
def burstable_has_its_request(timeline: Timeline) -> Verdict:
    """Check that a Burstable pod's score follows from its request, and that it has its request.

    Rows: scores; windows of three busy pods on one core, one of each class.
    """
    found = _kept(timeline, "Burstable", lambda window: window.request)
    if isinstance(found, Verdict):
        return found
    score, used, request = found
    enough = used >= NEAR * request
    return _told(score, f"it used {used:.2f} cores and requested {request:.2f}", enough)


@claim("ch08-qos-04")
def best_effort_has_the_rest(timeline: Timeline) -> Verdict:
    """Check that a BestEffort pod's score is the highest, and that it starves beside busy pods.

    Rows: scores; windows of three busy pods on one core, one of each class.  The book lets it be
    the first to be evicted; the kubelet does not ask for the class (ch08-qos-10).
    """
    score, last = _score(timeline, "BestEffort"), _last(timeline)
    if score is None or not last:
        return cannot_tell("busy pods of all three classes with their scores")
    used, _ = last["BestEffort"]
    return _told(score, f"it used {used:.2f} of the core", used <= STARVED)


@claim("ch08-qos-10")
def the_class_does_not_choose_the_victim(timeline: Timeline) -> Verdict:
    """Check who goes first: the pod that the rule names, whatever its class.

    Rows: the eviction, of a run with pods of all three classes.
    """
    order = eviction.rank(evictions.crowd(timeline))
    victim = evictions.victim(timeline)
    classes = {}
    for pod in order:
        manifest = timeline.value(source="session", object=f"Pod/{pod.name}", field="manifest")
        if isinstance(manifest, Mapping):
            classes[pod.name] = pod_class(manifest)
    if victim is None or len(set(classes.values())) < 3:
        return cannot_tell("eviction among pods of all three classes")
    first = order[0]
    held = victim == first.name
    return Verdict(
        held,
        f"The first to go is {victim}, which is {classes.get(victim)}: use above the request "
        "counts, then priority, then how much it is."
        if held
        else f"{victim} went first, and the rule names {first.name}.",
        f"{first.name} ({classes.get(first.name)})",
        f"{victim} ({classes.get(victim)})",
    )


@claim("ch08-requests-12")
def use_above_the_request_is_evicted(timeline: Timeline) -> Verdict:
    """Check that the victim used more memory than it requested, and that its event says so.

    Rows: the eviction, of a run in which another pod kept within its request and lives.
    """
    victim = evictions.victim(timeline)
    event = timeline.last(source="event", object=f"Pod/{victim}", field=eviction.REASON)
    said = eviction.using(str(event.value)) if event is not None else None
    within = [pod.name for pod in evictions.crowd(timeline) if pod.over <= 0]
    if victim is None or event is None or not within:
        return cannot_tell("eviction beside a pod that kept within its request")
    held = said is not None and said[0] > said[1] and victim not in within
    words = f"using {said[0]}, request {said[1]}" if said is not None else str(event.value)
    return Verdict(
        held,
        f"The node ran short, and {victim} went: it used more memory than it had requested."
        if held
        else f"{victim} went, though it did not use more than it had requested.",
        f"a pod above its request, not {', '.join(within)}",
        f"{victim}: {words}",
    )
