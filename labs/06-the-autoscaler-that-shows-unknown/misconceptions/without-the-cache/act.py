"""The cache is in the way, so it is deleted."""

from helpers.lesson.lab import Lab


async def act(lab: Lab) -> None:
    """Delete the cache, and apply the rest."""
    await lab.delete("Deployment", "cache")
    await lab.apply("web.yaml", "autoscaler.yaml")
