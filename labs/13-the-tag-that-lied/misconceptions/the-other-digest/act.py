"""Name the image by a digest, that of the older commit."""

from helpers.lesson.lab import Lab
from helpers.lesson.lab_folder import load


async def act(lab: Lab) -> None:
    """Do as the solution does, with the commit that is not wanted."""
    solution = load(lab.folder.path / "solutions" / "by-digest" / "act.py")
    await solution.name_by_digest(lab, "2f81c6d")
