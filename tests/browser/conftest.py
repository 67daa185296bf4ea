"""A JupyterLab of its own with copies of the notebooks, and Debian's Chromium to look at it.

By default the lessons play recorded runs; `WORKBOOK_BROWSER_LIVE=1` runs them on the cluster.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import failure
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from helpers.jupyter import ENVIRONMENT, OPTIONS

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
LIVE = os.environ.get("WORKBOOK_BROWSER_LIVE") == "1"
START_SECONDS = 60.0
FAILED = pytest.StashKey[bool]()
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: where it answers, and the folder that it shows."""

    url: str
    token: str
    folder: Path
    logs: Path

    def notebook(self, name: str) -> str:
        return f"{self.url}/lab/tree/{name}?token={self.token}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.browser)


expect.set_options(timeout=30_000)  # two cores, and JupyterLab may take its time


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=os.environ.get("WORKBOOK_CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        yield opened
        opened.close()


@pytest.fixture
def lab(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Start JupyterLab on a free port, as a learner's is started.

    A parameter of the test says what its environment has besides.
    """
    folder, token = tmp_path / "work", "browser-test"
    shutil.copytree(ROOT / "notebooks", folder)
    for notebook in (ROOT / "labs").glob("*/lab.ipynb"):
        shutil.copytree(notebook.parent, folder / "labs" / notebook.parent.name)
    settings = tmp_path / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"autoStartDefaultKernel": True}))
    environment = {
        **{name: value for name, value in os.environ.items() if "AUTOPLAY" not in name},
        **ENVIRONMENT,
        "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "WORKBOOK_REPLAY": "0" if LIVE else "1",
        **failure.prepare(tmp_path),
        **getattr(request, "param", {}),
    }
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (tmp_path / "lab.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", *OPTIONS),
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                f"--ServerApp.root_dir={folder}",
                f"--IdentityProvider.token={token}",
            ],
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            lab = Lab(f"http://127.0.0.1:{port}", token, folder, tmp_path)
            _await(lab, process, tmp_path / "lab.log")
            yield lab
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = (yield).get_result()
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed


@pytest.fixture
def page(browser: Browser, lab: Lab, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open a page beside the running lab; if the test fails, it tells how page and kernel stood."""
    context = browser.new_context(viewport={"width": 1440, "height": 1400})
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    heard = failure.Heard(opened)
    yield opened
    if request.node.stash.get(FAILED, False):
        failure.tell(opened, heard, lab.logs)
        shot(opened, f"failed-{request.node.name}")
    context.close()


def shot(page: Page, name: str) -> None:
    """Keep a screenshot in build/screenshots."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def _await(lab: Lab, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until it answers. A connection refused is the only thing there is to wait on."""
    until = time.monotonic() + START_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            opener.open(f"{lab.url}/api?token={lab.token}", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")
