"""Progress of long steps: a line at once, the elapsed time while it runs, the log when it fails.

Standard library only: the first step of all installs the rest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

TICK_TERMINAL = 0.5
TICK_LOG = 15.0
"""Seconds between two signs of life: on a terminal the same line, in a log a line of its own."""


COMMANDS = "commands.jsonl"
"""In the folder of logs: what each command did and how long its steps took, a line each."""


class StepFailed(Exception):
    """A step of the installation failed; its text says which, and the end of its log."""


class Progress:
    """Prints the steps of one command, several of which may run at once."""

    def __init__(self, logs: Path, stream: IO[str] = sys.stderr, *, command: str = "") -> None:
        self.logs = logs
        self.command = command
        self._began = datetime.now(UTC)
        self._started = time.monotonic()
        self._took: dict[str, float] = {}
        self._stream = stream
        self._terminal = stream.isatty()
        self._running: dict[str, float] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def __enter__(self) -> Progress:
        threading.Thread(target=self._tick, daemon=True, name="progress").start()
        return self

    def __exit__(self, kind: object, *exception: object) -> None:
        self._ended.set()
        self._erase()
        if self._took and self.logs.is_dir():  # `clean` has just removed the folder
            record = {
                "command": self.command,
                "began": self._began.isoformat(),
                "seconds": round(time.monotonic() - self._started, 1),
                "good": kind is None,
                "steps": self._took,
            }
            with (self.logs / COMMANDS).open("a") as out:
                out.write(json.dumps(record) + "\n")

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Name a step, show that it runs, and say how long it took."""
        begun = time.monotonic()
        with self._lock:
            self._running[title] = begun
        self._say(f"  ▸ {title} …")
        try:
            yield
        except BaseException:
            self._finish(title, f"  ✗ {title}  {time.monotonic() - begun:.1f} s")
            raise
        self._took[title] = round(time.monotonic() - begun, 1)
        self._finish(title, f"  ✓ {title}  {self._took[title]:.1f} s")

    def say(self, text: str) -> None:
        """Print a line among the steps."""
        with self._lock:
            self._say(text)

    def run(
        self,
        command: Sequence[str | os.PathLike[str]],
        *,
        log: str,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: Path | None = None,
        stdout: Path | None = None,
    ) -> None:
        """Run a program with its output in the log file of that name.

        Raises StepFailed with the end of the log when it cannot be started or fails.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        path = self.logs / f"{log}.log"
        with path.open("ab") as out:
            out.write(f"$ {' '.join(map(str, command))}\n".encode())
            out.flush()
            try:
                done = subprocess.run(
                    command,
                    check=False,
                    env=dict(env) if env is not None else None,
                    cwd=cwd,
                    stdin=stdin.open("rb") if stdin else subprocess.DEVNULL,
                    stdout=stdout.open("wb") if stdout else out,
                    stderr=out,
                )
            except OSError as error:
                raise StepFailed(f"{command[0]} cannot be started: {error}") from error
        if done.returncode:
            tail = path.read_text(errors="replace").splitlines()[-15:]
            raise StepFailed(
                f"{Path(command[0]).name} failed with status {done.returncode}. "
                f"The end of {path}:\n    " + "\n    ".join(tail)
            )

    def _finish(self, title: str, line: str) -> None:
        with self._lock:
            self._running.pop(title, None)
            self._say(line)

    def _say(self, line: str) -> None:
        self._erase()
        print(line, file=self._stream, flush=True)

    def _erase(self) -> None:
        if self._terminal:
            self._stream.write("\r\033[K")

    def _tick(self) -> None:
        while not self._ended.wait(TICK_TERMINAL if self._terminal else TICK_LOG):
            with self._lock:
                now = time.monotonic()
                running = " · ".join(f"{t} {now - at:.0f} s" for t, at in self._running.items())
                if not running:
                    continue
                if self._terminal:
                    self._stream.write(f"\r\033[K    {running}"[: _width()])
                    self._stream.flush()
                else:
                    print(f"    … {running}", file=self._stream, flush=True)


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except OSError:
        return 100
