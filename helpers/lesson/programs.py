"""Programs that a lesson runs beside the cluster: built on its first use, ended with its run.

A lesson never makes a cluster and knows nothing of how programs are built: it asks by the command
`workbook programs NAME`, as a process of its own, and shows what that says.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic

import ipywidgets as widgets

from helpers.lesson import recording
from helpers.lesson.experiment import Trouble
from helpers.lesson.stop import RunFailed

END_WITHIN = 5.0  # seconds for a program to be gone after it was killed

_folders: dict[str, Path] = {}
"""Where the programs are that this kernel has asked for."""

# The shell reads from this process until that ends, however it ends; then the program goes too.
_TIED = 'exec 3<&0; "$@" 3<&- </dev/null & child=$!; (read -r _ <&3; kill -9 $child) & wait $child'


async def ready(name: str) -> None:
    """Build the programs of this name if they are not there yet, and show how far that is.

    The first time it takes minutes. Nothing is built for a replay, nor for a cluster that its owner
    named, where no lesson needs them. Raises RunFailed, in one line, when they cannot be built.
    """
    from IPython.display import display

    from helpers.kube import guard

    line = widgets.HTML()
    display(line)
    if recording.replaying() or guard.owner_context() is not None:
        line.value = f"The programs of <b>{name}</b> are not needed here."
        return
    began, said = monotonic(), ["looking for them"]

    def show(text: str) -> None:
        line.value = f"Programs of <b>{name}</b>: {html.escape(text)}"

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "helpers.cli", "programs", name,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    reading = asyncio.create_task(process.stdout.read())
    heard: list[str] = []
    try:
        listening = asyncio.create_task(process.stderr.readline())
        while True:
            done, _ = await asyncio.wait({listening}, timeout=1)
            if done:
                if not (raw := listening.result()):
                    break
                heard.append(raw.decode("utf-8", "replace").strip())
                if heard[-1].startswith("▸"):
                    said.append(heard[-1].removeprefix("▸").removesuffix("…").strip())
                listening = asyncio.create_task(process.stderr.readline())
            show(f"{said[-1]} … {monotonic() - began:.0f} s; the first time takes some minutes")
        if await process.wait() != 0:
            told = " ".join(line for line in heard[-20:] if line)
            show(f"they could not be built. {told}")
            raise RunFailed(f"The programs of {name} could not be built. {told}")
        _folders[name] = Path((await reading).decode().strip())
    except BaseException:
        if process.returncode is None:
            process.terminate()
        raise
    show(f"ready, after {monotonic() - began:.0f} s")


def folder(name: str) -> Path:
    """Return where the programs of this name are. Raises Trouble when they were not asked for."""
    if name not in _folders:
        raise Trouble(
            "A program is missing",
            f"This run needs the programs of {name}, and they are not there yet.",
            f'Run the cell with `programs.ready("{name}")` above, then press Run again.',
        )
    return _folders[name]


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], log: Path, env: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Let a program run as long as the block, and not a moment longer than this process.

    What it says goes to the file `log`. Raises OSError when it cannot be started.
    """
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["sh", "-c", _TIED, "sh", *command],
            stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT, env=dict(env),
            start_new_session=True,  # an interrupt of the kernel is not meant for it
        )  # fmt: skip
    assert process.stdin is not None
    try:
        yield process
    finally:
        process.stdin.close()
        process.wait(END_WITHIN)
