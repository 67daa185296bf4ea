"""metrics-server: its hops, four faults, and what each fault does to the APIService.

Upstream: kube-aggregator v0.37 pkg/controllers/status/remote/remote_available_controller.go, sync
(the reasons of the condition Available); metrics-server v0.9.0 pkg/storage/pod.go; kubectl
pkg/metricsutil/metrics_printer.go (the columns of `kubectl top`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.model.periods import flags
from helpers.model.timeline import Timeline, Value

SERVER = "metrics-server"
SPACE = "kube-system"
API = "APIService/v1beta1.metrics.k8s.io"
SERVICE_PORT, PORT = 443, 10250
"""The Service's port, and the one on which the server listens: in the book's time both were 443."""

HOPS = ("cgroup", "cAdvisor", "kubelet", "metrics API", "kubectl top")
"""Whom one number passes, in its order; each is a field of the rows with source "kubelet"."""

PARTS = {
    "auth-reader.yaml": "RoleBinding/metrics-server-auth-reader",
    "auth-delegator.yaml": "ClusterRoleBinding/metrics-server:system:auth-delegator",
    "resource-reader.yaml": "ClusterRole/system:metrics-server",
    "metrics-server-deployment.yaml": "Deployment/metrics-server",
    "metrics-server-service.yaml": "Service/metrics-server",
    "metrics-apiservice.yaml": API,
}
"""The files that the book applies, and the object that each makes today."""

Manifest = dict[str, Any]


def _object(kind: str, api_version: str, spec: Manifest) -> Manifest:
    metadata = {"name": SERVER, "namespace": SPACE}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}


def wrong_port(port: int) -> Manifest:
    """Let the APIService look for the server on another port than its Service's."""
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": API.partition("/")[2]},
        "spec": {"service": {"name": SERVER, "namespace": SPACE, "port": port}},
    }


def wrong_selector(value: str) -> Manifest:
    """Let the Service look for pods with another label."""
    return _object("Service", "v1", {"selector": {"k8s-app": value}})


def no_replica() -> Manifest:
    """Scale the server to zero."""
    return _object("Deployment", "apps/v1", {"replicas": 0})


def certificates_checked(deployment: Mapping[str, Any]) -> Manifest:
    """Take --kubelet-insecure-tls away, and let the old pod go before the new one is ready."""
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    args = [arg for arg in container["args"] if arg != "--kubelet-insecure-tls"]
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}
    template = {"spec": {"containers": [{"name": container["name"], "args": args}]}}
    spec = {"replicas": 1, "strategy": strategy, "template": template}
    return _object("Deployment", "apps/v1", spec)


@dataclass(frozen=True)
class Fault:
    """One fault: when it was made and ended, and what followed (times in seconds)."""

    name: str
    sent: Manifest
    began: float
    ended: float

    @property
    def reason(self) -> str:
        """The reason that the APIService must give: the port is looked at first."""
        return "ServicePortError" if self.sent["kind"] == "APIService" else "MissingEndpoints"

    @property
    def available(self) -> int:
        """How many replicas the Deployment must have: a fault of the way to it leaves it alone."""
        return 0 if self.sent["kind"] == "Deployment" else 1


def faults(timeline: Timeline) -> list[Fault]:
    """Return the faults of a run that were made and ended.

    Rows: source "session", object "Fault/<name>", fields "begin" (the manifest sent) and "end".
    """
    found = []
    for row in timeline.where(source="session", field="begin"):
        end = timeline.last(source="session", object=row.object, field="end")
        if end is not None and isinstance(row.value, dict):
            name = row.object.removeprefix("Fault/")
            found.append(Fault(name, row.value, row.time, end.time))
    return found


def available(timeline: Timeline, fault: Fault) -> Value:
    """Return how many replicas of the server were available in the end of a fault, None if unread.

    Rows: source "session", object "Deployment/metrics-server", field "available".
    """
    rows = timeline.where(source="session", object=f"Deployment/{SERVER}", field="available")
    found = [row.value for row in rows if fault.began <= row.time <= fault.ended]
    return found[-1] if found else None


def seen_after(timeline: Timeline, share: float = 0.5) -> dict[str, float]:
    """Return, by hop, how many seconds after its start a container's number reached it.

    A hop has seen it when it tells at least `share` of the CPU limit. Rows: source "kubelet",
    object "Pod/burn", the hops as fields (cores); source "session", field "step" (cores).
    """
    step = timeline.last(source="session", field="step")
    found: dict[str, float] = {}
    if step is None or not isinstance(step.value, int | float):
        return found
    for hop in HOPS:
        for row in timeline.where(source="kubelet", field=hop):
            if isinstance(row.value, int | float) and row.value >= share * step.value:
                found[hop] = max(0.0, row.time - step.time)
                break
    return found


def resolution() -> float:
    """Return the workbook's period between two scrapes, in seconds (stock: 60 s)."""
    return float(flags(SERVER)["metric-resolution"].removesuffix("s"))


HOUSEKEEPING, JITTER = 10.0, 1.0
"""Seconds between two readings of a busy container by cAdvisor, and by how much of that a reading
is put off at random, at most.  Upstream: K pkg/kubelet/cadvisor/cadvisor_linux.go,
defaultHousekeepingInterval; cadvisor manager/container.go, jitterDefault."""
WINDOW, PAUSE = 1.0, 1.0
"""Seconds for which the cgroup is read, and between two questions to it, about."""


def at_most(hop: str) -> float:
    """Return within how many seconds a hop must have seen a step, on an idle machine.

    cAdvisor reads at the start and then at its interval, put off at random; the kubelet's page
    shows the same readings.  metrics-server needs two readings of a container that has used CPU,
    which the first may not tell yet, so the third at the latest; and it asks once a resolution.
    Upstream: metrics-server v0.9.0 pkg/storage/pod.go, Store (two points; the start counts as one
    only with a resolution above 10 s), pkg/scraper/client/resource/decode.go,
    checkContainerMetrics.
    """
    reading = HOUSEKEEPING * (1 + JITTER)
    near = {"cgroup": WINDOW + PAUSE, "cAdvisor": reading, "kubelet": reading}
    return near.get(hop, 2 * reading + resolution())
