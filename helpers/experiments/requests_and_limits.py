"""The experiments of the lesson "requests and limits", in their order."""

from helpers.experiments.quantities import QuantitiesAreRead
from helpers.experiments.throttling import CpuLimitThrottles

__all__ = ["CpuLimitThrottles", "QuantitiesAreRead"]
