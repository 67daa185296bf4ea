"""A lesson that changes what is not its own: whatever happens to it, that is put back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from helpers.engine.engine import Engine
from helpers.kube import guard
from helpers.kube.api import Api
from helpers.kube.errors import NotFound
from tests.faults import lesson_cells as cells
from tests.faults.conftest import namespaces
from tests.faults.kernel import Kernel

pytestmark = pytest.mark.cluster

Start = Callable[..., Kernel]

BENCH = """
from helpers import Lesson
from helpers.kube.recorder import Recorder
from helpers.lesson.experiment import Bench

lesson = await Lesson.open("{name}", exclusive="cluster")
session = lesson.session
cluster = session, Recorder(session), lesson.lease
bench = Bench(lesson.place, session.timeline, print, cluster, made=lesson.made)
print(lesson.namespace)
"""

CHANGE = """
for value in ("changed", "changed again"):
    await bench.change({{
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {{"name": "settings", "namespace": "{namespace}"}},
        "data": {{"value": value, "more": value}},
    }})
await bench.apply({{
    "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
    "metadata": {{"name": "{name}", "labels": {{"kubernetes-workbook/lesson": "{name}"}}}},
    "value": 7,
}})
await bench.pause("{node}")
"""

NODE = f"{guard.CLUSTER}-worker2"


@pytest.fixture
def changed(kernel: Start, name: str, api: Api, unlabelled: str) -> Iterator[tuple[Kernel, str]]:
    """A kernel in the middle of its changes; in the end all must be as it was."""
    settings = f"/api/v1/namespaces/{unlabelled}/configmaps/settings"
    body = {"metadata": {"name": "settings"}, "data": {"value": "stock"}}
    api.call("POST", settings.removesuffix("/settings"), body=body)
    one = kernel()
    space = one.good(BENCH.format(name=name)).splitlines()[-1]
    one.good(CHANGE.format(name=name, namespace=unlabelled, node=NODE))
    found = api.call("GET", settings)[0]["data"]
    assert found == {"value": "changed again", "more": "changed again"}
    assert Engine.find().nodes(guard.CLUSTER)[NODE] == "paused"
    yield one, space
    assert api.call("GET", settings)[0]["data"] == {"value": "stock"}
    assert Engine.find().nodes(guard.CLUSTER)[NODE] == "running"
    with pytest.raises(NotFound):
        api.call("GET", f"/apis/scheduling.k8s.io/v1/priorityclasses/{name}")


def test_close_puts_back(changed: tuple[Kernel, str]) -> None:
    changed[0].good(cells.CLOSE)


def test_a_kernel_shut_down_in_order_puts_back(changed: tuple[Kernel, str]) -> None:
    changed[0].quit()


def test_the_next_open_of_any_lesson_mends_what_a_killed_kernel_changed(
    changed: tuple[Kernel, str], kernel: Start, api: Api
) -> None:
    one, space = changed
    after = kernel()
    refused = after.run(cells.opened("another"))
    assert "RunFailed" in refused.error
    assert "is open since" in refused.error
    assert "of this machine" in refused.error
    assert len(refused.traceback) == 1
    assert namespaces(api, "another", deleted=False) == []
    one.kill()
    after.good(cells.opened("another"))
    assert f"Mended what a stopped kernel had left: {space}" in after.shown()
    after.good(cells.CLOSE)


def test_reset_mends_what_a_killed_kernel_changed(changed: tuple[Kernel, str]) -> None:
    changed[0].kill()
    done = subprocess.run(
        [sys.executable, "-m", "helpers.cli", "reset"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "putting back what lessons changed" in done.stderr
