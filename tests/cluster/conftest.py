"""What the tests on a real cluster share: a session of their own, and a way to cut its cables."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from helpers.kube import guard
from helpers.kube.api import Api
from helpers.kube.errors import KubeError
from helpers.kube.session import Session
from helpers.model.timeline import Timeline
from tests.cluster.cable import Cable


@pytest.fixture(scope="session", autouse=True)
def _cluster() -> None:
    """Fail every test here, clearly, when there is no cluster to test on."""
    try:
        Api.connect().call("GET", "/version")
    except KubeError as error:
        pytest.fail(f"no cluster: run `workbook up`. {error}", pytrace=False)


@pytest.fixture
def timeline() -> Timeline:
    return Timeline()


@pytest.fixture
def session(timeline: Timeline) -> Iterator[Session]:
    with Session.open("test", timeline) as session:
        yield session


@pytest.fixture
def api() -> Api:
    """The cluster without a session, to look behind its back."""
    return Api.connect()


@pytest.fixture
def unlabelled(api: Api) -> Iterator[str]:
    """A namespace that is not the workbook's."""
    name = f"foreign-{secrets.token_hex(2)}"
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    api.call("POST", "/api/v1/namespaces", body=body)
    yield name
    api.call("DELETE", f"/api/v1/namespaces/{name}")


@pytest.fixture
def cable(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cable]:
    """Sessions opened after this go through a cable that the test can cut; `api` does not."""
    config = guard.check(guard.kubeconfig_path())
    cluster = config["clusters"][0]["cluster"]
    cable = Cable(cluster["server"])
    cluster["server"] = f"https://127.0.0.1:{cable.port}"
    path = tmp_path / "kubeconfig"
    path.touch(0o600)
    path.write_text(yaml.safe_dump(config))
    with monkeypatch.context() as patch:
        patch.setenv("WORKBOOK_KUBECONFIG", str(path))
        yield cable
    cable.close()
