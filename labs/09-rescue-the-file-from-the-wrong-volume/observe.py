"""Read the file that the ledger serves."""

from pathlib import Path

from helpers.experiments import volume_files
from helpers.lesson.experiment import Bench


async def observe(bench: Bench, work: Path) -> None:
    """Begin to read it."""
    volume_files.follow_checksums(bench, "ledger")
