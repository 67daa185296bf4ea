"""Volumes that were made for claims of a lesson go when their claims go, retained ones too."""

from __future__ import annotations

from contextlib import suppress

from helpers.kube import guard
from helpers.kube.api import MERGE, Api, Object
from helpers.kube.errors import NotFound
from helpers.model.volumes import PROVISIONED


def reclaim(api: Api, namespace: str, lesson: str) -> list[str]:
    """Label the volumes that were provisioned for claims of `namespace`, and have them deleted.

    A volume of the reclaim policy Retain would stay on the cluster for ever. With Delete its
    provisioner removes it, and what is stored in it, once its claim has gone. The caller knows that
    the namespace is the workbook's. Returns the volumes' names. Only where the workbook made the
    cluster; elsewhere nothing is done, for the volumes are the owner's affair.

    Raises ClusterGone, Refused.
    """
    if not guard.made_by_workbook():
        return []
    kind = api.kind("PersistentVolume")
    found = [
        volume["metadata"]["name"]
        for volume in api.call("GET", kind.path(""), what="the PersistentVolumes")[0]["items"]
        if claimed_from(volume) == namespace
        and PROVISIONED in (volume["metadata"].get("annotations") or {})
    ]
    body = {
        "metadata": {"labels": {guard.LABEL: lesson}},
        "spec": {"persistentVolumeReclaimPolicy": "Delete"},
    }
    for name in found:
        with suppress(NotFound):  # it went meanwhile
            path, what = kind.path("", name), f"PersistentVolume/{name}"
            api.call("PATCH", path, body=body, content_type=MERGE, what=what)
    return found


def claimed_from(volume: Object) -> str:
    """Return the namespace of the claim that a volume is bound to; empty if to none."""
    return str((volume["spec"].get("claimRef") or {}).get("namespace") or "")
