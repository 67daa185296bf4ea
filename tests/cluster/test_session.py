"""The session against the real API server: its answers, its refusals, its loss."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import pytest

from helpers.kube import guard
from helpers.kube.api import Api, Object
from helpers.kube.errors import (
    ClusterGone,
    CommandFailed,
    DeadlineExceeded,
    NotFound,
    Refused,
)
from helpers.kube.recorder import Recorder
from helpers.kube.session import Session
from helpers.model import rollouts
from helpers.model.timeline import Timeline
from tests.cluster.cable import Cable
from tests.cluster.manifests import pod

pytestmark = pytest.mark.cluster


def running(recorder: Recorder, name: str = "p") -> None:
    recorder.watch("Pod")
    recorder.wait(
        lambda t: t.value(object=f"Pod/{name}", field="status.phase") == "Running",
        60,
        f"Pod/{name} to run",
    )


def test_a_session_is_a_labelled_namespace_and_close_deletes_it(
    timeline: Timeline, api: Api
) -> None:
    session = Session.open("requests-and-limits", timeline)
    assert session.namespace.startswith("requests-and-limits-")
    assert len(session.namespace) == len("requests-and-limits-") + 4
    assert session.context == guard.CONTEXT
    assert session.version.startswith("v1.")
    path = f"/api/v1/namespaces/{session.namespace}"
    found = api.call("GET", path)[0]
    assert found["metadata"]["labels"][guard.LABEL] == "requests-and-limits"
    assert session.get("ServiceAccount", "default") is not None
    session.close()
    session.close()
    with suppress(NotFound):  # if it is gone already
        assert api.call("GET", path)[0]["status"]["phase"] == "Terminating"


def test_two_sessions_of_one_lesson_do_not_meet(session: Session) -> None:
    with Session.open("test", Timeline()) as other:
        assert other.namespace != session.namespace
        session.apply(pod())
        assert other.get("Pod", "p") is None


def test_what_is_applied_is_recorded_as_it_was_sent(session: Session) -> None:
    manifest = pod(limits={"cpu": "0.5"})
    answer = session.apply(manifest)
    assert answer["spec"]["containers"][0]["resources"]["limits"] == {"cpu": "500m"}
    assert answer["metadata"]["managedFields"][0]["manager"] == "kubernetes-workbook"
    rows = session.timeline.where(source="session", object="Pod/p")
    assert [(row.field, row.value) for row in rows] == [("manifest", manifest)]
    found = session.get("Pod", "p")
    assert found is not None
    assert found["metadata"]["uid"] == answer["metadata"]["uid"]
    assert [item["metadata"]["name"] for item in session.list("Pod")] == ["p"]
    assert session.list("Pod", "app=none") == []


def test_a_dry_run_makes_nothing_and_fills_in_defaults(session: Session) -> None:
    answer = session.dry_run(pod(limits={"memory": "1024Ki"}))
    assert answer["spec"]["restartPolicy"] == "Always"
    assert answer["spec"]["containers"][0]["resources"]["requests"] == {"memory": "1Mi"}
    assert session.get("Pod", "p") is None
    assert session.timeline.rows == ()


def test_the_servers_warnings_are_rows(session: Session) -> None:
    session.apply(pod(limits={"memory": "1500m"}))
    warnings = session.timeline.where(source="session", object="Pod/p", field="warning")
    assert any("fractional byte value" in str(row.value) for row in warnings)


@pytest.mark.parametrize("verb", ["apply", "dry_run"])
@pytest.mark.parametrize(
    ("resources", "field", "says"),
    [
        (
            {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}},
            "spec.containers[0].resources.requests",
            "must be less than or equal to cpu limit of 1",
        ),
        (
            {"limits": {"cpu": "half"}},
            "spec.containers[0].resources.limits[cpu]",
            "quantities must match the regular expression",
        ),
        (
            {"requests": {"cpu": "-1"}},
            "spec.containers[0].resources.requests[cpu]",
            "must be greater than or equal to 0",
        ),
    ],
)
def test_a_refusal_names_the_field_and_what_to_try(
    session: Session,
    verb: str,
    resources: Object,
    field: str,
    says: str,
) -> None:
    with pytest.raises(Refused, match="refused Pod/p") as caught:
        getattr(session, verb)(pod(**resources))
    refused = caught.value
    assert refused.field == field
    assert refused.status in (422, 500)  # 500 is what a quantity that cannot be read gets
    assert says in refused.message
    assert refused.hint
    row = session.timeline.rows[-1]
    assert (row.source, row.object, row.field) == ("session", "Pod/p", "refusal")
    assert isinstance(row.value, dict)
    assert row.value["message"] == refused.message
    assert row.value["field"] == field
    assert session.timeline.where(field="manifest") == ()
    assert session.get("Pod", "p") is None


def test_an_unknown_field_and_an_unknown_kind_are_refused(session: Session) -> None:
    broken = pod()
    broken["spec"]["contaners"] = []
    with pytest.raises(Refused, match="misspelled") as caught:
        session.apply(broken)
    assert caught.value.field == "spec.contaners"
    old = {"apiVersion": "extensions/v1beta1", "kind": "Deployment", "metadata": {"name": "d"}}
    with pytest.raises(Refused, match="no matches for kind") as caught:
        session.apply(old)
    assert caught.value.field == "apiVersion"
    with pytest.raises(Refused) as caught:
        session.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {}})
    assert caught.value.field == "metadata.name"


def test_scale_and_apply_do_not_fight_over_the_replicas(session: Session) -> None:
    template = {"metadata": {"labels": {"app": "d"}}, "spec": pod()["spec"]}
    del template["spec"]["terminationGracePeriodSeconds"]
    spec = {"selector": {"matchLabels": {"app": "d"}}, "template": template, "replicas": 0}
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": spec,
    }
    session.apply(manifest)
    session.scale("Deployment", "d", 1)
    found = session.get("Deployment", "d")
    assert found is not None
    assert found["spec"]["replicas"] == 1
    assert session.timeline.value(object="Deployment/d", field="scale") == 1
    assert session.apply(manifest)["spec"]["replicas"] == 0


def test_undo_gives_back_a_former_template_and_makes_no_new_replica_set(session: Session) -> None:
    def manifest(version: str) -> Object:
        inside = {**pod()["spec"], "terminationGracePeriodSeconds": 1}
        inside["containers"] = [
            {**inside["containers"][0], "env": [{"name": "V", "value": version}]}
        ]
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "d"},
            "spec": {
                "selector": {"matchLabels": {"app": "d"}},
                "template": {"metadata": {"labels": {"app": "d"}}, "spec": inside},
                "replicas": 0,
            },
        }

    recorder = Recorder(session)
    recorder.watch("ReplicaSet", "Deployment")

    def revised(revision: str) -> None:
        path = f"metadata.annotations.{rollouts.REVISION}"
        recorder.wait(
            lambda t: t.value(object="Deployment/d", field=path) == revision, 15, f"{revision}"
        )

    first = session.apply(manifest("1"))["spec"]["template"]
    revised("1")
    with pytest.raises(NotFound, match="revision"):
        session.undo("d")
    for version in ("2", "3"):
        session.apply(manifest(version))
        revised(version)
    assert session.undo("d", 1)["spec"]["template"] == first
    revised("4")
    sets = session.list("ReplicaSet")
    assert sorted(rollouts.number(one) for one in sets) == [2, 3, 4]
    row = session.timeline.value(object="Deployment/d", field="undo")
    assert row == {"revision": 1, "template": first}
    third = session.undo("d")["spec"]["template"]["spec"]["containers"][0]["env"]
    assert third == [{"name": "V", "value": "3"}]
    recorder.stop()


def test_a_field_that_another_set_is_not_taken_from_it(session: Session, api: Api) -> None:
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c"},
        "data": {"a": "1"},
    }
    session.apply(manifest)
    path = f"/api/v1/namespaces/{session.namespace}/configmaps/c"
    api.call(
        "PATCH",
        path,
        body={"data": {"a": "2"}},
        query={"fieldManager": "someone"},
        content_type="application/merge-patch+json",
    )
    with pytest.raises(Refused, match="Someone else") as caught:
        session.apply(manifest)
    assert caught.value.status == 409
    assert caught.value.reason == "Conflict"


def test_delete_and_what_is_not_there(session: Session) -> None:
    session.apply(pod())
    session.delete("Pod", "p", grace=0)
    with pytest.raises(NotFound, match=r"Pod/none.*404"):
        session.delete("Pod", "none")
    with pytest.raises(NotFound):
        session.scale("Deployment", "none", 1)
    with pytest.raises(NotFound):
        session.logs("none")
    with pytest.raises(NotFound):
        session.exec("none", ["true"])


def test_a_lost_cluster_is_told_within_seconds(cable: Cable, timeline: Timeline) -> None:
    session = Session.open("test", timeline)
    cable.cut()
    began = time.monotonic()
    for call in (
        lambda: session.get("Pod", "p"),
        lambda: session.apply(pod()),
        lambda: session.exec("p", ["true"]),
        session.close,
    ):
        with pytest.raises(ClusterGone, match=r"does not answer.*workbook reset"):
            call()
    assert time.monotonic() - began < 4
    cable.mend()
    session.close()  # and when it is back, what was left is cleared away


def test_an_api_server_that_is_silent_is_told_too(
    cable: Cable, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Session.open("test", timeline) as session, monkeypatch.context() as patch:
        patch.setattr("helpers.kube.api.READ_SECONDS", 0.3)
        cable.silent = True
        with pytest.raises(ClusterGone, match=r"silent for 0\.3 s"):
            session.list("Pod")
        cable.silent = False


# From here on a Pod must run.


def test_exec_and_logs_of_a_running_container(session: Session) -> None:
    session.apply(pod("p", "sh", "-c", "echo hello; exec sleep 600"))
    recorder = Recorder(session)
    try:
        running(recorder)
    finally:
        recorder.stop()
    assert session.exec("p", ["sh", "-c", "echo out; echo err >&2"]) == "out\n"
    big = session.exec("p", ["sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x"])
    assert big == "x" * 300000
    with pytest.raises(CommandFailed, match="exit code 3: err") as caught:
        session.exec("p", ["sh", "-c", "echo err >&2; exit 3"])
    assert caught.value.exit_code == 3
    with pytest.raises(CommandFailed, match=r"no such file|not found"):
        session.exec("p", ["nonesuch"])
    with pytest.raises(Refused, match="nonesuch"):
        session.exec("p", ["true"], container="nonesuch")
    with pytest.raises(DeadlineExceeded, match="sleep 30"):
        session.exec("p", ["sleep", "30"], deadline=0.5)
    assert session.logs("p") == "hello\n"
    assert session.logs("p", tail=0) == ""


def test_exec_from_several_threads_at_once(session: Session) -> None:
    session.apply(pod())
    recorder = Recorder(session)
    try:
        running(recorder)
    finally:
        recorder.stop()
    said: dict[int, str] = {}

    def work(number: int) -> None:
        said[number] = session.exec("p", ["echo", str(number)])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert said == {number: f"{number}\n" for number in range(4)}


def test_resize_in_place_and_its_refusal(session: Session) -> None:
    session.apply(pod(requests={"cpu": "100m"}, limits={"cpu": "500m"}))
    recorder = Recorder(session)
    try:
        running(recorder)
        session.resize("p", "main", {"limits": {"cpu": "200m"}})
        field = "status.containerStatuses.main.resources.limits.cpu"
        recorder.wait(
            lambda t: t.value(object="Pod/p", field=field) == "200m", 30, "the new limit to hold"
        )
    finally:
        recorder.stop()
    restarts = session.timeline.value(
        object="Pod/p", field="status.containerStatuses.main.restartCount"
    )
    assert restarts == 0
    assert session.timeline.value(object="Pod/p", field="resize") == {
        "container": "main",
        "resources": {"limits": {"cpu": "200m"}},
    }
    with pytest.raises(Refused, match="less than or equal to cpu limit"):
        session.resize("p", "main", {"limits": {"cpu": "50m"}})
    with pytest.raises(Refused):
        session.resize("p", "none", {"limits": {"cpu": "50m"}})


def test_events_tell_why_a_pod_waits(session: Session) -> None:
    session.apply(pod(requests={"cpu": "1000"}))
    recorder = Recorder(session)
    try:
        recorder.watch("Pod")
        row = recorder.wait(
            lambda t: t.last(source="event", object="Pod/p", field="FailedScheduling"),
            20,
            "the scheduler's word",
        )
    finally:
        recorder.stop()
    assert "Insufficient cpu" in str(row.value)
    assert [event["reason"] for event in session.events()] == ["FailedScheduling"]
