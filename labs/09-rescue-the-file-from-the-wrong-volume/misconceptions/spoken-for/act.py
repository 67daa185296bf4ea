"""The claim names the old volume, which still waits for the claim that was deleted."""

from helpers.experiments import sets
from helpers.lesson.lab import Lab
from helpers.model.watched import objects


async def act(lab: Lab) -> None:
    """Let claim and Deployment go, and apply both again with the volume's name."""
    bench = lab.bench
    volume = str(objects(bench.timeline, "ConfigMap")["receipt"]["data.volume"])
    await lab.delete("Deployment", "ledger")
    await sets.gone(bench, "ledger-")
    await lab.delete("PersistentVolumeClaim", "ledger-data")
    file = lab.work / "ledger.yaml"
    file.write_text(file.read_text().replace("spec:\n", f"spec:\n  volumeName: {volume}\n", 1))
    await lab.apply()
