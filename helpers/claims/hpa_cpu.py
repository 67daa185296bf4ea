"""Claims about autoscaling on CPU (ledger: ch08-hpacpu-*).

Rows that several claims read:

- *what was sent*: source "session", field "manifest", of Deployment, Service, Job and autoscaler;
- *the syncs*: what `helpers.model.hpa` reads, and its twin of the controller;
- *the states*: what `helpers.model.hpa_conditions` reads.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from helpers.claims.registry import Verdict, cannot_tell, claim
from helpers.model import hpa, hpa_conditions
from helpers.model.autoscaling import IDLE_PERCENT
from helpers.model.hpa_conditions import HPA, part
from helpers.model.manifests import containers
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline, Value
from helpers.model.trials import trials

FIB = "Deployment/fib"
LOAD = "Job/fib-load"
SCALER = f"{HPA}/fib"
_USED = "status.currentMetrics.Resource.resource.current"
A_WHILE = 7.0
"""Seconds before the end of the load (and a few more) in which a new Pod may remain unasked."""
A_MOMENT = 3.0
"""Seconds of rest after which a Service's slices and a Deployment's status tell the same."""
SOON = 60.0
"""Seconds after the load began within which the first new replica must be asked for."""


@claim("ch08-hpacpu-01")
def replicas_add_capacity(timeline: Timeline) -> Verdict:
    """Check that several Pods together use more CPU than one of them may.

    Rows: what was sent; source "metrics", field "cpu" of the Pods of fib.  Held if at some moment
    they used a tenth more than the limit of one, after the autoscaler had added some.
    """
    limit = _limit(timeline)
    grown = [sync for sync in hpa.changes(timeline) if sync.desired > sync.current]
    if limit is None or not grown:
        return cannot_tell("replica that was added under load")
    totals = [total for at, total in _usage(timeline) if at >= grown[0].at]
    if not totals:
        return cannot_tell("reading after a replica was added")
    most = max(totals)
    if most < 0.8 * limit:
        return Verdict(
            None,
            "The machine had too little CPU to give, so the run cannot tell. Wait for what else "
            "runs, and run it again.",
            "not known",
            "too little",
        )
    held = most > 1.1 * limit
    return Verdict(
        held,
        "More replicas did more work than one can."
        if held
        else "More replicas did no more work than one can.",
        f"more than the {limit}m to which one Pod is limited",
        f"{most}m in all",
    )


@claim("ch08-hpacpu-02")
def fib_runs_as_written(timeline: Timeline) -> Verdict:
    """Check that the Deployment is stored as it was sent, and begins with one Pod that runs.

    Rows: what was sent; source "watch", object "Deployment/fib", the fields of its template,
    "spec.replicas" and "status.readyReplicas".
    """
    manifest = hpa_conditions.sent(timeline, "Deployment").get("fib")
    if manifest is None:
        return cannot_tell("Deployment of fib")
    (container,) = containers(manifest)
    begin = f"spec.template.spec.containers.{container['name']}"
    wanted: dict[str, Value] = {"replicas": 1, "image": container.get("image")}
    found: dict[str, Value] = {
        "replicas": _first(timeline, FIB, "spec.replicas"),
        "image": _first(timeline, FIB, f"{begin}.image"),
    }
    block = container.get("resources")
    limits = block.get("limits") if isinstance(block, Mapping) else None
    for name, amount in (limits if isinstance(limits, Mapping) else {}).items():
        wanted[name] = Quantity.parse(str(amount)).canonical
        found[name] = _first(timeline, FIB, f"{begin}.resources.limits.{name}")
    ready = _first(timeline, FIB, "status.readyReplicas")
    held = wanted == found and isinstance(ready, int) and ready >= 1
    return Verdict(
        held,
        "The Deployment is stored as written; without replicas it begins with one Pod, which runs."
        if held
        else "The Deployment is not as it was written, or none of its Pods became ready.",
        ", ".join(f"{name} {value}" for name, value in wanted.items()) + ", at least 1 ready",
        ", ".join(f"{name} {value}" for name, value in found.items()) + f", {ready or 0} ready",
    )


@claim("ch08-hpacpu-03")
def percent_of_the_request(timeline: Timeline) -> Verdict:
    """Check that the percentage is of the request, not of the limit, and fails without a request.

    Rows: what was sent; the states; source "watch", the autoscaler's status "averageValue" and
    "averageUtilization".  Reads an autoscaler whose Pods have a limit above their request, and one
    whose Pods have no request.
    """
    told, blind = [], []
    for name in hpa_conditions.sent(timeline, HPA):
        rule = hpa_conditions.expected(timeline, name)
        amounts = _amounts(timeline, name)
        percent = _watched(timeline, f"{HPA}/{name}", f"{_USED}.averageUtilization")
        value = _watched(timeline, f"{HPA}/{name}", f"{_USED}.averageValue")
        if "missing request" in rule.words:
            blind.append((name, rule, hpa_conditions.seen(timeline, name)))
        elif amounts and amounts[1] > amounts[0] and isinstance(percent, int) and value:
            told.append((name, amounts, percent, Quantity.parse(str(value)).millicores))
    if not told or not blind:
        return cannot_tell("pair of autoscalers, one with a request below its limit, one without")
    name, (request, limit), percent, used = told[-1]
    near = abs(percent - 100 * used / request) <= 100 / request + 1
    far = 100 * used / request - 100 * used / limit > 2 * (100 / request + 1)
    if not far:
        return cannot_tell("Pod that used enough for request and limit to differ")
    spoken = all(hpa_conditions.agree(rule, seen) for _, rule, seen in blind)
    return Verdict(
        near and spoken,
        "The percentage is of the request; without one the autoscaler has nothing to divide by."
        if near and spoken
        else "The percentage is not of the request, or it does without one.",
        f"{name}: {used}m of {request}m, {100 * used / request:.0f} % (of the limit it would be "
        f"{100 * used / limit:.0f} %); {blind[0][0]}: missing request for cpu",
        f"{name}: {percent} %; {blind[0][0]}: {blind[0][2].words if blind[0][2] else 'nothing'}",
    )


@claim("ch08-hpacpu-04")
def apply_without_replicas_keeps_them(timeline: Timeline) -> Verdict:
    """Check that applying a manifest without replicas leaves the autoscaler's number.

    Rows: source "session", object "Deployment/fib", the second "manifest" (without replicas) and
    "trial" (dry-run with replicas: 1); source "watch", "spec.replicas".
    """
    sent = timeline.where(source="session", object=FIB, field="manifest")
    replicas = timeline.where(source="watch", object=FIB, field="spec.replicas")
    asked = [trial for trial in trials(timeline) if part(trial.sent, "spec").get("replicas") == 1]
    if len(sent) < 2 or not asked:
        return cannot_tell("second apply without replicas")
    before = [row.value for row in replicas if row.time < sent[1].time]
    if not before or before[-1] in (None, 1):
        return cannot_tell("autoscaler that had made them more than one by then")
    after = [row for row in replicas if 0 <= row.time - sent[1].time < hpa.sync_period() / 2]
    # The autoscaler may itself have changed its mind in between.
    theirs = {sync.desired for sync in hpa.changes(timeline)}
    lost = [row.value for row in after if row.value not in theirs or row.value == 1]
    reset = part(asked[-1].stored or {}).get("replicas")
    held = not lost and reset == 1
    return Verdict(
        held,
        "Applied again without replicas, the Deployment keeps what the autoscaler chose; with "
        "replicas: 1 it would be reset."
        if held
        else "Applying the Deployment again did something else to its replicas.",
        f"{before[-1]} as before; 1 if it were written",
        f"{lost[0] if lost else before[-1]}; {reset} if it were written",
    )


@claim("ch08-hpacpu-05")
def service_spreads_requests(timeline: Timeline) -> Verdict:
    """Check that every ready Pod is an address of the Service, and has answered requests.

    Rows: source "watch", objects "EndpointSlice/...", "Deployment/fib" and the readiness of the
    Pods; source "exec", field "fib_requests_total" of each Pod.  A Pod that came in the last
    seconds of the load need not have answered any.  The two numbers come by watches of their own,
    so they are compared when neither has changed for a moment, once the counters were read.
    """
    counted = timeline.where(source="exec", field="fib_requests_total")
    counts = {row.object: row.value for row in counted if _was_ready(timeline, row)}
    if len(counts) < 2:
        return cannot_tell("counters of two Pods that stood in the load for a while")
    moment = counted[0].time
    slices = {row.object for row in timeline.rows if row.object.startswith("EndpointSlice/")}
    status = {"object": FIB, "field": "status.readyReplicas"}
    changes = [row for slice in slices for row in timeline.where(source="watch", object=slice)]
    settled = moment
    for at in sorted(row.time for row in (*changes, *timeline.where(source="watch", **status))):
        if settled < at <= settled + A_MOMENT:
            settled = at
    addresses = sum(_at(timeline, slice, settled) for slice in slices)
    ready = timeline.until(settled).value(source="watch", **status)
    held = addresses == ready and all(counts.values())
    return Verdict(
        held,
        "Each ready Pod is an address of the Service, and the Service gave requests to each."
        if held
        else "Not every ready Pod is an address of the Service, or one has answered nothing.",
        f"{ready or 0} addresses; {len(counts)} Pods with answers",
        f"{addresses} addresses; answers: {', '.join(str(count) for count in counts.values())}",
    )


@claim("ch08-hpacpu-06")
def version_two_takes_the_target(timeline: Timeline) -> Verdict:
    """Check that today's manifest is stored, and the book's version and field are refused.

    Rows: what was sent; source "session", field "refusal" with the verb dry-run; source "watch",
    an autoscaler's bounds and target.
    """
    said = " ".join(
        str(row.value.get("message"))
        for row in timeline.where(source="session", field="refusal")
        if row.object.startswith(f"{HPA}/") and isinstance(row.value, Mapping)
    )
    wanted: dict[str, tuple[Value, ...]] = {}
    found: dict[str, tuple[Value, ...]] = {}
    for name, manifest in hpa_conditions.sent(timeline, HPA).items():
        spec = part(manifest, "spec")
        wanted[name] = (spec.get("minReplicas"), spec.get("maxReplicas"), _target(manifest))
        found[name] = tuple(
            _watched(timeline, f"{HPA}/{name}", f"spec.{field}")
            for field in (
                "minReplicas",
                "maxReplicas",
                "metrics.Resource.resource.target.averageUtilization",
            )
        )
    if not wanted or not said:
        return cannot_tell("autoscaler of the book's version that was shown to the server")
    gone = "no matches for kind" in said and "targetAverageUtilization" in said
    held = wanted == found and gone
    return Verdict(
        held,
        "autoscaling/v2 takes bounds and target; the book's v2beta1 is gone, and so is its field."
        if held
        else "The server took the book's version, or stored something else than was sent.",
        "; ".join(f"{n}: {low} to {high} at {at} %" for n, (low, high, at) in wanted.items())
        + "; v2beta1 and targetAverageUtilization refused",
        "; ".join(f"{n}: {low} to {high} at {at} %" for n, (low, high, at) in found.items())
        + f"; {said}",
    )


@claim("ch08-hpacpu-07")
def follows_its_formula(timeline: Timeline) -> Verdict:
    """Check that each change is the one that the controller's rules make of its readings.

    Rows: the syncs.  Held if the twin makes nine of ten changes the same way, no difference is
    unexplained, and the autoscaler adds only above the target and removes only below it.
    """
    changes = hpa.changes(timeline)
    if not changes:
        return cannot_tell("change of the number of replicas")
    right = sum(change.agrees for change in changes)
    labels = [change.difference for change in changes if change.difference]
    wrong = [c for c in changes if not _right_way(timeline, c)]
    held = 10 * right >= 9 * len(changes) and hpa.UNEXPLAINED not in labels and not wrong
    return Verdict(
        held,
        "Above the target it adds, below it removes, as its formula says."
        if held
        else "It did not follow its formula: "
        + (", ".join(labels) if labels else "it went the wrong way")
        + ".",
        ", ".join(f"{change.current} → {change.predicted}" for change in changes),
        ", ".join(f"{change.current} → {change.desired}" for change in changes),
    )


@claim("ch08-hpacpu-08")
def mistyped_group_is_accepted_and_useless(timeline: Timeline) -> Verdict:
    """Check that a target of the group app is stored, and that the autoscaler finds no such kind.

    Rows: what was sent and the states, of an autoscaler whose target is not of the group apps.
    """
    odd = [
        name
        for name, manifest in hpa_conditions.sent(timeline, HPA).items()
        if not str(part(manifest, "spec", "scaleTargetRef").get("apiVersion")).startswith("apps/")
    ]
    if not odd:
        return cannot_tell("autoscaler with a target of another group")
    pairs = [
        (name, hpa_conditions.expected(timeline, name), hpa_conditions.seen(timeline, name))
        for name in odd
    ]
    held = all(hpa_conditions.agree(rule, seen) for _, rule, seen in pairs)
    return Verdict(
        held,
        "app/v1 is accepted, and the autoscaler cannot find its target."
        if held
        else "The autoscaler with the mistyped group says something else.",
        "; ".join(f"{name}: {rule.reason}, {rule.words}" for name, rule, _ in pairs),
        "; ".join(
            f"{name}: {seen.reason}, {seen.words}" if seen else f"{name}: nothing"
            for name, _, seen in pairs
        ),
    )


@claim("ch08-hpacpu-10")
def idle_is_near_nothing(timeline: Timeline) -> Verdict:
    """Check what the autoscaler shows of an idle Deployment: near 0 %, and the least replicas.

    Rows: source "watch", the autoscaler's spec and status as the run ended.
    """
    least, target, used, current, desired = (
        _watched(timeline, SCALER, field)
        for field in (
            "spec.minReplicas",
            "spec.metrics.Resource.resource.target.averageUtilization",
            f"{_USED}.averageUtilization",
            "status.currentReplicas",
            "status.desiredReplicas",
        )
    )
    loaded = timeline.last(source="session", object=LOAD, field="manifest")
    if not isinstance(used, int) or loaded is None:
        return cannot_tell("autoscaler that fell idle again after a load")
    # The status tells the replicas with which a sync began; those it ends with come next.
    held = used < IDLE_PERCENT and desired == least
    return Verdict(
        held,
        f"Idle, it shows {used}%/{target}% and {desired} replicas desired."
        if held
        else "Idle, it shows something else than next to nothing and the least replicas.",
        f"less than {IDLE_PERCENT} %, {least} desired",
        f"{used} %, {desired} desired, {current} before that",
    )


@claim("ch08-hpacpu-11")
def load_pods_stay_outside(timeline: Timeline) -> Verdict:
    """Check that the Job's Pods carry none of the labels that Service and autoscaler choose by.

    Rows: what was sent; source "watch", the labels of the Job's Pods; source "log", field "last
    line", where load tells how many requests were answered.
    """
    line = timeline.last(source="log", field="last line")
    service = hpa_conditions.sent(timeline, "Service").get("fib")
    if line is None or service is None:
        return cannot_tell("load whose last line was read")
    chosen = part(service, "spec", "selector")
    labels = {key: _watched(timeline, line.object, f"metadata.labels.{key}") for key in chosen}
    taken = all(labels[key] == value for key, value in chosen.items())
    match = re.search(
        r"load: (\d+) of \d+ requests .* (\d+) failed, (\d+) answered", f"{line.value}"
    )
    done, bad = (int(match[1]), int(match[2]) + int(match[3])) if match else (0, 0)
    answers = f"{done} answered, {bad} failed" if match else f"“{line.value}”"
    held = not taken and done > 0 and not bad
    job = _watched(timeline, LOAD, "metadata.labels.app")
    return Verdict(
        held,
        f"The Job is labelled app: {job}, its Pods are not, and every request was answered well."
        if held
        else "The load's Pods are among those that the Service chooses, or requests failed.",
        "Pods without "
        + ", ".join(f"{key}: {value}" for key, value in chosen.items())
        + "; none failed",
        ", ".join(f"{key}: {value or 'none'}" for key, value in labels.items()) + f"; {answers}",
    )


@claim("ch08-hpacpu-12")
def load_makes_it_grow(timeline: Timeline) -> Verdict:
    """Check that the load makes the autoscaler ask for more, soon, and for as many as it should.

    Rows: the syncs; source "session", object "Job/fib-load", field "manifest".  Held if the first
    change is ⌈replicas × utilisation ÷ target⌉ within its bounds, at most 60 s after the load.
    """
    loaded = timeline.last(source="session", object=LOAD, field="manifest")
    manifest = hpa_conditions.sent(timeline, HPA).get("fib")
    grown = [sync for sync in hpa.changes(timeline) if sync.desired > sync.current]
    if loaded is None or manifest is None:
        return cannot_tell("load on an autoscaled Deployment")
    first = next((sync for sync in grown if sync.at > loaded.time), None)
    target, most = _target(manifest), part(manifest, "spec").get("maxReplicas")
    if first is None or first.told is None or not isinstance(target, int):
        return cannot_tell("replica that was added under load")
    plain = math.ceil(first.current * first.told / target)
    wanted = min(plain, max(2 * first.current, 4), most if isinstance(most, int) else plain)
    took = first.at - loaded.time
    held = first.desired == wanted and took <= SOON
    return Verdict(
        held,
        f"{took:.0f} s after the load began, it asked for {first.desired} replicas."
        if held
        else "It asked for another number, or too late.",
        f"{wanted} = ⌈{first.current} × {first.told} ÷ {target}⌉, within {SOON:.0f} s",
        f"{first.desired} after {took:.0f} s",
    )


def _right_way(timeline: Timeline, sync: hpa.Sync) -> bool:
    """Tell whether it grew above the target, or shrank below it; bounds alone may do both."""
    manifest = hpa_conditions.sent(timeline, HPA).get("fib", {})
    target = _target(manifest)
    if sync.utilization is None or not isinstance(target, int):
        return True
    return (sync.desired > sync.current) == (sync.utilization > target)


def _usage(timeline: Timeline) -> list[tuple[float, int]]:
    """Return the CPU of all Pods of fib, in millicores, whenever a reading changed."""
    now: dict[str, int] = {}
    found: list[tuple[float, int]] = []
    for row in timeline.where(source="metrics", field="cpu"):
        if _watched(timeline, row.object, "metadata.labels.app") != "fib":
            continue
        value = row.value
        now[row.object] = (
            Quantity.parse(str(value["cpu"])).millicores if isinstance(value, Mapping) else 0
        )
        found.append((row.time, sum(now.values())))
    return found


def _was_ready(timeline: Timeline, counter: Row) -> bool:
    """Tell whether a Pod had been ready for a while when its counter was read."""
    field = "status.conditions.Ready.status"
    rows = timeline.where(source="watch", object=counter.object, field=field)
    return any(row.value == "True" and row.time < counter.time - A_WHILE for row in rows)


def _limit(timeline: Timeline) -> int | None:
    manifest = hpa_conditions.sent(timeline, "Deployment").get("fib")
    for container in containers(manifest or {}):
        amount = part(container, "resources", "limits").get("cpu")
        return Quantity.parse(str(amount)).millicores if amount else None
    return None


def _amounts(timeline: Timeline, name: str) -> tuple[int, int] | None:
    """Return request and limit of the Pods that an autoscaler looks at, in millicores."""
    manifest = hpa_conditions.sent(timeline, HPA)[name]
    target = str(part(manifest, "spec", "scaleTargetRef").get("name"))
    aim = hpa_conditions.sent(timeline, "Deployment").get(target)
    for container in containers(aim or {}):
        request = part(container, "resources", "requests").get("cpu")
        limit = part(container, "resources", "limits").get("cpu")
        if request and limit:
            return Quantity.parse(str(request)).millicores, Quantity.parse(str(limit)).millicores
    return None


def _at(timeline: Timeline, slice: str, moment: float) -> int:
    """Return how many ready addresses an EndpointSlice had."""
    now: dict[str, Value] = {}
    for row in timeline.where(source="watch", object=slice):
        if row.time <= moment:
            now[row.field] = row.value
    return sum(
        value is True
        for field, value in now.items()
        if re.fullmatch(r"endpoints\.\d+\.conditions\.ready", field)
    )


def _target(manifest: Mapping[str, Value]) -> Value:
    metrics = part(manifest, "spec").get("metrics")
    first = metrics[0] if isinstance(metrics, list) and metrics else {}
    found = part(first, "resource", "target") if isinstance(first, Mapping) else {}
    return found.get("averageUtilization")


def _watched(timeline: Timeline, object: str, field: str) -> Value:
    return timeline.value(source="watch", object=object, field=field)


def _first(timeline: Timeline, object: str, field: str) -> Value:
    rows: tuple[Row, ...] = timeline.where(source="watch", object=object, field=field)
    return next((row.value for row in rows if row.value is not None), None)
