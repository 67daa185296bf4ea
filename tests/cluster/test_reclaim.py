"""Volumes that are made for a lesson's claims go with the lesson, even those that are retained."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from helpers.kube.api import Api
from helpers.kube.errors import NotFound, NotOurs
from helpers.kube.recorder import Recorder
from helpers.kube.session import Session
from helpers.model import volumes
from helpers.model.manifests import LESSON_LABEL
from helpers.model.timeline import Timeline
from helpers.model.volumes import PROVISIONED

pytestmark = pytest.mark.cluster

VOLUMES = "/api/v1/persistentvolumes"
WITHIN = 30.0


def until(seen: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN
    while not seen():
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(0.2)


def there(api: Api, name: str) -> bool:
    try:
        api.call("GET", f"{VOLUMES}/{name}")
    except NotFound:
        return False
    return True


def retained(session: Session) -> str:
    """Have a volume of the policy Retain provisioned for a claim, and return its name."""
    place: dict[str, Any] = {"namespace": session.namespace, "lesson": session.lesson}
    kept = volumes.storage_class(
        **place, name="kept", reclaim_policy="Retain", binding_mode="WaitForFirstConsumer"
    )
    session.apply(kept)
    name = volumes.wide(session.namespace, "kept")
    session.apply(volumes.claim(**place, name="data", storage_class=name))
    spec = volumes.randserver_spec(volume=volumes.claimed("data", "data"))
    session.apply(volumes.pod(**place, name="user", spec=spec))
    recorder = Recorder(session)
    recorder.watch("PersistentVolumeClaim")
    try:
        return recorder.wait(
            lambda timeline: (
                timeline.value(object="PersistentVolumeClaim/data", field="status.phase") == "Bound"
                and str(
                    timeline.value(object="PersistentVolumeClaim/data", field="spec.volumeName")
                )
            ),
            WITHIN,
            "the claim to be bound",
        )
    finally:
        recorder.stop()


def test_a_retained_volume_is_ours_and_goes_with_the_lesson(api: Api) -> None:
    session = Session.open("reclaim", Timeline())
    try:
        name = retained(session)
        found = api.call("GET", f"{VOLUMES}/{name}")[0]
        assert found["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
        assert LESSON_LABEL not in (found["metadata"].get("labels") or {})
        session.patch("PersistentVolume", name, {"metadata": {"annotations": {"seen": "yes"}}})
        found = api.call("GET", f"{VOLUMES}/{name}")[0]
        assert found["metadata"]["annotations"]["seen"] == "yes"
        with Session.open("other", Timeline()) as other, pytest.raises(NotOurs):
            other.patch("PersistentVolume", name, {"metadata": {"labels": {"mine": "yes"}}})
    finally:
        session.close()
        session.delete("StorageClass", volumes.wide(session.namespace, "kept"))
    until(lambda: not there(api, name), f"{name} to be gone")


def test_a_patch_can_take_away_what_a_controller_set(session: Session, api: Api) -> None:
    place: dict[str, Any] = {"namespace": session.namespace, "lesson": session.lesson}
    name = volumes.wide(session.namespace, "again")
    source = volumes.host_folder("/mnt")
    session.apply(
        volumes.persistent_volume(**place, name="again", source=source, storage_class="manual")
    )
    try:
        session.apply(volumes.claim(**place, name="data", storage_class="manual"))

        def phase() -> str:
            return str(api.call("GET", f"{VOLUMES}/{name}")[0]["status"].get("phase"))

        until(lambda: phase() == "Bound", "the volume to be bound")
        session.delete("PersistentVolumeClaim", "data")
        until(lambda: phase() == "Released", "the volume to be released")
        session.patch("PersistentVolume", name, {"spec": {"claimRef": None}})
        until(lambda: phase() == "Available", "the volume to be available")
        annotations = api.call("GET", f"{VOLUMES}/{name}")[0]["metadata"].get("annotations") or {}
        assert PROVISIONED not in annotations
    finally:
        session.delete("PersistentVolume", name)
