"""Keeps each cell's messages its own, where ipykernel would give them to the cell before.

While a cell awaits, ipykernel lets the page's widgets speak, and then puts back whose turn it was.
Where that cell has ended meanwhile and the next one begun, it puts back the wrong one: what the
next one prints is shown above, its end is told in the other's name, and its prompt stays at [*].
Upstream: ipykernel 7.4.0 kernelbase.py, Kernel.shell_main, which restores the parent it found
before `await comm_task`; pull request 1565 of its repository reworks it.
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
    """Let this kernel put back nobody but the request whose turn it is. Once is enough."""
    if kernel is None or isinstance(getattr(kernel.set_parent, "__self__", None), _Keeper):
        return
    kernel.set_parent = _Keeper(kernel).set_parent


class _Keeper:
    def __init__(self, kernel: Any) -> None:
        self._stock = kernel.set_parent
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


def _name(parent: Parent) -> str:
    return str(parent.get("header", {}).get("msg_id"))
