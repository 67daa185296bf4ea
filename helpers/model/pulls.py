"""Pods whose image comes from a registry."""

from __future__ import annotations

from helpers.model import aws
from helpers.model.manifests import Manifest, metadata
from helpers.model.timeline import Timeline, Value

IMAGE_ID = "imageID"
POLICIES = ("IfNotPresent", "Always", "Never")


def uri(repository: str, tag: str = "") -> str:
    """Return a repository's URI in the account's registry, with a tag if one is given."""
    return f"{aws.REGISTRY}/{repository}{f':{tag}' if tag else ''}"


def image_pod(
    *,
    name: str,
    namespace: str,
    lesson: str,
    image: str,
    policy: str | None = None,
    node: str | None = None,
    secret: str | None = None,
) -> Manifest:
    """Build a Pod of one container, named like the Pod, whose image has this whole name.

    `policy` is its imagePullPolicy, `secret` the name of a pull secret, `node` that of the node on
    which it must run. It has one second to end.
    """
    container: Manifest = {"name": name, "image": image}
    if policy:
        container["imagePullPolicy"] = policy
    spec: Manifest = {"containers": [container], "terminationGracePeriodSeconds": 1}
    if secret:
        spec["imagePullSecrets"] = [{"name": secret}]
    if node:
        spec["nodeSelector"] = {"kubernetes.io/hostname": node}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata(name, namespace, lesson),
        "spec": spec,
    }


def status(timeline: Timeline, pod: str, field: str) -> Value:
    """Return what the watch saw last of a field of the Pod's one container."""
    path = f"status.containerStatuses.{pod}.{field}"
    return timeline.value(source="watch", object=f"Pod/{pod}", field=path)
