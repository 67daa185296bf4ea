"""Read the file of each replica."""

from pathlib import Path

from helpers.experiments import volume_files
from helpers.lesson.experiment import Bench


async def observe(bench: Bench, work: Path) -> None:
    """Begin to read them."""
    volume_files.follow_checksums(bench, "store")
