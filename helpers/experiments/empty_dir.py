"""The experiments of the lesson "empty-dir", in their order."""

from helpers.experiments.empty_dir_limits import EmptyDirLimits
from helpers.experiments.life_of_a_file import LifeOfAFile

__all__ = ["EmptyDirLimits", "LifeOfAFile"]
