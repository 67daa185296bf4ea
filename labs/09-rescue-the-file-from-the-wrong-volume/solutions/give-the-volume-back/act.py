"""The old volume is freed, and the claim made again so that it names it."""

from helpers.experiments import sets
from helpers.lesson.lab import Lab
from helpers.model.watched import objects


async def act(lab: Lab) -> None:
    """Let claim and Deployment go, free the volume, and apply both again."""
    bench = lab.bench
    volume = str(objects(bench.timeline, "ConfigMap")["receipt"]["data.volume"])
    await lab.delete("Deployment", "ledger")
    await sets.gone(bench, "ledger-")
    await lab.delete("PersistentVolumeClaim", "ledger-data")
    free = {"spec": {"claimRef": None}}
    await bench.call(bench.session.patch, "PersistentVolume", volume, free)
    file = lab.work / "ledger.yaml"
    file.write_text(file.read_text().replace("spec:\n", f"spec:\n  volumeName: {volume}\n", 1))
    await lab.apply()
