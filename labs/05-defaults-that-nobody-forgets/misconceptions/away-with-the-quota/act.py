"""Give defaults, and delete what says no."""

from helpers.lesson.lab import Lab


async def act(lab: Lab) -> None:
    """Delete the quota, as somebody would who is in a hurry."""
    await lab.apply("defaults.yaml")
    await lab.delete("ResourceQuota", "budget")
