"""Timelines of the topic cluster-autoscaler."""

from __future__ import annotations

from typing import Any

from helpers.model import consolidation, instance_sizes, manifests, simulated_nodes
from helpers.model.manifests import LESSON_LABEL
from helpers.model.timeline import Timeline
from tests.unit.claims.story import Story

PLACE: dict[str, Any] = {"namespace": "adding-nodes-3f2a", "lesson": "adding-nodes"}
NAME = PLACE["namespace"]
STATUS = "status.conditions.Ready.status"


def workers() -> Story:
    """Two workers with room for one Pod of a CPU each, and the control plane with its taint."""
    story = Story()
    for name in ("control-plane", "worker", "worker2"):
        story.row("watch", f"Node/{name}", "exists", True)
        story.row("watch", f"Node/{name}", "status.allocatable.cpu", "1500m")
    story.row("watch", "Node/control-plane", "spec.taints.0.effect", "NoSchedule")
    return story


def pool(story: Story, sizes: tuple[instance_sizes.Size, ...] = instance_sizes.SIZES) -> Story:
    made = simulated_nodes.node_pool(
        name=NAME, lesson=PLACE["lesson"], sizes=sizes, consolidate_after=None
    )
    return story.row("session", f"NodePool/{NAME}", "manifest", made)


def node(story: Story, name: str, size: str) -> Story:
    """A node that was made for the lesson comes, and is Ready."""
    cpus = instance_sizes.named(size).cpus
    labels = {
        LESSON_LABEL: PLACE["lesson"],
        simulated_nodes.INSTANCE: size,
        simulated_nodes.ZONE: "us-east-1a",
    }
    story.row("watch", f"Node/{name}", "exists", True)
    for label, value in labels.items():
        story.row("watch", f"Node/{name}", f"metadata.labels.{label}", value)
    story.row("watch", f"Node/{name}", "status.allocatable.cpu", f"{cpus * 1000 - 100}m")
    return story.row("watch", f"Node/{name}", STATUS, "True")


def pod(story: Story, name: str, on: str | None, request: str = "1") -> Story:
    """A Pod is seen, and bound after a second if it is bound at all."""
    container = name.split("-", maxsplit=1)[0]
    field = f"spec.containers.{container}.resources.requests.cpu"
    story.row("watch", f"Pod/{name}", "exists", True)
    story.row("watch", f"Pod/{name}", field, request)
    if on is not None:
        story.at += 1
        story.row("watch", f"Pod/{name}", "spec.nodeName", on)
    return story


def waiting(
    *,
    replicas: int = 6,
    came: tuple[str, ...] = ("m7i.2xlarge",),
    left: int = 0,
) -> Story:
    """A Deployment of pods of a CPU: one fits on each worker, the others wait for new nodes."""
    story = pool(workers())
    sent = manifests.idle_deployment(**PLACE, name="web", replicas=replicas, requests={"cpu": "1"})
    story.row("session", "Deployment/web", "manifest", sent)
    for number, size in enumerate(came):
        node(story, f"new-{number}", size)
    for number in range(replicas):
        on = ("worker", "worker2")[number] if number < 2 else "new-0" if came else None
        pod(story, f"web-{number}", None if number >= replicas - left else on)
    return story


def used(
    *,
    busy: float = 1.2,
    idle: float = 0.01,
    busy_nodes: int = 0,
    idle_nodes: int = 1,
    request: str = "10m",
) -> Story:
    """Two busy pods, then three idle ones of a CPU each; nodes come in either phase."""
    story = pool(workers())
    for phase, each, amount, count, nodes in (
        ("busy", busy / 2, request, 2, busy_nodes),
        ("idle", idle / 2, "1", 3, idle_nodes),
    ):
        story.row("session", f"Phase/{phase}", "begin", True)
        for number in range(1, count + 1):
            name = f"{phase}-{number}"
            sent = manifests.burn_pod(**PLACE, name=name, requests={"cpu": amount})
            story.row("session", f"Pod/{name}", "manifest", sent)
            pod(story, name, "worker" if number < 3 else None, amount)
            if number < 3:
                story.row("exec", f"Pod/{name}", "stat.seconds", 4.0)
                story.row("exec", f"Pod/{name}", "stat.cpu_seconds", 4.0 * each)
        for number in range(nodes):
            node(story, f"{phase}-{number}", "m7i.large")
        story.row("session", f"Phase/{phase}", "end", True)
    return story


def consolidated(
    *,
    went: tuple[str, ...] = ("plain", "local"),
    least: int = 1,
    annotation: str = "true",
    moved: bool = True,
    told: bool = True,
) -> Story:
    """Four workloads on a node each; the nodes of `went` go, after (or before) their pods moved."""
    story = pool(workers(), instance_sizes.up_to("m7i.large"))
    limit = consolidation.budget(**PLACE, min_available=least)
    story.row("session", "PodDisruptionBudget/budget", "manifest", limit)
    for name in consolidation.WORKLOADS:
        marked = annotation if name == consolidation.ANNOTATED else None
        sent = consolidation.workload(name, **PLACE, annotation=marked)
        story.row("session", f"Deployment/{name}", "manifest", sent)
        node(story, f"n-{name}", "m7i.large")
        pod(story, f"{name}-1", f"n-{name}")
    for name in consolidation.WORKLOADS:
        if name in went:
            story.row("watch", f"Pod/{name}-1", "exists", False)
            if moved:
                pod(story, f"{name}-2", "worker")
            story.row("watch", f"Node/n-{name}", "exists", False)
        elif told:
            words = f"Pod {name}-1 is in the way"
            story.row("event", f"Node/n-{name}", "DisruptionBlocked", words)
    return story


def before_it_went() -> Story:
    """The node goes while its pod is still there."""
    story = consolidated(went=())
    story.row("watch", "Node/n-plain", "exists", False)
    story.at += 1
    return story.row("watch", "Pod/plain-1", "exists", False)


HOLDS: dict[str, list[Timeline]] = {
    "ch08-ca-01": [waiting(), waiting(replicas=3, came=("m7i.large",))],
    "ch08-ca-02": [used(), used(idle_nodes=1, busy=2.0)],
    "ch08-ca-03": [consolidated(), consolidated(went=("plain",))],
    "ch08-ca-13": [consolidated()],
    "ch08-ca-14": [waiting(), waiting(replicas=3, came=("m7i.large",))],
}
FAILS: dict[str, list[Timeline]] = {
    "ch08-ca-01": [waiting(left=2), waiting(came=(), left=4)],
    "ch08-ca-02": [used(busy_nodes=1, idle_nodes=0), used(busy_nodes=1), used(idle_nodes=0)],
    "ch08-ca-03": [consolidated(moved=False), before_it_went()],
    "ch08-ca-13": [consolidated(went=("plain",)), consolidated(told=False)],
    "ch08-ca-14": [waiting(came=("m7i.4xlarge",)), waiting(came=("m7i.xlarge", "m7i.xlarge"))],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch08-ca-01": [waiting(replicas=2, came=()), used()],
    "ch08-ca-02": [used(busy=0.01, idle=0.02), waiting()],
    "ch08-ca-03": [consolidated(went=()), waiting()],
    "ch08-ca-13": [consolidated(least=0), waiting()],
    "ch08-ca-14": [waiting(replicas=2, came=())],
}
