"""Figures of the cluster: how long it takes to start, and what it holds of the machine."""

from __future__ import annotations

import json
import os
import select
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from helpers import jupyter
from helpers.cluster import images, kind, programs
from helpers.engine.cache import cache_dir
from helpers.engine.engine import Engine, EngineError
from helpers.kube import guard
from helpers.kube.guard import LABEL
from tests.bench.figure import GIB, Figure, Json, cold_start, used_memory

PROJECT = Path(__file__).resolve().parents[2]
WORKBOOK = Path(sys.executable).with_name("workbook")
BARE = f"{kind.NAME}-bench"
ROUNDS = 3


class NotMeasured(Exception):
    """A figure that could not be measured; its text says why."""


def cold() -> list[Figure]:
    """Cold start, from the record that it left; it takes minutes, so it is not done again."""
    try:
        found = cold_start((cache_dir() / "logs" / "commands.jsonl").read_text())
    except FileNotFoundError:
        found = None
    if found is None:
        raise NotMeasured("no record of a cold start: `make clean && make start` leaves one")
    seconds, beside = found
    return [Figure("make start on a bare machine", "s", seconds, 15 * 60, beside=beside)]


def warm() -> list[Figure]:
    """`make start` to an answering JupyterLab, with everything built."""
    no_lesson_open()
    run(WORKBOOK, "up")  # so that nothing is left to build
    stop_jupyter()
    run(WORKBOOK, "down")
    from_nothing = start()
    stop_jupyter()
    beside_cluster = start()
    return [
        Figure("make start to an answering JupyterLab, no cluster", "s", from_nothing, 45),
        Figure("the same, the cluster running already", "s", beside_cluster, 45),
    ]


def up() -> list[Figure]:
    """`workbook up` to nodes Ready beside a bare kind, alternated; each has the machine alone."""
    no_lesson_open()
    run(WORKBOOK, "up")  # so that nothing is left to build
    ours, whole, bare = [], [], []
    for number in range(ROUNDS):
        run(WORKBOOK, "down")
        ready, ended = our_cluster()
        run(WORKBOOK, "down")
        bare.append(bare_cluster(images.node_image()))
        say(f"    round {number + 1}: ours {ready:.1f} s, bare {bare[-1]:.1f} s")
        ours.append(ready)
        whole.append(ended)
    ratio = statistics.median(ours) / statistics.median(bare)
    beside: dict[str, Json] = {
        "workbook up, s": [round(value, 1) for value in ours],
        "workbook up with add-ons, s": [round(value, 1) for value in whole],
        "kind create cluster, s": [round(value, 1) for value in bare],
    }
    what = "workbook up ÷ bare kind create cluster, both to nodes Ready, medians of three"
    return [Figure(what, "", ratio, 1.15, beside=beside)]


def memory() -> list[Figure]:
    """What the idle nodes hold of the machine's memory, page cache not counted."""
    need_cluster()
    engine = Engine.find()
    gone = kind.kubectl("wait", "namespace", f"--selector={LABEL}", "--for=delete", "--timeout=60s")
    nodes = {node: used(engine, node) / GIB for node in engine.nodes(kind.NAME)}
    beside: dict[str, Json] = {
        "nodes": {node: round(value, 3) for node, value in nodes.items()},
        "idle": gone.returncode == 0,
    }
    return [Figure("memory of the idle cluster", "GiB", sum(nodes.values()), 1.5, beside=beside)]


def need_cluster() -> None:
    """Bring the cluster up if none answers; one that others work in is not made anew."""
    if kind.kubectl("get", "--raw=/readyz", "--request-timeout=5s").returncode:
        run(WORKBOOK, "up")


