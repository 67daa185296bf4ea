"""What experiments do with Pods of one container that is named like the Pod."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from helpers.lesson.experiment import Bench, Trouble
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value

START_WITHIN = 30.0  # seconds for a Pod whose image is on the node
READ_WITHIN = 10.0  # seconds that a reading may take longer than its window
RESIZE_WITHIN = 15.0  # seconds from the resize to the kubelet's report that it is in force

# Reasons for which a container waits and which no waiting mends.
# Rule: k8s.io/kubernetes pkg/kubelet/images/types.go and kuberuntime/kuberuntime_container.go
_IMAGE = {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"}
_START = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}


async def started(bench: Bench, *names: str) -> None:
    """Wait until these Pods run. Raises Trouble when one never will, and DeadlineExceeded."""
    for name in names:
        await bench.wait(running(name), START_WITHIN, f"Pod/{name} to run")


async def read(bench: Bench, name: str, *, seconds: float, limit: str | None = None) -> None:
    """Read a container's own cgroup over so many seconds, by `burn stat`; its rows have one time.

    `limit` is the CPU limit in force; it is noted beside what was read.
    """
    command = ["burn", "stat", "--seconds", f"{seconds:g}"]

    def stat() -> dict[str, Value]:
        seen = json.loads(bench.session.exec(name, command, deadline=seconds + READ_WITHIN))
        bench.timeline.meta["cgroup"] = seen["cgroup"]
        return {f"stat.{field}": value for field, value in seen.items()} | {"stat.limit": limit}

    await bench.call(bench.recorder.sample, "exec", f"Pod/{name}", stat)


async def resized(bench: Bench, name: str, *, limit: str, request: str | None = None) -> None:
    """Give a running container another CPU limit (and request), and wait until it is in force."""
    resources = {"limits": {"cpu": limit}}
    if request is not None:
        resources["requests"] = {"cpu": request}
    await bench.call(bench.session.resize, name, name, resources)
    await bench.wait(
        limit_in_force(name, limit), RESIZE_WITHIN, f"the limit {limit} to be in force"
    )


def field(timeline: Timeline, name: str, path: str) -> Value:
    """Return what the watch saw last of a field of Pod `name`, None if it saw nothing."""
    return timeline.value(source="watch", object=f"Pod/{name}", field=path)


def running(name: str) -> Callable[[Timeline], bool]:
    """Return a condition: the container runs. It raises Trouble when it never will."""
    status = f"status.containerStatuses.{name}"

    def condition(timeline: Timeline) -> bool:
        reason = field(timeline, name, f"{status}.state.waiting.reason")
        message = field(timeline, name, f"{status}.state.waiting.message") or "no message"
        if reason in _IMAGE:
            raise Trouble(
                "The image is not there",
                f"Pod/{name} waits with {reason}: {message}",
                f"The node looks for {field(timeline, name, f'{status}.image')}. Look at the "
                "name; `workbook up` puts the course's images into the cluster.",
            )
        if reason in _START:
            raise Trouble(
                "The container does not start",
                f"Pod/{name} waits with {reason}: {message}",
                "Read what the kubelet says, change the manifest, and run again.",
            )
        said = str(field(timeline, name, "status.conditions.PodScheduled.message"))
        if unschedulable(timeline, name) and not _TAINTS.match(said):
            raise Trouble(
                "No node has room",
                said,
                "The scheduler counts requests: ask for less, or delete what fills the nodes.",
            )
        return field(timeline, name, f"{status}.state.running.startedAt") is not None

    return condition


_TAINTS = re.compile(r"0/(\d+) nodes are available: \1 node\(s\) had untolerated taint")
"""What the scheduler says when all nodes have taints. That passes: they were not ready, or short of
memory, a moment ago, and a taint NoExecute may even come after they are ready again, for 5 s.
Upstream: K pkg/scheduler/framework/types.go, FitError.Error; pkg/controller/nodelifecycle
node_lifecycle_controller.go, processTaintBaseEviction."""


def unschedulable(timeline: Timeline, name: str) -> bool:
    """Tell whether the scheduler has found no node for this Pod."""
    return field(timeline, name, "status.conditions.PodScheduled.reason") == "Unschedulable"


def limit_in_force(name: str, limit: str) -> Callable[[Timeline], bool]:
    """Return a condition: the kubelet reports this CPU limit as that of the running container."""
    wanted = Quantity.parse(limit)
    path = f"status.containerStatuses.{name}.resources.limits.cpu"

    def condition(timeline: Timeline) -> bool:
        reported = field(timeline, name, path)
        return isinstance(reported, str) and Quantity.parse(reported) == wanted

    return condition
