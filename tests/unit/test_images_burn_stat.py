"""burn stat: the kernel's counters, from made-up cgroup folders and from this machine's own."""

import importlib.util
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from course_programs import PROGRAMS, command, finished

GROUP = "/kubelet/kubepods/burstable/pod1/c1"
CONTRACT = {
    "seconds", "periods", "throttled", "throttled_seconds", "cpu_seconds",
    "quota_us", "period_us", "memory_limit", "cgroup",
}  # fmt: skip


@pytest.fixture
def cgroup() -> ModuleType:
    spec = importlib.util.spec_from_file_location("burn_cgroup", PROGRAMS / "cgroup.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = root / name.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")


def v1_container(root: Path, cpu: str = "cpu,cpuacct") -> None:
    """What a container sees: its own group alone, mounted under the controllers' names."""
    write(
        root,
        {
            "/proc/self/cgroup": f"4:{cpu}:{GROUP}\n3:memory:{GROUP}\n0::/",
            "/proc/self/mountinfo": (
                f"40 30 0:5 {GROUP} /sys/fs/cgroup/{cpu} ro - cgroup cgroup rw,{cpu}\n"
                f"41 30 0:6 {GROUP} /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
                "42 30 0:7 / / rw - overlay overlay rw"
            ),
            f"/sys/fs/cgroup/{cpu}/cpu.stat": (
                "nr_periods 100\nnr_throttled 40\nthrottled_time 5000000000"
            ),
            f"/sys/fs/cgroup/{cpu}/cpuacct.usage": "7000000000",
            f"/sys/fs/cgroup/{cpu}/cpu.cfs_quota_us": "50000",
            f"/sys/fs/cgroup/{cpu}/cpu.cfs_period_us": "100000",
            f"/sys/fs/cgroup/{cpu}/cpu.shares": "256",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "104857600",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes": "4096",
        },
    )


def v2_container(root: Path) -> None:
    write(
        root,
        {
            "/proc/self/cgroup": "0::/",
            "/proc/self/mountinfo": "40 30 0:5 / /sys/fs/cgroup ro - cgroup2 cgroup rw,nsdelegate",
            "/sys/fs/cgroup/cpu.stat": (
                "usage_usec 7000000\nuser_usec 1\nnr_periods 100\nnr_throttled 40\n"
                "throttled_usec 5000000"
            ),
            "/sys/fs/cgroup/cpu.max": "50000 100000",
            "/sys/fs/cgroup/cpu.weight": "10",
            "/sys/fs/cgroup/memory.max": "104857600",
            "/sys/fs/cgroup/memory.current": "4096",
        },
    )


def during(cgroup: ModuleType, monkeypatch: pytest.MonkeyPatch, what: Callable[[], None]) -> None:
    """Let the window last no time, and let this happen in it."""
    monkeypatch.setattr(cgroup.time, "sleep", lambda _: what())


