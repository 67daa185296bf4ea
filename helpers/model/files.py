"""Looks at the files of a volume: which there are, told by their checksums, at which moment.

One row a look: source "exec", object "Pod/<name>", field "files", value {"moment": text,
"container": name, "path": where the volume is mounted in it, "files": SHA-256 by name,
"inodes": number by name}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.model.timeline import Timeline, Value


@dataclass(frozen=True, slots=True)
class Look:
    """What one container saw of a volume at one moment."""

    moment: str
    pod: str
    container: str
    path: str
    files: Mapping[str, str]
    """The checksum by the file's name below `path`."""
    inodes: Mapping[str, int]

    @property
    def checksums(self) -> frozenset[str]:
        """The files, whatever they are called."""
        return frozenset(self.files.values())


SCRIPT = """
for file in "$1"/*.bin "$1"/*/*.bin; do
  [ -f "$file" ] || continue
  echo "$(sha256sum <"$file" | cut -c1-64) $(stat -c %i "$file") ${file#"$1"/}"
done
"""
"""What a shell in the container prints: a line a file, with checksum, inode number and name."""


def row(moment: str, container: str, path: str, printed: str) -> dict[str, Value]:
    """Build the row's value from what `SCRIPT` printed."""
    lines = [line.split(" ", 2) for line in printed.splitlines() if line.strip()]
    return {
        "moment": moment,
        "container": container,
        "path": path,
        "files": {name: checksum for checksum, _, name in lines},
        "inodes": {name: int(inode) for _, inode, name in lines},
    }


def looks(timeline: Timeline, container: str | None = None) -> list[Look]:
    """Return the looks of a run in their order, those of one container if it is named."""
    found = []
    for at in timeline.where(source="exec", field="files"):
        value: Any = at.value
        if container is None or value["container"] == container:
            found.append(
                Look(
                    value["moment"],
                    at.object.removeprefix("Pod/"),
                    value["container"],
                    value["path"],
                    dict(value["files"]),
                    dict(value["inodes"]),
                )
            )
    return found


def numbered(seen: Sequence[Look]) -> list[list[int]]:
    """Return, for each look, the numbers of its files: 1 is the first file ever seen, and so on."""
    known: dict[str, int] = {}
    return [
        sorted(known.setdefault(file, len(known) + 1) for file in sorted(look.checksums))
        for look in seen
    ]
