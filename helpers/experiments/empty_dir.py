"""The experiments of the lesson "empty-dir", in their order."""

from helpers.experiments.life_of_a_file import LifeOfAFile

__all__ = ["LifeOfAFile"]
