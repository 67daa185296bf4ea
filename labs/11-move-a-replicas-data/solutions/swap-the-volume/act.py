"""The file is copied onto a second volume, and that one is given the old claim's name."""

from helpers.experiments import pods, sets
from helpers.lesson.lab import Lab
from helpers.model import manifests, volumes
from helpers.model.watched import objects

WITHIN = 40.0  # seconds


async def act(lab: Lab) -> None:
    """Copy, free the second volume, and claim it under the old name."""
    bench, session = lab.bench, lab.bench.session
    here = {"namespace": bench.place.namespace, "lesson": bench.place.lesson}
    fast = f"{bench.place.namespace}-fast"
    await bench.call(session.scale, "StatefulSet", "store", 1)
    await sets.gone(bench, "store-1")
    await bench.apply(volumes.claim(**here, name="moved", storage_class=fast))
    await bench.apply(_mover(here))
    await pods.started(bench, "mover")
    await bench.call(session.exec, "mover", ["cp", "/old/random.bin", "/new/random.bin"])
    await lab.delete("Pod", "mover")
    volume = str(objects(bench.timeline, "PersistentVolumeClaim")["moved"]["spec.volumeName"])
    await lab.delete("PersistentVolumeClaim", "moved")
    await bench.wait(
        lambda timeline: (
            objects(timeline, "PersistentVolume")[volume]["status.phase"] == "Released"
        ),
        WITHIN,
        "the volume to be let go",
    )
    # Without a claim nothing but the label tells whose volume it is.
    labels = {"kubernetes-workbook/lesson": here["lesson"]}
    free = {"spec": {"claimRef": None}, "metadata": {"labels": labels}}
    await bench.call(session.patch, "PersistentVolume", volume, free)
    await lab.delete("PersistentVolumeClaim", "data-store-1")
    await bench.apply(volumes.claim(**here, name="data-store-1", storage_class=fast, volume=volume))
    await bench.call(session.scale, "StatefulSet", "store", 2)


def _mover(here: dict[str, str]) -> manifests.Manifest:
    pod = manifests.burn_pod(**here, name="mover")
    spec = dict(pod["spec"])
    spec["volumes"] = [volumes.claimed("old", "data-store-1"), volumes.claimed("new", "moved")]
    (container,) = spec["containers"]
    container["volumeMounts"] = [
        {"name": "old", "mountPath": "/old", "readOnly": True},
        {"name": "new", "mountPath": "/new"},
    ]
    return {**pod, "spec": spec}
