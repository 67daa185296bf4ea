"""A kernel as JupyterLab starts one, and what its cells and widgets show."""

from __future__ import annotations

import html
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

PROJECT = Path(__file__).resolve().parents[2]

UNTIL = """
import asyncio
async with asyncio.timeout({deadline}):
    while not ({condition}):
        await asyncio.sleep(0.05)
"""


@dataclass
class Cell:
    """What a cell printed, what it displayed, and the error it ended with ("" if none)."""

    text: str = ""
    displayed: str = ""
    error: str = ""
    traceback: list[str] = field(default_factory=list)
    ended: bool = False


class Kernel:
    """A process of its own; it works on the same cluster, in no mode of this one."""

    def __init__(self, **environment: str) -> None:
        inherited = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith("WORKBOOK_") or k == "WORKBOOK_CLUSTER"
        }
        self._manager = KernelManager()
        self._manager.start_kernel(env={**inherited, **environment}, cwd=str(PROJECT))
        self._client: BlockingKernelClient = self._manager.blocking_client()
        self._client.start_channels()
        self._cells: dict[str, Cell] = {}
        self._widgets: dict[str, dict[str, Any]] = {}
        try:
            self._client.wait_for_ready(timeout=60)
        except BaseException:
            self.kill()
            raise

    def begin(self, code: str) -> str:
        """Send a cell, and return what `end` wants to know of it."""
        cell: str = self._client.execute(code, store_history=True)
        self._cells[cell] = Cell()
        return cell

    def end(self, cell: str, deadline: float = 60) -> Cell:
        """Wait until a cell is done. Raises TimeoutError after `deadline` seconds."""
        until = time.monotonic() + deadline
        while not self._cells[cell].ended:
            try:
                message = self._client.get_iopub_msg(timeout=max(0.0, until - time.monotonic()))
            except Empty:
                shown = self.shown()[-500:]
                raise TimeoutError(f"the cell ran for {deadline:g} s; shown: {shown}") from None
            self._take(message)
        return self._cells[cell]

    def run(self, code: str, deadline: float = 60) -> Cell:
        """Run a cell to its end."""
        return self.end(self.begin(code), deadline)

    def good(self, code: str, deadline: float = 60) -> str:
        """Run a cell that must not fail, and return what it printed."""
        cell = self.run(code, deadline)
        assert not cell.error, "\n".join([*cell.traceback, self.shown()[-3000:]])
        return cell.text.strip()

    def until(self, condition: str, deadline: float = 30) -> None:
        """Wait, in the kernel and with its loop at work, until an expression is true."""
        cell = self.run(UNTIL.format(condition=condition, deadline=deadline), deadline + 30)
        assert not cell.error, f"{condition}: {cell.error}\n{self.shown()[-1500:]}"

    def shown(self) -> str:
        """What the widgets say, as text: banners, cards, forms."""
        values = (str(state.get("value", "")) for state in self._widgets.values())
        markup = "\n".join(value for value in values if "<style" not in value)
        return html.unescape(re.sub(r"<[^>]+>", " ", markup))

    def kill(self) -> None:
        """End the process as the kernel of a machine out of memory ends: at once."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def quit(self) -> None:
        """Shut it down in order, as JupyterLab does."""
        self._manager.shutdown_kernel(now=False)
        self._client.stop_channels()

    def _take(self, message: dict[str, Any]) -> None:
        kind, content = message["msg_type"], message["content"]
        if kind == "comm_open":
            self._widgets[content["comm_id"]] = dict(content["data"].get("state", {}))
        elif kind == "comm_msg" and content["data"].get("method") == "update":
            self._widgets.setdefault(content["comm_id"], {}).update(content["data"]["state"])
        cell = self._cells.get(message["parent_header"].get("msg_id", ""))
        if cell is None:
            return
        if kind == "stream":
            cell.text += content["text"]
        elif kind in ("display_data", "execute_result"):
            cell.displayed += content["data"].get("text/plain", "") + "\n"
        elif kind == "error":
            cell.error = f"{content['ename']}: {content['evalue']}"
            cell.traceback = content["traceback"]
        elif kind == "status" and content["execution_state"] == "idle":
            cell.ended = True
