"""What makes nodes that are none: Karpenter's objects, and the stages by which kwok plays kubelets.

Upstream: sigs.k8s.io/karpenter v1.14.0 pkg/apis/v1 and kwok/apis/v1alpha1;
sigs.k8s.io/kwok v0.8.0 pkg/apis/v1alpha1/stage_types.go.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpers.model.instance_sizes import Size
from helpers.model.manifests import LESSON_LABEL, Manifest
from helpers.model.timeline import Value

KARPENTER = "karpenter.sh/v1"
PROVIDER = "karpenter.kwok.sh/v1alpha1"
FAKE = "kwok.x-k8s.io/node"
"""Label and annotation of a node that kwok plays; its value is "fake"."""

DO_NOT_DISRUPT = "karpenter.sh/do-not-disrupt"
INSTANCE = "node.kubernetes.io/instance-type"
ZONE = "topology.kubernetes.io/zone"
UNREGISTERED = "karpenter.sh/unregistered"


def wide(name: str, lesson: str) -> Manifest:
    """Build the metadata of an object of the whole cluster."""
    return {"name": name, "labels": {LESSON_LABEL: lesson}}


def node_class(*, name: str, lesson: str) -> Manifest:
    """Build the KWOKNodeClass: where the nodes of a NodePool come from. Its nodes start at once."""
    return {
        "apiVersion": PROVIDER,
        "kind": "KWOKNodeClass",
        "metadata": wide(name, lesson),
        "spec": {"nodeRegistrationDelay": "0s"},
    }


def node_pool(
    *, name: str, lesson: str, sizes: Sequence[Size], consolidate_after: str | None
) -> Manifest:
    """Build the NodePool: which sizes may be made, and when nodes go again (None: never).

    The nodes carry the lesson's label, so that whoever finds them knows whose they are. A name that
    is the namespace's belongs to no other lesson.
    """
    return {
        "apiVersion": KARPENTER,
        "kind": "NodePool",
        "metadata": wide(name, lesson),
        "spec": {
            "template": {
                "metadata": {"labels": {LESSON_LABEL: lesson}},
                "spec": {
                    "nodeClassRef": {
                        "group": PROVIDER.partition("/")[0],
                        "kind": "KWOKNodeClass",
                        "name": name,
                    },
                    "requirements": [
                        {
                            "key": INSTANCE,
                            "operator": "In",
                            "values": [size.name for size in sizes],
                        }
                    ],
                    "expireAfter": "Never",
                },
            },
            "disruption": {
                "consolidationPolicy": "WhenEmptyOrUnderutilized",
                "consolidateAfter": consolidate_after or "Never",
                "budgets": [{"nodes": "100%"}],
            },
        },
    }


def fake_node(*, name: str, lesson: str, zone: str, size: Size) -> Manifest:
    """Build a node without a kubelet, which kwok plays: the new machine of a group."""
    free: Manifest = {
        "cpu": f"{int(1000 * size.free)}m",
        "memory": f"{size.gib}Gi",
        "pods": "110",
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {LESSON_LABEL: lesson, FAKE: "fake", ZONE: zone, INSTANCE: size.name},
            "annotations": {FAKE: "fake"},
        },
        "status": {"capacity": free, "allocatable": free},
    }


def stages() -> list[Manifest]:
    """Return how kwok plays a kubelet: a node is Ready at once, a Pod runs and goes when told."""
    ready: Value = {"key": '.status.conditions.[] | select(.type == "Ready") | .status'}
    going: Value = {"key": ".metadata.deletionTimestamp"}
    pending: Value = {"key": ".status.phase", "operator": "In", "values": ["Pending"]}
    not_ready = {**_map(ready), "operator": "NotIn", "values": ["True"]}
    stays = {**_map(going), "operator": "DoesNotExist"}
    return [
        _stage("node-ready", "Node", [not_ready], {"statusTemplate": _NODE}),
        _stage("pod-runs", "Pod", [stays, pending], {"statusTemplate": _POD}),
        _stage("pod-goes", "Pod", [{**_map(going), "operator": "Exists"}], {"delete": True}),
    ]


def _map(value: Value) -> dict[str, Value]:
    assert isinstance(value, dict)
    return value


def _stage(name: str, kind: str, match: Sequence[Value], then: Manifest) -> Manifest:
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": name},
        "spec": {
            "resourceRef": {"apiGroup": "v1", "kind": kind},
            "selector": {"matchExpressions": list(match)},
            "next": then,
        },
    }


# Addresses are left out on purpose: the pod network of the real nodes then has nothing to route to.
_NODE = """\
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ Now | Quote }}
  lastTransitionTime: {{ Now | Quote }}
{{ end }}
nodeInfo:
  kubeletVersion: kwok
  containerRuntimeVersion: kwok
  operatingSystem: linux
  architecture: amd64
  kernelVersion: kwok
  kubeProxyVersion: ""
  osImage: kwok
  bootID: ""
  machineID: ""
  systemUUID: ""
"""

_POD = """\
phase: Running
startTime: {{ Now | Quote }}
conditions:
{{ range $type := (list "Initialized" "ContainersReady" "Ready") }}
- type: {{ $type | Quote }}
  status: "True"
  lastTransitionTime: {{ Now | Quote }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: true
  started: true
  restartCount: 0
  state:
    running:
      startedAt: {{ Now | Quote }}
{{ end }}
"""
