"""The file is copied onto a fast volume, whose claim has a name that the set does not know."""

from helpers.experiments import pods
from helpers.lesson.lab import Lab
from helpers.model import manifests, volumes


async def act(lab: Lab) -> None:
    """Copy onto a second claim, and leave it at that."""
    bench = lab.bench
    here = {"namespace": bench.place.namespace, "lesson": bench.place.lesson}
    fast = f"{bench.place.namespace}-fast"
    await bench.apply(volumes.claim(**here, name="data-store-1-fast", storage_class=fast))
    pod = manifests.burn_pod(**here, name="mover")
    spec = dict(pod["spec"])
    spec["volumes"] = [
        volumes.claimed("old", "data-store-1"),
        volumes.claimed("new", "data-store-1-fast"),
    ]
    (container,) = spec["containers"]
    container["volumeMounts"] = [
        {"name": "old", "mountPath": "/old", "readOnly": True},
        {"name": "new", "mountPath": "/new"},
    ]
    await bench.apply({**pod, "spec": spec})
    await pods.started(bench, "mover")
    copy = ["cp", "/old/random.bin", "/new/random.bin"]
    await bench.call(bench.session.exec, "mover", copy)
    await lab.delete("Pod", "mover")
