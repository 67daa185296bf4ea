"""The set goes, and the claim that it left behind; then both are made anew."""

from helpers.lesson.lab import Lab


async def act(lab: Lab) -> None:
    """Let both go, and apply the files."""
    await lab.delete("StatefulSet", "cart")
    await lab.delete("PersistentVolumeClaim", "data-cart-0")
    await lab.apply()
