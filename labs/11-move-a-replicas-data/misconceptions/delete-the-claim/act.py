"""The claim is deleted so that the set makes a fast one, as if the file came along."""

from helpers.experiments import sets
from helpers.lesson.lab import Lab


async def act(lab: Lab) -> None:
    """Let Pod and claim go and come again."""
    session = lab.bench.session
    await lab.bench.call(session.scale, "StatefulSet", "store", 1)
    await sets.gone(lab.bench, "store-1")
    await lab.delete("PersistentVolumeClaim", "data-store-1")
    await lab.bench.call(session.scale, "StatefulSet", "store", 2)
