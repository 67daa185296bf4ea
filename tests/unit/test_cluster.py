"""What can be said of the cluster's making without making one."""

import io
import os
import sys
from pathlib import Path

import pytest
import yaml

from helpers.cluster import kind
from helpers.cluster.progress import Progress, StepFailed
from helpers.model import periods


def join_flags(node: dict) -> dict[str, str]:
    (patch,) = node["kubeadmConfigPatches"]
    return yaml.safe_load(patch)["nodeRegistration"]["kubeletExtraArgs"]


def test_two_small_workers_in_two_zones_beside_one_control_plane() -> None:
    control_plane, *workers = kind.configuration()["nodes"]
    assert control_plane == {"role": "control-plane"}
    zones = [worker["labels"]["topology.kubernetes.io/zone"] for worker in workers]
    assert zones == ["us-east-1a", "us-east-1b"]


@pytest.mark.parametrize(("cores", "gibibytes"), [(2, 24), (4, 8), (16, 64)])
def test_a_worker_offers_the_same_whatever_the_host_has(monkeypatch, cores, gibibytes) -> None:
    memory = gibibytes * 1024**3
    page = 4096
    sizes = {"SC_PAGE_SIZE": page, "SC_PHYS_PAGES": memory // page}
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__)
    flags = join_flags(kind.configuration()["nodes"][1])
    reserved = dict(part.split("=") for part in flags["kube-reserved"].split(","))
    assert cores * 1000 - int(reserved["cpu"].removesuffix("m")) == 1500
    kept = memory - int(reserved["memory"].removesuffix("Ki")) * 1024
    # Allocatable is what is left once the eviction threshold is taken off as well.
    assert kept - 100 * 1024**2 == 2 * 1024**3
    assert flags["eviction-hard"] == "memory.available<100Mi"


def test_shortened_periods_reach_the_configuration() -> None:
    configuration = kind.configuration()
    patches = [yaml.safe_load(patch) for patch in configuration["kubeadmConfigPatches"]]
    manager = next(p for p in patches if p["kind"] == "ClusterConfiguration")["controllerManager"]
    assert manager["extraArgs"] == periods.flags("kube-controller-manager")
    assert periods.flags("kubelet").items() <= join_flags(configuration["nodes"][1]).items()


def test_shortened_periods_reach_metrics_server() -> None:
    text = (kind.ADDONS / "metrics-server.yaml").read_text()
    flags = periods.flags("metrics-server")
    assert flags
    for flag, value in flags.items():
        assert f"--{flag}={value}\n" in text


def test_every_period_is_shorter_than_stock() -> None:
    def seconds(duration: str) -> float:
        minutes, _, rest = duration.rpartition("m")
        return float(minutes or 0) * 60 + float(rest.removesuffix("s"))

    for period in periods.PERIODS:
        assert seconds(period.workbook) < seconds(period.stock), period.flag


def test_a_step_is_named_at_once_and_timed_at_its_end(tmp_path: Path) -> None:
    said = io.StringIO()
    with Progress(tmp_path, said) as progress, progress.step("one thing"):
        assert "▸ one thing" in said.getvalue()
    assert "✓ one thing" in said.getvalue()


def test_a_failing_step_says_so_with_the_end_of_its_log(tmp_path: Path) -> None:
    said = io.StringIO()
    broken = [sys.executable, "-c", "print('the cause'); exit(3)"]
    with (
        Progress(tmp_path, said) as progress,
        pytest.raises(StepFailed) as failed,
        progress.step("breaks"),
    ):
        progress.run(broken, log="breaks")
    assert "✗ breaks" in said.getvalue()
    assert "status 3" in str(failed.value)
    assert "the cause" in str(failed.value)


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with Progress(tmp_path, io.StringIO()) as progress, pytest.raises(StepFailed) as failed:
        progress.run(["no-such-program"], log="absent")
    assert "no-such-program cannot be started" in str(failed.value)


def test_status_where_nothing_was_built_yet_names_no_node(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    class Empty:
        def nodes(self, cluster: str) -> dict[str, str]:
            return {}

    assert kind.status(Empty()) == {}


def test_a_cluster_of_another_configuration_is_made_anew(monkeypatch, tmp_path: Path) -> None:
    class Three:
        def nodes(self, name: str) -> dict[str, str]:
            return dict.fromkeys(["control-plane", "worker", "worker2"], "running")

        def image_id(self, image: str) -> str:
            return "sha256:1"

        image_of = image_id

    monkeypatch.setattr(kind, "cache_dir", lambda: tmp_path)
    monkeypatch.setattr(kind.guard, "own_kubeconfig", lambda: tmp_path)
    monkeypatch.setattr(kind, "_answers", lambda within: True)
    assert not kind.alive(Three(), "node", "periods: long")  # nobody knows how it was made
    kind.configuration_file().write_text("periods: long")
    assert kind.alive(Three(), "node", "periods: long")
    assert not kind.alive(Three(), "node", "periods: short")
