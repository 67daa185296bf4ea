"""The experiments of the lesson "lifecycle-policies", in their order."""

from helpers.experiments.eight_hundred import KeepsEightHundred
from helpers.experiments.three_rules import ThreeRules

__all__ = ["KeepsEightHundred", "ThreeRules"]
