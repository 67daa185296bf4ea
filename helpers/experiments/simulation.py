"""Karpenter and kwok at work for one run: nodes that are none, and a decider that is real.

Both are processes of this kernel, and end with it. What they and their objects leave in the cluster
is noted in the lesson's Lease before it is made.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from subprocess import Popen
from time import monotonic
from typing import Any

import yaml

from helpers.kube import guard
from helpers.kube.api import APPLY
from helpers.kube.errors import Refused
from helpers.lesson import programs
from helpers.lesson.experiment import Bench, Manifest, Trouble
from helpers.model import instance_sizes, simulated_nodes
from helpers.model.simulated_nodes import FAKE, KARPENTER
from helpers.model.timeline import Timeline

PROGRAMS = "karpenter"
READY_WITHIN = 40.0  # seconds for Karpenter to take up its NodePool
SERVED_WITHIN = 20.0  # seconds for a kind of Karpenter's to be served, or to be gone from before

KWOK = (f"--manage-nodes-with-annotation-selector={FAKE}=fake", "--node-lease-duration-seconds=0")
ENVIRONMENT = {
    "DISABLE_LEADER_ELECTION": "true",  # there is one, and it leaves no Lease behind
    "METRICS_PORT": "0",
    "HEALTH_PROBE_PORT": "0",  # ports that are free: another notebook may run its own
    "SYSTEM_NAMESPACE": "kube-system",
    "LOG_LEVEL": "info",
}


class Karpenter:
    """The process, which may be ended and started again."""

    def __init__(self, bench: Bench, program: Path, work: Path) -> None:
        self._bench, self._program, self._work = bench, program, work
        self._running = contextlib.ExitStack()
        self.process: Popen[bytes] | None = None

    def start(self) -> None:
        """Start it. Raises Trouble when it cannot be started."""
        environment = {
            **os.environ,
            **ENVIRONMENT,
            "KUBECONFIG": str(self._work / "kubeconfig"),
            "INSTANCE_TYPES_FILE_PATH": str(self._work / "sizes.json"),
        }
        started = _started(self._bench, "karpenter", [self._program], self._work, environment)
        self.process = self._running.enter_context(started)

    def end(self) -> None:
        """End it, if it runs; what it knew of the cluster it reads again when it is started."""
        self._running.close()

    def must_run(self) -> None:
        """Raise Trouble, with the end of what it said, when it has ended by itself."""
        if self.process is not None and self.process.poll() is not None:
            said = (self._work / "karpenter.log").read_text("utf-8", "replace")[-600:]
            raise Trouble(
                "Karpenter has ended",
                said,
                "Press Run to try again; `workbook reset` takes away what is left.",
            )


@contextlib.asynccontextmanager
async def autoscaler(bench: Bench, objects: Sequence[Manifest]) -> AsyncIterator[Karpenter]:
    """Let Karpenter work with these objects (NodePool and KWOKNodeClass), and kwok with its nodes.

    Raises Trouble when one of the programs is missing or does not run.
    """
    built = programs.folder(PROGRAMS)
    bench.progress("Making Karpenter's kinds known", 0.02)
    for file in sorted(built.glob("*.yaml")):
        await bench.call(_install, bench, yaml.safe_load(file.read_text("utf-8")))
    # In this order they are taken away: from the last to the first.
    await bench.sweep("NodePool", KARPENTER)
    await bench.sweep("NodeClaim", KARPENTER)
    await bench.sweep("Node", "v1")
    with _work() as work:
        (work / "sizes.json").write_text(json.dumps(instance_sizes.price_list()))
        karpenter = Karpenter(bench, built / "karpenter", work)
        try:
            karpenter.start()
            async with kubelets(bench):
                for manifest in objects:
                    await bench.apply(manifest)
                await _wait_ready(bench, karpenter)
                yield karpenter
        finally:
            karpenter.end()


@contextlib.asynccontextmanager
async def kubelets(bench: Bench) -> AsyncIterator[None]:
    """Let kwok play the kubelet of every node that carries its annotation."""
    built = programs.folder(PROGRAMS)
    await bench.sweep("Node", "v1")
    await bench.call(bench.recorder.watch, "Node")
    with _work() as work:
        text = yaml.safe_dump_all(simulated_nodes.stages())
        (work / "stages.yaml").write_text(text)
        command = [
            built / "kwok", f"--kubeconfig={work / 'kubeconfig'}",
            f"--config={work / 'stages.yaml'}", *KWOK,
        ]  # fmt: skip
        with _started(bench, "kwok", command, work, dict(os.environ)):
            yield


@contextlib.contextmanager
def _work() -> Iterator[Path]:
    """A folder for one program: the kubeconfig that the guard has passed, and its log."""
    with tempfile.TemporaryDirectory(prefix="workbook-") as name:
        folder = Path(name)
        # mkdtemp's mode is 0700: the key in it is nobody else's.
        checked = guard.check(guard.kubeconfig_path())
        (folder / "kubeconfig").write_text(yaml.safe_dump(checked))
        yield folder


@contextlib.contextmanager
def _started(
    bench: Bench, name: str, command: Sequence[Any], work: Path, environment: dict[str, str]
) -> Iterator[Popen[bytes]]:
    bench.progress(f"Starting {name}", 0.05)
    try:
        with programs.running(command, work / f"{name}.log", environment) as process:
            yield process
    except OSError as error:
        raise Trouble(
            f"{name} cannot be started", str(error), "Run the cell that builds the programs again."
        ) from error


async def _wait_ready(bench: Bench, karpenter: Karpenter) -> None:
    """Wait until Karpenter has taken up its NodePool; it does so once it knows the cluster."""

    def ready(timeline: Timeline) -> bool:
        karpenter.must_run()
        pools = timeline.where(source="watch", field="status.conditions.Ready.status")
        return any(row.object.startswith("NodePool/") and row.value == "True" for row in pools)

    bench.progress("Waiting for Karpenter", 0.1)
    await bench.wait(ready, READY_WITHIN, "Karpenter to take up its NodePool")


def _install(bench: Bench, crd: Manifest) -> None:
    """Make one of Karpenter's kinds known; past `bench.apply`, for its schema fills 30 pages."""
    api, kind = bench.session.api, bench.session.api.kind("CustomResourceDefinition")
    name = crd["metadata"]["name"]
    what, path = f"{kind.name}/{name}", kind.path("", name)
    until = monotonic() + SERVED_WITHIN
    while (found := _found(bench, path)) is not None:
        metadata = found["metadata"]
        if guard.LABEL not in (metadata.get("labels") or {}):
            raise Trouble(
                "This cluster has a Karpenter of its own",
                f"{what} is not the workbook's.",
                "Use the workbook's own cluster for this lesson: `workbook up` makes one.",
            )
        if metadata.get("deletionTimestamp") is None:
            break
        _pause(bench, until, f"{what} of an earlier run to be gone")
    api_version = str(crd["apiVersion"])
    bench.lease.note({"delete": {"kind": kind.name, "apiVersion": api_version, "name": name}})
    labelled = {**crd, "metadata": {**crd["metadata"], "labels": {guard.LABEL: bench.place.lesson}}}
    query = {"fieldManager": "kubernetes-workbook", "force": "true"}
    api.call("PATCH", path, body=labelled, query=query, content_type=APPLY, what=what)
    spec = crd["spec"]
    served = f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}"
    while _found(bench, served) is None:
        _pause(bench, until, f"{what} to be served")


def _found(bench: Bench, path: str) -> Manifest | None:
    try:
        return bench.session.api.call("GET", path)[0]
    except Refused as refused:
        if refused.status in (404, 429):  # 429: a kind that is new has no storage yet
            return None
        raise


def _pause(bench: Bench, until: float, what: str) -> None:
    if monotonic() > until:
        raise Trouble(
            "The cluster is slow", f"Waited {SERVED_WITHIN:g} s for {what}.", "Press Run again."
        )
    bench.cancelled.wait(0.1)
