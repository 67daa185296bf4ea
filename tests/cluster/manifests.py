"""The few objects that these tests send."""

from __future__ import annotations

from helpers.kube.api import Object
from helpers.kube.guard import LABEL

IMAGE = "localhost/workbook/burn:1"


def pod(name: str = "p", *command: str, **resources: object) -> Object:
    """A Pod that does nothing (or runs `command`), ends at once, and names no namespace."""
    container: Object = {"name": "main", "image": IMAGE, "imagePullPolicy": "IfNotPresent"}
    container["command"] = list(command) or ["sleep", "600"]
    if resources:
        container["resources"] = resources
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
    }


def label(manifest: Object, namespace: str, lesson: str = "test") -> Object:
    """The manifest with a namespace and the workbook's label."""
    metadata = {**manifest["metadata"], "namespace": namespace, "labels": {LABEL: lesson}}
    return {**manifest, "metadata": metadata}
