"""What the tests of faults share: kernels that end, lessons with a name of their own, no rest."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from time import monotonic

import pytest

from helpers.experiments import throttling
from helpers.kube.api import Api
from helpers.kube.guard import LABEL
from tests.cluster.conftest import _cluster, api, cable, unlabelled
from tests.faults.kernel import Kernel
from tests.faults.lesson_cells import lesson_name

__all__ = ["_cluster", "api", "cable", "unlabelled"]  # fixtures of the cluster tests, used as such

NAMESPACES = "/api/v1/namespaces"
GONE_WITHIN = 30.0  # seconds that a deleted namespace may take to disappear


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner's environment: no mode of the workbook is on."""
    for name in ("AUTOPLAY", "REPLAY", "RECORD", "RECORDINGS", "KUBECONFIG", "CONTEXT"):
        monkeypatch.delenv(f"WORKBOOK_{name}", raising=False)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The card's run with few limits and short windows: what is tested is what goes wrong in it."""
    monkeypatch.setattr(throttling, "LADDER", ("500m",))
    monkeypatch.setattr(throttling, "WINDOW", 1)


@pytest.fixture
def name(names: list[str]) -> Iterator[str]:
    """A lesson's name; after the test nothing of it may be left, in the cluster or here."""
    name = lesson_name()
    names.append(name)
    yield name
    assert [t.name for t in threading.enumerate() if t.name.startswith(("lease", "watch "))] == []
    # A connection of its own: the cluster may be another one than at the test's beginning.
    assert namespaces(Api.connect(), name, deleted=False) == []


@pytest.fixture(scope="session")
def names() -> Iterator[list[str]]:
    """The names of all the lessons; in the end their namespaces are not only deleted but gone."""
    names: list[str] = []
    yield names
    api = Api.connect()
    forgotten = [found for name in names for found in namespaces(api, name, deleted=False)]
    for found in forgotten:  # a failed test told it already
        api.call("DELETE", f"{NAMESPACES}/{found}")
    assert [found for name in names for found in left(api, name, GONE_WITHIN)] == []


@pytest.fixture
def kernel() -> Iterator[Callable[..., Kernel]]:
    """Start kernels; they are killed at the end, whatever state they are in."""
    with ExitStack() as started:

        def start(**environment: str) -> Kernel:
            kernel = Kernel(**environment)
            started.callback(_kill, kernel)
            return kernel

        yield start


def _kill(kernel: Kernel) -> None:
    with suppress(Exception):  # it may be dead already, which is what is wanted
        kernel.kill()


def namespaces(api: Api, lesson: str, *, deleted: bool = True) -> list[str]:
    """The lesson's namespaces, unless told otherwise those that are being deleted included."""
    query = {"labelSelector": f"{LABEL}={lesson}"}
    found = [item["metadata"] for item in api.call("GET", NAMESPACES, query=query)[0]["items"]]
    return [item["name"] for item in found if deleted or "deletionTimestamp" not in item]


def left(api: Api, lesson: str, deadline: float) -> list[str]:
    """What is left of a lesson's namespaces once they had `deadline` seconds to go."""
    until, pause = monotonic() + deadline, threading.Event()
    while (found := namespaces(api, lesson)) and monotonic() < until:
        pause.wait(0.2)
    return found
