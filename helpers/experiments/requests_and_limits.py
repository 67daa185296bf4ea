"""The experiments of the lesson "requests and limits", in their order."""

from helpers.experiments.memory import MemoryLimitKills
from helpers.experiments.placement import RequestsAreCounted
from helpers.experiments.quantities import QuantitiesAreRead
from helpers.experiments.sharing import LimitAndRequestHurtApart
from helpers.experiments.throttling import CpuLimitThrottles

__all__ = [
    "CpuLimitThrottles",
    "LimitAndRequestHurtApart",
    "MemoryLimitKills",
    "QuantitiesAreRead",
    "RequestsAreCounted",
]
