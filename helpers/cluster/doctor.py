"""What a machine must have for the workbook, looked at all at once."""

from __future__ import annotations

import os
import platform
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from helpers.cluster import debian, images, pins, programs, pulled
from helpers.engine.cache import cache_dir
from helpers.engine.engine import Engine, EngineError
from helpers.kube import guard

DISK = 12 * 1024**3
"""Bytes that the Go build, the engine's store and three nodes take, rounded up."""

MEMORY = 6 * 1024**3
"""Bytes: the cluster idles at 1.5 GiB, the Go build wants 3 to 4 GiB for a while."""

WATCHES = 128
"""fs.inotify.max_user_instances: the kernel's own number, with which one cluster of the workbook
runs. A second one beside it wants MORE_WATCHES."""

MORE_WATCHES = 512

PORTS = range(8888, 8939)
"""Where JupyterLab looks for a free one (its own default and the 50 after it)."""

CGROUPS = Path("/sys/fs/cgroup")
INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")

CONTROLLERS = ("cpu", "cpuset", "memory", "pids")


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what was seen, and the mend when it will not do."""

    what: str
    seen: str
    mend: str = ""

    @property
    def good(self) -> bool:
        """Tell whether nothing needs to be done."""
        return not self.mend


def examine() -> list[Finding]:
    """Look at everything the workbook needs; the ones with a `mend` will stop it."""
    looks: list[Callable[[], Finding]] = [
        architecture, engine, cgroups, watches, memory, disk, port, packages,
    ]  # fmt: skip
    return [look() for look in looks]


def architecture() -> Finding:
    """The images are built for the machine's own processor."""
    machine = platform.machine()
    if platform.system() != "Linux":
        return Finding("system", platform.system(), "Use Linux, or a Linux virtual machine.")
    if machine not in {"x86_64", "aarch64"}:
        return Finding("processor", machine, "Use a 64-bit Intel, AMD or ARM machine.")
    return Finding("processor", machine)


def engine() -> Finding:
    """A container engine that answers, or root and apt-get to install one."""
    if context := guard.owner_context():
        return Finding("container engine", f"none needed: the cluster is that of {context}")
    try:
        found = Engine.find()
    except EngineError:
        if os.geteuid() == 0 and shutil.which("apt-get"):
            return Finding("container engine", "none yet; `workbook up` installs Podman")
        return Finding("container engine", "none", "Start Docker, or install Podman.")
    if found.program == "podman" and os.geteuid() != 0:
        return Finding("container engine", "podman without root", "Run as root, or start Docker.")
    version = found.version()
    seen = f"{found.program} {'.'.join(map(str, version))}"
    if found.program == "podman" and version < pins.PODMAN_AT_LEAST:
        least = ".".join(map(str, pins.PODMAN_AT_LEAST))
        return Finding("container engine", seen, f"Install Podman {least} or newer, or Docker.")
    return Finding("container engine", seen)


def cgroups() -> Finding:
    """The controllers that requests and limits stand on."""
    root = CGROUPS
    unified = root / "cgroup.controllers"
    if unified.exists():
        version, there = "v2", set(unified.read_text().split())
    else:
        version, there = "v1", {path.name for path in root.iterdir()} if root.exists() else set()
    lacking = [name for name in CONTROLLERS if name not in there]
    if lacking:
        return Finding(
            "cgroups",
            f"{version}, without {', '.join(lacking)}",
            "Start the kernel, or the container you are in, with these controllers.",
        )
    return Finding("cgroups", version)


def watches() -> Finding:
    """Enough inotify instances: each node's systemd, containerd and kubelet take several."""
    if not INOTIFY.exists():
        return Finding("inotify", "no such limit here")
    have = int(INOTIFY.read_text())
    if have < WATCHES:
        mend = f"sudo sysctl fs.inotify.max_user_instances={MORE_WATCHES}"
        return Finding("inotify", f"{have} instances", mend)
    return Finding("inotify", f"{have} instances")


def port() -> Finding:
    """A free port for JupyterLab on this machine alone."""
    for number in PORTS:
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", number))
            except OSError:
                continue
            taken = "" if number == PORTS[0] else f"; {PORTS[0]} is taken"
            return Finding("port", f"{number} is free{taken}")
    return Finding(
        "port", f"{PORTS[0]} to {PORTS[-1]} are all taken", "Stop what listens on one of them."
    )


def memory() -> Finding:
    """Enough memory for the build and the cluster."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    seen = f"{total / 1024**3:.0f} GiB"
    if total < MEMORY:
        return Finding("memory", seen, f"Use a machine with {MEMORY // 1024**3} GiB or more.")
    return Finding("memory", seen)


def disk() -> Finding:
    """Enough room in the user's cache folder."""
    place = cache_dir()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    seen = f"{free / 1024**3:.0f} GiB free at {place}"
    # What was built already needs no more room.
    need = DISK // 6 if (programs.folder() / "kind").exists() else DISK
    if free < need:
        return Finding("disk", seen, f"Free {need // 1024**3} GiB there, or set XDG_CACHE_HOME.")
    return Finding("disk", seen)


def packages() -> Finding:
    """The Debian packages that building the node image takes."""
    try:
        found = Engine.find()
    except EngineError:
        found = None
    official = found is not None and found.has_image(pulled.node_image())
    if guard.owner_context() or os.environ.get("WORKBOOK_NODES") == "pull" or official:
        return Finding("Debian packages", "none needed: no node is built here")
    absent = debian.missing(images.host_packages(found))
    if not absent:
        return Finding("Debian packages", "all there")
    if os.geteuid() == 0 and shutil.which("apt-get"):
        return Finding(
            "Debian packages", f"`workbook up` installs {len(absent)}: {' '.join(absent)}"
        )
    return Finding(
        "Debian packages",
        f"{' '.join(absent)} missing",
        f"sudo apt-get install {' '.join(absent)}",
    )
