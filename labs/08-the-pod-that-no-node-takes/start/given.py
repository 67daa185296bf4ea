"""Wait until the Job has written the orders: from then on the volume has its place."""

from helpers.lesson.lab import Lab
from helpers.model.timeline import Timeline

WITHIN = 60.0


async def give(lab: Lab) -> None:
    """Wait for the Job."""
    await lab.bench.wait(_collected, WITHIN, "the orders to be written")


def _collected(timeline: Timeline) -> bool:
    field = "status.conditions.Complete.status"
    return timeline.value(source="watch", object="Job/collect", field=field) == "True"
