"""Two bursts of messages with a short dip between them; then quiet.

Each lasts until the autoscaler has seen it: so they keep step with its syncs, 5 s apart here.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from helpers.experiments.queue import Queue, forward
from helpers.kube.errors import DeadlineExceeded
from helpers.lesson.experiment import Bench, Trouble
from helpers.model import metered
from helpers.model.timeline import Timeline

BURSTS = 2
MESSAGES = 10  # as many as are sent, and taken, in one request: none is half read
SEEN_WITHIN = 30.0  # seconds
GONE_WITHIN = 45.0  # seconds of quiet
FEW = 2
_READ = "status.currentMetrics.External.external.current."


def sees(messages: bool) -> Callable[[Timeline], bool]:
    """Tell whether the autoscaler has read last that there are messages, or that there are none."""

    def condition(timeline: Timeline) -> bool:
        name = "HorizontalPodAutoscaler/worker"
        read = [row for row in timeline.where(source="watch", object=name) if _READ in row.field]
        return bool(read) and (read[-1].value != "0") == messages

    return condition


def few(timeline: Timeline) -> bool:
    """Tell whether next to no workers are left."""
    count = timeline.value(source="watch", object="Deployment/worker", field="spec.replicas")
    return isinstance(count, int) and count <= FEW


async def seen(bench: Bench, *, messages: bool) -> None:
    """Wait until the autoscaler has read the queue. Raises Trouble when it does not."""
    try:
        await bench.wait(sees(messages), SEEN_WITHIN, "the autoscaler to read the queue")
    except DeadlineExceeded:
        raise Trouble(
            "The autoscaler does not read the queue",
            f"Nothing came of it in {SEEN_WITHIN:g} s.",
            "`kubectl describe hpa worker` says why.",
        ) from None


async def observe(bench: Bench, work: Path) -> None:
    """Send the bursts and take them away again, and see what the workers do."""
    with await bench.call(forward, bench) as sqs:
        queue = await bench.call(Queue, bench, sqs.url, metered.QUEUE)
        await bench.call(queue.take)  # what a check that was cancelled has left
        await seen(bench, messages=False)
        for number in range(1, BURSTS + 1):
            bench.progress(f"Burst {number} of {BURSTS}", number / (BURSTS + 2))
            await bench.call(queue.send, MESSAGES)
            await seen(bench, messages=True)
            await bench.call(queue.take)
            await seen(bench, messages=False)
    bench.progress("It stays quiet", (BURSTS + 1) / (BURSTS + 2))
    with suppress(DeadlineExceeded):  # the check tells that they have not gone
        await bench.wait(few, GONE_WITHIN, "the workers to go")
