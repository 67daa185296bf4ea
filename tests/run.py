"""All checks, in their order: `make test`. Starts the cluster, and ends it if it was not there.

`make test-all` (--all) runs the tests that are marked "long", too.

What measures or disturbs runs alone, the other notebooks two side by side; the browser tests run
on recordings, but for one that runs for real.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from helpers.cluster import debian, kind
from helpers.cluster.progress import Progress
from helpers.engine.cache import cache_dir
from helpers.engine.engine import Engine, EngineError
from tests import course
from tests.labs import cases

PROJECT = course.PROJECT
BIN = Path(sys.executable).parent
BUILD = PROJECT / "build"
SHORT = ("-m", "not long")
SOURCES = ("helpers", "tests", "images", "docs", "notebooks", "labs")

NBVAL = (
    "--nbval-lax",
    "--nbval-current-env",
    "--nbval-cell-timeout=300",
    "-p", "no:cacheprovider",
    "-p", "tests.kernels",
)  # fmt: skip


class Run:
    """The steps so far: how long each took, and how many tests passed and failed."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.failed_steps: list[str] = []
        self.passed = self.failed = self.skipped = 0

    def step(
        self, title: str, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> bool:
        """Run one step; it counts as one failed test when it is no pytest and fails."""
        print(f"\n━━ {title}", flush=True)
        begun = time.monotonic()
        done = subprocess.run(
            command, check=False, cwd=PROJECT, env={**os.environ, **(environment or {})}
        )
        self.seconds[title] = time.monotonic() - begun
        good = done.returncode == 0
        if not good:
            self.failed_steps.append(title)
        return good

    def pytest(
        self, title: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> bool:
        """Run pytest and count its tests."""
        report = BUILD / f"{title.replace(' ', '-')}.xml"
        report.unlink(missing_ok=True)
        good = self.step(
            title,
            [str(BIN / "pytest"), f"--junitxml={report}", "--durations=5", *arguments],
            environment,
        )
        if not report.exists():
            self.failed += 1
            return False
        for suite in ElementTree.parse(report).iter("testsuite"):
            bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped = int(suite.get("skipped", 0))
            self.failed += bad
            self.skipped += skipped
            self.passed += int(suite.get("tests", 0)) - bad - skipped
        return good

    def check(self, title: str, *command: str) -> bool:
        """Run a program that passes or fails as one test."""
        good = self.step(title, [str(BIN / command[0]), *command[1:]])
        if good:
            self.passed += 1
        else:
            self.failed += 1
        return good


def without_cluster(run: Run) -> None:
    """What needs no cluster, and so fails first."""
    run.check("style", "ruff", "check", "--quiet", *SOURCES)
    run.check("format", "ruff", "format", "--check", "--quiet", *SOURCES)
    run.check("types", "mypy")
    run.check("layers", "lint-imports")
    run.pytest("unit tests", "-n", "2", "tests/unit")
    run.check("weakened checks", "python", "-m", "tests.labs.mutate")


def with_cluster(run: Run, *, long: bool) -> None:
    """What runs on the real cluster, one after the other: it measures."""
    run.pytest("cluster tests", "tests/cluster", *([] if long else SHORT))
    lessons = [(lesson.path, lesson.alone) for lesson in course.taught()]
    lessons.append((course.START, False))
    labs = [(lab.path / "lab.ipynb", lab.alone) for lab in cases.folders()]
    autoplay = {"WORKBOOK_AUTOPLAY": "1", "PYTHONPATH": str(PROJECT)}  # for the plugin
    # A notebook's cells stay in one worker: loadscope.
    together = ("-n", "2", "--dist", "loadscope")
    for title, notebooks in (("notebooks", lessons), ("labs", labs)):
        alone = [str(path) for path, alone in notebooks if alone]
        beside = [str(path) for path, alone in notebooks if not alone]
        run.pytest(f"{title} alone", *NBVAL, *alone, environment=autoplay)
        run.pytest(f"{title} side by side", *NBVAL, *together, *beside, environment=autoplay)
    run.pytest("machines", "tests/machines", *([] if long else SHORT))
    run.pytest("browser tests", "tests/browser")
    run.pytest(
        "browser test live",
        "tests/browser/test_first_lesson.py",
        environment={"WORKBOOK_BROWSER_LIVE": "1"},
    )
    if long:
        run.check(
            "labs, every case twice", "python", "-m", "tests.labs", "--times", "2", "--resume"
        )
    # Last: the cluster is paused, lost and made anew.
    run.pytest("faults", "tests/faults")


def install_browser() -> None:
    """Install Debian's Chromium where it is missing, as `workbook up` does with its packages."""
    if "WORKBOOK_CHROMIUM" in os.environ:
        return  # the tests use that one
    with Progress(cache_dir() / "logs", command="test") as progress:
        debian.install(["chromium"], progress)


def had_cluster() -> bool:
    """Tell whether the cluster runs already, so that it is left running."""
    try:
        return "running" in Engine.find().nodes(kind.NAME).values()
    except EngineError:
        return False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run everything; returns 0 when all passed."""
    parser = argparse.ArgumentParser(prog="python -m tests.run", description=__doc__)
    parser.add_argument("--all", action="store_true", help="the tests marked long, too")
    asked = parser.parse_args(arguments)
    BUILD.mkdir(exist_ok=True)
    run = Run()
    begun = time.monotonic()
    kept = had_cluster()
    install_browser()
    without_cluster(run)
    up = run.check("cluster up", "workbook", "up")
    run.check("machine", "workbook", "doctor")
    if up:
        with_cluster(run, long=asked.all)
    if not kept:
        run.check("cluster down", "workbook", "down")
    print("\n━━ times")
    for title, seconds in run.seconds.items():
        print(f"{seconds:8.1f} s  {title}{'   FAILED' if title in run.failed_steps else ''}")
    print(f"{time.monotonic() - begun:8.1f} s  in all\n")
    print(f"{run.passed} passed, {run.failed} failed, {run.skipped} skipped")
    return 1 if run.failed or run.failed_steps else 0


if __name__ == "__main__":
    sys.exit(main())
