"""What a failed browser test tells: prompts, console, the server's log, the kernels' stacks."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Error, Page, WebSocket

STACKS = Path(__file__).with_name("stacks.py")
TOLD_WITHIN = 5.0
"""Seconds in which a kernel must have written its stacks."""
MESSAGES = 12
"""How many of the last messages between page and kernel are told."""
PROMPTS = """() => Array.from(document.querySelectorAll(".jp-Notebook .jp-CodeCell"), cell =>
    cell.querySelector(".jp-InputPrompt").textContent + " "
    + (cell.querySelector(".cm-line")?.textContent ?? ""))"""


def prepare(folder: Path) -> dict[str, str]:
    """Make kernels that are started in this environment tell their stacks into the folder."""
    startup = folder / "ipython/profile_default/startup"
    startup.mkdir(parents=True)
    shutil.copy(STACKS, startup / "00-stacks.py")
    return {"IPYTHONDIR": str(folder / "ipython"), "WORKBOOK_STACKS": str(folder)}


class Heard:
    """What a page's console and its sockets said, line by line."""

    def __init__(self, page: Page) -> None:
        self.console: list[str] = []
        self.frames: list[str] = []
        self._began = time.monotonic()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._note(f"error: {error}"))
        page.on("crash", lambda _: self._note("the page crashed"))
        page.on("websocket", self._socket)

    def _console(self, message: ConsoleMessage) -> None:
        slow = message.text.endswith("to activate.")  # JupyterLab's plugins on a busy machine
        if message.type in ("error", "warning") and not slow:
            self._note(f"{message.type}: {message.text[:400]}")

    def _socket(self, socket: WebSocket) -> None:
        where = socket.url.partition("?")[0].rpartition("/api/")[2]
        self._note(f"opened {where}")
        socket.on("close", lambda _: self._note(f"closed {where}"))
        socket.on("socketerror", lambda error: self._note(f"broken {where}: {error}"))
        if where.endswith("/channels"):
            socket.on("framesent", self._frame("sent"))
            socket.on("framereceived", self._frame("received"))

    def _frame(self, way: str) -> Callable[[str | bytes], None]:
        def note(frame: str | bytes) -> None:
            text = frame if isinstance(frame, str) else frame[:2000].decode(errors="replace")
            kind = text.partition('"msg_type":')[2].lstrip().partition(",")[0].strip('"}')
            self.frames.append(f"{self._time} {way} {kind}")
            del self.frames[:-MESSAGES]

        return note

    def _note(self, line: str) -> None:
        self.console.append(f"{self._time} {line}")

    @property
    def _time(self) -> str:
        return f"{time.monotonic() - self._began:6.1f} s"


def tell(page: Page, heard: Heard, folder: Path) -> None:
    """Print what is known of a page whose test failed, and of the kernels below the folder."""
    print("PROMPTS")
    with contextlib.suppress(Error):  # a page that crashed has none
        print("\n".join(page.evaluate(PROMPTS)))
    print("LAST MESSAGES BETWEEN PAGE AND KERNEL", *heard.frames, sep="\n")
    print("CONSOLE", *heard.console, sep="\n")
    print("LOG OF JUPYTERLAB AND KERNEL", (folder / "lab.log").read_text()[-6000:], sep="\n")
    for stack in stacks(folder):
        print(f"STACKS OF {stack}")


def kernel_told(folder: Path) -> str:
    """Return how the kernels below the folder stand, short enough for the error itself."""
    log = (folder / "lab.log").read_text().splitlines()[-6:]
    return "\n".join([*log, *(stack[:2000] for stack in stacks(folder))])


def stacks(folder: Path) -> Iterator[str]:
    """Ask each kernel that started below the folder for its stacks."""
    for told in sorted(folder.glob("*.txt")):
        kernel = int(told.stem)
        try:
            os.kill(kernel, signal.SIGUSR1)
        except ProcessLookupError:
            yield f"kernel {kernel}: it has ended"
            continue
        until = time.monotonic() + TOLD_WITHIN
        text = ""
        while time.monotonic() < until and ("Task" not in text or text != told.read_text()):
            text = told.read_text()
            time.sleep(0.2)  # a file tells nobody that it grows
        yield f"kernel {kernel}\n{text}"
