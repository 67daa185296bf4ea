"""Manifests of what is scaled, what scales it, and the load on it."""

from __future__ import annotations

from typing import cast

from helpers.model import manifests
from helpers.model.manifests import LESSON_LABEL, Manifest

PORT = 9292
IDLE_PERCENT = 15
"""Percent of its request that an idle Pod stays below; one that has just started uses some."""


def deployment(
    *,
    namespace: str,
    lesson: str,
    name: str = "fib",
    app: str | None = None,
    image: str = "fib",
    args: tuple[str, ...] = (),
    requests: dict[str, str | None] | None = None,
    limits: dict[str, str | None] | None = None,
) -> Manifest:
    """Build a Deployment without `replicas`, so that only the autoscaler says how many there are.

    `app` is the label by which it chooses its Pods; it is the name if none is given.
    """
    pod = manifests.pod(
        name=name,
        namespace=namespace,
        lesson=lesson,
        image=image,
        args=args,
        requests=requests,
        limits=limits,
    )
    spec = cast("Manifest", pod["spec"])
    if image == "fib":
        (container,) = cast("list[Manifest]", spec["containers"])
        container["ports"] = [{"containerPort": PORT}]
        # Without it a Pod counts as ready before fib listens, and ab gives up at the refusal.
        container["readinessProbe"] = {"tcpSocket": {"port": PORT}, "periodSeconds": 1}
    chosen = {"app": app or name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": manifests.metadata(name, namespace, lesson, chosen),
        "spec": {
            "selector": {"matchLabels": chosen},
            "template": {"metadata": {"labels": {**chosen, LESSON_LABEL: lesson}}, "spec": spec},
        },
    }


def service(*, namespace: str, lesson: str, name: str = "fib") -> Manifest:
    """Build the Service in front of the Deployment of the same name."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": manifests.metadata(name, namespace, lesson, {"app": name}),
        "spec": {
            "selector": {"app": name},
            "ports": [{"protocol": "TCP", "port": 80, "targetPort": PORT}],
        },
    }


def autoscaler(
    *,
    namespace: str,
    lesson: str,
    name: str = "fib",
    target: str | None = None,
    target_api: str = "apps/v1",
    least: int = 1,
    most: int = 10,
    utilization: int = 60,
) -> Manifest:
    """Build an autoscaler on CPU; `utilization` is the target in percent of what Pods request.

    `target` is the Deployment's name, that of the autoscaler if none is given.
    """
    cpu: Manifest = {
        "name": "cpu",
        "target": {"type": "Utilization", "averageUtilization": utilization},
    }
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": manifests.metadata(name, namespace, lesson),
        "spec": {
            "minReplicas": least,
            "maxReplicas": most,
            "scaleTargetRef": {
                "apiVersion": target_api,
                "kind": "Deployment",
                "name": target or name,
            },
            "metrics": [{"type": "Resource", "resource": cpu}],
        },
    }


def load_job(
    *,
    namespace: str,
    lesson: str,
    requests: int = 1000,
    concurrency: int = 4,
    deadline: float | None = None,
) -> Manifest:
    """Build the Job that asks fib for the 30th Fibonacci number, `concurrency` times at once.

    It ends after `requests` answers, or after `deadline` seconds if that comes first.  The labels
    are the Job's alone: with app: fib on its Pods, Service and autoscaler would take them in.
    """
    args = [f"--requests={requests}", f"--concurrency={concurrency}"]
    if deadline is not None:
        args.append(f"--deadline={deadline:g}")
    pod = manifests.pod(
        name="fib-load",
        namespace=namespace,
        lesson=lesson,
        image="load",
        args=[*args, "http://fib/30"],
        restart_policy="OnFailure",
    )
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": manifests.metadata(
            "fib-load", namespace, lesson, {"app": "fib", "component": "load"}
        ),
        "spec": {"template": {"metadata": {"labels": {LESSON_LABEL: lesson}}, "spec": pod["spec"]}},
    }
