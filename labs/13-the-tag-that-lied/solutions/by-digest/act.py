"""Name the image by the digest that images.txt has for a commit."""

import re

from helpers.lesson.lab import Lab

COMMIT = "c7a1f0e"


async def act(lab: Lab) -> None:
    """Put the digest in the place of the tag, and apply the Deployment."""
    listed = (lab.work / "images.txt").read_text("utf-8")
    found = re.search(rf"^{COMMIT} +(sha256:[0-9a-f]+)$", listed, re.MULTILINE)
    assert found is not None
    file = lab.work / "deployment.yaml"
    text = file.read_text("utf-8").replace("randserver:stable", f"randserver@{found[1]}")
    file.write_text(text, "utf-8")
    await lab.apply()
