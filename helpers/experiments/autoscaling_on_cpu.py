"""The experiments of the lesson "autoscaling on CPU", in their order."""

from helpers.experiments.cpu_load import LoadMeetsAutoscaler
from helpers.experiments.unknown import WhyUnknown

__all__ = ["LoadMeetsAutoscaler", "WhyUnknown"]
