"""The experiments of the lesson "adding nodes", in their order."""

from helpers.experiments.pending_pods import PendingPodsMakeNodes

__all__ = ["PendingPodsMakeNodes"]
