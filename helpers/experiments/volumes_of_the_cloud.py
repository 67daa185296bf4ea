"""The experiments of the lesson "volumes-of-the-cloud", in their order."""

from helpers.experiments.disk_of_the_book import DiskOfTheBook
from helpers.experiments.zone_of_a_disk import ZoneOfADisk

__all__ = ["DiskOfTheBook", "ZoneOfADisk"]
