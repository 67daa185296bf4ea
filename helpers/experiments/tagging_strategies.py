"""The experiments of the lesson "tagging-strategies", in their order."""

from helpers.experiments.fix_feature_break import FixFeatureBreak
from helpers.experiments.newer_tag import NewerTag
from helpers.experiments.rollback_by_tag import RollbackByTag

__all__ = ["FixFeatureBreak", "NewerTag", "RollbackByTag"]
