"""The experiments of the lesson "repositories-push-and-pull", in their order."""

from helpers.experiments.moved_tag import TagMoves
from helpers.experiments.second_push import SecondPush

__all__ = ["SecondPush", "TagMoves"]
