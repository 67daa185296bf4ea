"""Mends what ipykernel does with the words of the page's widgets while a cell awaits.

It lets them speak, and then puts back whose turn it was. Where that cell has ended meanwhile and
the next one begun, it puts back the wrong one: what the next one prints is shown above, its end is
told in the other's name, and its prompt stays at [*].

And it never answers them: a widget whose word was not told to be done holds its next one back, for
good. The slider that was moved during a run is stuck after its first step.

Upstream: ipykernel 7.4.0 kernelbase.py, Kernel.shell_main, which restores the parent it found
before `await comm_task`, and Kernel.dispatch_shell, where `concurrent` leaves out busy and idle;
pull request 1565 of its repository reworks it. Who waits for the idle: ipywidgets
packages/base/src/widget.ts, WidgetModel._handle_status.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

Parent = Mapping[str, Any]

_WIDGETS = ("comm_open", "comm_msg", "comm_close")


class _Turns(threading.local):
    """The requests that began on one thread, and the last of them."""

    def __init__(self) -> None:
        self.begun: set[str] = set()
        self.last: tuple[Any, Parent] | None = None


def keep(kernel: Any) -> None:
    """Let this kernel put back nobody but whose turn it is, and answer each widget. Once does."""
    if kernel is None or isinstance(getattr(kernel.set_parent, "__self__", None), _Keeper):
        return
    keeper = _Keeper(kernel)
    kernel.set_parent = keeper.set_parent
    kernel.dispatch_shell = keeper.dispatch_shell


class _Keeper:
    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._stock = kernel.set_parent
        self._dispatch = kernel.dispatch_shell
        self._turns = _Turns()
        self._turns.begun.add(_name(kernel.get_parent("shell")))

    def set_parent(self, ident: Any, parent: Parent, channel: str = "shell") -> None:
        """Set whose turn it is, as Kernel.set_parent does."""
        turns = self._turns
        if channel == "shell" and parent.get("header", {}).get("msg_type") not in _WIDGETS:
            if (name := _name(parent)) not in turns.begun:
                turns.begun.add(name)
                turns.last = ident, parent
            elif turns.last is not None:
                ident, parent = turns.last
        self._stock(ident, parent, channel)

    async def dispatch_shell(
        self, msg: Any, /, subshell_id: str | None = None, *, concurrent: bool = False
    ) -> None:
        """Handle a request, as Kernel.dispatch_shell does, and tell a widget that it was heard."""
        await self._dispatch(msg, subshell_id, concurrent=concurrent)
        if not concurrent:
            return
        # In this task's own context, the widget's word is still the parent.
        self._kernel._publish_status("idle", "shell")
        if self._turns.last is not None and self._kernel._main_asyncio_lock.locked():
            # The page takes any idle for the kernel's: it is not, for its cell goes on.
            self._kernel._publish_status("busy", "shell", self._turns.last[1])


def _name(parent: Parent) -> str:
    return str(parent.get("header", {}).get("msg_id"))
