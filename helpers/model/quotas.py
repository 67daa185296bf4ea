"""The manifest of a ResourceQuota."""

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


def _metadata(name: str, namespace: str, lesson: str) -> Manifest:
    return {"name": name, "namespace": namespace, "labels": {LESSON_LABEL: lesson}}
