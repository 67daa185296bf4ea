"""The experiments of the lesson "storage-classes", in their order."""

from helpers.experiments.binding_mode import BoundAtOnceOrWithThePod
from helpers.experiments.default_class import TwoDefaults
from helpers.experiments.ebs_classes import ClassesForEbs
from helpers.experiments.growing_claim import AClaimGrows

__all__ = ["AClaimGrows", "BoundAtOnceOrWithThePod", "ClassesForEbs", "TwoDefaults"]
