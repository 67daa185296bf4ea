"""Where what was built stays. Standard library only: the installation needs it first of all."""

import os
from pathlib import Path


def cache_dir() -> Path:
    """Return the folder of what was built: kubernetes-workbook in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG base directory specification: a path that is not absolute is to be ignored.
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / (
        "kubernetes-workbook"
    )
