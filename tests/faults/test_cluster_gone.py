"""The cluster goes in the middle of a run: the card says so, and `workbook reset` mends it.

These tests take the cluster away from everyone, and bring it back.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers.cluster import kind
from helpers.engine.engine import Engine
from helpers.kube.api import Api
from tests.faults import lesson_cells as cells
from tests.faults.conftest import namespaces
from tests.faults.kernel import Kernel

pytestmark = pytest.mark.cluster

WORKBOOK = Path(sys.executable).with_name("workbook")
CONTROL_PLANE = f"{kind.NAME}-control-plane"

Start = Callable[..., Kernel]


def workbook(command: str) -> tuple[float, str]:
    """Run the command, and return how long it took and what it said."""
    began = time.monotonic()
    done = subprocess.run([WORKBOOK, command], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return time.monotonic() - began, done.stdout + done.stderr


@pytest.fixture
def engine() -> Iterator[Engine]:
    """The container engine; whatever a test did to the nodes, they are whole again afterwards."""
    engine = Engine.find()
    yield engine
    if set(engine.nodes(kind.NAME).values()) != {"running"}:
        workbook("reset")


def reading(kernel: Kernel, name: str) -> None:
    """Open a lesson, and run its card until it reads."""
    # Longer than the card needs: the cluster shall go while a reading is under way.
    kernel.good(cells.short(window=3) + cells.opened(name) + cells.CARD + cells.PRESS)
    kernel.until("card.timeline.where(source='exec')", 60)


def told(kernel: Kernel, deadline: float) -> None:
    """The run ends with a message that names the way out, and the kernel lives."""
    began = time.monotonic()
    result = kernel.run(cells.RESULT, deadline)
    print(f"told after {time.monotonic() - began:.1f} s")
    assert "RunFailed" in result.error
    assert kernel.good("print(card.state)") == "failed"
    assert "The cluster does not answer" in kernel.shown()
    assert "workbook reset" in kernel.shown()
    assert kernel.good("print(6 * 7)") == "42"


def runs_again(kernel: Kernel, name: str) -> None:
    """All cells again, in the same kernel."""
    kernel.good(cells.short() + cells.opened(name) + cells.CARD + cells.PRESS)
    kernel.good(cells.RESULT)
    kernel.good(cells.CLOSE)
    assert kernel.good(cells.THREADS) == "[]"


def test_a_paused_control_plane(kernel: Start, engine: Engine, name: str) -> None:
    one = kernel()
    reading(one, name)
    engine.pause(CONTROL_PLANE)
    told(one, 45)
    took, _ = workbook("reset")
    print(f"reset of a paused node: {took:.1f} s")
    assert took < 30
    assert namespaces(Api.connect(), name) == []
    runs_again(one, name)


def test_a_paused_worker_and_what_a_killed_kernel_left(
    kernel: Start, engine: Engine, name: str
) -> None:
    one = kernel()
    reading(one, name)
    one.kill()
    assert namespaces(Api.connect(), name) != []
    engine.pause(f"{kind.NAME}-worker")
    took, said = workbook("reset")
    print(f"reset of a paused worker: {took:.1f} s")
    assert took < 30
    assert name in said
    assert namespaces(Api.connect(), name) == []
    assert set(engine.nodes(kind.NAME).values()) == {"running"}


def test_a_lost_cluster(kernel: Start, engine: Engine, name: str) -> None:
    one = kernel()
    reading(one, name)
    engine.remove(list(engine.nodes(kind.NAME)))
    told(one, 45)
    again = one.run(cells.opened(name))
    assert "RunFailed" in again.error
    assert "workbook reset" in again.error
    took, _ = workbook("reset")
    print(f"reset of a lost cluster: {took:.1f} s")
    assert took < 90
    # Podman's alone carry the nodes' names; those of the lost cluster are gone.
    assert len(engine.volumes(kind.NAME)) in (0, len(engine.nodes(kind.NAME)))
    runs_again(one, name)
