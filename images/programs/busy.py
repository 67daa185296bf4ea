"""burn: busy threads and memory in steps. See USAGE."""

import argparse
import mmap
import os
import signal
import sys
import time
from typing import NoReturn

from quantity import parse_bytes

PAGE = mmap.PAGESIZE
STOPPERS = {signal.SIGTERM, signal.SIGINT}
MOST_THREADS = 256
USAGE = """
burn --threads N [--core K]           N busy threads, all on core K if you name one; 0 just waits
burn --memory 20Mi,40Mi --every S     hold 20Mi, S seconds later 40Mi, and keep the last
burn stat --seconds S                 one line of JSON: this container's CPU over S seconds"""


def busy(parent: int) -> NoReturn:
    """Keep one core busy for as long as the parent lives."""
    while os.getppid() == parent:
        for _ in range(100_000):
            pass
    os._exit(0)


def start_busy() -> None:
    # A "thread" is a process: Python's lock lets only one thread of a process run at a time.
    parent = os.getpid()
    if os.fork() == 0:
        for stopper in STOPPERS:
            signal.signal(stopper, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        busy(parent)


def pin(core: int) -> None:
    allowed = sorted(os.sched_getaffinity(0))
    if core not in allowed:
        sys.exit(f"burn: there is no core {core} for this container; it may use {allowed}")
    os.sched_setaffinity(0, {core})


class Memory:
    """Anonymous memory of which the first `held` bytes were touched, so that they count."""

    def __init__(self, largest: int) -> None:
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        try:
            self.map = mmap.mmap(-1, max(largest, PAGE) + PAGE, flags=flags)
        except (OSError, OverflowError) as problem:
            sys.exit(f"burn: the kernel does not give {largest} bytes: {problem}")
        self.held = 0

    def hold(self, size: int) -> None:
        size = -(-size // PAGE) * PAGE
        if size > self.held:
            # One byte written in each page makes the kernel charge the whole page.
            self.map[self.held : size : PAGE] = b"\1" * ((size - self.held) // PAGE)
        elif size < self.held:
            self.map.madvise(mmap.MADV_DONTNEED, size, self.held - size)
        self.held = size


def wait(deadline: float | None) -> int | None:
    """Sleep until the deadline (monotonic seconds; None: for ever) or a signal; its number."""
    watched = STOPPERS | {signal.SIGCHLD}
    if deadline is None:
        return signal.sigwait(watched)
    info = signal.sigtimedwait(watched, max(0.0, deadline - time.monotonic()))
    return info.si_signo if info else None


def burn(threads: int, core: int | None, steps: list[tuple[str, int]], every: float) -> int:
    # Blocked signals are kept until we ask for them. Without this, the kernel would throw
    # SIGTERM away when burn is a container's process 1, which has no default handlers.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPERS | {signal.SIGCHLD})
    if core is not None:
        pin(core)
    for _ in range(threads):
        start_busy()
    where = f" on core {core}" if core is not None else ""
    print(f"burn: busy threads: {threads}{where}", flush=True)
    memory = Memory(max((size for _, size in steps), default=0))
    due = time.monotonic()
    for number, (text, size) in enumerate(steps, 1):
        memory.hold(size)
        print(f"burn: step {number} of {len(steps)}, holding {text} ({size} bytes)", flush=True)
        due += every
        if (ended := stopped(due)) is not None:
            return ended
    return stopped(None) or 0


def stopped(deadline: float | None) -> int | None:
    """Wait; the exit code if burn should end, None at the deadline."""
    while (number := wait(deadline)) is not None:
        if number in STOPPERS:
            print(f"burn: {signal.Signals(number).name}, stopping", flush=True)
            return 0
        child, status = os.waitpid(-1, os.WNOHANG)
        if child:
            code = os.waitstatus_to_exitcode(status)
            print(f"burn: a busy thread ended ({code})", file=sys.stderr, flush=True)
            return 128 - code if code < 0 else code or 1
    return None


def at_least_zero(kind: type[int] | type[float], name: str):
    def parse(text: str) -> float:
        value = kind(text)
        if not 0 <= value < 86_400 * 365:
            raise ValueError(text)
        return value

    parse.__name__ = name
    return parse


def memory_steps(text: str) -> list[tuple[str, int]]:
    try:
        return [(part.strip(), parse_bytes(part)) for part in text.split(",")]
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


COUNT = at_least_zero(int, "whole number")
SECONDS = at_least_zero(float, "number of seconds")


def main() -> int:
    parser = argparse.ArgumentParser(prog="burn", usage=USAGE, allow_abbrev=False)
    parser.add_argument("--threads", type=COUNT, default=0, help="busy threads")
    parser.add_argument("--core", type=COUNT, help="keep everything on this core")
    parser.add_argument("--memory", type=memory_steps, default=[], help="sizes, such as 20Mi,40Mi")
    parser.add_argument("--every", type=SECONDS, default=5.0, help="seconds between the sizes")
    chosen = parser.parse_args()
    if chosen.threads > MOST_THREADS:
        parser.error(f"--threads: at most {MOST_THREADS}, each is a process of this machine")
    return burn(chosen.threads, chosen.core, chosen.memory, chosen.every)
