"""The binding rule against the controller: shelves of volumes and a claim, decided by both."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import pytest

from helpers.kube.api import Api
from helpers.kube.session import Session
from helpers.model import volumes
from helpers.model.volumes import RWO, RWX, Claim, Volume

pytestmark = pytest.mark.cluster

WITHIN = 20.0

SHELVES = [
    # volumes (capacity, modes), and what a claim wants
    ([("10Gi", (RWO,)), ("1Gi", (RWO,)), ("5Gi", (RWO,))], ("2Gi", (RWO,))),
    ([("1Gi", (RWO, RWX)), ("9Gi", (RWO,))], ("1Gi", (RWO,))),
    ([("1G", (RWO,)), ("1Gi", (RWO,))], ("1000Mi", (RWO,))),
    ([("1Gi", (RWO,)), ("3Gi", (RWO, RWX))], ("1Gi", (RWX,))),
]


def test_the_controller_binds_what_the_rule_chooses(session: Session, api: Api) -> None:
    place: dict[str, Any] = {"namespace": session.namespace, "lesson": session.lesson}
    names: list[str] = []
    expected: dict[str, str | None] = {}
    try:
        for number, (shelf, (size, modes)) in enumerate(SHELVES):
            kind = volumes.wide(session.namespace, f"shelf-{number}")
            made = [
                volumes.persistent_volume(
                    **place,
                    name=f"{number}-{place_}",
                    source=volumes.host_folder("/mnt"),
                    capacity=capacity,
                    access_modes=has,
                    storage_class=kind,
                )
                for place_, (capacity, has) in enumerate(shelf)
            ]
            fresh = [Volume.parse(manifest).name for manifest in made]
            names += fresh
            for manifest in made:
                session.apply(manifest)
            until(partial(available, api, fresh))
            claim = volumes.claim(
                **place, name=f"c{number}", size=size, access_modes=modes, storage_class=kind
            )
            chosen = volumes.chosen(Claim.parse(claim), [Volume.parse(m) for m in made])
            expected[f"c{number}"] = chosen.name if chosen else None
            session.apply(claim)
        until(lambda: all(got(session, name) for name in expected))
        assert {name: got(session, name) for name in expected} == expected
    finally:
        for name in names:
            session.delete("PersistentVolume", name)


def available(api: Api, names: list[str]) -> bool:
    return all(phase(api, name) == "Available" for name in names)


def phase(api: Api, name: str) -> str:
    found = api.call("GET", f"/api/v1/persistentvolumes/{name}")[0]
    return str((found.get("status") or {}).get("phase"))


def got(session: Session, claim: str) -> str | None:
    found = session.get("PersistentVolumeClaim", claim) or {"spec": {}}
    return found["spec"].get("volumeName")


def until(seen: Any) -> None:
    deadline = time.monotonic() + WITHIN
    while not seen():
        assert time.monotonic() < deadline, "the controller has not decided"
        time.sleep(0.1)
