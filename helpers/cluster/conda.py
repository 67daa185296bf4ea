"""environment.yml, for those who keep their Python by conda: the versions of requirements.txt.

`python -m helpers.cluster.conda` writes it anew. Its hashes pip cannot check there; `make` does.
"""

from __future__ import annotations

import re
from pathlib import Path

from helpers.cluster import pins

PROJECT = Path(__file__).resolve().parents[2]
FILE = PROJECT / "environment.yml"


def environment() -> str:
    """Return the text of environment.yml: Python, and each locked requirement under pip."""
    lock = (PROJECT / "requirements.txt").read_text()
    lines = [line.rstrip("\\ ") for line in lock.splitlines() if re.match(r"\S+==", line)]
    return "\n".join(
        [
            "# Written by `python -m helpers.cluster.conda`; the versions are requirements.txt's.",
            "name: kubernetes-workbook",
            "dependencies:",
            f"  - python={pins.PYTHON}",
            "  - pip",
            "  - pip:",
            *(f'      - "{line}"' for line in lines),
            '      - "--editable ."',
            "",
        ]
    )


if __name__ == "__main__":
    FILE.write_text(environment())
