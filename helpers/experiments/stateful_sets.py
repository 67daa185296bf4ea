"""The experiments of the lesson "stateful-sets", in their order."""

from helpers.experiments.lost_node import NodeIsLost
from helpers.experiments.set_keeps import SetKeepsItsFiles
from helpers.experiments.set_order import SetStartsInOrder
from helpers.experiments.set_update import PartitionHoldsBack

__all__ = ["NodeIsLost", "PartitionHoldsBack", "SetKeepsItsFiles", "SetStartsInOrder"]
