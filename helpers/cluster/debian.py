"""Debian's packages that a bare machine lacks. Standard library only."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from helpers.cluster.progress import Progress, StepFailed


def missing(packages: Sequence[str]) -> list[str]:
    """Name those of the packages that are not installed; all of them where dpkg is absent."""
    if not shutil.which("dpkg-query"):
        return list(packages)
    query = subprocess.run(
        ["dpkg-query", "-W", "-f=${Package} ${Status}\n", *packages],
        check=False,  # a package that dpkg has never heard of makes it fail
        capture_output=True,
        text=True,
    )
    there = query.stdout.splitlines()
    return [package for package in packages if f"{package} install ok installed" not in there]


def install(packages: Sequence[str], progress: Progress) -> None:
    """Install what is missing with apt-get; does nothing when nothing is.

    Raises StepFailed on another system than Debian's family, or without root.
    """
    absent = missing(packages)
    if not absent:
        return
    names = " ".join(absent)
    if not shutil.which("apt-get"):
        raise StepFailed(f"This machine lacks {names}, and it has no apt-get to install them with.")
    if os.geteuid() != 0:
        raise StepFailed(f"This machine lacks {names}. Install them: sudo apt-get install {names}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with progress.step(f"Debian packages: {names}"):
        progress.run(["apt-get", "update", "-q"], log="debian", env=environment)
        progress.run(
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", *absent],
            log="debian",
            env=environment,
        )
