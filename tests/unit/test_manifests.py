"""Manifests are whole, and what the API server would refuse in their resources is known."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from helpers.model import manifests
from helpers.model.manifests import Manifest
from helpers.model.resources import Resources, asked, refusals
from helpers.model.timeline import Row, Timeline, Value

PLACE = {"namespace": "requests-and-limits-3f2a", "lesson": "requests-and-limits"}
AMOUNTS = st.sampled_from(["100m", "0.5", "1", "2", "64Mi", "1e3", "1Gi", None, ""])


def all_kinds() -> list[Manifest]:
    return [
        manifests.burn_pod(**PLACE, threads=2, limits={"cpu": "500m"}),
        manifests.burn_pod(**PLACE, name="memory", memory=["20Mi", "40Mi"], every=2),
        manifests.webserver_pod(**PLACE),
        manifests.idle_deployment(**PLACE, replicas=3, requests={"cpu": "400m"}),
    ]


@pytest.mark.parametrize("manifest", all_kinds(), ids=lambda m: m["metadata"]["name"])
def test_a_manifest_is_whole(manifest: Manifest) -> None:
    metadata = manifest["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["namespace"] == "requests-and-limits-3f2a"
    assert metadata["labels"]["kubernetes-workbook/lesson"] == "requests-and-limits"
    assert yaml.safe_load(manifests.to_yaml(manifest)) == manifest


def test_pods_that_a_deployment_makes_carry_the_label_too() -> None:
    text = manifests.to_yaml(manifests.idle_deployment(**PLACE))
    assert text.count("kubernetes-workbook/lesson: requests-and-limits") == 2


def test_the_yaml_is_what_one_would_write() -> None:
    manifest = manifests.burn_pod(
        **PLACE, threads=2, limits={"cpu": "500m"}, requests={"cpu": "100m"}
    )
    assert manifests.to_yaml(manifest) == (
        "apiVersion: v1\n"
        "kind: Pod\n"
        "metadata:\n"
        "  name: burn\n"
        "  namespace: requests-and-limits-3f2a\n"
        "  labels:\n"
        "    kubernetes-workbook/lesson: requests-and-limits\n"
        "spec:\n"
        "  containers:\n"
        "  - name: burn\n"
        "    image: localhost/workbook/burn:1\n"
        "    args:\n"
        "    - --threads\n"
        "    - '2'\n"
        "    resources:\n"
        "      requests:\n"
        "        cpu: 100m\n"
        "      limits:\n"
        "        cpu: 500m\n"
    )


@given(AMOUNTS, AMOUNTS)
def test_an_amount_that_is_not_given_is_not_in_the_manifest(
    limit: str | None, request: str | None
) -> None:
    block = manifests.resources(limits={"cpu": limit}, requests={"cpu": request})
    assert ("limits" in block) == bool(limit)
    assert ("requests" in block) == bool(request)


def test_what_a_burn_pod_does_can_be_read_from_it() -> None:
    busy = manifests.burn_pod(**PLACE, threads=3, core=1)
    greedy = manifests.burn_pod(**PLACE, memory=["20Mi", "40Mi"], every=2)
    (busy_container,) = manifests.containers(busy)
    (greedy_container,) = manifests.containers(greedy)
    assert manifests.busy_threads(busy_container) == (3, 1)
    assert manifests.memory_steps(busy_container) == ()
    assert manifests.busy_threads(greedy_container) == (0, None)
    assert manifests.memory_steps(greedy_container) == ("20Mi", "40Mi")
    assert manifests.busy_threads({"args": ["--threads=4"]}) == (4, None)
    assert manifests.busy_threads({}) == (0, None)


@pytest.mark.parametrize("manifest", all_kinds(), ids=lambda m: m["metadata"]["name"])
def test_the_container_is_found_in_any_kind(manifest: Manifest) -> None:
    assert len(list(manifests.containers(manifest))) == 1


def test_a_text_that_is_no_quantity_stays_as_typed() -> None:
    manifest = manifests.burn_pod(**PLACE, limits={"memory": "64K"})
    assert "memory: 64K\n" in manifests.to_yaml(manifest)


def test_refusals_name_the_field() -> None:
    block: Manifest = {
        "limits": {"cpu": "-1", "memory": "128Mi"},
        "requests": {"cpu": "1x", "memory": "250Mi"},
    }
    found = refusals(block)
    assert set(found) == {"limits.cpu", "requests.cpu", "requests.memory"}
    assert found["limits.cpu"].message == "must be greater than or equal to 0"
    assert found["requests.memory"].message == "must be less than or equal to memory limit of 128Mi"
    assert all(error.field == field and error.hint for field, error in found.items())


@pytest.mark.parametrize(
    "block",
    [
        {},
        {"limits": {"cpu": "500m"}},
        {"requests": {"memory": "1Gi"}},
        {"limits": {"cpu": "0.5"}, "requests": {"cpu": "500m"}},
        {"limits": {"cpu": 1}, "requests": {"cpu": 0.25}},
        {"limits": {"cpu": "0"}, "requests": {"cpu": None}},
    ],
)
def test_what_the_server_accepts(block: Manifest) -> None:
    assert refusals(block) == {}


def test_a_limit_alone_is_the_request_too() -> None:
    only_limit = Resources.parse({"limits": {"cpu": "500m"}})
    assert only_limit.request("cpu") == only_limit.limit("cpu")
    both = Resources.parse({"limits": {"cpu": "500m"}, "requests": {"cpu": "100m"}})
    assert both.request("cpu") != both.limit("cpu")
    assert Resources.parse({"limits": {"cpu": "0"}}).limit("cpu") is None


def timeline_of(*sent: tuple[float, str, Value]) -> Timeline:
    timeline = Timeline()
    for time, field, value in sent:
        timeline.append(Row(time, "session", "Pod/burn", field, value))
    return timeline


def test_what_was_asked_for_follows_the_resizes() -> None:
    manifest = manifests.burn_pod(**PLACE, threads=2, requests={"cpu": "100m", "memory": "20Mi"})
    timeline = timeline_of(
        (1, "manifest", manifest),
        (2, "resize", {"container": "burn", "resources": {"limits": {"cpu": "1"}}}),
        (3, "resize", {"container": "other", "resources": {"limits": {"cpu": "2"}}}),
    )
    assert asked(timeline, "Pod/burn", at=0.5) is None
    before, after = asked(timeline, "Pod/burn", at=1.5), asked(timeline, "Pod/burn", "burn")
    assert before is not None
    assert after is not None
    assert before.limit("cpu") is None
    assert str(after.limit("cpu")) == "1"
    assert str(after.request("cpu")) == "100m"
    assert str(after.request("memory")) == "20Mi"
    assert asked(timeline, "Pod/none") is None
