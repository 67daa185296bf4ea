"""The course images go to the registry of an owner's cluster: pushed for real, and listed there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.aws.registry import Registry
from helpers.cluster import images
from helpers.engine.engine import Engine
from tests import course

pytestmark = pytest.mark.cluster

FOLDER = "team"


@pytest.fixture
def registry() -> Iterator[Registry]:
    engine = Engine.find()
    container = f"workbook-push-{os.getpid()}"
    try:
        yield Registry.start(engine, container)
    finally:
        engine.remove([container])


def test_images_are_pushed_where_the_prefix_says(registry: Registry, tmp_path: Path) -> None:
    # Docker speaks HTTP to loopback by itself; Podman has to be told.
    insecure = tmp_path / "registries.conf"
    insecure.write_text(f'[[registry]]\nlocation = "{registry.host}"\ninsecure = true\n')
    prefix = f"{registry.host}/{FOLDER}"
    try:
        done = subprocess.run(
            [sys.executable, "-m", "helpers.cli", "images", "push"],
            check=False,
            capture_output=True,
            text=True,
            cwd=course.PROJECT,
            env={
                **os.environ,
                "WORKBOOK_IMAGE_PREFIX": prefix,
                "CONTAINERS_REGISTRIES_CONF": str(insecure),
            },
        )
        assert done.returncode == 0, done.stdout + done.stderr
        wanted = {f"{FOLDER}/{name}" for name in ("base", *images.COURSE)}
        assert set(registry.catalog()) == wanted
        assert registry.tags(f"{FOLDER}/fib") == ["1"]
    finally:
        registry.engine.untag(prefix)
