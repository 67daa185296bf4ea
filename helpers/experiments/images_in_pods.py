"""The experiments of the lesson "images-in-pods", in their order."""

from helpers.experiments.image_pull import ImagePull

__all__ = ["ImagePull"]
