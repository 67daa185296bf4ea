"""Nodes that could go, and what keeps one: workloads of one Pod each, a node each.

Upstream: sigs.k8s.io/karpenter v1.14.0 pkg/controllers/state/statenode.go, ValidatePodsDisruptable,
and pkg/utils/pdb: a Pod that asks not to be disrupted, or whose PodDisruptionBudget allows no
eviction, keeps its node. A volume on the node's disk does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.model import node_run, simulated_nodes
from helpers.model.manifests import Manifest, idle_deployment, metadata
from helpers.model.timeline import Timeline

PLAIN, LOCAL, BUDGET, ANNOTATED = "plain", "local", "budget", "annotated"
WORKLOADS = (PLAIN, LOCAL, BUDGET, ANNOTATED)
"""As they are; with an emptyDir; with a PodDisruptionBudget; with Karpenter's annotation."""

REQUEST = "1"
FILLER = "filler"
ROOM = 2
"""How many such Pods the workers have room for, once the fillers are gone."""


def workload(name: str, *, namespace: str, lesson: str, annotation: str | None) -> Manifest:
    """Build a Deployment of one Pod; `annotation` is the value of do-not-disrupt, None for none."""
    made = idle_deployment(namespace=namespace, lesson=lesson, name=name, requests={"cpu": REQUEST})
    spec = made["spec"]
    assert isinstance(spec, dict)
    template = spec["template"]
    assert isinstance(template, dict)
    if annotation is not None:
        meta = template["metadata"]
        assert isinstance(meta, dict)
        meta["annotations"] = {simulated_nodes.DO_NOT_DISRUPT: annotation}
    if name == LOCAL:
        pod = template["spec"]
        assert isinstance(pod, dict)
        containers = pod["containers"]
        assert isinstance(containers, list)
        pod["containers"] = [
            {**containers[0], "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
        ]
        pod["volumes"] = [{"name": "data", "emptyDir": {}}]
    return made


def budget(*, namespace: str, lesson: str, min_available: int) -> Manifest:
    """Build the PodDisruptionBudget of the workload that is named for it."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(BUDGET, namespace, lesson),
        "spec": {"minAvailable": min_available, "selector": {"matchLabels": {"app": BUDGET}}},
    }


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a workload's first node: when it went (None: it stayed), and why it stays.

    `blocked` is Karpenter's event about the node, empty for none; `may_go` is the rule.
    """

    workload: str
    node: str
    came: float
    went: float | None
    blocked: str
    may_go: bool


def outcomes(timeline: Timeline) -> list[Kept]:
    """Return what became of each workload's node, in the order of the workloads.

    Rows: those of `node_run`; events "DisruptionBlocked" about Nodes.
    """
    nodes = {node.name: node for node in node_run.added(timeline)}
    found = []
    for name in WORKLOADS:
        pods = [p for p in node_run.pods(timeline) if p.name.startswith(f"{name}-")]
        first = next((p for p in pods if p.node in nodes), None)
        if first is None or first.node is None:
            continue
        node = nodes[first.node]
        events = timeline.where(
            source="event", object=f"Node/{node.name}", field="DisruptionBlocked"
        )
        words = [str(row.value) for row in events]
        # Others may stand in the way for a moment; what lasts is about the Pod itself.
        lasting = [text for text in words if first.name in text]
        blocked = (lasting or words or [""])[-1]
        found.append(Kept(name, node.name, node.came, node.went, blocked, may_go(timeline, name)))
    return found


def may_go(timeline: Timeline, name: str) -> bool:
    """Tell whether nothing of what was sent keeps the node of this workload."""
    sent = timeline.value(source="session", object=f"Deployment/{name}", field="manifest")
    if f"'{simulated_nodes.DO_NOT_DISRUPT}': 'true'" in str(sent):
        return False
    limit = timeline.value(source="session", object=f"PodDisruptionBudget/{name}", field="manifest")
    spec = limit.get("spec") if isinstance(limit, Mapping) else None
    least = spec.get("minAvailable") if isinstance(spec, Mapping) else 0
    return not (isinstance(least, int) and least >= 1)


def told(names: list[str]) -> str:
    """Say which nodes these are, by their workloads."""
    if len(names) == len(WORKLOADS):
        return "all four"
    if not names:
        return "none"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
