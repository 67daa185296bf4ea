"""What experiments do with StatefulSets of randserver: wait, ask for names, read files."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic, time
from typing import Any

from helpers.lesson.experiment import Bench, Manifest
from helpers.model import set_run, statefulset
from helpers.model.timeline import Row, Timeline, Value

READY_WITHIN = 60.0  # seconds for three Pods, one after the other, each with a new volume
GONE_WITHIN = 40.0  # seconds for Pods that end in order
KNOWN_WITHIN = 15.0  # seconds until the DNS knows a new Pod
CLAIMS_WITHIN = 15.0  # seconds for the garbage collector to delete the claims that go
ASK_SECONDS = 2  # how long a Pod may take to answer

_ASK = """
import json, socket, sys, urllib.request
names, ports, seconds = json.loads(sys.argv[1])
for name in names:
    try:
        found = sorted(socket.gethostbyname_ex(name)[2])
    except OSError:
        found = []
    print(json.dumps(["lookup", {"name": name, "addresses": found}]))
for name, port in ports:
    try:
        answer = urllib.request.urlopen(f"http://{name}:{port}/checksum", timeout=seconds)
        said = answer.read().decode().strip()
    except OSError as error:
        said = str(getattr(error, "reason", error))
    print(json.dumps(["http", {"name": name, "port": port, "said": said}]))
"""


async def apply(bench: Bench, manifest: Manifest) -> None:
    """Apply a set, or a Deployment, once the Pods of an earlier one of its name are gone.

    The claims of a set are deleted with it at the end of the run.
    """
    made: Any = manifest
    await bench.call(bench.recorder.watch, "Pod", "PersistentVolumeClaim")
    await bench.wait(
        _none(f"Pod/{made['metadata']['name']}-"), GONE_WITHIN, "pods of an earlier run to be gone"
    )
    for template in made["spec"].get("volumeClaimTemplates", ()):
        for ordinal in range(statefulset.replicas_of(made)):
            name = statefulset.claim_name(
                made["metadata"]["name"], ordinal, template["metadata"]["name"]
            )
            bench.adopt("PersistentVolumeClaim", name)
    await bench.apply(manifest)


def _none(prefix: str) -> Callable[[Timeline], bool]:
    """Return a condition: no object whose name begins so exists, whoever made it."""

    def condition(timeline: Timeline) -> bool:
        there: dict[str, Value] = {
            row.object: row.value
            for row in timeline.where(source="watch", field="exists")
            if row.object.startswith(prefix)
        }
        return not any(there.values())

    return condition


async def ready(bench: Bench, prefix: str, pods: int) -> None:
    """Wait until so many Pods whose name begins so are ready."""

    def condition(timeline: Timeline) -> bool:
        return len(set_run.ready_pods(timeline, prefix)) == pods

    await bench.wait(condition, READY_WITHIN, f"{pods} pods {prefix}* to be ready")


async def gone(bench: Bench, prefix: str, left: int = 0) -> None:
    """Wait until no more than so many Pods with such a name are there, ending or not."""

    def condition(timeline: Timeline) -> bool:
        return sum(life.gone is None for life in set_run.lives(timeline, prefix)) <= left

    await bench.wait(condition, GONE_WITHIN, f"all but {left} pods {prefix}* to be gone")


async def delete_pods(bench: Bench, names: Sequence[str]) -> None:
    """Delete Pods, and wait until these lives of theirs are over."""
    now = {life.uid for name in names for life in set_run.ready_pods(bench.timeline, name)}
    for name in names:
        await bench.call(bench.session.delete, "Pod", name)

    def condition(timeline: Timeline) -> bool:
        lives = [life for name in names for life in set_run.lives(timeline, name)]
        return all(life.gone is not None for life in lives if life.uid in now)

    await bench.wait(condition, GONE_WITHIN, f"{', '.join(names)} to be gone")


async def claims_settled(bench: Bench, wanted: Mapping[str, int]) -> None:
    """Wait until each set has as many claims left as by the rule, or for some seconds.

    What is left then is what counts: that a cluster keeps to the rule is for the claims to judge.
    """
    from helpers.kube.errors import DeadlineExceeded

    def condition(timeline: Timeline) -> bool:
        return all(
            len(set_run.claims(timeline, statefulset.claims_of(name))) == left
            for name, left in wanted.items()
        )

    with contextlib.suppress(DeadlineExceeded):
        await bench.wait(condition, CLAIMS_WITHIN, "the claims to settle")


def count_claims(bench: Bench, step: str, names: Iterable[str]) -> None:
    """Note how many claims of each set are there in the middle of a step."""
    left: dict[str, Value] = {
        name: len(set_run.claims(bench.timeline, statefulset.claims_of(name))) for name in names
    }
    bench.timeline.append(Row(time(), "session", f"Step/{step}", "claims", left))


def begin(bench: Bench, step: str) -> None:
    """Note that a step of the run begins."""
    bench.timeline.append(Row(time(), "session", f"Step/{step}", "begin", True))


async def files(bench: Bench, step: str, pods: Mapping[str, Sequence[str]]) -> None:
    """Read the checksum of each Pod's file, and note them by set as what is there after a step."""

    def read() -> dict[str, Value]:
        return {
            name: [checksum(bench, pod) if pod else None for pod in its]
            for name, its in pods.items()
        }

    found = await bench.call(read)
    bench.timeline.append(Row(time(), "session", f"Step/{step}", "files", found))


def checksum(bench: Bench, pod: str) -> str:
    """Return the SHA-256 of the file in a Pod of randserver, and note it; it blocks."""
    said = bench.session.exec(pod, ["sha256sum", "/data/random.bin"], deadline=10).split()[0]
    bench.timeline.append(Row(time(), "exec", f"Pod/{pod}", "checksum", said))
    return said


def ask(
    bench: Bench,
    names: Sequence[str],
    ports: Sequence[tuple[str, int]],
    known: Callable[[], bool],
) -> None:
    """Look names up and call ports from inside Pod client, again until `known`; it blocks.

    The DNS hears of a Pod a moment after it is ready.
    """
    until = monotonic() + KNOWN_WITHIN
    wanted = json.dumps([list(names), [list(port) for port in ports], ASK_SECONDS])
    while not bench.cancelled.is_set():
        said = bench.session.exec("client", ["python3", "-c", _ASK, wanted], deadline=30)
        for line in said.splitlines():
            field, value = json.loads(line)
            bench.timeline.append(Row(time(), "exec", "Pod/client", field, value))
        if known() or monotonic() > until:
            return
        bench.cancelled.wait(0.5)
