"""The experiments of the lesson "who-may-push-and-pull", in their order."""

from helpers.experiments.managed_policies import ManagedPolicies
from helpers.experiments.one_repository import OneRepository

__all__ = ["ManagedPolicies", "OneRepository"]
