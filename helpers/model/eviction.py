"""Eviction: whom the kubelet ends first when its node runs short of memory."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from helpers.model.quantity import Quantity

REASON = "Evicted"
THRESHOLD = Quantity.parse("100Mi")
"""Memory that must be left for pods; the kubelet's own default and that of our workers."""

_MESSAGE = re.compile(r"Container (\S+) was using (\S+), request is (\S+?), has larger")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A Pod on the node: the memory it uses and has requested, in bytes, and its priority."""

    name: str
    usage: int
    request: int
    priority: int = 0

    @property
    def over(self) -> int:
        """Bytes that it uses above its request; negative if it uses less."""
        return self.usage - self.request


def rank(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the Pods in the order in which the kubelet would evict them.

    First those that use more than they requested; among these, the lowest priority; among these,
    the one with the largest use above its request. The QoS class is not asked for.
    Upstream: K pkg/kubelet/eviction/helpers.go, rankMemoryPressure.
    """
    return sorted(candidates, key=lambda c: (c.over <= 0, c.priority, -c.over))


def using(message: str) -> tuple[Quantity, Quantity] | None:
    """Read from the event of an eviction what the container was using, and its request.

    Upstream: K pkg/kubelet/eviction/helpers.go, evictionMessage.
    """
    found = _MESSAGE.search(message)
    return (Quantity.parse(found[2]), Quantity.parse(found[3])) if found else None
