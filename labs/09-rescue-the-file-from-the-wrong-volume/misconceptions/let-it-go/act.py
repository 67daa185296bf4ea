"""The old volume is told not to be retained any more, as if it were free then."""

from helpers.lesson.lab import Lab
from helpers.model.watched import objects

WITHIN = 40.0  # seconds


async def act(lab: Lab) -> None:
    """Change the policy, and see the volume go."""
    bench = lab.bench
    volume = str(objects(bench.timeline, "ConfigMap")["receipt"]["data.volume"])
    let_go = {"spec": {"persistentVolumeReclaimPolicy": "Delete"}}
    await bench.call(bench.session.patch, "PersistentVolume", volume, let_go)
    await bench.wait(
        lambda timeline: volume not in objects(timeline, "PersistentVolume"),
        WITHIN,
        "the volume to be gone",
    )
