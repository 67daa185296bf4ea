#!/usr/bin/python3 -ES
"""burn: use CPU or memory in an amount that you choose, and read what the kernel made of it.

burn --threads N [--core K]            N busy threads, all on core K if you name one; 0 just waits
burn --memory 20Mi,40Mi --every S      hold 20Mi, S seconds later 40Mi, and keep the last
burn stat --seconds S                  one line of JSON: this container's CPU over S seconds
"""

import argparse
import json
import mmap
import os
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from quantity import parse_bytes

PAGE = mmap.PAGESIZE
STOPPERS = {signal.SIGTERM, signal.SIGINT}
UNLIMITED = 1 << 60  # cgroup v1 writes "no memory limit" as the largest multiple of a page


# ---------------------------------------------------------------- using CPU and memory


def busy(parent: int) -> NoReturn:
    """Keep one core busy for as long as the parent lives."""
    while os.getppid() == parent:
        for _ in range(100_000):
            pass
    os._exit(0)


def start_busy() -> int:
    # A "thread" is a process: Python's lock lets only one thread of a process run at a time.
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        for stopper in STOPPERS:
            signal.signal(stopper, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        busy(parent)
    return child


def pin(core: int) -> None:
    allowed = sorted(os.sched_getaffinity(0))
    if core not in allowed:
        sys.exit(f"burn: there is no core {core} for this container; it may use {allowed}")
    os.sched_setaffinity(0, {core})


class Memory:
    """Anonymous memory of which the first `held` bytes were touched, so that they count."""

    def __init__(self, largest: int) -> None:
        self.map = mmap.mmap(-1, max(largest, PAGE), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
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
    children = [start_busy() for _ in range(threads)]
    where = f" on core {core}" if core is not None else ""
    print(f"burn: busy threads: {threads}{where}", flush=True)
    try:
        memory = Memory(max((size for _, size in steps), default=0))
        due = time.monotonic()
        for number, (text, size) in enumerate(steps, 1):
            memory.hold(size)
            print(f"burn: step {number} of {len(steps)}, holding {text} ({size} bytes)", flush=True)
            due += every
            last = number == len(steps)
            if (ended := stopped(None if last else due)) is not None:
                return ended
        return stopped(None) or 0
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)


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


# ---------------------------------------------------------------- reading the cgroup


def cgroup_folders(root: Path = Path("/")) -> dict[str, Path]:
    """The folder of this process's own cgroup by controller; "" is cgroup v2's one folder.

    /proc/self/cgroup names the group, /proc/self/mountinfo where its hierarchy is mounted and
    which part of it; a container often sees only its own part, mounted under the whole path.
    """
    paths: dict[str, str] = {}
    for line in (root / "proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            paths[controller] = path
    folders: dict[str, Path] = {}
    for line in (root / "proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        if kind not in ("cgroup", "cgroup2"):
            continue
        mounted_part, mount_point = before.split()[3:5]
        mount = root / mount_point.lstrip("/")
        names = [""] if kind == "cgroup2" else options.split()[-1].split(",")
        for name in names:
            if name in paths:
                folders[name] = own_folder(mount, mounted_part, paths[name])
    return folders


def own_folder(mount: Path, mounted_part: str, path: str) -> Path:
    inside = os.path.relpath(path, mounted_part)
    folder = mount / inside
    return folder if not inside.startswith("..") and folder.is_dir() else mount


def numbers(file: Path) -> dict[str, int]:
    """A file of lines "name number", or one bare number under the name ""; {} without the file."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return {}
    pairs = [line.rpartition(" ") for line in lines]
    return {name: int(value) for name, _, value in pairs if value.lstrip("-").isdigit()}


class V1:
    """cgroup v1: one folder a controller, times in nanoseconds."""

    name = "v1"

    def __init__(self, folders: dict[str, Path]) -> None:
        self.cpu, self.account = folders["cpu"], folders["cpuacct"]
        self.memory = folders.get("memory")

    def counters(self) -> dict[str, float]:
        stat = numbers(self.cpu / "cpu.stat")
        return {
            "periods": stat.get("nr_periods", 0),
            "throttled": stat.get("nr_throttled", 0),
            "throttled_seconds": stat.get("throttled_time", 0) / 1e9,
            "cpu_seconds": numbers(self.account / "cpuacct.usage")[""] / 1e9,
        }

    def settings(self) -> dict[str, object]:
        quota = numbers(self.cpu / "cpu.cfs_quota_us").get("", -1)
        limit = usage = None
        if self.memory:
            limit = numbers(self.memory / "memory.limit_in_bytes").get("")
            usage = numbers(self.memory / "memory.usage_in_bytes").get("")
        return {
            "quota_us": quota if quota > 0 else None,
            "period_us": numbers(self.cpu / "cpu.cfs_period_us").get(""),
            "shares": numbers(self.cpu / "cpu.shares").get(""),
            "memory_limit": limit if limit is not None and limit < UNLIMITED else None,
            "memory_usage": usage,
        }


class V2:
    """cgroup v2: one folder for all, times in microseconds, "max" for no limit."""

    name = "v2"

    def __init__(self, folders: dict[str, Path]) -> None:
        self.folder = folders[""]

    def counters(self) -> dict[str, float]:
        stat = numbers(self.folder / "cpu.stat")
        return {
            "periods": stat.get("nr_periods", 0),
            "throttled": stat.get("nr_throttled", 0),
            "throttled_seconds": stat.get("throttled_usec", 0) / 1e6,
            "cpu_seconds": stat["usage_usec"] / 1e6,
        }

    def settings(self) -> dict[str, object]:
        try:
            quota, period = (self.folder / "cpu.max").read_text().split()
        except OSError:  # the root of all groups has no limit and no such file
            quota, period = "max", "100000"
        return {
            "quota_us": None if quota == "max" else int(quota),
            "period_us": int(period),
            "weight": numbers(self.folder / "cpu.weight").get(""),
            "memory_limit": numbers(self.folder / "memory.max").get(""),
            "memory_usage": numbers(self.folder / "memory.current").get(""),
        }


def stat(seconds: float, root: Path = Path("/")) -> dict[str, object]:
    """What the counters of this cgroup grew by in a window of so many seconds."""
    folders = cgroup_folders(root)
    group = V1(folders) if "cpuacct" in folders and "cpu" in folders else V2(folders)
    start, before = time.monotonic(), group.counters()
    time.sleep(seconds)
    after, end = group.counters(), time.monotonic()
    grown = {key: round(after[key] - before[key], 6) for key in after}
    return {"seconds": round(end - start, 3), **grown, **group.settings(), "cgroup": group.name}


# ---------------------------------------------------------------- the command line


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


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="burn", allow_abbrev=False)
    if arguments[:1] == ["stat"]:
        parser = argparse.ArgumentParser(prog="burn stat", allow_abbrev=False)
        parser.add_argument("--seconds", type=SECONDS, default=3.0, help="length of the window")
        try:
            print(json.dumps(stat(parser.parse_args(arguments[1:]).seconds)))
        except (OSError, KeyError) as problem:
            sys.exit(f"burn stat: cannot read this container's cgroup: {problem!r}")
        return 0
    parser.usage = (__doc__ or "").split("\n\n", 1)[1].strip()
    parser.add_argument("--threads", type=COUNT, default=0, help="busy threads")
    parser.add_argument("--core", type=COUNT, help="keep everything on this core")
    parser.add_argument("--memory", type=memory_steps, default=[], help="sizes, such as 20Mi,40Mi")
    parser.add_argument("--every", type=SECONDS, default=5.0, help="seconds between the sizes")
    chosen = parser.parse_args(arguments)
    return burn(chosen.threads, chosen.core, chosen.memory, chosen.every)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
