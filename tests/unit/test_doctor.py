"""Each fault, made for real where this machine lets us; its finding names the mend."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from helpers.cluster import doctor
from helpers.engine import engine as engines


@pytest.fixture(autouse=True)
def _nobody_named_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORKBOOK_KUBECONTEXT", "WORKBOOK_NODES"):
        monkeypatch.delenv(name, raising=False)


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_an_old_podman_on_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program(tmp_path, "podman", "echo podman version 3.0.1")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    found = doctor.engine()
    assert found.seen == "podman 3.0.1"
    assert "4.3" in found.mend


@pytest.mark.parametrize("told", ["Docker version 28.1.0-rc.1, build abc", "podman version 5.2.1"])
def test_versions_are_numbers(told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program(tmp_path, "docker", f"echo '{told}'")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engines.Engine("docker").version()[0] in (28, 5)


def test_no_engine_and_no_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    found = doctor.engine()
    assert (found.seen, found.good) == ("none", False)


def test_podman_without_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program(tmp_path, "podman", "echo podman version 4.3.1")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root" in doctor.engine().mend


def test_ports_taken_by_a_listening_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        monkeypatch.setattr(doctor, "PORTS", range(number, number + 1))
        found = doctor.port()
    assert "taken" in found.seen
    assert "Stop" in found.mend
    assert doctor.port().good  # as soon as nobody listens any more


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine lets us mount nothing")
    try:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        found = doctor.disk()
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    assert found.seen.startswith("0 GiB free")
    assert "XDG_CACHE_HOME" in found.mend


@pytest.mark.parametrize(("have", "good"), [("64", False), ("1024", True)])
def test_inotify_instances(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, have: str, good: bool
) -> None:
    (tmp_path / "instances").write_text(f"{have}\n")
    monkeypatch.setattr(doctor, "INOTIFY", tmp_path / "instances")
    found = doctor.watches()
    assert found.good is good
    assert good or "sysctl fs.inotify.max_user_instances=512" in found.mend


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_missing_controller(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str
) -> None:
    if version == "v2":
        (tmp_path / "cgroup.controllers").write_text("cpuset cpu pids\n")
    else:
        for name in ("cpuset", "cpu", "pids"):
            (tmp_path / name).mkdir()
    monkeypatch.setattr(doctor, "CGROUPS", tmp_path)
    found = doctor.cgroups()
    assert found.seen == f"{version}, without memory"
    assert not found.good


@pytest.mark.parametrize(("system", "machine"), [("Linux", "riscv64"), ("FreeBSD", "x86_64")])
def test_an_unsupported_architecture(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str
) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert doctor.architecture().mend


def test_all_are_listed_at_once() -> None:
    assert {"processor", "container engine", "cgroups", "inotify", "disk", "port"} <= {
        finding.what for finding in doctor.examine()
    }


def test_an_owners_cluster_needs_neither_engine_nor_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("WORKBOOK_KUBECONTEXT", "mine")
    assert doctor.engine().good
    assert doctor.packages().good
