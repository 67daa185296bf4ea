"""Ask for every Pod of the set by its name, again and again, from inside one of them."""

import contextlib
import json
from pathlib import Path

from helpers.kube.errors import KubeError
from helpers.lesson.experiment import Bench
from helpers.model.timeline import Value
from helpers.model.watched import objects, pods

EVERY = 2.0  # seconds

ASK = """
import json, sys, urllib.request
said = {}
for pod in ("cart-0", "cart-1", "cart-2"):
    try:
        answer = urllib.request.urlopen(f"http://{pod}.{sys.argv[1]}:3000/checksum", timeout=1)
        said[f"Pod/{pod}"] = answer.read().decode().strip()
    except OSError:
        pass
print(json.dumps(said))
"""


async def observe(bench: Bench, work: Path) -> None:
    """Begin to ask; what each Pod's name leads to is a row "found", the checksum of its file."""
    bench.recorder.follow("exec", "found", lambda: _asked(bench), EVERY)


def _asked(bench: Bench) -> dict[str, Value]:
    found: dict[str, Value] = {}
    known = objects(bench.timeline, "StatefulSet").get("cart", {})
    for pod in sorted(pods(bench.timeline, "cart"))[:1]:
        with contextlib.suppress(KubeError):  # it does not run, and the watch says so
            asked = ["python3", "-c", ASK, str(known.get("spec.serviceName"))]
            found.update(json.loads(bench.session.exec(pod, asked, deadline=10)))
    return found
