"""Manifests of what is scaled by other numbers than its CPU, and of the adapter for them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import cast

from helpers.model import autoscaling, manifests
from helpers.model.aws import REGION
from helpers.model.manifests import IMAGES, LESSON_LABEL, Manifest

ADAPTER = "adapter"
QUEUE = "work"
RATE = "fib_requests_per_second"
LENGTH = "queue_length"
SQS_PORT = 5000
CUSTOM = "v1beta2.custom.metrics.k8s.io"
EXTERNAL = "v1beta1.external.metrics.k8s.io"
_TLS_PORT = 6443


def holding(
    heap: str, *, namespace: str, lesson: str, limits: dict[str, str | None], name: str = "fib"
) -> Manifest:
    """Build a Deployment of fib each of whose Pods holds so much memory."""
    args = (f"--heap={heap}",)
    return autoscaling.deployment(
        namespace=namespace, lesson=lesson, name=name, args=args, limits=limits
    )


def cpu(utilization: int) -> Manifest:
    """Build the metric of CPU, with a target in percent of what the Pods request."""
    target: Manifest = {"type": "Utilization", "averageUtilization": utilization}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def memory(average: str) -> Manifest:
    """Build the metric of memory, with a target in bytes a Pod."""
    return {"type": "Resource", "resource": {"name": "memory", "target": _average(average)}}


def of_pods(name: str, average: str) -> Manifest:
    """Build a custom metric: one that each Pod has, with a target a Pod."""
    return {"type": "Pods", "pods": {"metric": {"name": name}, "target": _average(average)}}


def external(name: str, labels: dict[str, str], average: str) -> Manifest:
    """Build an external metric: one of no object of Kubernetes, with a target a Pod."""
    metric: Manifest = {"name": name, "selector": {"matchLabels": labels}}
    return {"type": "External", "external": {"metric": metric, "target": _average(average)}}


def autoscaler(
    *,
    namespace: str,
    lesson: str,
    name: str,
    metrics: Sequence[Manifest],
    least: int = 1,
    most: int = 10,
    behavior: Manifest | None = None,
) -> Manifest:
    """Build an autoscaler of the Deployment of the same name, on any metrics."""
    made = autoscaling.autoscaler(
        namespace=namespace, lesson=lesson, name=name, least=least, most=most
    )
    spec = cast("Manifest", made["spec"])
    spec["metrics"] = list(metrics)
    if behavior:
        spec["behavior"] = behavior
    return made


def workers(*, namespace: str, lesson: str, name: str = "worker") -> Manifest:
    """Build a Deployment of Pods that stand for workers: they wait, and use next to no CPU."""
    limits: dict[str, str | None] = {"cpu": "100m", "memory": "32Mi"}
    return autoscaling.deployment(
        namespace=namespace, lesson=lesson, name=name, image="burn", limits=limits
    )


def paced_load(*, namespace: str, lesson: str, rate: float, seconds: float) -> Manifest:
    """Build the Job that asks fib so many times a second for a number that costs next to nothing.

    However many Pods there are, the requests are as many: so they can be shared.
    """
    made = autoscaling.load_job(namespace=namespace, lesson=lesson)
    spec = cast("Manifest", made["spec"])
    template = cast("Manifest", cast("Manifest", spec["template"])["spec"])
    (container,) = cast("list[Manifest]", template["containers"])
    container["command"] = ["tini", "--", "pace"]
    container["args"] = [f"--rate={rate:g}", f"--seconds={seconds:g}", "http://fib/10"]
    return made


def adapter(*, namespace: str, lesson: str, certificate: bytes) -> list[Manifest]:
    """Build all of the teaching adapter but its key: rights, Pod, Service, and two APIServices.

    `certificate` (PEM) is what the API server trusts when it passes questions on. The Pod's other
    container is SQS, played by moto.
    """
    at = {"namespace": namespace, "lesson": lesson}
    named = manifests.metadata(ADAPTER, namespace, lesson)
    rules: list[Manifest] = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]
    account: Manifest = {"kind": "ServiceAccount", "name": ADAPTER, "namespace": namespace}
    role: Manifest = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": ADAPTER}
    rbac = "rbac.authorization.k8s.io/v1"
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": named},
        {"apiVersion": rbac, "kind": "Role", "metadata": named, "rules": rules},
        {
            "apiVersion": rbac,
            "kind": "RoleBinding",
            "metadata": named,
            "roleRef": role,
            "subjects": [account],
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": manifests.metadata(ADAPTER, namespace, lesson, {"app": ADAPTER}),
            "spec": _pod(),
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": named,
            "spec": {
                "selector": {"app": ADAPTER},
                "ports": [{"port": 443, "targetPort": _TLS_PORT}],
            },
        },
        *(api_service(name, **at, certificate=certificate) for name in (CUSTOM, EXTERNAL)),
    ]


def api_service(name: str, *, namespace: str, lesson: str, certificate: bytes) -> Manifest:
    """Build the APIService that gives a version of a group to the adapter; it has no namespace."""
    version, _, group = name.partition(".")
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": name, "labels": {LESSON_LABEL: lesson}},
        "spec": {
            "group": group,
            "version": version,
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "service": {"name": ADAPTER, "namespace": namespace, "port": 443},
            "caBundle": base64.b64encode(certificate).decode(),
        },
    }


def secret(*, namespace: str, lesson: str, certificate: bytes, key: bytes) -> Manifest:
    """Build the Secret from which the adapter takes its certificate and key (PEM)."""
    held = {"tls.crt": certificate, "tls.key": key}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": manifests.metadata(ADAPTER, namespace, lesson),
        "type": "kubernetes.io/tls",
        "data": {name: base64.b64encode(text).decode() for name, text in held.items()},
    }


def reader(
    name: str, resource: str, group: str, *, user: str, namespace: str, lesson: str
) -> list[Manifest]:
    """Build the right of a user to read one metric, in this namespace only."""
    named = manifests.metadata(name, namespace, lesson)
    rbac = "rbac.authorization.k8s.io"
    rules: list[Manifest] = [
        {"apiGroups": [group], "resources": [resource], "verbs": ["get", "list"]}
    ]
    return [
        {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": named, "rules": rules},
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "RoleBinding",
            "metadata": named,
            "roleRef": {"apiGroup": rbac, "kind": "Role", "name": name},
            "subjects": [{"apiGroup": rbac, "kind": "User", "name": user}],
        },
    ]


def _average(value: str) -> Manifest:
    return {"type": "AverageValue", "averageValue": value}


def _pod() -> Manifest:
    def container(name: str, port: int) -> Manifest:
        return {
            "name": name,
            "image": f"{IMAGES}/{name}:1",
            "readinessProbe": {"periodSeconds": 1, **_probe(name, port)},
        }

    mount: Manifest = {"name": "tls", "mountPath": "/tls", "readOnly": True}
    return {
        "serviceAccountName": ADAPTER,
        "terminationGracePeriodSeconds": 1,
        "containers": [
            {
                **container(ADAPTER, _TLS_PORT),
                "args": [f"--region={REGION}"],
                "volumeMounts": [mount],
            },
            container("sqs", SQS_PORT),
        ],
        "volumes": [{"name": "tls", "secret": {"secretName": ADAPTER}}],
    }


def _probe(name: str, port: int) -> Manifest:
    if name == ADAPTER:
        return {"httpGet": {"path": "/healthz", "port": port, "scheme": "HTTPS"}}
    # SQS listens on the Pod's own loopback, where the kubelet cannot knock.
    knock = f"import socket; socket.create_connection(('127.0.0.1', {port}))"
    return {"exec": {"command": ["python3", "-c", knock]}, "timeoutSeconds": 5}
