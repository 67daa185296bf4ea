"""The experiments of the lesson "stateful-sets", in their order."""

from helpers.experiments.lost_node import NodeIsLost
from helpers.experiments.set_keeps import SetLosesItsPods
from helpers.experiments.set_order import SetStarts
from helpers.experiments.set_update import SetIsUpdated

__all__ = ["NodeIsLost", "SetIsUpdated", "SetLosesItsPods", "SetStarts"]
