"""Wait until the autoscaler has looked at its Pods' metrics and says nothing new."""

from contextlib import suppress
from pathlib import Path

from helpers.kube.errors import DeadlineExceeded
from helpers.lesson.experiment import Bench
from helpers.model import hpa_conditions
from helpers.model.timeline import Timeline
from helpers.model.verdicts import held

PATIENCE = 50.0
"""Seconds: two scrapes and a sync for new Pods, or the window before it scales down."""
AS_BEFORE = 6.0
"""Seconds; what it said before the last change of its manifest stands until its next sync."""
_WAITS = ("no metrics returned", "did not receive metrics")


def decided(timeline: Timeline) -> bool:
    """Tell whether it cannot go on, or has a number and asks for no more than its least."""
    state = hpa_conditions.seen(timeline, "web")
    if state is None or any(words in state.words for words in _WAITS):
        return False
    wanted, least = (
        timeline.value(source="watch", object="HorizontalPodAutoscaler/web", field=field)
        for field in ("status.desiredReplicas", "spec.minReplicas")
    )
    return wanted in (0, least)


async def observe(bench: Bench, work: Path) -> None:
    """Wait for its last word; one that asks for more than it should may still go down."""
    bench.progress("Metrics come every 10 s; a new Pod counts after two of them")
    with suppress(DeadlineExceeded):  # then it is judged as it is
        await bench.wait(
            lambda timeline: held(timeline, decided, AS_BEFORE), PATIENCE, "its last word"
        )
