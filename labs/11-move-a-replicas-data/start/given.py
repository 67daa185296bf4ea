"""Both Pods write their files, and a receipt says which is whose."""

from helpers.experiments import sets
from helpers.lesson.lab import Lab


async def give(lab: Lab) -> None:
    """Wait until both serve, and write the receipt."""
    bench = lab.bench
    await bench.call(bench.recorder.watch, "PersistentVolume", "PersistentVolumeClaim", "Pod")
    await sets.ready(bench, "store-", 2)
    files = {pod: await bench.call(sets.checksum, bench, pod) for pod in ("store-0", "store-1")}
    await bench.apply(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "receipt", "namespace": bench.place.namespace},
            "data": files,
        }
    )
