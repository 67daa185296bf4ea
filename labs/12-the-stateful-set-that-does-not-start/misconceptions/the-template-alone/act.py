"""The set is made anew, with another class in its template; its old claim is still there."""

from helpers.lesson.lab import Lab


async def act(lab: Lab) -> None:
    """Let the set go, and apply the files."""
    await lab.delete("StatefulSet", "cart")
    await lab.apply()
