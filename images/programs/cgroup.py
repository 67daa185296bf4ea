"""burn stat: what the kernel counted for this container's CPU over some seconds, as JSON.

Files and their units: the kernel's Documentation/scheduler/sched-bwc.rst and
Documentation/admin-guide/cgroup-v1 for v1, cgroup-v2.rst for v2.
"""

import os
import sys
import time

USAGE = "usage: burn stat [--seconds S]"
UNLIMITED = 1 << 60  # cgroup v1 writes "no memory limit" as the largest multiple of a page


def read(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read()


def folders(root: str = "/") -> dict[str, str]:
    """The folder of this process's own cgroup by controller; "" is cgroup v2's one folder.

    /proc/self/cgroup names the group, /proc/self/mountinfo where its hierarchy is mounted and
    which part of it: a container often sees only its own part, while the name is the whole path.
    """
    names: dict[str, str] = {}
    for line in read(f"{root}/proc/self/cgroup").splitlines():
        _, controllers, name = line.split(":", 2)
        names |= dict.fromkeys(controllers.split(","), name)
    found: dict[str, str] = {}
    for line in read(f"{root}/proc/self/mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        part, mount = before.split()[3:5]
        if kind == "cgroup2":
            controllers = [""]
        elif kind == "cgroup":
            controllers = options.split()[-1].split(",")
        else:
            continue
        for controller in controllers:
            if controller in names:
                found[controller] = own_folder(root + mount, part, names[controller])
    return found


def own_folder(mount: str, part: str, name: str) -> str:
    inside = os.path.relpath(name, part)
    folder = os.path.join(mount, inside)
    return folder if not inside.startswith("..") and os.path.isdir(folder) else mount


def numbers(path: str) -> dict[str, int]:
    """A file of lines "name number", or one bare number under the name ""; {} without the file."""
    try:
        lines = read(path).splitlines()
    except OSError:
        return {}
    pairs = [line.rpartition(" ") for line in lines]
    return {name: int(value) for name, _, value in pairs if value.lstrip("-").isdigit()}


class V1:
    """cgroup v1: one folder a controller, times in nanoseconds, -1 for no CPU limit."""

    name = "v1"

    def __init__(self, found: dict[str, str]) -> None:
        self.cpu, self.account = found["cpu"], found["cpuacct"]
        self.memory = found.get("memory", "")

    def counters(self) -> dict[str, float]:
        stat = numbers(f"{self.cpu}/cpu.stat")
        return {
            "periods": stat.get("nr_periods", 0),
            "throttled": stat.get("nr_throttled", 0),
            "throttled_seconds": stat.get("throttled_time", 0) / 1e9,
            "cpu_seconds": int(read(f"{self.account}/cpuacct.usage")) / 1e9,
        }

    def settings(self) -> dict[str, object]:
        quota = numbers(f"{self.cpu}/cpu.cfs_quota_us").get("", -1)
        limit = numbers(f"{self.memory}/memory.limit_in_bytes").get("", UNLIMITED)
        return {
            "quota_us": quota if quota > 0 else None,
            "period_us": numbers(f"{self.cpu}/cpu.cfs_period_us").get(""),
            "shares": numbers(f"{self.cpu}/cpu.shares").get(""),
            "memory_limit": limit if limit < UNLIMITED else None,
            "memory_usage": numbers(f"{self.memory}/memory.usage_in_bytes").get(""),
        }


class V2:
    """cgroup v2: one folder for all, times in microseconds, "max" for no limit."""

    name = "v2"

    def __init__(self, found: dict[str, str]) -> None:
        self.folder = found[""]

    def counters(self) -> dict[str, float]:
        stat = numbers(f"{self.folder}/cpu.stat")
        return {
            "periods": stat.get("nr_periods", 0),
            "throttled": stat.get("nr_throttled", 0),
            "throttled_seconds": stat.get("throttled_usec", 0) / 1e6,
            "cpu_seconds": stat["usage_usec"] / 1e6,
        }

    def settings(self) -> dict[str, object]:
        try:
            quota, period = read(f"{self.folder}/cpu.max").split()
        except OSError:  # the root of all groups has no limit and no such file
            quota, period = "max", "100000"
        return {
            "quota_us": None if quota == "max" else int(quota),
            "period_us": int(period),
            "weight": numbers(f"{self.folder}/cpu.weight").get(""),
            "memory_limit": numbers(f"{self.folder}/memory.max").get(""),
            "memory_usage": numbers(f"{self.folder}/memory.current").get(""),
        }


def measure(seconds: float, root: str = "/") -> dict[str, object]:
    """What the counters of this cgroup grew by in a window of so many seconds."""
    found = folders(root)
    group = V1(found) if "cpu" in found and "cpuacct" in found else V2(found)
    start, before = time.monotonic(), group.counters()
    time.sleep(seconds)
    after, end = group.counters(), time.monotonic()
    grown = {key: round(after[key] - before[key], 6) for key in after}
    return {"seconds": round(end - start, 3), **grown, **group.settings(), "cgroup": group.name}


def as_json(values: dict[str, object]) -> str:
    # By hand, since importing json costs more CPU than all the rest of this program.
    def text(value: object) -> str:
        if value is None:
            return "null"
        return f'"{value}"' if isinstance(value, str) else str(value)

    return "{" + ", ".join(f'"{key}": {text(value)}' for key, value in values.items()) + "}"


def seconds_from(arguments: list[str]) -> float:
    if not arguments:
        return 3.0
    try:
        option, text = arguments if len(arguments) == 2 else arguments[0].split("=")
        seconds = float(text)
    except ValueError:
        option, seconds = "", 0.0
    if option != "--seconds" or not 0 <= seconds <= 3600:
        print(USAGE, file=sys.stderr)
        sys.exit(2)
    return seconds


def main() -> int:
    seconds = seconds_from(sys.argv[2:])
    try:
        print(as_json(measure(seconds)))
    except (OSError, KeyError, ValueError) as problem:
        sys.exit(f"burn stat: cannot read this container's cgroup: {problem!r}")
    return 0
