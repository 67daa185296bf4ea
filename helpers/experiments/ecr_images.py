"""Images in a repository of moto: pushed as manifests, listed, deleted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from helpers.aws.account import Account
from helpers.model.timeline import Value

AT_ONCE = 100  # images that one BatchDeleteImage may name
FEW = 50
OCI = "application/vnd.oci.image"
NOTHING = hashlib.sha256(b"{}").hexdigest()


def manifest(name: str) -> tuple[str, str]:
    """Return an image's manifest as text, and its digest. The name alone tells it from others."""
    text = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": f"{OCI}.manifest.v1+json",
            "config": {
                "mediaType": f"{OCI}.config.v1+json",
                "digest": f"sha256:{NOTHING}",
                "size": 2,
            },
            "layers": [],
            "annotations": {"org.opencontainers.image.title": name},
        }
    )
    return text, f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def push(account: Account, repository: str, name: str, tags: Sequence[str]) -> None:
    """Put an image into a repository under each of its tags, or under none. Blocks."""
    text, digest = manifest(name)
    for tag in tags or (None,):
        account.call(
            "ecr:PutImage",
            repositoryName=repository,
            imageManifest=text,
            imageDigest=digest,
            **({} if tag is None else {"imageTag": tag}),
            told=lambda _: {"pushed": name},
        )


def listed(account: Account, repository: str, pushed: Sequence[str]) -> list[str]:
    """Return the names of the images that are there, of those `pushed`, oldest first. Blocks.

    The row keeps how many there are, the oldest, and their names where they are few.
    """
    names = {manifest(name)[1]: name for name in pushed}
    found: list[str] = []

    def told(answer: dict[str, Any]) -> Value:
        there = {names.get(one["imageDigest"], "unknown") for one in answer["imageIds"]}
        found.extend(name for name in pushed if name in there)
        brief: dict[str, Value] = {"count": len(there), "oldest": found[0] if found else ""}
        return {**brief, "names": list(found)} if len(found) <= FEW else brief

    account.call("ecr:ListImages", repositoryName=repository, maxResults=1000, told=told)
    return found


def delete(account: Account, repository: str, names: Sequence[str]) -> None:
    """Delete images by their digests, a hundred at a time. Blocks."""
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        account.call(
            "ecr:BatchDeleteImage",
            repositoryName=repository,
            imageIds=[{"imageDigest": manifest(name)[1]} for name in some],
            told=lambda answer: {"deleted": len(answer["imageIds"])},
        )
