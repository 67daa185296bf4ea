"""Claims about metrics-server (ledger: ch08-metrics-*).

Rows that they read: source "session", object "Fault/<name>", fields "begin" (the manifest sent)
and "end"; "Deployment/metrics-server", fields "available", "container" and "containerPort"; fields
"installed", "items", "allocatable" (millicores), "step" (cores) and "log"; source "exec", field
"top" ({good, said} of one `kubectl top`); source "kubelet", the hops as fields (cores); the watch
of the APIService; events "Unhealthy".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpers.claims.registry import Verdict, cannot_tell, claim
from helpers.model import metrics_server
from helpers.model.metrics_server import API, faults
from helpers.model.timeline import Timeline, Value

CONDITION = "status.conditions.Available"
MINUTE = 60.0


def _tops(timeline: Timeline, begin: float, end: float) -> list[Mapping[str, Value]]:
    rows = timeline.where(source="exec", field="top")
    return [r.value for r in rows if begin <= r.time <= end and isinstance(r.value, dict)]


def _condition(timeline: Timeline, field: str, at: float) -> Value:
    rows = timeline.where(source="watch", object=API, field=f"{CONDITION}.{field}")
    found = [row.value for row in rows if row.time <= at]
    return found[-1] if found else None


def _container(timeline: Timeline) -> Mapping[str, Value]:
    found = timeline.value(source="session", object="Deployment/metrics-server", field="container")
    return found if isinstance(found, dict) else {}


@claim("ch08-metrics-01")
def the_server_is_behind_the_metrics_api(timeline: Timeline) -> Verdict:
    """Check that with no replica of the server nobody answers for metrics.k8s.io, and else it is.

    Rows: a fault with 0 replicas, and `kubectl top` before, during and after it.
    """
    for fault in faults(timeline):
        spec = fault.sent["spec"]
        if spec.get("replicas") != 0:
            continue
        before = _tops(timeline, 0, fault.began)
        during = _tops(timeline, fault.began, fault.ended)
        after = _tops(timeline, fault.ended, float("inf"))
        if not (before and during and after):
            break
        seen = (before[-1]["good"], during[-1]["good"], after[-1]["good"])
        held = seen == (True, False, True)
        return Verdict(
            held,
            "metrics.k8s.io answers when metrics-server runs, and only then."
            if held
            else "metrics.k8s.io did not follow metrics-server.",
            "kubectl top works before, fails without the server, works after",
            f"{seen[0]}, {seen[1]}, {seen[2]}: {str(during[-1]['said']).strip()}",
        )
    return cannot_tell("fault with 0 replicas of metrics-server")


@claim("ch08-metrics-02")
def it_is_installed_by_a_plain_manifest(timeline: Timeline) -> Verdict:
    """Check that the server that was installed by kubectl is available, with kind's own flag.

    Rows: the Deployment's container and available replicas.
    """
    args, available = _container(timeline).get("args"), timeline.value(field="available")
    if not isinstance(args, list) or timeline.where(source="session", field="begin"):
        return cannot_tell("reading of the Deployment metrics-server")
    held = "--kubelet-insecure-tls" in args and bool(available)
    return Verdict(
        held,
        "A manifest and one flag more are enough on kind."
        if held
        else "The server is not as the manifest installs it.",
        "--kubelet-insecure-tls, 1 available",
        f"{' '.join(str(arg) for arg in args)}, {available} available",
    )


@claim("ch08-metrics-03")
def the_version_is_new_enough(timeline: Timeline) -> Verdict:
    """Check that the server's version is one made for this Kubernetes: 0.9 for 1.34 and later.

    Rows: the Deployment's container; meta "kubernetes".  Upstream: metrics-server's README.
    """
    image = str(_container(timeline).get("image") or "")
    found = re.search(r":v(\d+)\.(\d+)\.\d+$", image)
    cluster = re.match(r"v1\.(\d+)\.", str(timeline.meta.get("kubernetes")))
    if found is None or cluster is None:
        return cannot_tell("reading of the server's image")
    version, wanted = (int(found[1]), int(found[2])), (0, 9) if int(cluster[1]) >= 34 else (0, 6)
    held = version >= wanted
    return Verdict(
        held,
        "The server's version fits the cluster's." if held else "The server is too old for it.",
        f"v{wanted[0]}.{wanted[1]} or newer for Kubernetes {timeline.meta.get('kubernetes')}",
        image.rpartition("/")[2],
    )


@claim("ch08-metrics-04")
def its_six_parts_are_there(timeline: Timeline) -> Verdict:
    """Check that each of the book's six files has its object, and the aggregated API answers.

    Rows: "installed" ({file: found}) of each object, and the items of the NodeMetricsList.
    """
    rows = timeline.where(source="session", field="installed")
    items = timeline.value(object="NodeMetricsList", field="items")
    if not rows:
        return cannot_tell("look at the parts of an installation")
    told: dict[str, Value] = {}
    for row in rows:
        told |= row.value if isinstance(row.value, dict) else {}
    there = [file for file in metrics_server.PARTS if told.get(file) is True]
    held = len(there) == len(metrics_server.PARTS) and bool(items)
    return Verdict(
        held,
        "All six parts are there, and the API behind them answers."
        if held
        else "The installation is not whole.",
        f"{len(metrics_server.PARTS)} parts, metrics of at least one node",
        f"{len(there)} parts, metrics of {items} nodes",
    )


@claim("ch08-metrics-05")
def kubectl_top_shows_usage_within_a_minute(timeline: Timeline) -> Verdict:
    """Check that `kubectl top` shows a new pod within a minute, and percents of allocatable.

    Rows: the step and the hops; "allocatable" of the nodes, and the words of `kubectl top nodes`.
    Upstream: kubectl pkg/metricsutil/metrics_printer.go, printSingleResourceUsage (truncated).
    """
    late = metrics_server.seen_after(timeline).get("kubectl top")
    step = timeline.last(source="session", field="step")
    top = timeline.last(source="exec", object="kubectl/top nodes", field="top")
    if step is None or top is None or not isinstance(top.value, dict):
        return cannot_tell("step that kubectl top could show")
    lines = re.findall(r"^(\S+)\s+(\d+)m\s+(\d+)%", str(top.value["said"]), re.MULTILINE)
    wrong = []
    for node, used, percent in lines:
        can = timeline.value(object=f"Node/{node}", field="allocatable")
        if not isinstance(can, int) or int(percent) != 100 * int(used) // can:
            wrong.append(f"{node} {used}m {percent}% of {can}m")
    held = late is not None and late <= MINUTE and bool(lines) and not wrong
    return Verdict(
        held,
        "kubectl top shows it within a minute, in percent of what the node can allocate."
        if held
        else "kubectl top did not show it as it should.",
        f"within {MINUTE:.0f} s; CPU% = CPU / allocatable, cut to a whole number",
        f"after {late or float('inf'):.0f} s; {len(lines) - len(wrong)} of {len(lines)} nodes right"
        + (f", not {wrong[0]}" if wrong else ""),
    )


@claim("ch08-metrics-06")
def the_deployment_tells_whether_the_server_runs(timeline: Timeline) -> Verdict:
    """Check step 1: available replicas tell a broken server, and nothing of a broken way to it.

    Rows: all faults, and the available replicas at their end.
    """
    made = faults(timeline)
    if not {0, 1} <= {fault.available for fault in made}:
        return cannot_tell("pair of faults, one of the server and one of the way to it")
    wrong = [f.name for f in made if metrics_server.available(timeline, f) != f.available]
    return Verdict(
        not wrong,
        "The Deployment shows a broken server, and hides a broken way to it."
        if not wrong
        else f"The Deployment shows another number: {', '.join(wrong)}.",
        ", ".join(f"{f.name} {f.available}" for f in made),
        ", ".join(f"{f.name} {metrics_server.available(timeline, f)}" for f in made),
    )


@claim("ch08-metrics-07")
def probe_and_log_name_the_certificate(timeline: Timeline) -> Verdict:
    """Check step 2: without --kubelet-insecure-tls the probe fails with 500, the log says x509.

    Rows: a fault whose args check certificates, "log" of a Pod, events "Unhealthy".
    """
    fault = next((f for f in faults(timeline) if "template" in f.sent["spec"]), None)
    if fault is None:
        return cannot_tell("fault in which certificates are checked")

    def said(source: str, field: str) -> str:
        rows = timeline.where(source=source, field=field)
        return " ".join(str(r.value) for r in rows if fault.began <= r.time <= fault.ended)

    log, probe = said("session", "log"), said("event", "Unhealthy")
    held = "x509" in log and "500" in probe
    short = re.search(r"x509: [^\"\\]{0,70}", log)
    return Verdict(
        held,
        "Event and log name the fault." if held else "Event and log do not name the fault.",
        "a readiness probe with status 500, and x509 in the log",
        f"{'500' if '500' in probe else 'no 500'} in the event; "
        f"{short[0] if short else 'no x509 in the log'}",
    )


@claim("ch08-metrics-08")
def the_apiservice_gives_the_reason(timeline: Timeline) -> Verdict:
    """Check step 3: in each fault the APIService is not Available, for the reason of the rule.

    Rows: all faults, and the watch of the APIService; it must be available again in the end.
    """
    made = faults(timeline)
    end = _condition(timeline, "status", float("inf"))
    if not made or end is None:
        return cannot_tell("fault beside a watched APIService")
    seen = {
        f.name: (
            _condition(timeline, "status", f.ended), _condition(timeline, "reason", f.ended)
        )
        for f in made
    }  # fmt: skip
    held = all(seen[f.name] == ("False", f.reason) for f in made) and end == "True"
    return Verdict(
        held,
        "The APIService tells why nobody answers, and recovers."
        if held
        else "The APIService tells something else.",
        "; ".join(f"{f.name}: {f.reason}" for f in made) + "; in the end True",
        "; ".join(f"{name}: {reason}" for name, (_, reason) in seen.items())
        + f"; in the end {end}",
    )


@claim("ch08-metrics-09")
def two_ports_are_to_be_told_apart(timeline: Timeline) -> Verdict:
    """Check step 4: the server listens on 10250, its Service on 443, and one is not the other.

    Rows: "containerPort" of the Deployment, a fault that sets another port in the APIService.
    """
    listens = timeline.value(source="session", field="containerPort")
    for fault in faults(timeline):
        if fault.sent["kind"] != "APIService":
            continue
        port = fault.sent["spec"]["service"]["port"]
        reason = _condition(timeline, "reason", fault.ended)
        during = _tops(timeline, fault.began, fault.ended)
        works = bool(during and during[-1]["good"])
        held = reason == fault.reason and not works and listens == metrics_server.PORT
        said = str(_condition(timeline, "message", fault.ended))
        return Verdict(
            held,
            f"The pod listens on {listens}; its Service does not on {port}."
            if held
            else "The ports are not as they should be.",
            f"pod on {metrics_server.PORT}; {fault.reason}, and kubectl top fails",
            f"pod on {listens}; {reason}, kubectl top {'works' if works else 'fails'}: {said}",
        )
    return cannot_tell("fault with a wrong port")
