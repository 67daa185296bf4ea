"""Where what was built stays. Standard library only: the installation needs it first of all."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_dir() -> Path:
    """Return the folder of what was built: kubernetes-workbook in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG base directory specification: a path that is not absolute is to be ignored.
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / (
        "kubernetes-workbook"
    )


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Let one process at a time do what has this name; the others wait for it.

    The kernel lets go of the lock when the process ends, however it ends.
    """
    folder = cache_dir() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
