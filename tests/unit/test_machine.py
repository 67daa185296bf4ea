"""Which way a machine goes; fakes stand only where no engine and no registry can."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.cluster import images, machine, pins, pulled
from helpers.cluster.progress import Progress, StepFailed
from helpers.engine.engine import Engine


@pytest.fixture
def progress(tmp_path: Path) -> Progress:
    return Progress(tmp_path / "logs", io.StringIO())


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An engine that pulls what the file `registry` names and holds what `store` names."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    podman = bin_ / "podman"
    podman.write_text(f"""#!/bin/sh
case "$1" in
  image) grep -qx "$5" {tmp_path}/store && echo id ;;
  pull) grep -qx "$2" {tmp_path}/registry && echo "$2" >> {tmp_path}/store ;;
  *) exit 1 ;;
esac
""")
    podman.chmod(0o755)
    for name in ("store", "registry"):
        (tmp_path / name).touch()
    monkeypatch.setenv("PATH", f"{bin_}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(Engine, "find", classmethod(lambda cls: cls("podman")))
    for name in ("WORKBOOK_NODES", "WORKBOOK_NODE_IMAGE", "WORKBOOK_KUBECONTEXT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


PODMAN_VOLUMES = """\
aa map[lab-control-plane:true]
bb map[lab-worker2:true]
cc map[lab-workers:true]
dd map[my-lab-worker:true]
ee map[]
"""
DOCKER_VOLUMES = """\
aa lab-control-plane=true
bb mine=1,lab-worker2=true
cc lab-workers=true
dd my-lab-worker=true
ee\x20
"""


@pytest.mark.parametrize("volumes", [PODMAN_VOLUMES, DOCKER_VOLUMES])
@pytest.mark.parametrize("nodes", [{"lab-worker2": "running"}, {}])
def test_nodes_go_with_their_volumes(volumes: str, nodes: dict[str, str]) -> None:
    asked: list[tuple[object, ...]] = []

    class Fake(Engine):
        def ask(self, *arguments: str | os.PathLike[str], typed: str = "") -> str:
            asked.append(arguments)
            return volumes if arguments[:2] == ("volume", "ls") else ""

        def nodes(self, cluster: str) -> dict[str, str]:
            return nodes

    Fake("any").remove_nodes("lab")
    assert asked[-1] == ("volume", "rm", "aa", "bb")
    assert (("rm", "--force", "--volumes", "lab-worker2") in asked) is bool(nodes)


def test_what_can_be_pulled_is_not_built(store: Path, progress: Progress) -> None:
    (store / "registry").write_text(f"{pins.NODE_IMAGE}\n")
    assert isinstance(machine.find(progress), machine.Pulled)
    assert pins.NODE_IMAGE in (store / "store").read_text()


def test_what_cannot_be_pulled_is_built(store: Path, progress: Progress) -> None:
    assert isinstance(machine.find(progress), machine.Built)


def test_an_owners_cluster_comes_first(
    store: Path, progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBOOK_KUBECONTEXT", "mine")
    assert isinstance(machine.find(progress), machine.Owned)
    assert isinstance(machine.present(), machine.Owned)


def test_it_can_be_said_in_advance(
    store: Path, progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBOOK_NODES", "pull")
    assert isinstance(machine.find(progress), machine.Pulled)
    monkeypatch.setenv("WORKBOOK_NODES", "bulid")
    with pytest.raises(StepFailed, match="build or pull"):
        machine.find(progress)


def test_a_copy_of_the_node_image_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOOK_NODE_IMAGE", "mirror.example/node:v1")
    assert pulled.node_image() == "mirror.example/node:v1"


def test_push_names_the_owners_registry(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, progress: Progress
) -> None:
    program = tmp_path / "engine"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    program.chmod(0o755)
    images.push(
        Engine(str(program)), ["localhost/workbook/fib:1"], "registry.example/team/", progress
    )
    assert (tmp_path / "asked").read_text().splitlines() == [
        "tag localhost/workbook/fib:1 registry.example/team/fib:1",
        "push registry.example/team/fib:1",
    ]


def test_one_at_a_time_across_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    write = (
        "from helpers.engine.cache import alone\nimport time\n"
        f"with alone('x'), open(r'{tmp_path}/log', 'a') as out:\n"
        "    out.write('in '); out.flush(); time.sleep(0.2); out.write('out ')\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", write]) for _ in range(2)]
    assert [process.wait(20) for process in both] == [0, 0]
    assert (tmp_path / "log").read_text() == "in out in out "
