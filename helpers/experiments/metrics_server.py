"""The experiments of the lesson "metrics-server", in their order."""

from helpers.experiments.no_metrics import KubectlTopFails
from helpers.experiments.one_number import OneNumber

__all__ = ["OneNumber", "KubectlTopFails"]  # noqa: RUF022 - in the order of the lesson
