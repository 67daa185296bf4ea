"""What the cards about metrics-server ask the cluster: kubectl top, and the server's own state."""

from __future__ import annotations

import json
import re
from time import time
from typing import Any

from helpers.engine.engine import Engine, EngineError
from helpers.kube import guard
from helpers.kube.errors import KubeError, Refused
from helpers.lesson.experiment import Bench
from helpers.model import metrics_server
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Value

KUBECTL = ("kubectl", "--kubeconfig=/etc/kubernetes/admin.conf", "--request-timeout=5s")
SERVER_PATH = "/apis/apps/v1/namespaces/kube-system/deployments/metrics-server"
PODS_PATH = "/api/v1/namespaces/kube-system/pods"


def kubectl_top(*arguments: str) -> tuple[bool, str]:
    """Run `kubectl top` on the control plane; return whether it succeeded, and what it said."""
    node = f"{guard.CLUSTER}-control-plane"
    try:
        return True, Engine.find().ask("exec", node, *KUBECTL, "top", *arguments)
    except EngineError as error:
        return False, str(error).split(": ", 1)[-1]


def note_top(bench: Bench, *arguments: str) -> bool:
    """Run `kubectl top`, note it, and tell whether it succeeded."""
    good, said = kubectl_top(*arguments)
    value: dict[str, Value] = {"good": good, "said": said}
    bench.timeline.append(Row(time(), "exec", f"kubectl/top {arguments[0]}", "top", value))
    return good


def deployment(bench: Bench) -> dict[str, Any]:
    """Return the Deployment of metrics-server, and note how many replicas are available."""
    found = bench.session.api.call("GET", SERVER_PATH)[0]
    available = (found.get("status") or {}).get("availableReplicas", 0)
    (container,) = found["spec"]["template"]["spec"]["containers"]
    port = container["ports"][0]["containerPort"]
    for field, value in (("available", available), ("containerPort", port)):
        bench.timeline.append(Row(time(), "session", "Deployment/metrics-server", field, value))
    return found


def note_log(bench: Bench) -> None:
    """Note the newest error line of each pod of the server, and the events about its probes."""
    query = {"labelSelector": "k8s-app=metrics-server"}
    for pod in bench.session.api.call("GET", PODS_PATH, query=query)[0]["items"]:
        name = pod["metadata"]["name"]
        try:
            text = bench.session.api.text(f"{PODS_PATH}/{name}/log", {"tailLines": 30})
        except KubeError:
            continue  # its container is only starting
        errors = [line for line in text.splitlines() if line.startswith("E")]
        if errors:
            bench.timeline.append(Row(time(), "session", f"Pod/{name}", "log", errors[-1][:400]))
        about = {"fieldSelector": f"involvedObject.name={name},reason=Unhealthy"}
        events = bench.session.api.call("GET", PODS_PATH.replace("pods", "events"), query=about)[0]
        for event in events["items"][-1:]:
            bench.timeline.append(
                Row(time(), "event", f"Pod/{name}", "Unhealthy", event["message"])
            )


def note_parts(bench: Bench) -> None:
    """Note which of the objects that make up an installation are there, and what runs."""
    api = bench.session.api
    for file, what in metrics_server.PARTS.items():
        kind, name = what.split("/", 1)
        try:
            api.call("GET", api.kind(kind).path("kube-system", name))
            found = True
        except Refused:
            found = False
        bench.timeline.append(Row(time(), "session", what, "installed", {file: found}))
    (container,) = deployment(bench)["spec"]["template"]["spec"]["containers"]
    server: dict[str, Value] = {"image": container["image"], "args": container["args"]}
    bench.timeline.append(Row(time(), "session", "Deployment/metrics-server", "container", server))
    raw = api.call("GET", "/apis/metrics.k8s.io/v1beta1/nodes")[0]
    bench.timeline.append(Row(time(), "session", "NodeMetricsList", "items", len(raw["items"])))
    for node in api.call("GET", "/api/v1/nodes")[0]["items"]:
        cpu = Quantity.parse(node["status"]["allocatable"]["cpu"]).millicores
        name = node["metadata"]["name"]
        bench.timeline.append(Row(time(), "session", f"Node/{name}", "allocatable", int(cpu)))


def hop(bench: Bench, which: str, node: str, started: float) -> float | None:
    """Return the cores that a hop tells of the container burn, None where it knows nothing."""
    api, space = bench.session.api, bench.session.namespace
    proxy = api.kind("Node").path("", node, "proxy")
    if which == "cgroup":
        said = bench.session.exec("burn", ["burn", "stat", "--seconds", "1"], deadline=10)
        seen = json.loads(said)
        bench.timeline.meta["cgroup"] = seen["cgroup"]
        return float(seen["cpu_seconds"]) / float(seen["seconds"])
    if which == "cAdvisor":
        return _mean(api.text(f"{proxy}/metrics/cadvisor"), space, started)
    if which == "kubelet":
        return _mean(api.text(f"{proxy}/metrics/resource"), space, started)
    if which == "metrics API":
        path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{space}/pods/burn"
        try:
            (container,) = api.call("GET", path)[0]["containers"]
        except Refused:
            return None  # it has not heard of the pod yet
        return float(Quantity.parse(container["usage"]["cpu"]).cores)
    good, said = kubectl_top("pod", "burn", f"--namespace={space}")
    match = re.search(r"^burn\s+(\d+)m", said, re.MULTILINE)
    return int(match[1]) / 1000 if good and match else None


_LINE = re.compile(r"^container_cpu_usage_seconds_total\{(.*)\} (\S+) (\d+)$", re.MULTILINE)


def _mean(text: str, namespace: str, started: float) -> float | None:
    """Return the mean cores since the start, as the counter and its own time say."""
    for labels, seconds, at in _LINE.findall(text):
        if f'namespace="{namespace}"' in labels and 'container="burn"' in labels:
            elapsed = int(at) / 1000 - started
            return float(seconds) / elapsed if elapsed > 0.5 else None
    return None
