"""A claim that was never bound can go and come again; what it asks for cannot be changed."""

from helpers.lesson.lab import Lab


async def act(lab: Lab) -> None:
    """Let the old objects go, and apply the files."""
    for claim in ("catalog-data", "reports-data"):
        await lab.delete("PersistentVolumeClaim", claim)
    await lab.apply()
