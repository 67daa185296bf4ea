"""Volumes: manifests are whole, and a claim gets the volume that the controller's rule says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.model import volumes
from helpers.model.manifests import LESSON_LABEL
from helpers.model.quantity import Quantity
from helpers.model.volumes import RWO, RWX, Claim, Volume

PLACE: dict[str, Any] = {"namespace": "volumes-3f2a", "lesson": "volumes"}


def disk(name: str, size: str, *modes: str, **more: Any) -> Volume:
    return Volume(name, Quantity.parse(size), frozenset(modes or (RWO,)), **more)


def wants(size: str, *modes: str, **more: Any) -> Claim:
    return Claim("data", "here", Quantity.parse(size), frozenset(modes or (RWO,)), **more)


def test_what_is_of_the_whole_cluster_has_the_label_and_the_namespace_in_its_name() -> None:
    for manifest in (
        volumes.persistent_volume(**PLACE, name="small", source=volumes.host_folder("/srv/x")),
        volumes.storage_class(**PLACE, name="slow"),
    ):
        metadata: Any = manifest["metadata"]
        assert metadata["name"].startswith("volumes-3f2a-")
        assert metadata["labels"] == {LESSON_LABEL: "volumes"}
        assert "namespace" not in metadata


def test_a_claim_leaves_the_class_to_the_cluster_or_asks_for_none() -> None:
    left = volumes.claim(**PLACE, name="data")
    none = volumes.claim(**PLACE, name="data", storage_class="")
    assert "storageClassName" not in left["spec"]
    assert none["spec"]["storageClassName"] == ""
    assert (Claim.parse(left).storage_class, Claim.parse(none).storage_class) == ("standard", "")


def test_a_volume_is_read_from_its_manifest() -> None:
    made = volumes.persistent_volume(
        **PLACE,
        name="far",
        source=volumes.ebs("vol-1"),
        capacity="5Gi",
        storage_class="manual",
        zones=["us-east-1b"],
        claim="data",
    )
    assert Volume.parse(made) == Volume(
        "volumes-3f2a-far",
        Quantity.parse("5Gi"),
        storage_class="manual",
        claim=("volumes-3f2a", "data"),
        zones=frozenset({"us-east-1b"}),
    )
    assert not Volume.parse({**made, "status": {"phase": "Released"}}).available


def test_the_smallest_that_is_large_enough() -> None:
    found = volumes.chosen(wants("2Gi"), [disk("10", "10Gi"), disk("1", "1Gi"), disk("5", "5Gi")])
    assert found is not None
    assert found.name == "5"


def test_the_fewest_access_modes_come_before_the_smallest() -> None:
    found = volumes.chosen(wants("1Gi"), [disk("many", "1Gi", RWO, RWX), disk("one", "9Gi")])
    assert found is not None
    assert found.name == "one"


@pytest.mark.parametrize(
    ("volume", "reason"),
    [
        (disk("x", "1Gi"), "it is too small"),
        (disk("x", "5Gi", storage_class="other"), "it is of another class"),
        (disk("x", "5Gi", claim=("here", "else"), available=False), "it is another claim's"),
        (disk("x", "5Gi", available=False), "it is not Available"),
        (disk("x", "5Gi", "ReadOnlyMany"), "it lacks an access mode"),
        (disk("x", "5Gi", volume_mode="Block"), "one is a disk, the other a folder"),
    ],
)
def test_what_keeps_a_volume_from_a_claim(volume: Volume, reason: str) -> None:
    assert volumes.judge(wants("2Gi"), volume).reasons == (reason,)
    assert volumes.chosen(wants("2Gi"), [volume]) is None


def test_a_reserved_volume_comes_first_and_is_nobody_elses() -> None:
    mine = disk("mine", "9Gi", claim=("here", "data"))
    theirs = disk("theirs", "2Gi", claim=("there", "data"))
    assert volumes.chosen(wants("2Gi"), [disk("free", "2Gi"), theirs, mine]) == mine


def test_a_named_volume_is_the_only_one() -> None:
    free = [disk("a", "2Gi"), disk("b", "5Gi")]
    assert volumes.chosen(wants("2Gi", volume="b"), free) == free[1]
    assert volumes.chosen(wants("2Gi", volume="c"), free) is None


SIZES = st.sampled_from(["1Gi", "2Gi", "3Gi", "1000Mi", "5G"])


@given(st.lists(SIZES, max_size=4), st.lists(SIZES, max_size=4))
def test_no_two_claims_get_one_volume(have: list[str], want: list[str]) -> None:
    claims = [Claim(f"c{n}", "here", Quantity.parse(size)) for n, size in enumerate(want)]
    found = volumes.bound(claims, [disk(f"v{n}", size) for n, size in enumerate(have)])
    given_away = [name for name in found.values() if name is not None]
    assert len(given_away) == len(set(given_away))
    assert len(found) == len(claims)


def test_a_node_of_another_zone_does_not_reach_it() -> None:
    far = disk("far", "1Gi", zones=frozenset({"us-east-1b"}))
    assert volumes.reaches(far, {volumes.ZONE: "us-east-1b"})
    assert not volumes.reaches(far, {volumes.ZONE: "us-east-1a"})
    assert not volumes.reaches(far, {})
    assert volumes.reaches(disk("near", "1Gi"), {})


def test_every_pod_may_have_a_folder_of_its_own_on_the_volume() -> None:
    spec: Any = volumes.randserver_spec(volume=volumes.claimed("data", "files"), folder_a_pod=True)
    (container,) = spec["containers"]
    assert container["args"] == ["--data", "/data/$(POD)"]
    assert container["securityContext"] == {"readOnlyRootFilesystem": True}
    assert spec["volumes"] == [
        {"name": "data", "persistentVolumeClaim": {"claimName": "files"}},
    ]
    made: Any = volumes.deployment(**PLACE, spec=spec, template_app="example")
    assert made["spec"]["selector"]["matchLabels"] == {"app": "randserver"}
    assert made["spec"]["template"]["metadata"]["labels"]["app"] == "example"
