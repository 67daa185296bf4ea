"""Kubernetes' own programs, built from their Go modules where no node image can be pulled.

Two Go modules under `images/node`: their dependencies do not agree, so each has its lock.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.cluster import pins
from helpers.cluster.progress import Progress
from helpers.engine.cache import cache_dir

SOURCES = Path(__file__).resolve().parents[2] / "images" / "node"

_COMPONENT = "k8s.io/component-base/version"
_KUBERNETES_VERSION = {
    "gitVersion": pins.KUBERNETES,
    "gitMajor": pins.KUBERNETES.removeprefix("v").split(".")[0],
    "gitMinor": pins.KUBERNETES.split(".")[1],
    "gitCommit": pins.KUBERNETES,
    "gitTreeState": "clean",
    "buildDate": pins.KUBERNETES_BUILD_DATE,
}
"""Without these kubeadm calls itself v0.0.0 and refuses (component-base/version/base.go)."""


@dataclass(frozen=True)
class GoBuild:
    """One `go build` in a folder with a go.mod; `programs` maps a file to its Go package."""

    folder: str
    programs: dict[str, str]
    stamps: dict[str, str]


BUILDS = (
    GoBuild(
        "kubernetes",
        {
            "kubernetes": "./multicall",
            "coredns": "./coredns",
            "etcd": "go.etcd.io/etcd/server/v3",
            "kind": "sigs.k8s.io/kind",
        },
        {f"{_COMPONENT}.{name}": value for name, value in _KUBERNETES_VERSION.items()},
    ),
    # By itself: it spells one import in upper case, which kind spells in lower case.
    GoBuild(
        "kubernetes",
        {"local-path-provisioner": "github.com/rancher/local-path-provisioner"},
        {"main.VERSION": pins.LOCAL_PATH_PROVISIONER},
    ),
    GoBuild(
        "containerd",
        {
            name: f"github.com/containerd/containerd/v2/cmd/{name}"
            for name in ("containerd", "containerd-shim-runc-v2", "ctr")
        },
        {"github.com/containerd/containerd/v2/version.Version": pins.CONTAINERD},
    ),
)

MULTICALL = (
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubeadm",
    "kubectl",
    "kubelet",
    "metrics-server",
)
"""The names by which the binary `kubernetes` is called (images/node/kubernetes/multicall)."""


def folder() -> Path:
    """Return where the programs of today's sources are, or will be."""
    return cache_dir() / "programs" / digest()


def digest() -> str:
    """Return a short hash of all that decides what the programs are."""
    text = hashlib.sha256(repr((pins.GO, BUILDS)).encode())
    for module in sorted({build.folder for build in BUILDS}):
        for file in sorted((SOURCES / module).rglob("*")):
            if file.is_file():
                text.update(file.read_bytes())
    return text.hexdigest()[:12]


def build(progress: Progress) -> None:
    """Build the programs that are not there yet; each build is kept once it is whole."""
    for each in BUILDS:
        _build(each, progress)
    link(folder())


def _build(build: GoBuild, progress: Progress) -> None:
    target = folder()
    if all((target / name).exists() for name in build.programs):
        return
    partial = target / ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    stamps = " ".join(f"-X {name}={value}" for name, value in build.stamps.items())
    with progress.step(f"building {', '.join(build.programs)} from Go modules"):
        go(
            ["build", "-trimpath", f"-ldflags=-s -w {stamps}", "-o", f"{partial}/",
             *build.programs.values()],
            SOURCES / build.folder,
            progress,
        )  # fmt: skip
    for name, package in build.programs.items():
        (partial / _file(package)).rename(target / name)
    shutil.rmtree(partial)


def link(target: Path) -> None:
    """Give the multi-call binary its names beside it."""
    for name in MULTICALL:
        if not (target / name).is_symlink():
            (target / name).symlink_to("kubernetes")


def _file(package: str) -> str:
    """The file that `go build` names after a package: its last element that is no version."""
    parts = [part for part in package.split("/") if part not in {"v2", "v3"}]
    return parts[-1]


def modules() -> Path:
    """Return where the sources of Go modules are kept, each in a folder path@version."""
    return cache_dir() / "go" / "modules"


def go(arguments: Sequence[str], cwd: Path, progress: Progress) -> None:
    """Run the pinned Go of the Python environment, with its caches in the workbook's folder."""
    program = Path(sys.executable).with_name("go")
    progress.run(
        [program, *arguments],
        log="go",
        cwd=cwd,
        env={
            **os.environ,
            "CGO_ENABLED": "0",
            "GOFLAGS": "-buildvcs=false -mod=readonly",
            "GOTOOLCHAIN": "local",
            "GOCACHE": str(cache_dir() / "go" / "build"),
            "GOMODCACHE": str(modules()),
        },
    )
