"""A lesson with a registry: whatever happens to it, registry, names and nodes are as before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from helpers.engine.engine import Engine, EngineError
from helpers.kube import guard
from helpers.model import aws
from tests.faults import lesson_cells as cells
from tests.faults.kernel import Kernel

pytestmark = pytest.mark.cluster

Start = Callable[..., Kernel]

STORE = """
from helpers import Lesson
from helpers.experiments import registries
from helpers.kube.recorder import Recorder
from helpers.lesson.experiment import Bench

lesson = await Lesson.open("{name}", exclusive="node")
session = lesson.session
cluster = session, Recorder(session), lesson.lease
bench = Bench(lesson.place, session.timeline, print, cluster, made=lesson.made)
context = registries.store(bench)
store = await context.__aenter__()
await store.lead()
await store.call(lambda: store.engine.ask("tag", "{image}", store.name("fib", "1")))
print(store.registry.container, store.registry.host)
"""
IMAGE = "localhost/workbook/fib:1"
NODE = f"{guard.CLUSTER}-worker"
HOSTS = f"/etc/containerd/certs.d/{aws.REGISTRY}/hosts.toml"


@pytest.fixture
def used(kernel: Start, name: str) -> Iterator[Kernel]:
    """A kernel with a registry to which the nodes are led; in the end all must be as before."""
    engine = Engine.find()
    one = kernel()
    container, host = one.good(STORE.format(name=name, image=IMAGE)).split()[-2:]
    assert container in engine.ask("ps", "--format", "{{.Names}}")
    assert "http://" in engine.ask("exec", NODE, "cat", HOSTS)
    yield one
    assert container not in engine.ask("ps", "--all", "--format", "{{.Names}}")
    assert engine.images(f"{host}/") == []
    assert engine.has_image(IMAGE)
    with pytest.raises(EngineError):
        engine.ask("exec", NODE, "cat", HOSTS)


def test_close_takes_it_away(used: Kernel) -> None:
    used.good(cells.CLOSE)


def test_the_next_open_takes_away_what_a_killed_kernel_left(used: Kernel, kernel: Start) -> None:
    used.kill()
    after = kernel()
    after.good(cells.opened("another"))
    after.good(cells.CLOSE)
