"""Name the image by the digest that images.txt has for a commit."""

import re

from helpers.lesson.lab import Lab


async def act(lab: Lab) -> None:
    """Name the commit that is wanted."""
    await name_by_digest(lab, "c7a1f0e")


async def name_by_digest(lab: Lab, commit: str) -> None:
    """Put the digest of a commit in the place of the tag, and apply the Deployment."""
    listed = (lab.work / "images.txt").read_text("utf-8")
    found = re.search(rf"^{commit} +(sha256:[0-9a-f]+)$", listed, re.MULTILINE)
    assert found is not None
    file = lab.work / "deployment.yaml"
    text = file.read_text("utf-8").replace("randserver:stable", f"randserver@{found[1]}")
    file.write_text(text, "utf-8")
    await lab.apply()
