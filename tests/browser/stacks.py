"""Runs at the start of each kernel of the browser tests: SIGUSR1 makes it tell where it stands.

faulthandler writes the threads, even of a kernel whose main thread is stuck; the tasks follow as
soon as that thread runs Python again.
"""

import asyncio
import faulthandler
import os
import signal
from pathlib import Path
from typing import Any

place = Path(os.environ["WORKBOOK_STACKS"], f"{os.getpid()}.txt")
told = place.open("a", buffering=1)


def tasks(_signal: int, _frame: object) -> None:
    """Write each task of the main loop: the coroutines it is in, and what the last one awaits."""
    try:
        found = asyncio.all_tasks(asyncio.get_running_loop())
    except RuntimeError:
        print("The main thread runs no loop.", file=told)
        return
    for task in found:
        print(f"Task {task.get_name()}:", file=told)
        inner: Any = task.get_coro()
        while inner is not None:
            frame = getattr(inner, "cr_frame", None) or getattr(inner, "gi_frame", None)
            if frame is None:
                print(f"  awaits {str(inner)[:200]}", file=told)
                break
            code = frame.f_code
            print(f"  {code.co_filename}:{frame.f_lineno} in {code.co_qualname}", file=told)
            inner = getattr(inner, "cr_await", None) or getattr(inner, "gi_yieldfrom", None)


signal.signal(signal.SIGUSR1, tasks)
faulthandler.register(signal.SIGUSR1, file=told, chain=True)
