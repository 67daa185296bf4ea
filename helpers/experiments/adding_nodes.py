"""The experiments of the lesson "adding nodes", in their order."""

from helpers.experiments.consolidation import WhatKeepsANode
from helpers.experiments.pending_pods import PendingPodsMakeNodes
from helpers.experiments.requests_not_use import RequestsNotUse

__all__ = ["PendingPodsMakeNodes", "RequestsNotUse", "WhatKeepsANode"]
