"""The experiments of the lesson "resource-quotas", in their order."""

from helpers.experiments.fifth_replica import GrowingDeployment
from helpers.experiments.oracle import Oracle
from helpers.experiments.quota_kinds import QuotaKinds

__all__ = ["GrowingDeployment", "Oracle", "QuotaKinds"]