def test_v1_tells_what_the_counters_grew_by(
    cgroup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    v1_container(tmp_path)
    folder = "/sys/fs/cgroup/cpu,cpuacct"
    later = {
        f"{folder}/cpu.stat": "nr_periods 130\nnr_throttled 69\nthrottled_time 7100000000",
        f"{folder}/cpuacct.usage": "8500000000",
    }
    during(cgroup, monkeypatch, lambda: write(tmp_path, later))
    result = cgroup.measure(3.0, str(tmp_path))
    del result["seconds"]
    assert result == {
        "periods": 30,
        "throttled": 29,
        "throttled_seconds": 2.1,
        "cpu_seconds": 1.5,
        "quota_us": 50000,
        "period_us": 100000,
        "shares": 256,
        "memory_limit": 104857600,
        "memory_usage": 4096,
        "cgroup": "v1",
    }


def test_v2_tells_what_the_counters_grew_by(
    cgroup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    v2_container(tmp_path)
    later = "usage_usec 8500000\nnr_periods 130\nnr_throttled 69\nthrottled_usec 7100000"
    during(cgroup, monkeypatch, lambda: write(tmp_path, {"/sys/fs/cgroup/cpu.stat": later}))
    result = cgroup.measure(3.0, str(tmp_path))
    del result["seconds"]
    assert result == {
        "periods": 30,
        "throttled": 29,
        "throttled_seconds": 2.1,
        "cpu_seconds": 1.5,
        "quota_us": 50000,
        "period_us": 100000,
        "weight": 10,
        "memory_limit": 104857600,
        "memory_usage": 4096,
        "cgroup": "v2",
    }


def test_no_limit_is_null_in_both(cgroup: ModuleType, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    v1_container(one)
    write(one, {"/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1"})
    write(one, {"/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712"})
    v2_container(two)
    write(two, {"/sys/fs/cgroup/cpu.max": "max 100000", "/sys/fs/cgroup/memory.max": "max"})
    for root in (one, two):
        result = json.loads(cgroup.as_json(cgroup.measure(0.0, str(root))))
        assert result["quota_us"] is None
        assert result["memory_limit"] is None
        assert result["period_us"] == 100000


def test_a_group_inside_a_whole_mount_is_found(cgroup: ModuleType, tmp_path: Path) -> None:
    """As on a node, where each hierarchy is mounted whole and cpu apart from cpuacct."""
    mounts = "\n".join(
        f"4{number} 30 0:5 / /sys/fs/cgroup/{name} rw - cgroup cgroup rw,{name}"
        for number, name in enumerate(["cpu", "cpuacct"])
    )
    write(
        tmp_path,
        {
            "/proc/self/cgroup": f"2:cpuacct:{GROUP}\n1:cpu:{GROUP}\n0::/",
            "/proc/self/mountinfo": mounts,
            "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
            f"/sys/fs/cgroup/cpu{GROUP}/cpu.cfs_quota_us": "25000",
            f"/sys/fs/cgroup/cpuacct{GROUP}/cpuacct.usage": "1",
        },
    )
    result = cgroup.measure(0.0, str(tmp_path))
    assert result["quota_us"] == 25000
    assert result["memory_limit"] is None


def test_a_group_whose_folder_is_hidden_is_read_at_its_mount(
    cgroup: ModuleType, tmp_path: Path
) -> None:
    """As in a container with a cgroup namespace that others entered from outside it."""
    v2_container(tmp_path)
    write(tmp_path, {"/proc/self/cgroup": f"0::{GROUP}"})
    assert cgroup.measure(0.0, str(tmp_path))["quota_us"] == 50000


def test_on_this_machine_it_prints_one_line_of_json_as_agreed() -> None:
    result = finished("burn.py", "stat", "--seconds", "0.1")
    assert result.returncode == 0, result.stderr
    (line,) = result.stdout.splitlines()
    values = json.loads(line)
    assert values.keys() >= CONTRACT
    assert ("shares" in values) == (values["cgroup"] == "v1")
    assert ("weight" in values) == (values["cgroup"] == "v2")
    assert 0.1 <= values["seconds"] < 5.0
    assert values["cpu_seconds"] >= 0


@pytest.mark.parametrize("arguments", [["--seconds", "x"], ["--second", "1"], ["--seconds=-1"]])
def test_bad_options_are_told(arguments: list[str]) -> None:
    result = finished("burn.py", "stat", *arguments)
    assert result.returncode == 2
    assert result.stderr == "usage: burn stat [--seconds S]\n"


def test_it_starts_without_the_costly_modules() -> None:
    """A container at 100m has 10 ms of CPU in each tenth of a second, its busy threads included."""
    program = command("burn.py", "stat", "--seconds", "0")
    result = subprocess.run(
        [program[0], "-X", "importtime", *program[1:]], capture_output=True, text=True, check=True
    )
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert "cgroup" in imported
    assert imported.isdisjoint({"argparse", "json", "pathlib", "re", "busy"})
