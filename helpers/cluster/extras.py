"""Programs that one lesson needs beside the cluster, built from Go modules on its first use.

They are no part of `workbook up`: who never opens that lesson never waits for them. A lesson knows
no cluster's making, so it asks by the command `workbook programs NAME`, which prints their folder.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from helpers.cluster import pins, programs
from helpers.cluster.progress import Progress, StepFailed
from helpers.engine.cache import alone, cache_dir

MODULES = Path(__file__).parent


@dataclass(frozen=True)
class Extra:
    """Programs of one Go module, and files that come with their sources.

    `module` is the folder of its go.mod beside this file, `programs` maps a file to its Go package,
    `files` are the folders of a required module, as "path@version/folder", whose YAML is copied.
    """

    module: str
    programs: dict[str, str]
    files: tuple[str, ...] = ()


EXTRAS = {
    "karpenter": Extra(
        "simulated",
        {"kwok": "sigs.k8s.io/kwok/cmd/kwok", "karpenter": "sigs.k8s.io/karpenter/kwok"},
        tuple(
            f"sigs.k8s.io/karpenter@{pins.KARPENTER}/kwok/{folder}"
            for folder in ("charts/crds", "apis/crds")
        ),
    )
}


def folder(name: str) -> Path:
    """Return where the programs of this name are, or will be."""
    extra = EXTRAS[name]
    text = hashlib.sha256(repr((pins.GO, extra)).encode())
    for file in sorted((MODULES / extra.module).iterdir()):
        text.update(file.read_bytes())
    return cache_dir() / "programs" / f"{name}-{text.hexdigest()[:12]}"


def build(name: str, progress: Progress) -> Path:
    """Build what is missing, and return the folder. Raises StepFailed when it cannot be built."""
    target = folder(name)
    if target.exists():
        return target
    with alone(f"programs-{name}"):
        if not target.exists():
            _build(EXTRAS[name], target, progress)
    return target


def _build(extra: Extra, target: Path, progress: Progress) -> None:
    partial = target.with_name(f"{target.name}.partial")
    partial.mkdir(parents=True, exist_ok=True)
    for file, package in extra.programs.items():
        if (partial / file).exists():
            continue  # an earlier build was interrupted after this one
        with progress.step(f"building {file} from Go modules"):
            made = partial / f".{file}"
            programs.go(
                ["build", "-trimpath", "-ldflags=-s -w", "-o", str(made), package],
                MODULES / extra.module,
                progress,
            )
            made.rename(partial / file)
    for source in extra.files:
        found = sorted((programs.modules() / source).glob("*.yaml"))
        if not found:
            raise StepFailed(f"{source} holds no YAML; its Go module was not fetched whole.")
        for one in found:
            shutil.copyfile(one, partial / one.name)
    partial.rename(target)
