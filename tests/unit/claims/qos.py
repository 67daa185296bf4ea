"""Timelines for the claims about QoS classes and eviction."""

from __future__ import annotations

from typing import Any

from helpers.model import manifests, qos_cases
from helpers.model.qos import UNCHANGEABLE, pod_class
from helpers.model.timeline import Timeline, Value
from helpers.model.trials import Trial
from tests.unit.claims.story import Story

PLACE: Any = {"namespace": "quality-of-service-3f2a", "lesson": "quality-of-service"}


def classes(
    given: dict[str, str] | None = None,
    *,
    refusal: str | None = UNCHANGEABLE,
    copied: bool = True,
    later: str = "Guaranteed",
) -> Story:
    """The server's answer to all pods, by the rule but for those in `given`; then a resize."""
    story = Story()
    for manifest in qos_cases.manifests_of(**PLACE):
        sent: Any = manifest
        name = sent["metadata"]["name"]
        kept = []
        for container in sent["spec"]["containers"]:
            block = dict(container.get("resources") or {})
            if copied and "limits" in block:
                block["requests"] = {**block["limits"], **block.get("requests", {})}
            kept.append({"name": container["name"], "resources": block})
        status = {"qosClass": (given or {}).get(name, pod_class(sent))}
        stored: dict[str, Value] = {"spec": {"containers": kept}, "status": status}
        story.row("session", f"Pod/{name}", "trial", Trial(sent, stored).row)
    for value in ("Guaranteed", later):
        story.row("watch", "Pod/guaranteed", "status.qosClass", value)
    if refusal is None:
        return story.row("session", "Pod/guaranteed", "resize", {"container": "guaranteed"})
    said: Value = {"verb": "resize", "message": refusal}
    return story.row("session", "Pod/guaranteed", "refusal", said)


def busy(
    scores: tuple[int, int, int] = (1000, 958, 0),
    used: tuple[float, float, float] = (0.01, 0.69, 0.29),
    runtime: int = 0,
) -> Story:
    """BestEffort, Burstable and Guaranteed on one core of a node with 24682416Ki."""
    story = Story()
    story.row("watch", "Node/worker", "status.capacity.memory", "24682416Ki")
    limits = {"cpu": "300m", "memory": "64Mi"}
    asked: tuple[dict[str, Any], ...] = (
        {},
        {"requests": {"cpu": "100m", "memory": "1Gi"}},
        {"limits": limits, "requests": limits},
    )
    names = ("best-effort", "burstable", "guaranteed")
    for name, resources in zip(names, asked, strict=True):
        story.pod(manifests.burn_pod(**PLACE, name=name, threads=1, core=1, **resources))
        story.row("watch", f"Pod/{name}", "spec.nodeName", "worker")
    for name, score, cores in zip(names, scores, used, strict=True):
        story.window(name, cores, limit="300m" if name == "guaranteed" else None)
        story.row("exec", f"Pod/{name}", "oom_score_adj", score)
    return story.row("exec", "Pod/look", "oom_score_adj", runtime)


EVENT = (
    "The node was low on resource: memory. Threshold quantity: 100Mi, available: 37208Ki. "
    "Container {} was using {}Ki, request is {}, has larger consumption of memory. "
)


def short(
    victim: str | None, *, within: bool = True, using: int = 575344, request: str = "50Mi"
) -> Story:
    """Four pods on a node, and the one that was evicted."""
    story = Story()
    half = {"cpu": "10m", "memory": "200Mi"}
    pods: dict[str, tuple[int, int, dict[str, Any]]] = {
        "best-effort": (311, 0, {}),
        "burstable": (562, 0, {"requests": {"memory": "50Mi"}}),
        "important": (662, 1000, {"requests": {"memory": "50Mi"}}),
    }
    if within:
        pods["guaranteed"] = (161, 0, {"limits": half, "requests": half})
    for name, (used, priority, resources) in pods.items():
        story.pod(manifests.burn_pod(**PLACE, name=name, memory=["100Mi"], **resources))
        story.row("watch", f"Pod/{name}", "spec.priority", priority)
        story.row("kubelet", f"Pod/{name}", "memory", used * 2**20)
    if victim is None:
        return story
    words = EVENT.format(victim, using, request)
    story.row("event", f"Pod/{victim}", "Evicted", words)
    return story.row("watch", f"Pod/{victim}", "status.reason", "Evicted")


HOLDS: dict[str, list[Timeline]] = {
    "ch08-qos-01": [classes()],
    # A node that may lower the number, too.
    "ch08-qos-02": [busy(), busy(scores=(1000, 958, -997), runtime=-999)],
    "ch08-qos-03": [busy(), busy(used=(0.01, 0.1, 0.29))],
    "ch08-qos-04": [busy()],
    **{f"ch08-qos-0{number}": [classes()] for number in (5, 6, 7, 8, 9)},
    "ch08-qos-10": [short("burstable")],
    "ch08-requests-12": [short("burstable"), short("best-effort", using=318464, request="0")],
}

FAILS: dict[str, list[Timeline]] = {
    "ch08-qos-01": [
        classes({"millicore": "BestEffort"}),
        classes({"pod-level-decides": "Guaranteed"}),
        classes(refusal="no"),
        classes(refusal=None),
        classes(later="Burstable"),
    ],
    "ch08-qos-02": [
        busy(scores=(1000, 958, 500)),
        busy(scores=(1000, 958, 0), runtime=-999),
        busy(used=(0.4, 0.5, 0.1)),
    ],
    "ch08-qos-03": [busy(scores=(1000, 500, 0)), busy(used=(0.6, 0.02, 0.29))],
    "ch08-qos-04": [busy(scores=(999, 958, 0)), busy(used=(0.35, 0.35, 0.3))],
    "ch08-qos-05": [classes({"best-effort": "Burstable"})],
    "ch08-qos-06": [
        classes({"two-guaranteed": "Burstable"}),
        classes({"init-is-bare": "Guaranteed"}),
    ],
    "ch08-qos-07": [classes(copied=False), classes({"guaranteed": "Burstable"})],
    "ch08-qos-08": [classes({"requests-only": "Guaranteed"})],
    "ch08-qos-09": [
        classes({"second-is-bare": "Guaranteed"}),
        classes({"burstable": "Guaranteed"}),
    ],
    "ch08-qos-10": [short("best-effort"), short("important"), short("guaranteed")],
    "ch08-requests-12": [
        short("guaranteed", using=164864, request="200Mi"),
        short("burstable", using=1024),
    ],
}

CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch08-qos-01": [busy()],
    "ch08-qos-02": [short(None), busy(used=(0.01, 0.3, 0.1))],
    "ch08-qos-03": [short(None), busy(used=(0.01, 0.03, 0.2))],
    "ch08-qos-04": [short(None)],
    **{f"ch08-qos-0{number}": [busy()] for number in (5, 6, 7, 8, 9)},
    "ch08-qos-10": [short(None), short("burstable", within=False)],
    "ch08-requests-12": [short(None), short("burstable", within=False)],
}
