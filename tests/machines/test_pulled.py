"""An engine that has kind's official node image: nothing is compiled, images are loaded.

Where nothing can be pulled, our own node image stands in the engine's store under another name,
which is said in advance; and our own base under the name of the one on an official Debian, whose
one step (images/base/Dockerfile) is thereby not seen.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from helpers.cluster import images, programs
from helpers.engine.engine import Engine
from tests import course
from tests.run import NBVAL

pytestmark = [pytest.mark.cluster, pytest.mark.long]

NODE = "localhost/official/node:test"
NOTEBOOK = course.PROJECT / "notebooks" / "ch08" / "03-resource-quotas.ipynb"


@pytest.fixture(scope="module")
def machine() -> Iterator[dict[str, str]]:
    """The environment of that machine; what it changes in the engine's store is put back."""
    engine = Engine.find()
    if not engine.has_image(images.node_image()):
        pytest.skip("this machine built no node image")
    course_images = [f"{images.PREFIX}{name}:1" for name in ("base", *images.COURSE)]
    before = {name: engine.image_id(name) for name in course_images}
    engine.ask("tag", images.node_image(), NODE)
    engine.ask("tag", before[f"{images.PREFIX}base:1"], images.pulled_base())
    environment = {
        **os.environ,
        "PATH": f"{programs.folder()}:{os.environ['PATH']}",  # kind, as if it were installed
        "WORKBOOK_NODES": "pull",
        "WORKBOOK_NODE_IMAGE": NODE,
        "WORKBOOK_CLUSTER": "pulled",
        "WORKBOOK_AUTOPLAY": "1",
    }
    yield environment
    workbook(environment, "down")
    for name, image in before.items():
        engine.ask("tag", image, name)
    engine.ask("untag", NODE, NODE)
    engine.ask("untag", images.pulled_base(), images.pulled_base())


def workbook(environment: dict[str, str], command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "helpers.cli", command],
        check=False, capture_output=True, text=True, cwd=course.PROJECT, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_up_builds_no_node_and_a_notebook_runs(machine: dict[str, str]) -> None:
    said = workbook(machine, "up")
    assert "course images into the nodes" in said
    assert "Go modules" not in said
    assert "course images into the nodes" not in workbook(machine, "up"), "twice"
    assert workbook(machine, "status").count(" Ready") == 3
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *NBVAL, str(NOTEBOOK)],
        check=False, capture_output=True, text=True, cwd=course.PROJECT, env=machine,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:]
