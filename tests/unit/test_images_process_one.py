"""A container's process 1 loses every signal it does not ask for; the programs must ask."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from course_programs import DEADLINE, Running, children, command

NAMESPACE = ["unshare", "--pid", "--fork", "--kill-child"]


def possible() -> bool:
    try:
        return (
            subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0
        )
    except FileNotFoundError:
        return False


pytestmark = pytest.mark.skipif(not possible(), reason="may not make a PID namespace here")


def programs(folder: Path) -> dict[str, tuple[list[str], Callable[[str], bool]]]:
    here = ["--address", "127.0.0.1", "--port", "0"]
    return {
        "burn": (command("burn.py", "--threads", "1"), lambda line: "busy threads" in line),
        "fib": (command("fib.py", *here), lambda line: "listening" in line),
        "randserver": (
            command("randserver.py", *here, "--data", str(folder)),
            lambda line: "listening" in line,
        ),
    }


@pytest.mark.parametrize("name", ["burn", "fib", "randserver"])
def test_sigterm_ends_process_one(name: str, tmp_path: Path) -> None:
    program, is_ready = programs(tmp_path)[name]
    with subprocess.Popen([*NAMESPACE, *program], stdout=subprocess.PIPE, text=True) as unshare:
        try:
            started = Running(unshare)
            while not is_ready(started.line()):
                pass
            (first,) = children(unshare.pid)
            os.kill(first, signal.SIGTERM)
            assert started.line() == f"{name}: SIGTERM, stopping"
            assert unshare.wait(DEADLINE) == 0
        finally:
            unshare.kill()
