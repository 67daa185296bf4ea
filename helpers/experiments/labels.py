"""The experiments of the lesson "labels", in their order."""

from helpers.experiments.build_arguments import BuildArguments
from helpers.experiments.image_labels import ImageLabels

__all__ = ["BuildArguments", "ImageLabels"]
