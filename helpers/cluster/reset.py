"""Back to a clean cluster: what lessons left is deleted, what they changed is put back."""

from __future__ import annotations

import json

from helpers.cluster import kind
from helpers.cluster.progress import Progress, StepFailed
from helpers.engine.engine import Engine
from helpers.kube.guard import LABEL

DEADLINE_SECONDS = 30


def reset(engine: Engine, image: str, progress: Progress) -> list[str]:
    """Delete every namespace of a lesson, open or not, and return their names.

    A paused node goes on, and a lost cluster is made anew. Raises StepFailed when something is
    still there after 30 s.
    """
    kind.up(engine, image, progress)
    kind.wait_ready()  # a node that was paused is late with its heartbeat
    listed = kind.kubectl("get", "namespaces", f"--selector={LABEL}", "-o", "json")
    if listed.returncode:
        raise StepFailed(f"The namespaces could not be listed:\n{listed.stderr}")
    names = [item["metadata"]["name"] for item in json.loads(listed.stdout)["items"]]
    if not names:
        return []
    with progress.step(f"deleting {', '.join(names)}"):
        for name in names:
            # Their work is of no more use: no pod needs its 30 s to end in order.
            kind.kubectl(
                "delete", "pods", "--all", f"--namespace={name}", "--grace-period=1", "--wait=false"
            )
        deleted = kind.kubectl(
            "delete", "namespace", *names, "--ignore-not-found", f"--timeout={DEADLINE_SECONDS}s"
        )
        if deleted.returncode:
            raise StepFailed(f"Not everything could be deleted:\n{deleted.stderr}")
    return names
