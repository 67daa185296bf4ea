"""A lab that is put back, that cannot be begun, or that loses its cluster leaves nothing behind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.kube.api import Api
from helpers.lesson.experiment import Trouble
from helpers.lesson.lab import Lab
from helpers.lesson.lab_folder import START, LabFolder
from helpers.lesson.stop import RunFailed
from helpers.model.verdicts import Outcome
from tests.cluster.cable import Cable
from tests.faults.conftest import namespaces
from tests.faults.in_process import play

pytestmark = pytest.mark.cluster

FOLDER = "10-the-claim-that-stays-pending"
NAME = LabFolder.find(FOLDER).name
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
VOLUMES = "/api/v1/persistentvolumes"
GONE_WITHIN = 30.0  # seconds


def made_by_the_lab(api: Api, path: str) -> list[str]:
    query = {"labelSelector": f"kubernetes-workbook/lesson={NAME}"}
    return sorted(
        item["metadata"]["name"] for item in api.call("GET", path, query=query)[0]["items"]
    )


def settled(api: Api, path: str, wanted: list[str]) -> list[str]:
    """What is there once it is what is wanted, or after GONE_WITHIN: what is deleted takes time."""
    until = time.monotonic() + GONE_WITHIN
    while (found := made_by_the_lab(api, path)) != wanted and time.monotonic() < until:
        time.sleep(0.2)
    return found


def texts(folder: Path) -> dict[str, str]:
    return {f.name: f.read_text() for f in folder.iterdir() if f.suffix == ".yaml"}


@pytest.fixture
def theirs(api: Api) -> Iterator[str]:
    """A StorageClass of somebody else that carries no label of ours."""
    name = "theirs-and-not-the-labs"
    body = {"metadata": {"name": name}, "provisioner": "kubernetes.io/no-provisioner"}
    api.call("POST", CLASSES, body=body)
    yield name
    api.call("DELETE", f"{CLASSES}/{name}")


def test_a_reset_leaves_the_start_and_what_is_not_the_labs(
    api: Api, unlabelled: str, theirs: str, tmp_path: Path
) -> None:
    settings = f"/api/v1/namespaces/{unlabelled}/configmaps"
    api.call("POST", settings, body={"metadata": {"name": "settings"}, "data": {"value": "theirs"}})

    async def work() -> None:
        lab = await Lab.open(FOLDER, alone=True)
        try:
            before = lab.lesson.namespace
            own: dict[str, Any] = {
                "metadata": {
                    "name": f"{before}-fast",
                    "labels": {"kubernetes-workbook/lesson": NAME},
                },
                "provisioner": "kubernetes.io/no-provisioner",
            }
            api.call("POST", CLASSES, body=own)  # as by kubectl: no step of ours knows of it
            (lab.work / "archive.yaml").write_text("# mine\n")
            await lab.bench.delete("Deployment", "reports")
            await lab.reset()

            after = lab.lesson.namespace
            assert after != before
            lab.folder.lay(START, tmp_path, after)
            assert texts(lab.work) == texts(tmp_path)
            (aside,) = (f for f in lab.work.iterdir() if f.is_dir())
            assert (aside / "archive.yaml").read_text() == "# mine\n"
            deployments = {d["metadata"]["name"] for d in lab.lesson.session.list("Deployment")}
            assert deployments == {"catalog", "reports"}
            assert namespaces(api, NAME, deleted=False) == [after]
            assert settled(api, CLASSES, []) == []
            volumes = [f"{after}-large", f"{after}-small"]
            assert settled(api, VOLUMES, volumes) == volumes
        finally:
            await lab.close()

    play(work(), 120)
    assert api.call("GET", f"{settings}/settings")[0]["data"] == {"value": "theirs"}
    assert api.call("GET", f"{CLASSES}/{theirs}")[0]["metadata"]["name"] == theirs
    assert namespaces(api, NAME, deleted=False) == []
    assert settled(api, VOLUMES, []) == []


def test_a_lab_that_cannot_be_begun_is_closed(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def give(lab: Lab) -> None:
        raise Trouble("The file is not there", "It was never written.", "Write it.")

    monkeypatch.setattr(LabFolder, "give", property(lambda _: give))

    async def work() -> None:
        with pytest.raises(RunFailed, match="could not be begun"):
            await Lab.open(FOLDER, alone=True)

    play(work())
    assert namespaces(api, NAME, deleted=False) == []
    assert settled(api, VOLUMES, []) == []


def test_a_file_that_is_no_yaml_is_named_and_nothing_is_sent(api: Api) -> None:
    async def work() -> None:
        lab = await Lab.open(FOLDER, alone=True)
        try:
            (lab.work / "catalog.yaml").write_text("kind: [\n")
            sent = lab.bench.timeline.where(source="session")
            with pytest.raises(Trouble) as told:
                await lab.apply("catalog.yaml")
            assert "catalog.yaml" in str(told.value)
            assert "Apply again" in told.value.hint
            assert lab.bench.timeline.where(source="session") == sent
        finally:
            await lab.close()

    play(work())


def test_without_a_cluster_nothing_is_judged(api: Api, cable: Cable) -> None:
    async def work() -> None:
        lab = await Lab.open(FOLDER, alone=True)
        try:
            cable.cut()
            checked = await lab.check()
            assert checked is not None
            assert {v.outcome for v in checked.verdicts} == {Outcome.COULD_NOT_RUN}
        finally:
            cable.mend()
            await lab.close()

    play(work(), 90)
    assert namespaces(api, NAME, deleted=False) == []
