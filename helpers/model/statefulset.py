"""StatefulSets: their manifests, and the rules by which they make, name, keep and change Pods.

Upstream, where nothing else is said: K pkg/controller/statefulset, stateful_set_utils.go (names,
claims) and stateful_set_control.go (order, update).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.model import volumes
from helpers.model.manifests import LESSON_LABEL, Manifest, metadata
from helpers.model.timeline import Value

ORDERED, PARALLEL = "OrderedReady", "Parallel"
POLICIES = (ORDERED, PARALLEL)
RETAIN, DELETE = "Retain", "Delete"
KEEPS = (RETAIN, DELETE)
"""What becomes of a claim: `persistentVolumeClaimRetentionPolicy`, stable since 1.32."""

NAME, SERVICE, TEMPLATE = "randserver", "randserver", "data"
PORT = volumes.RANDSERVER_PORT
REVISION = "metadata.labels.controller-revision-hash"
"""The label of a Pod that says of which revision of the set it is."""


def headless_service(*, namespace: str, lesson: str, port: int = 80) -> Manifest:
    """Build the Service without an address of its own; its port `port` means the Pods' 3000."""
    web: Manifest = {"name": "web", "port": port, "targetPort": PORT}
    spec: Manifest = {"clusterIP": "None", "selector": {"app": NAME}, "ports": [web]}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(SERVICE, namespace, lesson, {"app": NAME}),
        "spec": spec,
    }


def stateful_set(
    *,
    namespace: str,
    lesson: str,
    name: str = NAME,
    replicas: int = 3,
    policy: str = PARALLEL,
    claims: bool = True,
    when_scaled: str | None = None,
    when_deleted: str | None = None,
    partition: int | None = None,
    version: int | None = None,
    tolerate: int | None = None,
) -> Manifest:
    """Build a StatefulSet of randserver; its Pods are ready once they serve their file.

    Each Pod has a claim of its own from the template `data`, or (`claims` False) an emptyDir.
    `version` is a value of the environment, so that a new one is a new revision. With `tolerate`
    a Pod is deleted that many seconds after its node was lost, instead of 300.
    """
    folder = None if claims else volumes.empty_dir(TEMPLATE)
    template: Manifest = {
        "metadata": {"labels": {"app": name, LESSON_LABEL: lesson}},
        "spec": server_spec(folder, version=version, tolerate=tolerate),
    }
    spec: Manifest = {
        "serviceName": SERVICE,
        "replicas": replicas,
        "selector": {"matchLabels": {"app": name}},
        "template": template,
    }
    if policy != ORDERED:
        spec["podManagementPolicy"] = policy
    kept = {"whenScaled": when_scaled, "whenDeleted": when_deleted}
    if any(kept.values()):
        spec["persistentVolumeClaimRetentionPolicy"] = {k: v for k, v in kept.items() if v}
    if partition is not None:
        rolling: Manifest = {"partition": partition}
        spec["updateStrategy"] = {"type": "RollingUpdate", "rollingUpdate": rolling}
    if claims:
        spec["volumeClaimTemplates"] = [claim_template()]
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": metadata(name, namespace, lesson),
        "spec": spec,
    }