def our_cluster() -> tuple[float, float]:
    """Bring our cluster up; return the seconds to nodes Ready, and to the end."""
    began, ready = time.monotonic(), None
    with subprocess.Popen(
        [WORKBOOK, "up"], stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if "✓ nodes Ready" in line:
                ready = time.monotonic() - began
    if process.returncode or ready is None:
        raise NotMeasured("workbook up:\n" + "".join(said[-15:]))
    return ready, time.monotonic() - began


def bare_cluster(image: str) -> float:
    """Make a cluster by kind alone, of the same image and configuration, and remove it again.

    Returns the seconds to nodes Ready.
    """
    engine = Engine.find()
    tools = programs.folder()
    with TemporaryDirectory() as folder:
        configuration, kubeconfig = Path(folder) / "kind.yaml", Path(folder) / "kubeconfig"
        configuration.write_text(yaml.safe_dump(kind.configuration(), sort_keys=False))
        try:
            began = time.monotonic()
            run(
                tools / "kind", "create", "cluster", f"--name={BARE}", f"--image={image}",
                f"--config={configuration}", f"--kubeconfig={kubeconfig}",
                environment=engine.env(),
            )  # fmt: skip
            run(
                tools / "kubectl", f"--kubeconfig={kubeconfig}", "wait", "node", "--all",
                "--for=condition=Ready", f"--timeout={kind.READY_SECONDS}s",
            )  # fmt: skip
            return time.monotonic() - began
        finally:
            engine.remove_nodes(BARE)


def start() -> float:
    """Run `make start`; return the seconds until JupyterLab answers and the cluster is up."""
    began = time.monotonic()
    run("make", "--no-print-directory", "start")
    if jupyter.running() is None:
        raise NotMeasured("make start came to its end, and JupyterLab does not answer")
    return time.monotonic() - began


def stop_jupyter() -> None:
    """Stop the workbook's JupyterLab, if it runs, and wait for its end."""
    server = jupyter.running()
    if server is None:
        return
    process = os.pidfd_open(server.pid)
    try:
        jupyter.stop()
        if not select.select([process], [], [], 20)[0]:
            signal.pidfd_send_signal(process, signal.SIGKILL)
    finally:
        os.close(process)


def used(engine: Engine, node: str) -> int:
    """Read from inside a node what its cgroup holds, in bytes, without the page cache."""
    root = "/sys/fs/cgroup"
    try:
        usage = engine.ask("exec", node, "cat", f"{root}/memory.current")
        stat = engine.ask("exec", node, "cat", f"{root}/memory.stat")
        return used_memory("v2", int(usage), stat)
    except EngineError:  # no such file: this is cgroup v1
        usage = engine.ask("exec", node, "cat", f"{root}/memory/memory.usage_in_bytes")
        stat = engine.ask("exec", node, "cat", f"{root}/memory/memory.stat")
        return used_memory("v1", int(usage), stat)


def no_lesson_open() -> None:
    """Raise NotMeasured when somebody works in the cluster: it would be taken from them."""
    if not guard.own_kubeconfig().exists():
        return
    asked = kind.kubectl(
        "get", "namespaces", f"--selector={LABEL}", "-o", "json", "--request-timeout=5s"
    )
    if asked.returncode:
        return  # nobody works in a cluster that does not answer
    names = [item["metadata"]["name"] for item in json.loads(asked.stdout)["items"]]
    if names:
        raise NotMeasured(
            f"this would take the cluster from open lessons: {', '.join(names)}. "
            "Close them, or run `workbook reset`."
        )


def there() -> bool:
    """Tell whether our cluster has nodes, running or not."""
    return bool(Engine.find().nodes(kind.NAME))


@contextmanager
def as_it_was() -> Iterator[None]:
    """Leave the cluster and JupyterLab running, or not, as they were found."""
    before, served = there(), jupyter.running() is not None
    try:
        yield
    finally:
        if not served:
            stop_jupyter()
        if before != there():
            run(WORKBOOK, "up" if before else "down")
        if served and jupyter.running() is None:
            run(WORKBOOK, "start")


def run(*command: str | Path, environment: dict[str, str] | None = None) -> str:
    """Run a program and return what it printed. Raises NotMeasured with its words."""
    done = subprocess.run(
        command, check=False, cwd=PROJECT, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        tail = (done.stdout + done.stderr).strip().splitlines()[-15:]
        name = " ".join([Path(command[0]).name, *map(str, command[1:2])])
        raise NotMeasured(f"{name} ended with {done.returncode}:\n" + "\n".join(tail))
    return done.stdout


def say(text: str) -> None:
    """Tell how far it is; standard output is for the document alone."""
    print(text, file=sys.stderr, flush=True)
