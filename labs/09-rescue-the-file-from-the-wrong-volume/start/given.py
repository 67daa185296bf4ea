"""The ledger writes its file; then somebody deletes the claim, and makes it again."""

from helpers.experiments import sets, volume_files
from helpers.lesson.lab import Lab
from helpers.model import volumes
from helpers.model.watched import objects

WITHIN = 40.0  # seconds


async def give(lab: Lab) -> None:
    """Let that happen, and write the receipt for the file that was there first."""
    bench = lab.bench
    await bench.call(bench.recorder.watch, "PersistentVolume", "PersistentVolumeClaim", "Pod")
    first = await volume_files.running(bench, "ledger-", container="ledger")
    checksum = await bench.call(sets.checksum, bench, first)
    claim = objects(bench.timeline, "PersistentVolumeClaim")["ledger-data"]
    volume = str(claim["spec.volumeName"])
    here = {"namespace": bench.place.namespace, "lesson": bench.place.lesson}
    await bench.apply(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "receipt", "namespace": here["namespace"]},
            "data": {"sha256": checksum, "volume": volume},
        }
    )
    # A claim that a Pod uses goes when the Pod has gone.
    await bench.call(bench.session.delete, "PersistentVolumeClaim", "ledger-data")
    await bench.call(bench.session.delete, "Pod", first, grace=1)
    await bench.wait(
        lambda timeline: (
            objects(timeline, "PersistentVolume")[volume]["status.phase"] == "Released"
        ),
        WITHIN,
        "the volume to be let go",
    )
    # Whoever frees the volume takes away what says whose it is.
    label = {"metadata": {"labels": {"kubernetes-workbook/lesson": here["lesson"]}}}
    await bench.call(bench.session.patch, "PersistentVolume", volume, label)
    await bench.apply(
        volumes.claim(**here, name="ledger-data", storage_class=f"{here['namespace']}-kept")
    )
    await volume_files.running(bench, "ledger-", before=[first], container="ledger")
