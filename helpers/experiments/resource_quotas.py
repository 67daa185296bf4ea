"""The experiments of the lesson "resource-quotas", in their order."""

from helpers.experiments.fifth_replica import FifthReplicaIsMissing

__all__ = ["FifthReplicaIsMissing"]
