"""The queue of an experiment: SQS, played by moto in the adapter's Pod, reached from here.

Each request is a row: source "aws", object "sqs:<action>", field "answer".
"""

from __future__ import annotations

import time
from typing import Any

from helpers.lesson.experiment import Bench
from helpers.model import metered
from helpers.model.timeline import Row

_BATCH = 10  # messages that SQS takes at once


class Queue:
    """One queue, by a client that reaches this machine's end of the forward, and nothing else."""

    def __init__(self, bench: Bench, endpoint: str, name: str) -> None:
        """Make the queue. To be run in a thread, as all that it does."""
        from helpers.aws import guard

        self._bench = bench
        self._client = guard.client("sqs", endpoint)
        # moto names the queue by the address at which it was asked.
        self._url = str(self._ask("CreateQueue", QueueName=name)["QueueUrl"])

    def send(self, messages: int) -> None:
        """Send so many messages."""
        for begin in range(0, messages, _BATCH):
            entries = [
                {"Id": str(number), "MessageBody": f"work {number}"}
                for number in range(begin, min(begin + _BATCH, messages))
            ]
            self._ask("SendMessageBatch", QueueUrl=self._url, Entries=entries)

    def purge(self) -> None:
        """Take all messages away. SQS allows that once a minute."""
        self._ask("PurgeQueue", QueueUrl=self._url)

    def take(self) -> None:
        """Receive messages and delete them, as workers do, until none is left."""
        receive = {"QueueUrl": self._url, "MaxNumberOfMessages": _BATCH}
        while messages := self._ask("ReceiveMessage", **receive).get("Messages"):
            entries = [
                {"Id": message["MessageId"], "ReceiptHandle": message["ReceiptHandle"]}
                for message in messages
            ]
            self._ask("DeleteMessageBatch", QueueUrl=self._url, Entries=entries)

    def _ask(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Ask SQS. Raises KubeError where it does not answer, as when the adapter's Pod is gone."""
        from helpers.aws import account
        from helpers.aws.errors import AwsGone
        from helpers.kube.errors import KubeError

        try:
            answer = account.ask(self._client, action, **parameters)
        except AwsGone:
            raise KubeError("The queue in the adapter's Pod does not answer.") from None
        kept = {"queue": parameters.get("QueueName") or self._url.rpartition("/")[2]}
        if "Entries" in parameters:
            kept["messages"] = len(parameters["Entries"])
        self._bench.timeline.append(Row(time.time(), "aws", f"sqs:{action}", "answer", kept))
        return answer


def forward(bench: Bench) -> Any:
    """Open a port of this machine that leads to SQS in the adapter's Pod; a context manager."""
    return bench.session.forward(metered.ADAPTER, metered.SQS_PORT)
