"""Nodes from kind's official image, for a machine whose engine can pull. Nothing is compiled.

kind comes from PATH in the pinned version, else pytest-kind fetches it; kubectl is in the image.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

from helpers.cluster import pins
from helpers.cluster.progress import Progress, StepFailed
from helpers.engine.cache import alone, cache_dir
from helpers.engine.engine import Engine, EngineError


def folder() -> Path:
    """Return where kind and kubectl are kept."""
    return cache_dir() / "programs" / f"ready-{pins.KUBERNETES}-{pins.KIND}"


def node_image() -> str:
    """Return the official image, its digest pinned, or its copy that WORKBOOK_NODE_IMAGE names."""
    return os.environ.get("WORKBOOK_NODE_IMAGE") or pins.NODE_IMAGE


def reachable(engine: Engine, progress: Progress) -> bool:
    """Tell whether the official node image is in the engine's store; pull it if it can be."""
    image = node_image()
    if engine.has_image(image):
        return True
    try:
        with progress.step("pulling the official node image"):
            engine.ask("pull", image)
    except EngineError as error:
        last = str(error).splitlines()[-1]
        progress.say(f"  · no official node image, so one is built here ({last})")
        return False
    return True


def provide(engine: Engine, progress: Progress) -> None:
    """Put kind and kubectl into `folder`. Raises StepFailed when kind is to be had nowhere."""
    with alone("ready"):
        folder().mkdir(parents=True, exist_ok=True)
        if not (folder() / "kind").exists():
            _kind()
        if not (folder() / "kubectl").exists():
            with progress.step("kubectl out of the node image"):
                _kubectl(engine)


def _kind() -> None:
    found = shutil.which("kind")
    if found and _version(found) == pins.KIND:
        (folder() / "kind").unlink(missing_ok=True)  # a link to a kind that has gone since
        (folder() / "kind").symlink_to(found)
    elif platform.machine() not in ("x86_64", "AMD64"):
        # pytest-kind fetches the program for amd64, whatever the machine is.
        raise StepFailed(
            f"kind {pins.KIND} is not on PATH, and for {platform.machine()} it cannot be fetched. "
            "Install that version of kind, and run it again."
        )


def _version(program: str) -> str:
    told = subprocess.run([program, "version", "-q"], check=False, capture_output=True, text=True)
    return "v" + told.stdout.strip().removeprefix("v")


def _kubectl(engine: Engine) -> None:
    target = folder() / "kubectl"
    if platform.system() != "Linux":
        found = shutil.which("kubectl")
        if found is None:
            raise StepFailed("kubectl is not on PATH. Install it, and run this again.")
        target.unlink(missing_ok=True)
        target.symlink_to(found)
        return
    part = target.with_suffix(".part")
    command = engine.command(
        "run", "--rm", "--network=none", "--entrypoint=sh", node_image(),
        "-c", "cat $(command -v kubectl)",
    )  # fmt: skip
    with part.open("wb") as out:
        done = subprocess.run(
            command, check=False, stdout=out, stderr=subprocess.PIPE, env=engine.env()
        )
    if done.returncode:
        raise StepFailed(f"kubectl could not be read out of the image: {done.stderr.decode()}")
    part.chmod(0o755)
    part.rename(target)
