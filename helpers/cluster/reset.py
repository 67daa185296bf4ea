"""Back to a clean cluster: what lessons left is deleted, what they changed is put back."""

from __future__ import annotations

import json
from collections.abc import Mapping

from helpers.cluster import kind
from helpers.cluster.machine import Machine
from helpers.cluster.progress import Progress, StepFailed
from helpers.engine.engine import EngineError
from helpers.kube import guard, undo
from helpers.kube.api import KINDS, Api
from helpers.kube.errors import KubeError
from helpers.kube.guard import LABEL
from helpers.kube.reclaim import reclaim

DEADLINE_SECONDS = 30

WIDE = [
    # With its group: another API may have a plural of the same name.
    ".".join([kind.plural, *kind.api_version.split("/")[:-1]])
    for kind in KINDS.values()
    if not kind.namespaced and kind.name not in ("Node", "Namespace")
]
"""The kinds of the whole cluster of which lessons make objects."""


def reset(machine: Machine, progress: Progress) -> list[str]:
    """Delete every namespace of a lesson, open or not, and return their names.

    What lessons changed is put back, their objects of the whole cluster are deleted, a paused node
    goes on, and a lost cluster is made anew. Raises StepFailed when something cannot be put back,
    or is still there after 30 s.
    """
    machine.up(progress)
    if guard.owner_context() is None:
        kind.wait_ready()  # a node that was paused is late with its heartbeat
        kind.wait_schedulable()  # a lesson that is open goes on at once
    _put_back(progress)
    listed = kind.kubectl("get", "namespaces", f"--selector={LABEL}", "-o", "json")
    if listed.returncode:
        raise StepFailed(f"The namespaces could not be listed:\n{listed.stderr}")
    items = json.loads(listed.stdout)["items"]
    names = [item["metadata"]["name"] for item in items]
    _reclaim({item["metadata"]["name"]: item["metadata"]["labels"][LABEL] for item in items})
    with progress.step(f"deleting {', '.join(names) or 'what is left'}"):
        for name in names:
            # Their work is of no more use: no pod needs its 30 s to end in order.
            kind.kubectl(
                "delete", "pods", "--all", f"--namespace={name}", "--grace-period=1", "--wait=false"
            )
        _delete("namespace", f"--selector={LABEL}")
        # After the namespaces: a volume goes only when its claim has gone. On a cluster of its
        # owner no lesson makes any.
        if guard.owner_context() is None:
            _delete(",".join(WIDE), f"--selector={LABEL}")
    return names


def _reclaim(lessons: Mapping[str, str]) -> None:
    """Have the volumes deleted that were made for claims of these namespaces."""
    try:
        api = Api(guard.check(kind.kubeconfig()))
        for namespace, lesson in lessons.items():
            reclaim(api, namespace, lesson)
    except KubeError as error:
        raise StepFailed(f"The lessons' volumes could not be reclaimed. {error}") from error


def _delete(*what: str) -> None:
    limit = f"--timeout={DEADLINE_SECONDS}s"
    deleted = kind.kubectl("delete", *what, "--ignore-not-found", limit)
    if deleted.returncode:
        raise StepFailed(f"Not everything could be deleted:\n{deleted.stderr}")


def _put_back(progress: Progress) -> None:
    """Take the steps that lessons wrote into their Leases, whether they live or not."""
    listed = kind.kubectl("get", "leases", "-A", f"--selector={LABEL}", "-o", "json")
    if listed.returncode:
        raise StepFailed(f"The Leases of the lessons could not be listed:\n{listed.stderr}")
    leases = [lease for lease in json.loads(listed.stdout)["items"] if undo.steps_in(lease)]
    if not leases:
        return
    steps = [step for lease in leases for step in undo.steps_in(lease)]
    with progress.step("putting back what lessons changed"):
        try:
            api = Api(guard.check(kind.kubeconfig()))
            undo.take(api, steps)
            for metadata in (lease["metadata"] for lease in leases):
                undo.forget(api, metadata["namespace"], metadata["name"])
        except (KubeError, EngineError) as error:
            raise StepFailed(f"Not everything could be put back. {error}") from error
