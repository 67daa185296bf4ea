"""The file is copied from the old volume's folder onto the new volume, and the old one stays."""

from helpers.experiments import pods
from helpers.lesson.lab import Lab
from helpers.model import manifests, volumes
from helpers.model.watched import objects


async def act(lab: Lab) -> None:
    """Copy with a Pod that mounts the folder and the claim."""
    bench = lab.bench
    volume = str(objects(bench.timeline, "ConfigMap")["receipt"]["data.volume"])
    old = objects(bench.timeline, "PersistentVolume")[volume]
    here = {"namespace": bench.place.namespace, "lesson": bench.place.lesson}
    pod = manifests.burn_pod(**here, name="copier")
    spec = dict(pod["spec"])
    spec["volumes"] = [
        {"name": "old", "hostPath": {"path": str(old["spec.hostPath.path"])}},
        volumes.claimed("new", "ledger-data"),
    ]
    (container,) = spec["containers"]
    container["volumeMounts"] = [
        {"name": "old", "mountPath": "/old", "readOnly": True},
        {"name": "new", "mountPath": "/new"},
    ]
    await bench.apply({**pod, "spec": spec})
    await pods.started(bench, "copier")
    copy = ["cp", "/old/random.bin", "/new/random.bin"]
    await bench.call(bench.session.exec, "copier", copy)
    await lab.delete("Pod", "copier")
