"""The experiments of the lesson "quality-of-service", in their order."""

from helpers.experiments.eviction import NodeRunsShort
from helpers.experiments.oom_score import ClassesOnANode
from helpers.experiments.qos_class import ClassFollows

__all__ = ["ClassFollows", "ClassesOnANode", "NodeRunsShort"]
