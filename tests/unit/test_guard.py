"""The guard: a cluster that is not the workbook's is never touched, whatever is configured."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from helpers.kube import guard
from helpers.kube.errors import ClusterGone, ForeignCluster
from helpers.kube.session import Session
from helpers.model.timeline import Timeline


class Listener:
    """A server on this machine that counts who connects, and answers nobody."""

    def __init__(self) -> None:
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@pytest.fixture
def foreign() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, and an environment that names no cluster."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CACHE_HOME", "KUBECONFIG", "WORKBOOK_KUBECONFIG", "WORKBOOK_KUBECONTEXT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def write(path: Path, server: str, current: str = guard.CONTEXT, *more: str) -> Path:
    """Write a kubeconfig in which every context leads to `server`."""
    names = [current, *more]
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": current,
        "clusters": [{"name": name, "cluster": {"server": server}} for name in names],
        "users": [{"name": name, "user": {"token": "secret"}} for name in names],
        "contexts": [{"name": n, "context": {"cluster": n, "user": n}} for n in names],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(config))
    path.chmod(0o600)
    return path


def own(home: Path) -> Path:
    return home / ".cache/kubernetes-workbook/kubeconfig"


def test_the_cache_folder_follows_xdg(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert guard.kubeconfig_path() == own(home)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    assert guard.kubeconfig_path() == own(home)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "other"))
    assert guard.kubeconfig_path() == home / "other/kubernetes-workbook/kubeconfig"
    monkeypatch.setenv("WORKBOOK_KUBECONFIG", "~/mine")
    assert guard.kubeconfig_path() == home / "mine"


def test_the_workbooks_own_context_passes(home: Path) -> None:
    path = write(own(home), "https://127.0.0.1:6443")
    assert guard.check(path)["current-context"] == guard.CONTEXT


@pytest.mark.parametrize("where", ["KUBECONFIG", "~/.kube/config", "both"])
def test_a_foreign_current_context_is_never_touched(
    home: Path, foreign: Listener, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    # The foreign file even uses the workbook's own name for its context.
    if where != "~/.kube/config":
        monkeypatch.setenv("KUBECONFIG", str(write(home / "production", foreign.url)))
    if where != "KUBECONFIG":
        write(home / ".kube/config", foreign.url)
    with pytest.raises(ClusterGone, match="workbook up"):
        Session.open("lesson", Timeline())
    assert foreign.connections == 0


def test_a_foreign_current_context_at_our_path_is_never_touched(
    home: Path, foreign: Listener
) -> None:
    write(own(home), foreign.url, "production", guard.CONTEXT)
    with pytest.raises(ForeignCluster, match="'production'"):
        Session.open("lesson", Timeline())
    assert foreign.connections == 0


def test_only_ours_is_asked_where_both_are_there(
    home: Path, foreign: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(write(home / "production", foreign.url)))
    ours = Listener()
    write(own(home), ours.url)
    with pytest.raises(ClusterGone, match=ours.url):  # it answers nobody
        Session.open("lesson", Timeline())
    ours.close()
    assert ours.connections > 0
    assert foreign.connections == 0


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o604])
def test_a_kubeconfig_that_others_can_reach_is_refused(
    home: Path, foreign: Listener, mode: int
) -> None:
    path = write(own(home), foreign.url)
    path.chmod(mode)
    with pytest.raises(ForeignCluster, match=f"mode {mode:04o}, not 0600.*chmod 600"):
        Session.open("lesson", Timeline())
    assert foreign.connections == 0


@pytest.mark.parametrize(
    "server", ["https://example.org:6443", "https://10.0.0.1:6443", "https://localhost.example.org"]
)
def test_our_context_must_lead_to_this_machine(home: Path, server: str) -> None:
    with pytest.raises(ForeignCluster, match="leads to"):
        guard.check(write(own(home), server))


@pytest.mark.parametrize(
    "server", ["https://127.0.0.1:1", "https://[::1]:1", "https://localhost:1"]
)
def test_ways_to_this_machine(home: Path, server: str) -> None:
    guard.check(write(own(home), server))


def test_an_owner_names_a_cluster_by_its_context(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(home / "mine", "https://10.0.0.1:6443", "production", "mine")
    monkeypatch.setenv("WORKBOOK_KUBECONFIG", str(path))
    with pytest.raises(ForeignCluster, match="WORKBOOK_KUBECONTEXT"):  # the file is not enough
        guard.check(guard.kubeconfig_path())
    monkeypatch.setenv("WORKBOOK_KUBECONTEXT", "another")
    with pytest.raises(ForeignCluster, match="no context 'another'"):
        guard.check(guard.kubeconfig_path())
    monkeypatch.setenv("WORKBOOK_KUBECONTEXT", "mine")  # which one is current does not matter
    assert guard.check(guard.kubeconfig_path())["current-context"] == "mine"
    assert yaml.safe_load(path.read_text())["current-context"] == "production"


def test_the_owners_own_file_is_read_only_when_a_context_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home / ".kube/config", "https://10.0.0.1:6443", "mine")
    monkeypatch.setenv("KUBECONFIG", str(write(home / "other", "https://10.0.0.2:6443", "mine")))
    assert guard.kubeconfig_path() == own(home)
    monkeypatch.setenv("WORKBOOK_KUBECONTEXT", "mine")
    assert guard.kubeconfig_path() == home / ".kube/config"
    (cluster,) = guard.check(guard.kubeconfig_path())["clusters"]
    assert cluster["cluster"]["server"] == "https://10.0.0.1:6443"


def test_an_owner_without_a_kubeconfig_is_told_which_one_is_missing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBOOK_KUBECONTEXT", "mine")
    with pytest.raises(ForeignCluster, match=r"no .*\.kube/config.*WORKBOOK_KUBECONFIG"):
        guard.check(guard.kubeconfig_path())


@pytest.mark.parametrize("text", ["", "contexts: null\ncurrent-context: ''\n"])
def test_a_kubeconfig_that_names_no_cluster_is_a_cluster_not_yet_made(
    home: Path, text: str
) -> None:
    path = write(own(home), "https://127.0.0.1:1")
    path.write_text(text)
    with pytest.raises(ClusterGone, match="no cluster yet"):
        guard.check(path)


@pytest.mark.parametrize("text", ["[1]", "{", "contexts: [{name: a}]", "contexts: [1]"])
def test_a_broken_kubeconfig_is_refused(home: Path, text: str) -> None:
    path = write(own(home), "https://127.0.0.1:1")
    path.write_text(text)
    with pytest.raises(ForeignCluster, match="not a whole kubeconfig"):
        guard.check(path)


def test_a_second_cluster_has_a_name_and_a_kubeconfig_of_its_own(home: Path) -> None:
    tell = "from helpers.kube import guard; print(guard.CONTEXT, guard.kubeconfig_path().name)"
    for name, words in (("", "kind-workbook kubeconfig"), ("two", "kind-two kubeconfig.two")):
        environment = {**os.environ, "WORKBOOK_CLUSTER": name}
        told = subprocess.check_output([sys.executable, "-c", tell], env=environment, text=True)
        assert told.split() == words.split()
