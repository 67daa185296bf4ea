"""The set and its claim are made anew; nobody waits any more for a Pod to be ready."""

from helpers.lesson.lab import Lab


async def act(lab: Lab) -> None:
    """Let the old objects go, and apply the files."""
    await lab.delete("StatefulSet", "cart")
    await lab.delete("PersistentVolumeClaim", "data-cart-0")
    await lab.apply()
