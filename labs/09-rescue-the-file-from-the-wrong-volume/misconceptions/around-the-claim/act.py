"""The Pod is led to the old volume's folder by its path, and the claim is left out."""

from helpers.lesson.lab import Lab
from helpers.model.watched import objects


async def act(lab: Lab) -> None:
    """Write the folder into the Deployment, and apply it."""
    seen = lab.bench.timeline
    volume = str(objects(seen, "ConfigMap")["receipt"]["data.volume"])
    path = objects(seen, "PersistentVolume")[volume]["spec.hostPath.path"]
    file = lab.work / "ledger.yaml"
    claimed = "persistentVolumeClaim:\n          claimName: ledger-data"
    file.write_text(file.read_text().replace(claimed, f"hostPath:\n          path: {path}"))
    await lab.apply()
