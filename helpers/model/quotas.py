"""Manifests of quotas: a ResourceQuota, and the Service and the claim that it may count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from helpers.model.manifests import LESSON_LABEL, Manifest


def resource_quota(
    *,
    namespace: str,
    lesson: str,
    hard: Mapping[str, str],
    name: str = "resource-quota",
    scopes: Sequence[str] = (),
) -> Manifest:
    """Build a ResourceQuota; without scopes it counts every Pod."""
    spec: Manifest = {"hard": dict(hard)}
    if scopes:
        spec["scopes"] = list(scopes)
    metadata = _metadata(name, namespace, lesson)
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": spec}


def service(*, namespace: str, lesson: str, name: str) -> Manifest:
    """Build a Service of one port."""
    spec: Manifest = {"selector": {"app": name}, "ports": [{"port": 80}]}
    metadata = _metadata(name, namespace, lesson)
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def volume_claim(*, namespace: str, lesson: str, name: str, storage: str) -> Manifest:
    """Build a PersistentVolumeClaim of so much storage, of the default StorageClass."""
    spec: Manifest = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": storage}},
    }
    metadata = _metadata(name, namespace, lesson)
    kind = "PersistentVolumeClaim"
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}


def _metadata(name: str, namespace: str, lesson: str) -> Manifest:
    return {"name": name, "namespace": namespace, "labels": {LESSON_LABEL: lesson}}
