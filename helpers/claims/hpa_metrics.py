"""Claims about autoscaling on memory and on one's own metrics (ch08-hpamem-*, ch08-hpacustom-*).

Rows that several claims read:

- *what was sent*: source "session", field "manifest", of autoscalers and Deployments;
- *the rounds*: what `helpers.model.hpa_metrics` reads, and its twin of the controller.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from helpers.claims.registry import Verdict, cannot_tell, claim
from helpers.model import hpa, hpa_metrics, hpa_told
from helpers.model.hpa_conditions import HPA, part, sent
from helpers.model.hpa_metrics import Metric, Round, milli
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value
from helpers.model.trials import trials

GROUPS = ("custom.metrics.k8s.io", "external.metrics.k8s.io")
FALLS = 0.9
"""A share of the first average; memory that stays above it has not fallen."""
IDLE = 30
"""Percent of the request that Pods stay below which have nothing to do, their start included."""


@claim("ch08-hpamem-01")
def percentage_or_quantity(timeline: Timeline) -> Verdict:
    """Check that a percentage and a quantity are told, as the metrics API's readings give them.

    Rows: what was sent; the rounds; source "metrics", field "cpu" of the Pods.  Looks at the last
    number of either kind that an autoscaler with both told anew while what was served around it
    is known; held if the rule makes that number of one of the readings.
    """
    for name, manifest in sent(timeline, HPA).items():
        metrics = hpa_metrics.metrics(manifest)
        percent = next((m for m in metrics if m.percent is not None), None)
        average = next((m for m in metrics if m.name == "memory" and m.average), None)
        if percent is None or average is None:
            continue
        pair = [hpa_told.told(timeline, name, metric)[-1:] for metric in (percent, average)]
        if not all(pair):
            continue
        (cpu,), (memory,) = pair
        held = cpu.agrees and memory.agrees
        return Verdict(
            held,
            "CPU is told as a percentage, memory as a quantity; both come from the metrics API."
            if held
            else "What it tells is not what the metrics API served.",
            f"{_any(cpu.rule)} %, {_any(memory.rule, 1000)} bytes",
            f"{cpu.told} %, {memory.told // 1000} bytes",
        )
    return cannot_tell("autoscaler that told a percentage and a quantity")


@claim("ch08-hpamem-02")
def average_of_bytes(timeline: Timeline) -> Verdict:
    """Check the first step on an average of bytes, and that the average stays where it was.

    Rows: what was sent; the rounds; source "watch", the autoscaler's stored "averageValue".  Held
    if the stored target is the one that was sent, the first step is ⌈replicas × average ÷ target⌉
    within its bounds, and more Pods hold as much each as one did.
    """
    for name, manifest in sent(timeline, HPA).items():
        metric = next((m for m in hpa_metrics.metrics(manifest) if m.name == "memory"), None)
        if metric is None or metric.average is None:
            continue
        rounds = [r for r in hpa_metrics.rounds(timeline, name) if r.told[metric.number]]
        grown = next((r for r in rounds if r.desired > r.current), None)
        if grown is None or rounds[-1].current < grown.desired:
            continue
        begun, ended = (r.told[metric.number] or 0 for r in (grown, rounds[-1]))
        most = part(manifest, "spec").get("maxReplicas")
        wanted = min(
            math.ceil(grown.current * begun / metric.average),
            max(2 * grown.current, 4),
            most if isinstance(most, int) else grown.desired,
        )
        stored = _stored(timeline, name, metric)
        kept = stored is not None and milli(stored) == metric.average
        held = kept and grown.desired == wanted and ended >= FALLS * begun
        target = metric.average // 1000
        return Verdict(
            held,
            "It asks for ⌈replicas × average ÷ target⌉; with more Pods each still holds as much."
            if held
            else "It asked for another number, or the memory of each fell, or the target is not "
            "what was sent.",
            f"{target:,} bytes as the target; {wanted} = ⌈{grown.current} × {begun / 1e9:.1f} MB ÷ "
            f"{target / 1e6:g} MB⌉; no less than {FALLS * begun / 1e9:.1f} MB each afterwards",
            f"{stored}; {grown.desired}; {ended / 1e9:.1f} MB each for {rounds[-1].current} Pods",
        )
    return cannot_tell("autoscaler on memory that added Pods and measured them")


@claim("ch08-hpacustom-01")
def adapters_serve_groups(timeline: Timeline) -> Verdict:
    """Check that the two groups are there only with an adapter, and then name its metrics.

    Rows: source "metrics", object "API/<group>", field "served": names, or None for no such group.
    """
    first: dict[str, Value] = {}
    last: dict[str, Value] = {}
    for row in timeline.where(source="metrics", field="served"):
        first.setdefault(row.object, row.value)
        last[row.object] = row.value
    objects = [f"API/{group}" for group in GROUPS]
    rows = timeline.where(source="metrics", field="served")
    if any(sum(row.object == object for row in rows) < 2 for object in objects):
        return cannot_tell("look at both groups before and after the adapter came")
    names = {object: last[object] or [] for object in objects}
    held = all(first[object] is None and names[object] for object in objects)
    return Verdict(
        held,
        "Without an adapter nobody serves these groups; with it they name its metrics."
        if held
        else "A group was there without an adapter, or is not there with it.",
        "neither group at first; then a metric in each",
        "; ".join(
            f"{object.removeprefix('API/')}: "
            f"{'nobody' if first[object] is None else 'somebody'}, then {_listed(names[object])}"
            for object in objects
        ),
    )


@claim("ch08-hpacustom-02")
def custom_metrics_belong_to_pods(timeline: Timeline) -> Verdict:
    """Check that a custom metric has a value for each Pod, and replicas follow from their sum.

    Rows: what was sent; the rounds; source "metrics", the fields called like the metric.  Held if
    its values are those of Pods, the twin makes every change the same way, and in the end each Pod
    has no more than the target and a tenth, less than one alone had.
    """
    found = _scaled_by(timeline, "Pods")
    if found is None:
        return cannot_tell("autoscaler that added Pods by a custom metric")
    _, metric, rounds = found
    values = timeline.where(source="metrics", field=metric.name)
    grown = [r for r in rounds if r.desired > r.current]
    told = [r.told[metric.number] or 0 for r in rounds if r.told[metric.number] is not None]
    owners = {row.object.partition("/")[0] for row in values}
    ended, begun = told[-1], max(told)
    right = [r for r in rounds if r.changed and r.agrees]
    changed = [r for r in rounds if r.changed]
    shared = ended <= (1 + hpa.TOLERANCE) * metric.target and ended < begun
    held = owners == {"Pod"} and len(right) == len(changed) and shared
    return Verdict(
        held,
        "Each Pod has its own value; Pods are added until each has its share."
        if held
        else "The values are not those of Pods, or the replicas do not follow from them.",
        f"values of Pods; {', '.join(f'{r.current} → {r.predicted}' for r in grown)}; at most "
        f"{(1 + hpa.TOLERANCE) * metric.target / 1000:.1f} each",
        f"values of {_listed(sorted(owners))}; "
        f"{', '.join(f'{r.current} → {r.desired}' for r in grown)}; {ended / 1000:.1f} each, "
        f"{begun / 1000:.1f} at first",
    )


@claim("ch08-hpacustom-03")
def external_metrics_are_of_no_object(timeline: Timeline) -> Verdict:
    """Check that workers follow a queue's length, from none to enough and back, and CPU does not.

    Rows: what was sent; the rounds; source "metrics", object "External/<metric>" and the field
    "cpu" of the workers; source "session", field "trial".  Held if the twin makes every change the
    same way, the most workers are ⌈messages ÷ target⌉ within bounds and tolerance, none are left
    for an empty queue where that is allowed, the workers' CPU stays idle, and the server refuses
    minReplicas: 0 to an autoscaler on CPU alone.
    """
    found = _scaled_by(timeline, "External")
    refused = [
        trial
        for trial in trials(timeline)
        if trial.sent.get("kind") == HPA and part(trial.sent, "spec").get("minReplicas") == 0
    ]
    if found is None or not refused:
        return cannot_tell("autoscaler that followed an external metric, and one asked to be at 0")
    name, metric, rounds = found
    rows = timeline.where(source="metrics", object=f"External/{metric.name}")
    lengths = [milli(row.value) for row in rows if row.value is not None]
    if not lengths:
        return cannot_tell("length of the queue")
    spec = part(sent(timeline, HPA)[name], "spec")
    least, most = spec.get("minReplicas"), spec.get("maxReplicas")
    assert isinstance(least, int)
    assert isinstance(most, int)
    after = [r for r in rounds if r.asks[metric.number] not in (None, 0)]
    peak = max((r.desired for r in after), default=0)
    # Within the tolerance a peak stays what it is, one that the policies made on the way too.
    tolerances = hpa_metrics.tolerances(spec)
    asked = hpa_metrics.external(peak, metric.target, max(lengths), tolerances=tolerances)
    wanted = min(asked, most)
    exact = wanted == min(math.ceil(max(lengths) / metric.target), most)
    busy = _most_cpu(timeline, name)
    wrong = [r for r in rounds if r.changed and not r.agrees]
    no = all(trial.stored is None for trial in refused)
    held = not wrong and peak == wanted and rounds[-1].desired == least and busy < IDLE and no
    return Verdict(
        held,
        "The workers follow the queue, which is no object here; their CPU would have told nothing."
        if held
        else "The workers do not follow the queue, or their CPU tells of it too.",
        f"{wanted} {'=' if exact else 'within the tolerance of'} ⌈{max(lengths) // 1000} ÷ "
        f"{metric.target / 1000:g}⌉ at most, {least} in the end; less than {IDLE} % of "
        "CPU; 0 refused to one on CPU alone",
        f"{peak} at most, {rounds[-1].desired} in the end; {busy} % of CPU; "
        f"{'refused' if no else 'accepted'}",
    )


@claim("ch08-hpacustom-04")
def rights_know_namespaces_not_queues(timeline: Timeline) -> Verdict:
    """Check that a right to a custom metric ends with its namespace, and one to a queue does not.

    Rows: source "session", field "may" ({group, resource, namespace, allowed}); source "metrics",
    objects "Queue/<name>", field "read in" ({namespace, length}).  Held if both rights hold here
    only, and whoever may read the external metric in a namespace is given any queue there.
    """
    may = {
        (str(row.value.get("group")), str(row.value.get("namespace"))): row.value.get("allowed")
        for row in timeline.where(source="session", field="may")
        if isinstance(row.value, Mapping)
    }
    read: dict[str, dict[str, Value]] = {}
    for row in timeline.where(source="metrics", field="read in"):
        if isinstance(row.value, Mapping):
            where = read.setdefault(row.object.removeprefix("Queue/"), {})
            where[str(row.value.get("namespace"))] = row.value.get("length")
    if len(may) < 4 or len(read) < 2:
        return cannot_tell("rights of a user, and two queues that were read")
    elsewhere = next(where for _, where in may if where != "here")
    rights = all(may[group, "here"] and not may[group, elsewhere] for group in GROUPS)
    lengths = [seen.get("here") for seen in read.values()]
    any_queue = None not in lengths and len(set(lengths)) == len(lengths)
    same = all(seen.get("here") == seen.get(elsewhere) for seen in read.values())
    held = rights and any_queue and same
    return Verdict(
        held,
        "A right ends with its namespace, and a Pod is in one; a queue is in none, and the right "
        "to one is the right to all."
        if held
        else "The rights reach further, or less far.",
        f"both metrics here, neither in {elsewhere}; every queue, the same from both",
        "; ".join(
            f"{group.partition('.')[0]}: {'yes' if may[group, 'here'] else 'no'} here, "
            f"{'yes' if may[group, elsewhere] else 'no'} in {elsewhere}"
            for group in GROUPS
        )
        + "; "
        + "; ".join(
            f"{queue}: {seen.get('here')} here, {seen.get(elsewhere)} in {elsewhere}"
            for queue, seen in read.items()
        ),
    )


def _scaled_by(timeline: Timeline, kind: str) -> tuple[str, Metric, list[Round]] | None:
    """Return the autoscaler whose only metric is of a kind, if it added Pods by it."""
    for name, manifest in sent(timeline, HPA).items():
        metrics = hpa_metrics.metrics(manifest)
        if [metric.kind for metric in metrics] != [kind]:
            continue
        rounds = hpa_metrics.rounds(timeline, name)
        if any(round.desired > round.current for round in rounds):
            return name, metrics[0], rounds
    return None


def _any(rule: Sequence[int], parts: int = 1) -> str:
    return " or ".join(str(number // parts) for number in rule) or "nothing"


def _stored(timeline: Timeline, name: str, metric: Metric) -> Value:
    for key in (metric.number, metric.kind):
        field = f"spec.metrics.{key}.resource.target.averageValue"
        value = timeline.value(source="watch", object=f"{HPA}/{name}", field=field)
        if value is not None:
            return value
    return None


def _most_cpu(timeline: Timeline, app: str) -> int:
    """Return the most CPU that a Pod of an app used, in percent of its request."""
    most = 0
    for row in timeline.where(source="metrics", field="cpu"):
        label = timeline.value(source="watch", object=row.object, field="metadata.labels.app")
        if label != app or not isinstance(row.value, Mapping):
            continue
        field = f"spec.containers.{app}.resources.requests.cpu"
        asked = timeline.value(source="watch", object=row.object, field=field)
        if asked is not None:
            used = Quantity.parse(str(row.value["cpu"])).millicores
            most = max(most, 100 * used // max(Quantity.parse(str(asked)).millicores, 1))
    return most


def _listed(value: Value) -> str:
    words = value if isinstance(value, list) else [value]
    return ", ".join(str(word) for word in words) or "nothing"
