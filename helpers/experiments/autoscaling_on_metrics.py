"""The experiments of the lesson "autoscaling on metrics", in their order."""

from helpers.experiments.memory_average import MemoryOfEachReplica
from helpers.experiments.own_metrics import OwnMetrics

__all__ = ["MemoryOfEachReplica", "OwnMetrics"]
