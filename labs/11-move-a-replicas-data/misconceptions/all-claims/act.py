"""All claims go, and only one file is put back."""

from helpers.experiments import sets
from helpers.lesson.lab import Lab

FILE = "/data/random.bin"


async def act(lab: Lab) -> None:
    """Let all Pods and claims go and come again, and put back the file of store-1."""
    bench, session = lab.bench, lab.bench.session
    kept = await bench.call(session.exec, "store-1", ["base64", "-w0", FILE])
    await bench.call(session.scale, "StatefulSet", "store", 0)
    await sets.gone(bench, "store-")
    for claim in ("data-store-0", "data-store-1"):
        await lab.delete("PersistentVolumeClaim", claim)
    await bench.call(session.scale, "StatefulSet", "store", 2)
    await sets.ready(bench, "store-", 2)
    put = ["sh", "-c", f'echo "$1" | base64 -d >{FILE}', "sh", kept]
    await bench.call(session.exec, "store-1", put)
