"""The file is taken out of the cluster, the claim made anew by the set, and the file put back."""

from helpers.experiments import sets
from helpers.lesson.lab import Lab

FILE = "/data/random.bin"


async def act(lab: Lab) -> None:
    """Read the file, let Pod and claim go and come again, and write it."""
    bench, session = lab.bench, lab.bench.session
    kept = await bench.call(session.exec, "store-1", ["base64", "-w0", FILE])
    await bench.call(session.scale, "StatefulSet", "store", 1)
    await sets.gone(bench, "store-1")
    await lab.delete("PersistentVolumeClaim", "data-store-1")
    await bench.call(session.scale, "StatefulSet", "store", 2)
    await sets.ready(bench, "store-", 2)
    put = ["sh", "-c", f'echo "$1" | base64 -d >{FILE}', "sh", kept]
    await bench.call(session.exec, "store-1", put)
