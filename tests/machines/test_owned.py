"""A cluster that its owner names: no engine at hand, and no more rights than the docs ask for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from helpers.cluster import kind
from tests import course
from tests.run import NBVAL

pytestmark = pytest.mark.cluster

RIGHTS = course.PROJECT / "docs" / "own-cluster.yaml"
EVERY_TIME = "03-resource-quotas"  # the shortest with cards of both kinds
NEEDED = ("sh", "env", "uname", "git")  # what Python and a kernel call besides kubectl


def asked(*arguments: str) -> str:
    done = kind.kubectl(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def account() -> Iterator[str]:
    """The account that docs/own-cluster.yaml makes; yields its token."""
    asked("apply", f"--filename={RIGHTS}")
    yield asked("--namespace=kubernetes-workbook", "create", "token", "learner").strip()
    asked("delete", f"--filename={RIGHTS}")


@pytest.fixture(scope="module")
def owner(account: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a learner with that account, and with kubectl but without an engine."""
    folder = tmp_path_factory.mktemp("owner")
    config = yaml.safe_load(kind.kubeconfig().read_text())
    config["users"] = [{"name": "learner", "user": {"token": account}}]
    cluster = config["clusters"][0]["name"]
    config["contexts"] = [{"name": "mine", "context": {"cluster": cluster, "user": "learner"}}]
    config["current-context"] = "nobody-asks"
    path = folder / "config"
    path.touch(0o600)
    path.write_text(yaml.safe_dump(config))
    programs = folder / "bin"
    programs.mkdir()
    (programs / "kubectl").symlink_to(kind.tools() / "kubectl")
    for name in NEEDED:
        found = subprocess.run(["which", name], check=True, capture_output=True, text=True)
        (programs / name).symlink_to(found.stdout.strip())
    return {
        "PATH": str(programs),
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "WORKBOOK_KUBECONTEXT": "mine",
        "WORKBOOK_KUBECONFIG": str(path),
        "WORKBOOK_AUTOPLAY": "1",
    }


def run(environment: Mapping[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        check=False,
        capture_output=True,
        text=True,
        cwd=course.PROJECT,
        env=dict(environment),
    )


def present() -> set[str]:
    """All that is there, but for the Pods with which the provisioner clears earlier volumes."""
    found = asked("get", "all", "-A", "-o", "name").splitlines()
    return {name for name in found if not name.startswith("pod/helper-pod-")}


def test_up_installs_nothing_and_finds_all_rights(owner: dict[str, str]) -> None:
    before = present()
    done = run(owner, "helpers.cli", "up")
    assert done.returncode == 0, done.stderr
    assert "the cluster of mine answers" in done.stdout + done.stderr
    assert present() <= before


def test_up_names_the_right_that_is_lacking(owner: dict[str, str]) -> None:
    role = next(d for d in yaml.safe_load_all(RIGHTS.read_text()) if d["kind"] == "ClusterRole")
    role["rules"] = [rule for rule in role["rules"] if rule["resources"] != ["pods/exec"]]
    asked("patch", "clusterrole", "kubernetes-workbook", f"--patch={json.dumps(role)}")
    try:
        done = run(owner, "helpers.cli", "up")
    finally:
        asked("apply", f"--filename={RIGHTS}")
    assert done.returncode == 1
    assert "may not create pods/exec, or" in done.stderr


@pytest.mark.parametrize(
    "lesson",
    [
        pytest.param(
            lesson,
            id=lesson.path.stem,
            marks=[] if lesson.path.stem == EVERY_TIME else pytest.mark.long,
        )
        for lesson in course.taught()
    ],
)
def test_a_notebook_runs_or_says_what_it_skips(
    owner: dict[str, str], lesson: course.Taught
) -> None:
    done = run(owner, "pytest", *NBVAL, "-rs", str(lesson.path))
    assert done.returncode == 0, done.stdout[-5000:]
    kept = [made for made in lesson.experiments if not made.needs]
    if len(kept) < len(lesson.experiments):
        assert "Skipped on this cluster: it needs" in done.stdout


def test_the_engine_is_hidden(owner: dict[str, str]) -> None:
    names = {path.name for path in Path(owner["PATH"]).iterdir()}
    assert not names & {"podman", "docker", "kind"}
