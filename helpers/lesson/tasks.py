"""A register of tasks and threads, so that no error in one of them passes silently.

asyncio and threading print an unseen error to a log that nobody reads, and nbval sees a green cell.
Here every background task is started by `start`; an error that no one has been shown is raised at
the end of the cell that is running, or at `settle`, whichever comes first.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from helpers.lesson import parents

T = TypeVar("T")

_tasks: set[asyncio.Task[Any]] = set()
_unseen: list[BaseException] = []
_watching = False


def autoplay() -> bool:
    """Tell whether the lesson plays itself (`WORKBOOK_AUTOPLAY=1`), as under nbval."""
    return os.environ.get("WORKBOOK_AUTOPLAY") == "1"


def start(work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
    """Start `work` on the running loop, and note it when it fails. Raises RuntimeError off loop."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    _tasks.add(task)  # asyncio itself holds tasks only weakly
    task.add_done_callback(_ended)
    return task


def failed(error: BaseException) -> None:
    """Note an error that nobody has been shown yet."""
    if error not in _unseen:
        _unseen.append(error)


def shown(error: BaseException) -> None:
    """Note that somebody has been shown this error; it is not raised again."""
    if error in _unseen:
        _unseen.remove(error)


def raise_unseen() -> None:
    """Raise the errors that nobody has been shown: the one there is, or a group of them."""
    errors = list(_unseen)
    _unseen.clear()
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise BaseExceptionGroup("errors in the background", errors)


async def settle(deadline: float = 60.0) -> None:
    """Wait at most `deadline` seconds for all tasks but the caller's own, then `raise_unseen`.

    Raises TimeoutError, naming the tasks, when some are still at work.
    """
    here = asyncio.current_task()
    # A task may start another one while we wait, so look again until there is none.
    loop = asyncio.get_running_loop()
    end = loop.time() + deadline
    while pending := {task for task in _tasks if task is not here and not task.done()}:
        done, _ = await asyncio.wait(
            pending, timeout=max(0.0, end - loop.time()), return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            names = ", ".join(sorted(task.get_name() for task in pending))
            raise TimeoutError(f"still at work after {deadline:g} s: {names}")
    raise_unseen()


def watch_kernel() -> None:
    """Raise unseen errors at the end of each cell; under autoplay also those of foreign threads.

    And let the end of each cell be told as its own, whatever the page's widgets say meanwhile.
    Does nothing outside IPython, and nothing the second time.
    """
    global _watching  # noqa: PLW0603 - one kernel, one watch
    if _watching:
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    _watching = True
    parents.keep(getattr(shell, "kernel", None))
    # An error raised by this callback goes out as the cell's own "error" message, so nbval fails.
    shell.events.register("post_run_cell", _cell_ended)
    if autoplay():
        _catch_threads()
        _catch_loop(asyncio.get_event_loop())


def _cell_ended(_result: object) -> None:
    raise_unseen()


def _ended(task: asyncio.Task[Any]) -> None:
    _tasks.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        failed(error)


def _catch_threads() -> None:
    before = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        before(args)
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            failed(args.exc_value)

    threading.excepthook = hook


def _catch_loop(loop: asyncio.AbstractEventLoop) -> None:
    before = loop.get_exception_handler()

    def handler(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if before is not None:
            before(loop, context)
        else:
            loop.default_exception_handler(context)
        if isinstance(error := context.get("exception"), Exception):
            failed(error)

    loop.set_exception_handler(handler)
