"""What a kubelet measures of a container: its own cAdvisor, read through the API server.

The numbers come from the container's cgroup. cAdvisor refreshes them every 10 to 15 s, so read
`cpu.stat` inside the container where a moment counts.
"""

from __future__ import annotations

import re

from helpers.kube.errors import NotFound
from helpers.kube.session import Session
from helpers.model.quantity import Quantity
from helpers.model.timeline import Value

# cAdvisor's name (github.com/google/cadvisor/metrics/prometheus.go) and ours, with its unit.
_FIELDS = {
    "container_cpu_cfs_periods_total": "periods",
    "container_cpu_cfs_throttled_periods_total": "throttled",
    "container_cpu_cfs_throttled_seconds_total": "throttled_seconds",
    "container_cpu_usage_seconds_total": "cpu_seconds",
    "container_memory_usage_bytes": "usage_bytes",
    "container_memory_working_set_bytes": "working_set_bytes",
    "container_memory_rss": "rss_bytes",
}
_LINE = re.compile(r"^(\w+)\{(.*)\} (\S+)(?: (\d+))?$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def parse(text: str, namespace: str, pod: str, container: str) -> dict[str, Value]:
    """Return one container's numbers out of cAdvisor's text.

    periods and throttled count CFS periods since the container began, throttled_seconds and
    cpu_seconds are totals in seconds, usage_bytes, working_set_bytes and rss_bytes are the moment's
    memory, and time is when cAdvisor measured (seconds since the epoch). A container without a
    CPU limit has no periods. Empty if cAdvisor does not know the container (yet).
    """
    found: dict[str, Value] = {}
    wanted = {"namespace": namespace, "pod": pod, "container": container}
    for line in text.splitlines():
        if f'pod="{pod}"' not in line:
            continue
        match = _LINE.match(line)
        if match is None or match[1] not in _FIELDS:
            continue
        labels = dict(_LABEL.findall(match[2]))
        if any(labels.get(name) != value for name, value in wanted.items()):
            continue
        found[_FIELDS[match[1]]] = float(match[3])
        if match[4]:
            found["time"] = int(match[4]) / 1000
    return found


def container(session: Session, pod: str, container: str) -> dict[str, Value]:
    """Read one container's numbers from the kubelet of its node; `parse` says which.

    Raises NotFound while there is no such Pod on a node, and ClusterGone.
    """
    found = session.get("Pod", pod)
    node = ((found or {}).get("spec") or {}).get("nodeName")
    if not node:
        message = f"Pod {pod!r} is on no node"
        raise NotFound("spec.nodeName", message, "NotFound", 404, object=f"Pod/{pod}")
    path = session.api.kind("Node").path("", str(node), "proxy/metrics/cadvisor")
    text = session.api.text(path, what=f"Node/{node}")
    return parse(text, session.namespace, pod, container)


def pod_usage(session: Session) -> dict[str, Value]:
    """Read what the metrics API serves of the namespace's Pods, "Pod/<name>": CPU and memory.

    A value is {"timestamp", "window", "cpu", "memory"}: the end of the window (whole seconds), its
    length, and the Pod's CPU and its memory in bytes as quantities, as the autoscaler adds them up
    over containers.
    Rule: k8s.io/metrics v1beta1 PodMetrics; K podautoscaler/metrics/client.go, getPodMetrics.
    Raises Refused, ClusterGone.
    """
    path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{session.namespace}/pods"
    answer, _ = session.api.call("GET", path, what="metrics.k8s.io")
    found: dict[str, Value] = {}
    for item in answer.get("items") or []:
        used = [container["usage"] for container in item["containers"]]
        if not used or any("cpu" not in usage or "memory" not in usage for usage in used):
            continue
        milli = sum(Quantity.parse(usage["cpu"]).millicores for usage in used)
        found[f"Pod/{item['metadata']['name']}"] = {
            "timestamp": item["timestamp"],
            "window": item["window"],
            "cpu": f"{milli}m",
            "memory": str(sum(Quantity.parse(usage["memory"]).bytes for usage in used)),
        }
    return found


def custom(session: Session, metric: str, labels: str) -> dict[str, Value]:
    """Read a custom metric of the namespace's Pods that carry these labels ("app=fib").

    The values are quantities, by "Pod/<name>". Rule: k8s.io/metrics custom_metrics/v1beta2,
    MetricValueList. Raises Refused (also while nobody serves the group), ClusterGone.
    """
    path = f"/apis/custom.metrics.k8s.io/v1beta2/namespaces/{session.namespace}/pods/*/{metric}"
    answer, _ = session.api.call("GET", path, query={"labelSelector": labels}, what=metric)
    items = answer.get("items") or []
    return {f"Pod/{item['describedObject']['name']}": item["value"] for item in items}


def external(
    session: Session, metric: str, labels: str, namespace: str | None = None
) -> dict[str, Value]:
    """Read an external metric with these labels ("queue=work"): {"External/<metric>": quantity}.

    It is asked for in the session's namespace, or in the one given. Rule: k8s.io/metrics
    external_metrics/v1beta1. Raises Refused (also while nobody serves the group), ClusterGone.
    """
    where = namespace or session.namespace
    path = f"/apis/external.metrics.k8s.io/v1beta1/namespaces/{where}/{metric}"
    answer, _ = session.api.call("GET", path, query={"labelSelector": labels}, what=metric)
    return {f"External/{metric}": item["value"] for item in answer.get("items") or []}
