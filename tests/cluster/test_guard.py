"""The guard on a real cluster: what is not ours stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from helpers.kube import guard
from helpers.kube.api import Api, Object
from helpers.kube.errors import ForeignCluster, NotOurs
from helpers.kube.session import Session
from helpers.model.timeline import Timeline
from tests.cluster.manifests import label

pytestmark = pytest.mark.cluster

CONFIG_MAP: Object = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "c"},
    "data": {"a": "1"},
}


def names(api: Api) -> set[str]:
    items = api.call("GET", "/api/v1/namespaces")[0]["items"]
    return {item["metadata"]["name"] for item in items if item["status"]["phase"] == "Active"}


def test_the_same_cluster_under_a_foreign_context_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, api: Api
) -> None:
    config = yaml.safe_load(guard.kubeconfig_path().read_text())
    config["current-context"] = config["contexts"][0]["name"] = "production"
    path = tmp_path / "kubeconfig"
    path.touch(0o600)
    path.write_text(yaml.safe_dump(config))
    before = names(api)
    with monkeypatch.context() as patch:
        patch.setenv("WORKBOOK_KUBECONFIG", str(path))
        with pytest.raises(ForeignCluster, match="'production'"):
            Session.open("foreign-context", Timeline())
    assert not {name for name in names(api) - before if name.startswith("foreign-context")}


def test_nothing_without_the_label_is_deleted(session: Session, unlabelled: str, api: Api) -> None:
    with pytest.raises(NotOurs, match=f"Namespace/{unlabelled}"):
        session.delete("Namespace", unlabelled)
    path = f"/api/v1/namespaces/{unlabelled}"
    assert api.call("GET", path)[0]["status"]["phase"] == "Active"
    assert session.timeline.where(field="delete") == ()


def test_the_label_alone_makes_it_ours(session: Session) -> None:
    manifest: Object = {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {
            "name": f"{session.namespace}-high",
            "labels": {guard.LABEL: session.lesson},
        },
        "value": 10,
    }
    session.apply(manifest)
    session.delete("PriorityClass", manifest["metadata"]["name"])
    assert session.get("PriorityClass", manifest["metadata"]["name"]) is None


def test_an_object_of_the_cluster_needs_the_label(session: Session) -> None:
    manifest: Object = {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": f"{session.namespace}-high"},
        "value": 10,
    }
    with pytest.raises(NotOurs):
        session.apply(manifest)
    assert session.get("PriorityClass", manifest["metadata"]["name"]) is None


def test_a_foreign_namespace_is_written_to_only_under_the_label(
    session: Session, unlabelled: str, api: Api
) -> None:
    path = f"/api/v1/namespaces/{unlabelled}/configmaps"
    elsewhere = {**CONFIG_MAP, "metadata": {"name": "c", "namespace": unlabelled}}
    with pytest.raises(NotOurs):
        session.apply(elsewhere)
    session.apply(label(CONFIG_MAP, unlabelled))
    api.call("POST", path, body={**CONFIG_MAP, "metadata": {"name": "theirs"}})
    theirs = {**CONFIG_MAP, "metadata": {"name": "theirs"}, "data": {"a": "2"}}
    with pytest.raises(NotOurs):  # our label cannot be stuck on what is another's
        session.apply(label(theirs, unlabelled))
    assert api.call("GET", f"{path}/theirs")[0]["data"] == {"a": "1"}


def test_close_leaves_a_namespace_that_lost_the_label(session: Session, api: Api) -> None:
    path = f"/api/v1/namespaces/{session.namespace}"
    for value, ours in ((None, False), ("test", True)):
        body = {"metadata": {"labels": {guard.LABEL: value}}}
        api.call("PATCH", path, body=body, content_type="application/merge-patch+json")
        if not ours:
            with pytest.raises(NotOurs):
                session.close()
            assert api.call("GET", path)[0]["status"]["phase"] == "Active"
