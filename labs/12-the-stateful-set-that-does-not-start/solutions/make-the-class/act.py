"""What is missing is made; only the first Pod, which is of the old template, has to go."""

from helpers.lesson.lab import Lab


async def act(lab: Lab) -> None:
    """Apply the files, and let the first Pod go."""
    await lab.apply()
    # The set makes it again at once, so there is no waiting until it is gone.
    await lab.bench.call(lab.bench.session.delete, "Pod", "cart-0")
