"""Only volumes that were provisioned for the namespace's own claims are touched."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.kube import guard
from helpers.kube.reclaim import reclaim
from helpers.model.volumes import PROVISIONED


class Volumes:
    """The PersistentVolumes of a cluster, and which of them were patched."""

    def __init__(self, *items: dict[str, Any]) -> None:
        self.items = items
        self.patched: dict[str, Any] = {}

    def kind(self, name: str) -> Any:
        from helpers.kube.api import KINDS

        return KINDS[name]

    def call(self, method: str, path: str, *, body: Any = None, **_: Any) -> tuple[Any, list[str]]:
        if method == "PATCH":
            self.patched[path.rpartition("/")[2]] = body
        return {"items": list(self.items)}, []


def volume(name: str, namespace: str | None, *, made: bool = True) -> dict[str, Any]:
    annotations = {PROVISIONED: "rancher.io/local-path"} if made else {}
    spec = {"claimRef": {"namespace": namespace, "name": "data"}} if namespace else {}
    return {"metadata": {"name": name, "annotations": annotations}, "spec": spec}


CLUSTER = (
    volume("ours", "lesson-1"),
    volume("theirs", "lesson-2"),
    volume("by-hand", "lesson-1", made=False),
    volume("free", None),
)


def test_what_was_provisioned_for_our_claims_is_labelled_and_will_be_deleted() -> None:
    api = Volumes(*CLUSTER)
    assert reclaim(api, "lesson-1", "lesson") == ["ours"]  # type: ignore[arg-type]
    assert api.patched == {
        "ours": {
            "metadata": {"labels": {guard.LABEL: "lesson"}},
            "spec": {"persistentVolumeReclaimPolicy": "Delete"},
        }
    }


def test_an_owners_volumes_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOOK_KUBECONFIG", "/somewhere/else")
    api = Volumes(*CLUSTER)
    assert reclaim(api, "lesson-1", "lesson") == []  # type: ignore[arg-type]
    assert api.patched == {}
