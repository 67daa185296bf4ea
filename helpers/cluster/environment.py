"""The Python environment: `.venv` beside the project, with what `requirements.txt` locks.

The one module that runs on a bare machine's own Python, before anything is installed:
`python3 -m helpers.cluster.environment`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import sys
from pathlib import Path

from helpers.cluster import debian
from helpers.cluster.progress import Progress, StepFailed
from helpers.engine.cache import cache_dir

PROJECT = Path(__file__).resolve().parents[2]
VENV = PROJECT / ".venv"
STAMP = VENV / "workbook.stamp"
PYTHON = VENV / "bin" / "python"
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def current() -> bool:
    """Tell whether `.venv` holds what `requirements.txt` locks today."""
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == _wanted()


def make(progress: Progress) -> None:
    """Make `.venv`, or bring it up to date; does nothing when it is."""
    if current():
        return
    if importlib.util.find_spec("ensurepip") is None:
        debian.install(["python3-venv"], progress)
    with progress.step("Python environment"):
        if not PYTHON.exists():
            progress.run([sys.executable, "-m", "venv", VENV], log="python")
        pins = _uv_pin()
        progress.run(
            [PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", pins], log="python"
        )
        uv = [str(VENV / "bin" / "uv"), "pip"]
        progress.run(
            [*uv, "sync", "--python", PYTHON, "--require-hashes", PROJECT / "requirements.txt"],
            log="python",
        )
        progress.run(
            [*uv, "install", "--python", PYTHON, "--no-deps", "--no-build-isolation",
             "--editable", PROJECT],
            log="python",
        )  # fmt: skip
        STAMP.write_text(_wanted())


def _wanted() -> str:
    """Everything that decides what the environment holds: where it stands, and the locks."""
    text = f"{PROJECT}\n{sys.version}\n".encode()
    for name in ("requirements.txt", "pyproject.toml"):
        text += (PROJECT / name).read_bytes()
    return hashlib.sha256(text).hexdigest()


def _uv_pin() -> Path:
    """The lines of the lock that pin uv, as a file of their own for pip."""
    lock = (PROJECT / "requirements.txt").read_text()
    found = re.search(r"^uv==.*?(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    if not found:
        raise StepFailed("requirements.txt pins no uv")
    pins = VENV / "uv.txt"
    pins.write_text(found[0])
    return pins


def main() -> int:
    """Make the environment and say how it went."""
    os.environ.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    if SYSTEM_CERTIFICATES.exists():
        # What this machine trusts, a company's own authority included.
        os.environ.setdefault("UV_SYSTEM_CERTS", "1")
    try:
        with Progress(cache_dir() / "logs", command="environment") as progress:
            make(progress)
    except StepFailed as error:
        print(f"\n{error}\nRun the same command again when that is mended.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Run the same command again; it goes on here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
