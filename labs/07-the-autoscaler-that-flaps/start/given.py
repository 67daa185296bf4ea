"""Start what serves the queue's length to the autoscaler, and make the queue."""

from helpers.experiments import adapter
from helpers.experiments.queue import Queue, forward
from helpers.lesson.lab import Lab
from helpers.model import metered


async def give(lab: Lab) -> None:
    """Start the teaching adapter, in whose Pod SQS is played by moto, and make the queue."""
    bench = lab.bench
    await adapter.start(bench)
    await adapter.ready(bench)
    with await bench.call(forward, bench) as sqs:
        await bench.call(Queue, bench, sqs.url, metered.QUEUE)
