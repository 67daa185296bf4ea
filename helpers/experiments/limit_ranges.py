"""The experiments of the lesson "limit-ranges", in their order."""

from helpers.experiments.bare_pods import BarePods
from helpers.experiments.inheritance import Inheritance
from helpers.experiments.request_alone import RequestAlone

__all__ = ["BarePods", "Inheritance", "RequestAlone"]
