"""Revisions of a Deployment, as its ReplicaSets keep them, and the way back to one.

Upstream: K pkg/controller/deployment/util/deployment_util.go, SetNewReplicaSetAnnotations (a
template that was there before keeps its ReplicaSet, which gets the next number); k8s.io/kubectl
pkg/polymorphichelpers/rollback.go, deploymentRevision and DeploymentRollbacker.Rollback.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

REVISION = "deployment.kubernetes.io/revision"
HASH = "pod-template-hash"
"""The label by which a ReplicaSet tells its Pods from those of another template."""

RESTARTED = "kubectl.kubernetes.io/restartedAt"
"""The annotation of the template that `kubectl rollout restart` sets, to the time of day.

Upstream: k8s.io/kubectl pkg/polymorphichelpers/objectrestarter.go.
"""

Object = Mapping[str, Any]


def owned(replica_sets: Sequence[Object], uid: str) -> list[Object]:
    """Return those ReplicaSets that the Deployment with this uid controls."""
    return [
        one
        for one in replica_sets
        if any(owner.get("uid") == uid for owner in one["metadata"].get("ownerReferences") or ())
    ]


def former(replica_sets: Sequence[Object], revision: int = 0) -> Object | None:
    """Return the ReplicaSet of a revision; 0 stands for the second newest. None if it is gone."""
    by_number = {number(one): one for one in replica_sets if number(one)}
    if revision:
        return by_number.get(revision)
    before = sorted(by_number)[-2:-1]
    return by_number[before[0]] if before else None


def number(replica_set: Object) -> int:
    """Return the revision that a ReplicaSet is now, 0 where it does not say."""
    said = str((replica_set["metadata"].get("annotations") or {}).get(REVISION) or "")
    return int(said) if said.isdigit() else 0


def template(replica_set: Object) -> dict[str, Any]:
    """Return the Pod template of a ReplicaSet as its Deployment had it: without the hash."""
    found = dict(replica_set["spec"]["template"])
    metadata = dict(found.get("metadata") or {})
    labels = {key: text for key, text in (metadata.get("labels") or {}).items() if key != HASH}
    return {**found, "metadata": {**metadata, "labels": labels}}
