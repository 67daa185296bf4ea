"""The QoS class of a whole Pod, and what the node makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from helpers.model.manifests import containers
from helpers.model.resources import Resources, qos_class
from helpers.model.timeline import Value

CLASSES = ("Guaranteed", "Burstable", "BestEffort")
UNCHANGEABLE = "Pod QOS Class may not change as a result of resizing"
"""Upstream: K pkg/apis/core/validation/validation.go, ValidatePodResize."""

_COUNTED = {"cpu", "memory"}


def pod_class(manifest: Mapping[str, Value]) -> str:
    """Return the QoS class that the API server gives a Pod of this manifest.

    Resources of the pod itself decide alone where they name cpu or memory; else every container
    counts, init containers too. Raises QuantityError for an amount that cannot be read.
    Upstream: K pkg/apis/core/v1/helper/qos/qos.go, ComputePodQOS.
    """
    spec = manifest.get("spec")
    block = spec.get("resources") if isinstance(spec, Mapping) else None
    if isinstance(block, Mapping):
        own = Resources.parse(block)
        if _COUNTED & {*own.requests, *own.limits}:
            return qos_class([own])
    blocks = (container.get("resources") for container in all_containers(manifest))
    return qos_class([Resources.parse(b if isinstance(b, Mapping) else {}) for b in blocks])


def all_containers(manifest: Mapping[str, Value]) -> list[Mapping[str, Value]]:
    """Return the init containers of a Pod, and then its containers."""
    spec = manifest.get("spec")
    listed = spec.get("initContainers") if isinstance(spec, Mapping) else None
    first = listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ()
    return [*(c for c in first if isinstance(c, Mapping)), *containers(manifest)]


def oom_score_adj_set(wanted: int, runtimes: int) -> int:
    """Return the oom_score_adj that a container gets when the kubelet asks for `wanted`.

    A process may lower it only with CAP_SYS_RESOURCE; a runtime in a node without it is told not to
    go below its own, `runtimes`.
    Upstream: containerd internal/cri/opts/spec_linux_opts.go, restrictOOMScoreAdj.
    """
    return max(wanted, runtimes)
