"""Labels that a selector chooses cannot be changed: the Deployment is made anew."""

from helpers.lesson.lab import Lab


async def act(lab: Lab) -> None:
    """Replace the web server, and apply the rest."""
    await lab.replace("web.yaml")
    await lab.apply()
