"""What to wait for in a Pod, read from a Timeline that watches it."""

from __future__ import annotations

from collections.abc import Callable

from helpers.lesson.experiment import Trouble
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value

# Reasons for which a container waits and which no waiting mends.
# Rule: k8s.io/kubernetes pkg/kubelet/images/types.go and kuberuntime/kuberuntime_container.go
_IMAGE = {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"}
_START = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}


def running(pod: str, container: str) -> Callable[[Timeline], bool]:
    """Return a condition: this container runs. It raises Trouble when it never will."""

    def condition(timeline: Timeline) -> bool:
        def seen(field: str) -> Value:
            return timeline.value(source="watch", object=f"Pod/{pod}", field=field)

        state = f"status.containerStatuses.{container}.state"
        reason, message = seen(f"{state}.waiting.reason"), seen(f"{state}.waiting.message")
        if reason in _IMAGE:
            raise Trouble(
                "The image is not there",
                f"Pod/{pod} waits with {reason}: {message or 'no message'}",
                f"The node looks for {seen(f'spec.containers.{container}.image')}. Look at the "
                "name; `workbook up` puts the course's images into the cluster.",
            )
        if reason in _START:
            raise Trouble(
                "The container does not start",
                f"Pod/{pod} waits with {reason}: {message or 'no message'}",
                "Read what the kubelet says, change the manifest, and run again.",
            )
        if seen("status.conditions.PodScheduled.reason") == "Unschedulable":
            raise Trouble(
                "No node has room",
                str(seen("status.conditions.PodScheduled.message")),
                "The scheduler counts requests: ask for less, or delete what fills the nodes.",
            )
        return seen(f"{state}.running.startedAt") is not None

    return condition


def limit_in_force(pod: str, container: str, limit: str) -> Callable[[Timeline], bool]:
    """Return a condition: the kubelet reports this CPU limit as that of the running container."""
    wanted = Quantity.parse(limit)
    field = f"status.containerStatuses.{container}.resources.limits.cpu"

    def condition(timeline: Timeline) -> bool:
        reported = timeline.value(source="watch", object=f"Pod/{pod}", field=field)
        return isinstance(reported, str) and Quantity.parse(reported) == wanted

    return condition
