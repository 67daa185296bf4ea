"""The recorder on the real API server: quick, whole after a cut, and gone when told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

import pytest

from helpers.kube import metrics
from helpers.kube.api import MERGE, Api
from helpers.kube.errors import ClusterGone, DeadlineExceeded
from helpers.kube.recorder import Recorder
from helpers.kube.session import Session
from helpers.model.timeline import Timeline, Value
from tests.cluster.cable import Cable
from tests.cluster.manifests import pod

pytestmark = pytest.mark.cluster


def config_map(name: str, value: int) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name},
        "data": {"value": str(value)},
    }


def wait_for(recorder: Recorder, name: str, value: int, deadline: float = 10) -> None:
    recorder.wait(
        lambda t: t.value(object=f"ConfigMap/{name}", field="data.value") == str(value),
        deadline,
        f"the value {value} in ConfigMap/{name}",
    )


def test_a_patch_is_in_the_timeline_within_250_ms(session: Session) -> None:
    recorder = Recorder(session)
    recorder.watch("ConfigMap")
    delays = []
    for value in range(40):
        session.apply(config_map("c", value))
        replied = time.time()
        wait_for(recorder, "c", value)
        row = session.timeline.last(source="watch", field="data.value")
        assert row is not None
        delays.append(row.time - replied)
    recorder.stop()
    assert sorted(delays)[int(len(delays) * 0.95)] <= 0.25


def test_after_a_cut_nothing_is_missing_and_nothing_is_double(
    cable: Cable, timeline: Timeline, api: Api
) -> None:
    with Session.open("test", timeline) as session:
        path = f"/api/v1/namespaces/{session.namespace}/configmaps"
        session.apply(config_map("stays", 1))
        session.apply(config_map("changes", 1))
        session.apply(config_map("goes", 1))
        recorder = Recorder(session)
        recorder.watch("ConfigMap")
        for number in range(2):
            session.apply(config_map("probe", number))
            wait_for(recorder, "probe", number)  # so there is a watch to cut
            cable.cut()
            time_of_cut = time.time()
            # Behind the session's back, while it cannot see:
            if session.timeline.where(field="gap") == ():
                api.call("DELETE", f"{path}/goes")
                body = {"data": {"value": "2"}}
                api.call("PATCH", f"{path}/changes", body=body, content_type=MERGE)
            cable.mend()
            recorder.wait(
                lambda t, since=time_of_cut: any(  # type: ignore[misc]
                    row.object == "ConfigMap" and row.time > since for row in t.where(field="gap")
                ),
                15,
                "the watch to be whole again",
            )
        session.apply(config_map("after", 1))
        wait_for(recorder, "after", 1)
        recorder.stop()
        values = {
            name: [
                row.value
                for row in timeline.where(
                    source="watch", object=f"ConfigMap/{name}", field="data.value"
                )
            ]
            for name in ("stays", "changes", "goes", "after")
        }
        assert values == {"stays": ["1"], "changes": ["1", "2"], "goes": ["1"], "after": ["1"]}
        gone = timeline.where(source="watch", object="ConfigMap/goes", field="exists")
        assert [row.value for row in gone] == [True, False]
        assert recorder.failure is None


def test_a_cluster_that_stays_away_ends_the_wait(
    cable: Cable, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpers.kube.recorder.PATIENCE_SECONDS", 0.5)
    session = Session.open("test", timeline)
    recorder = Recorder(session)
    recorder.watch("Pod")
    cable.cut()
    began = time.monotonic()
    with pytest.raises(ClusterGone, match="workbook reset"):
        recorder.wait(lambda _: None, 30, "nothing")
    assert time.monotonic() - began < 5
    recorder.stop()
    cable.mend()
    session.close()


def test_stop_ends_every_thread_at_once(session: Session) -> None:
    recorder = Recorder(session)
    recorder.watch("Pod", "ConfigMap", "Node")
    began = time.monotonic()
    recorder.stop()
    assert time.monotonic() - began < 1
    assert not [t for t in threading.enumerate() if t.name.startswith("watch ")]
    assert recorder.failure is None


def test_the_nodes_are_seen_too(session: Session) -> None:
    recorder = Recorder(session)
    recorder.watch("Node")
    recorder.stop()
    nodes = session.list("Node")
    for node in nodes:
        name = node["metadata"]["name"]
        assert session.timeline.value(object=f"Node/{name}", field="exists") is True


# From here on a Pod must run.


def test_a_pods_way_is_recorded_in_order(session: Session) -> None:
    recorder = Recorder(session)
    recorder.watch("Pod")
    session.apply(pod("p", "true"))
    try:
        count = "status.containerStatuses.main.restartCount"
        recorder.wait(
            lambda t: (t.value(object="Pod/p", field=count) or 0) != 0, 60, "the first restart"
        )
        phases = [r.value for r in session.timeline.where(object="Pod/p", field="status.phase")]
        assert phases[:1] == ["Pending"]
        assert "Running" in phases
        for reason in ("Scheduled", "Created", "Started"):
            assert session.timeline.where(source="event", object="Pod/p", field=reason)
    finally:
        recorder.stop()


def test_a_missing_image_is_told_when_the_wait_runs_out(session: Session) -> None:
    manifest = pod()
    manifest["spec"]["containers"][0].update(
        image="localhost/workbook/nonesuch:1", imagePullPolicy="Never"
    )
    recorder = Recorder(session)
    recorder.watch("Pod")
    session.apply(manifest)
    waiting = "status.containerStatuses.main.state.waiting.reason"
    try:
        recorder.wait(
            lambda t: t.value(object="Pod/p", field=waiting) == "ErrImageNeverPull",
            30,
            "the kubelet's word",
        )
        with pytest.raises(DeadlineExceeded, match="ErrImageNeverPull") as caught:
            recorder.wait(lambda _: None, 1.5, "Pod/p to run")
        assert any("nonesuch" in event for event in caught.value.last_events)
    finally:
        recorder.stop()


def test_the_kubelet_counts_throttled_periods(session: Session) -> None:
    recorder = Recorder(session)
    recorder.watch("Pod")
    session.apply(pod("p", "sh", "-c", "while :; do :; done", limits={"cpu": "100m"}))
    try:
        recorder.wait(
            lambda t: t.value(object="Pod/p", field="status.phase") == "Running", 60, "the Pod"
        )
        until = time.monotonic() + 45
        found: Mapping[str, Value] = metrics.container(session, "p", "main")
        pause = threading.Event()
        while not found.get("throttled") and time.monotonic() < until:
            pause.wait(1)  # cAdvisor looks every 10 to 15 s, and tells nobody
            found = recorder.sample(
                "kubelet", "Pod/p", lambda: metrics.container(session, "p", "main")
            )
    finally:
        recorder.stop()
    assert isinstance(found["throttled"], float)
    assert isinstance(found["periods"], float)
    assert 0 < found["throttled"] <= found["periods"]
    assert isinstance(found["working_set_bytes"], float)
