"""Simulated nodes: whatever happens to the run that made them, nothing of them is left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from helpers.kube.api import Api
from helpers.kube.errors import NotFound
from helpers.kube.guard import LABEL
from tests.faults import lesson_cells as cells
from tests.faults.kernel import Kernel

pytestmark = pytest.mark.cluster

Start = Callable[..., Kernel]
GONE_WITHIN = 60.0  # seconds, most of them for the kinds to go

OPEN = """
from helpers import Lesson
from helpers.experiments.adding_nodes import PendingPodsMakeNodes
from helpers.lesson import programs

lesson = await Lesson.open("{name}", exclusive="cluster")
await programs.ready("karpenter")
card = lesson.card(PendingPodsMakeNodes)
card.predict("1 node of 8 CPUs")
card.run()
"""
A_NODE = "any('kwok' in row.object for row in card.timeline.where(source='watch'))"


def simulated(api: Api) -> list[str]:
    """Everything of simulated nodes that the cluster or this machine still holds."""
    found = []
    for kind in ("Node", "CustomResourceDefinition"):
        path = api.kind(kind).path("")
        for item in api.call("GET", path, query={"labelSelector": LABEL})[0]["items"]:
            found.append(f"{kind}/{item['metadata']['name']}")
    nodes = {n["metadata"]["name"] for n in api.call("GET", "/api/v1/nodes")[0]["items"]}
    for pod in api.call("GET", "/api/v1/pods")[0]["items"]:
        node = pod["spec"].get("nodeName")
        if node and node not in nodes:
            found.append(f"Pod/{pod['metadata']['name']} on {node}")
    leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
    found += [
        f"Lease/{item['metadata']['name']}"
        for item in api.call("GET", leases)[0]["items"]
        if item["metadata"]["name"] not in nodes
    ]
    try:
        api.call("GET", "/apis/karpenter.sh/v1")
        found.append("the API karpenter.sh/v1")
    except NotFound:
        pass
    return found + programs_of(Path("/proc"))


def programs_of(processes: Path) -> list[str]:
    """The programs that run: by the file they were started from."""
    found = []
    for process in processes.glob("[0-9]*"):
        try:
            name = (process / "exe").readlink().name
        except OSError:
            continue  # it has ended, or is the kernel's own
        if name in ("karpenter", "kwok"):
            found.append(f"process {process.name}, {name}")
    return found


def left(api: Api) -> list[str]:
    until, pause = monotonic() + GONE_WITHIN, threading.Event()
    while (found := simulated(api)) and monotonic() < until:
        pause.wait(0.5)
    return found


def test_a_run_leaves_nothing(kernel: Start, name: str, api: Api) -> None:
    one = kernel()
    one.good(OPEN.format(name=name), 500)
    one.until("not card.running", 90)
    assert one.good("print(card.state)") == "done"
    assert left(api) == []
    one.good(cells.CLOSE)


def test_a_cancelled_run_leaves_nothing(kernel: Start, name: str, api: Api) -> None:
    one = kernel()
    one.good(OPEN.format(name=name), 500)
    one.until(A_NODE, 60)
    one.good("card.cancel()")
    one.until("not card.running", 60)
    assert left(api) == []
    one.good(cells.CLOSE)


def test_what_a_killed_kernel_left_goes_with_the_next_open(
    kernel: Start, name: str, api: Api
) -> None:
    one = kernel()
    one.good(OPEN.format(name=name), 500)
    one.until(A_NODE, 60)
    one.kill()
    after = kernel()
    after.good(cells.opened("another"))
    assert "Mended what a stopped kernel had left" in after.shown()
    assert left(api) == []
    after.good(cells.CLOSE)