def claim_template() -> Manifest:
    """Build the template of the claims: 1Gi of the cluster's class."""
    return {
        "metadata": {"name": TEMPLATE},
        "spec": {
            "accessModes": [volumes.RWO],
            "storageClassName": volumes.STANDARD,
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }


def server_spec(
    folder: Manifest | None, *, version: int | None = None, tolerate: int | None = None
) -> Manifest:
    """Build the spec of a Pod of randserver that is ready once it serves its file.

    Without a `folder` the volume comes from a template of claims.
    """
    spec: Any = volumes.randserver_spec(volume=folder or volumes.claimed(TEMPLATE, ""), size="4Ki")
    if folder is None:
        del spec["volumes"]
    (container,) = spec["containers"]
    if version is not None:
        container["env"] = [{"name": "VERSION", "value": str(version)}]
    if tolerate is not None:
        spec["tolerations"] = [unreachable(tolerate)]
    return spec  # type: ignore[no-any-return]


def unreachable(seconds: int) -> Manifest:
    """Build the toleration of a lost node for so many seconds; the server's own has 300.

    Upstream: K plugin/pkg/admission/defaulttolerationseconds/admission.go, Admit.
    """
    return {
        "key": "node.kubernetes.io/unreachable",
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": seconds,
    }


def pod_name(name: str, ordinal: int) -> str:
    """Return the name of a Pod of the set `name`. Upstream: getPodName."""
    return f"{name}-{ordinal}"


def claim_name(name: str, ordinal: int, template: str = TEMPLATE) -> str:
    """Return the name of a Pod's claim. Upstream: getPersistentVolumeClaimName."""
    return f"{template}-{name}-{ordinal}"


def claims_of(name: str, template: str = TEMPLATE) -> str:
    """Return how the names of all claims of the set `name` begin."""
    return f"{template}-{name}-"


def dns_name(pod: str, service: str, namespace: str, domain: str = "cluster.local") -> str:
    """Return the whole name by which the cluster's DNS knows a Pod of a headless Service.

    Upstream: kubernetes/dns docs/specification.md, 2.4.1 (a Pod's hostname and subdomain).
    """
    return f"{pod}.{service}.{namespace}.svc.{domain}"


def may_exist(policy: str, replicas: int, ready: int) -> int:
    """Return how many Pods a growing set may have made when the first `ready` are ready.

    OrderedReady makes one more than are ready, Parallel all at once. Upstream: processReplica and
    runForAll ("monotonic").
    """
    return replicas if policy == PARALLEL else min(replicas, ready + 1)


def held_back(replicas: int, partition: int) -> int:
    """Return how many Pods keep the old revision: those below the partition.

    Upstream: updateStatefulSet, the loop from the largest ordinal down to updateMin.
    """
    return min(replicas, max(partition, 0))


@dataclass(frozen=True, slots=True)
class Kept:
    """What a set's retention policy keeps; the server's own choice is Retain twice."""

    when_scaled: str = RETAIN
    when_deleted: str = RETAIN

    @classmethod
    def parse(cls, manifest: Mapping[str, Any]) -> Kept:
        """Read a StatefulSet's manifest."""
        policy = manifest["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
        return cls(policy.get("whenScaled", RETAIN), policy.get("whenDeleted", RETAIN))

    @property
    def opposite(self) -> Kept:
        """The policy that deletes what this one keeps, and the other way round."""
        other = {RETAIN: DELETE, DELETE: RETAIN}
        return Kept(other[self.when_scaled], other[self.when_deleted])

    def claims(self, before: int, event: str, replicas: int = 0) -> int:
        """Return how many of `before` claims are left: of the first ordinals, after an event.

        `event` is "scaled" (to `replicas`) or "deleted" (the set); else nothing is lost. Upstream:
        K updateClaimOwnerRefForSetAndPod: a claim to be deleted is owned by the set, or by the Pod
        that goes, and the garbage collector does the rest.
        """
        if event == "scaled" and self.when_scaled == DELETE:
            return min(before, replicas)
        if event == "deleted" and self.when_deleted == DELETE:
            return 0
        return before


def policy_of(manifest: Mapping[str, Any]) -> str:
    """Return the podManagementPolicy of a manifest; the server's own is OrderedReady."""
    return str(manifest["spec"].get("podManagementPolicy", ORDERED))


def partition_of(manifest: Mapping[str, Any]) -> int:
    """Return the partition of a manifest's rolling update; the server's own is 0."""
    rolling = (manifest["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {}
    return int(rolling.get("partition", 0))


def replicas_of(manifest: Mapping[str, Any]) -> int:
    """Return how many Pods a manifest asks for; the server takes 1 where it says nothing."""
    return int(manifest["spec"].get("replicas", 1))


def owner_labels(manifest: Mapping[str, Any]) -> Mapping[str, Value]:
    """Return the labels that a set's claims have though their template has none.

    Upstream: getPersistentVolumeClaims, which copies the selector's.
    """
    return manifest["spec"]["selector"]["matchLabels"]  # type: ignore[no-any-return]


def same(first: Sequence[str | None], now: Sequence[str | None]) -> int:
    """Count the files that are still the first ones: checksums by ordinal, None for none."""
    return sum(a is not None and a == b for a, b in zip(first, now, strict=False))
