"""The experiments of the lesson "one-volume-many-pods", in their order."""

from helpers.experiments.network_disk import OneDiskTwoNodes
from helpers.experiments.shared_folder import ReplicasShareOneVolume
from helpers.experiments.update_with_volume import UpdateOfOneReplica

__all__ = ["OneDiskTwoNodes", "ReplicasShareOneVolume", "UpdateOfOneReplica"]
