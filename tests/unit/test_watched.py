"""What the watch shows of the objects that are there now."""

from helpers.model import watched
from helpers.model.timeline import Row, Timeline, Value

READY = "status.conditions.Ready.status"


def seen(*rows: tuple[str, str, Value]) -> Timeline:
    timeline = Timeline()
    for number, (object, field, value) in enumerate(rows):
        timeline.append(Row(float(number), "watch", object, field, value))
    return timeline


def test_an_object_is_there_until_it_is_deleted_and_again_when_it_is_made_anew() -> None:
    rows: list[tuple[str, str, Value]] = [
        ("Pod/web", "exists", True),
        ("Pod/web", "status.phase", "Running"),
        ("Service/web", "exists", True),
    ]
    assert watched.objects(seen(*rows), "Pod") == {
        "web": {"exists": True, "status.phase": "Running"}
    }
    rows += [("Pod/web", "status.phase", None), ("Pod/web", "exists", False)]
    assert watched.objects(seen(*rows), "Pod") == {}
    rows += [("Pod/web", "exists", True)]
    assert watched.objects(seen(*rows), "Pod") == {"web": {"exists": True}}


def test_a_pod_counts_by_its_label_if_it_is_to_stay() -> None:
    rows: list[tuple[str, str, Value]] = []
    for name, app, ready in (("a", "web", "True"), ("b", "web", "False"), ("c", "other", "True")):
        pod = f"Pod/{name}"
        rows += [(pod, "exists", True), (pod, "metadata.labels.app", app), (pod, READY, ready)]
    assert list(watched.pods(seen(*rows), "web")) == ["a", "b"]
    assert list(watched.ready(seen(*rows), "web")) == ["a"]
    rows += [("Pod/a", "metadata.deletionTimestamp", "2026-11-24T00:00:00Z")]
    assert list(watched.ready(seen(*rows), "web")) == []


def test_a_pod_names_its_claims() -> None:
    pod: watched.Fields = {
        "spec.volumes.data.persistentVolumeClaim.claimName": "data-web-0",
        "spec.volumes.tmp.emptyDir": {},
        "spec.volumes.data.persistentVolumeClaim.readOnly": True,
    }
    assert watched.claims_of(pod) == {"data-web-0"}


def test_a_claim_has_a_phase() -> None:
    claim = "PersistentVolumeClaim/data"
    timeline = seen((claim, "exists", True), (claim, "status.phase", "Pending"))
    assert watched.phase(timeline, "data") == "Pending"
    assert watched.phase(timeline, "other") == "missing"
