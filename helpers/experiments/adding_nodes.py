"""The experiments of the lesson "adding nodes", in their order."""

from helpers.experiments.autoscaler_iam import RightsOfTheAutoscaler
from helpers.experiments.autoscaler_objects import ObjectsOfTheAutoscaler
from helpers.experiments.consolidation import WhatKeepsANode
from helpers.experiments.pending_pods import PendingPodsMakeNodes
from helpers.experiments.pod_roles import WhoGetsTheKeys
from helpers.experiments.requests_not_use import BusyAndIdlePods
from helpers.experiments.zones import OneGroupAZone

__all__ = [
    "BusyAndIdlePods",
    "ObjectsOfTheAutoscaler",
    "OneGroupAZone",
    "PendingPodsMakeNodes",
    "RightsOfTheAutoscaler",
    "WhatKeepsANode",
    "WhoGetsTheKeys",
]
