"""What the image sqs holds besides our programs: moto and what it needs, as plain Python files.

They come out of the workbook's own Python environment, so they are the pinned ones, and nothing is
fetched for the image.
"""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path

from helpers.engine.cache import cache_dir

PACKAGES = (
    *("blinker", "boto3", "botocore", "certifi", "charset-normalizer", "click", "flask"),
    *("flask-cors", "idna", "itsdangerous", "jinja2", "jmespath", "markupsafe", "moto"),
    *("python-dateutil", "pyyaml", "requests", "responses", "s3transfer", "six", "urllib3"),
    *("werkzeug", "xmltodict"),
)
"""What is taken."""

_MOTO_KEEPS = ("core", "moto_api", "moto_server", "sqs", "utilities")
_BOTOCORE_KEEPS = ("sqs", "endpoints.json", "partitions.json", "sdk-default-configuration.json")


def versions() -> list[str]:
    """Return what is taken, each with its version."""
    return [f"{name} {metadata.version(name)}" for name in PACKAGES]


def lay_out(programs: Path) -> Path:
    """Lay out a build context that holds moto beside the programs, and return it.

    Only what is plain Python, so that it runs on the base's own interpreter: 12 MB. The licences
    come along in the packages' metadata.
    """
    context = cache_dir() / "sqs"
    shutil.rmtree(context, ignore_errors=True)
    left_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(programs, context / "programs", symlinks=True, ignore=left_out)
    for name in PACKAGES:
        for file in metadata.files(name) or ():
            if _wanted(file):
                target = context / "moto" / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(str(file.locate()), target)
    return context


def _wanted(file: metadata.PackagePath) -> bool:
    """Tell whether a file of a package goes into the image sqs."""
    if file.suffix in (".so", ".pyc", ".pyi") or ".." in file.parts:
        return False
    if file.parts[0] == "moto" and len(file.parts) > 2:
        return file.parts[1] in _MOTO_KEEPS
    if file.parts[:2] == ("botocore", "data"):
        return file.parts[2] in _BOTOCORE_KEEPS
    return not file.parts[0].startswith("_")
