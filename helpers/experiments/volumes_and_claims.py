"""The experiments of the lesson "volumes-and-claims", in their order."""

from helpers.experiments.claim_phases import ClaimPhases
from helpers.experiments.released_volume import ReleasedVolume
from helpers.experiments.which_volume import WhichVolume

__all__ = ["ClaimPhases", "ReleasedVolume", "WhichVolume"]
