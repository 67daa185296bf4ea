"""burn: busy threads and memory in steps, as processes on this machine."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from course_programs import DEADLINE, Running, children, finished, running


def cpu_ticks(pid: int) -> int:
    """User and system time, proc(5) fields 14 and 15."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "ZX"


def eventually(condition) -> bool:
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if condition():
            return True
        os.sched_yield()
    return False


@pytest.fixture
def two_busy() -> Iterator[Running]:
    with running("burn.py", "--threads", "2") as burn:
        assert burn.line() == "burn: busy threads: 2"
        yield burn


def test_every_thread_uses_cpu(two_busy: Running) -> None:
    busy = children(two_busy.process.pid)
    assert len(busy) == 2
    before = {pid: cpu_ticks(pid) for pid in busy}
    assert eventually(lambda: all(cpu_ticks(pid) > before[pid] + 2 for pid in busy))


def test_sigterm_ends_it_and_its_threads_at_once(two_busy: Running) -> None:
    busy = children(two_busy.process.pid)
    assert two_busy.stop() == 0
    assert all(eventually(lambda pid=pid: gone(pid)) for pid in busy)


def test_threads_do_not_outlive_a_killed_burn(two_busy: Running) -> None:
    busy = children(two_busy.process.pid)
    two_busy.stop(signal.SIGKILL)
    assert all(eventually(lambda pid=pid: gone(pid)) for pid in busy)


def test_a_killed_thread_ends_burn_with_137(two_busy: Running) -> None:
    os.kill(children(two_busy.process.pid)[0], signal.SIGKILL)
    assert two_busy.process.wait(DEADLINE) == 137


def test_core_pins_every_thread() -> None:
    core = max(os.sched_getaffinity(0))
    with running("burn.py", "--threads", "1", "--core", str(core)) as burn:
        assert burn.line() == f"burn: busy threads: 1 on core {core}"
        (busy,) = children(burn.process.pid)
        assert os.sched_getaffinity(busy) == {core}


def test_without_threads_it_waits() -> None:
    with running("burn.py", "--threads", "0") as burn:
        assert burn.line() == "burn: busy threads: 0"
        assert children(burn.process.pid) == []
        assert burn.process.poll() is None
        assert burn.stop() == 0


def test_memory_is_really_held_step_by_step() -> None:
    with running("burn.py", "--memory", "20Mi,60Mi,10Mi", "--every", "0.5") as burn:
        burn.line()
        resident = []
        for number, (text, size) in enumerate(
            [("20Mi", 20971520), ("60Mi", 62914560), ("10Mi", 10485760)], 1
        ):
            assert burn.line() == f"burn: step {number} of 3, holding {text} ({size} bytes)"
            resident.append(int(burn.status("VmRSS").split()[0]) / 1024)
        own = 60  # MiB that the interpreter itself may take
        assert 20 < resident[0] < 20 + own
        assert resident[1] - resident[0] == pytest.approx(40, abs=2)
        assert resident[1] - resident[2] == pytest.approx(50, abs=2)
        assert burn.process.poll() is None, "it keeps the last step"
        assert burn.stop() == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--memory", "20Mib"], "'20Mib' is not an amount of memory"),
        (["--threads", "-1"], "invalid whole number value: '-1'"),
        (["--threads", "two"], "invalid whole number value: 'two'"),
        (["--threads", "257"], "--threads: at most 256"),
        (["--every", "nan"], "invalid number of seconds value: 'nan'"),
        (["--core", "4095"], "there is no core 4095 for this container"),
        (["--memory", "9000000Ti"], "the kernel does not give"),
        (["--thread", "1"], "unrecognized arguments"),
    ],
)
def test_bad_options_are_told(arguments: list[str], told: str) -> None:
    result = finished("burn.py", *arguments)
    assert result.returncode in (1, 2)
    assert told in result.stderr
    assert "Traceback" not in result.stderr
