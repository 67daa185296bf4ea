"""Running the course's programs as processes of this machine, for test_images_*."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

IMAGES = Path(__file__).parents[2] / "images"
PROGRAMS = IMAGES / "programs"
DEADLINE = 20.0  # seconds; generous, since the machine may be busy with a build


def command(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-ES", str(PROGRAMS / program), *arguments]


def children(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def finished(
    program: str, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(program, *arguments),
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


class Running:
    """A program in the background whose lines can be awaited."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: queue.Queue[str] = queue.Queue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def line(self) -> str:
        return self.lines.get(timeout=DEADLINE)

    def stop(self, number: int = signal.SIGTERM, deadline: float = 3.0) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=deadline)

    def status(self, field: str) -> str:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return dict(line.split(":", 1) for line in text.splitlines())[field].strip()


@contextlib.contextmanager
def running(
    program: str, *arguments: str, env: Mapping[str, str] | None = None, errors: bool = False
) -> Iterator[Running]:
    """A program that runs until the block ends; with errors, their lines are read as well."""
    with subprocess.Popen(
        command(program, *arguments),
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if errors else None,
        text=True,
        start_new_session=True,
    ) as process:
        program_running = Running(process)
        try:
            yield program_running
        finally:
            # The whole group, so that a broken program leaves nothing behind on the machine.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            program_running.reader.join(DEADLINE)


class Web(Running):
    """A running server that has said on which port it listens."""

    def __init__(self, program: Running) -> None:
        self.__dict__ = program.__dict__
        self.said: list[str] = []
        while "listening on" not in (line := self.line()):
            self.said.append(line)
        self.url = "http://" + line.rpartition(" ")[2]

    def get(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=DEADLINE) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()


@contextlib.contextmanager
def serving(program: str, *arguments: str, env: Mapping[str, str] | None = None) -> Iterator[Web]:
    loopback = ("--address", "127.0.0.1", "--port", "0")
    with running(program, *loopback, *arguments, env=env) as started:
        yield Web(started)
