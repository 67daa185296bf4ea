"""The manifest of a ResourceQuota."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.model.manifests import Manifest, metadata


def resource_quota(
    *, namespace: str, lesson: str, hard: Mapping[str, str], name: str = "resource-quota"
) -> Manifest:
    """Build a ResourceQuota that counts every Pod of its namespace."""
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": metadata(name, namespace, lesson),
        "spec": {"hard": dict(hard)},
    }
