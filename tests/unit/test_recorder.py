"""The recorder against an API that does as the test says: breaks, forgets, comes back."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Mapping
from typing import cast

import pytest

from helpers.kube import recorder as recorder_module
from helpers.kube.api import KINDS, Answer, Kind, Object
from helpers.kube.errors import Cancelled, ClusterGone, DeadlineExceeded, Refused
from helpers.kube.recorder import Recorder, flatten
from helpers.kube.session import Session
from helpers.model.timeline import Row, Timeline, Value

GONE = ClusterGone("The cluster at nowhere does not answer (cut).")


class FakeStream:
    """A watch that yields what the test puts in, until the test or the recorder ends it."""

    def __init__(self) -> None:
        self.queue: queue.Queue[Object | Exception | None] = queue.Queue()

    def __iter__(self) -> Iterator[Object]:
        while (said := self.queue.get(timeout=10)) is not None:
            if isinstance(said, Exception):
                raise said
            yield said

    def close(self) -> None:
        self.queue.put(None)


class FakeApi:
    """Pods in a dict, and one stream at a time for each path."""

    def __init__(self) -> None:
        self.pods: dict[str, Object] = {}
        self.events: list[Object] = []
        self.version = 1
        self.away: list[Exception] = []  # raised, one a request
        self.gone: Exception | None = None  # raised by a probe
        self.opened: queue.Queue[tuple[FakeStream, str]] = queue.Queue()

    def kind(self, name: str) -> Kind:
        return KINDS[name]

    def call(self, method: str, path: str, **_: object) -> Answer:
        assert method == "GET"
        if path.endswith("/pods") and self.away:
            raise self.away.pop(0)
        items = self.events if path.endswith("/events") else list(self.pods.values())
        return {"items": items, "metadata": {"resourceVersion": str(self.version)}}, []

    def probe(self) -> None:
        if self.gone is not None:
            raise self.gone

    def stream(
        self, path: str, query: Mapping[str, object], silence: float, what: str = ""
    ) -> FakeStream:
        stream = FakeStream()
        if path.endswith("/pods"):
            self.opened.put((stream, str(query["resourceVersion"])))
        else:
            self.event_stream = stream
        return stream

    def put(self, name: str, phase: str, **more: Value) -> Object:
        """Store a Pod and return it."""
        self.version += 1
        metadata = {"name": name, "uid": name, "resourceVersion": str(self.version)}
        self.pods[name] = {"kind": "Pod", "metadata": metadata, "status": {"phase": phase, **more}}
        return self.pods[name]


class FakeSession:
    def __init__(self) -> None:
        self.api = FakeApi()
        self.namespace = "ns"
        self.timeline = Timeline()


class World:
    """A recorder that watches Pods, and the stream that it reads at the moment."""

    def __init__(self) -> None:
        self.session = FakeSession()
        self.api = self.session.api
        self.timeline = self.session.timeline
        self.recorder = Recorder(cast(Session, self.session))

    def watch(self) -> None:
        self.recorder.watch("Pod")
        self.next_stream()

    def next_stream(self) -> str:
        self.stream, version = self.api.opened.get(timeout=5)
        return version

    def say(self, kind: str, item: Object) -> None:
        self.stream.queue.put({"type": kind, "object": item})

    def values(self, object: str, field: str, source: str = "watch") -> list[Value]:
        return [r.value for r in self.timeline.where(source=source, object=object, field=field)]

    def wait_for(self, object: str, field: str, value: Value) -> None:
        self.recorder.wait(
            lambda t: t.value(object=object, field=field) == value, 5, f"{field} of {object}"
        )


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.recorder.stop()
    assert not [t for t in threading.enumerate() if t.name.startswith("watch ")]


def test_what_exists_is_recorded_when_watch_returns(world: World) -> None:
    world.api.put("p", "Running")
    world.watch()
    assert world.values("Pod/p", "exists") == [True]
    assert world.values("Pod/p", "status.phase") == ["Running"]


def test_only_what_changed_becomes_a_row(world: World) -> None:
    world.watch()
    world.say("ADDED", world.api.put("p", "Pending"))
    world.say("MODIFIED", world.api.put("p", "Pending", qosClass="Burstable"))
    world.say("MODIFIED", world.api.put("p", "Running", qosClass="Burstable"))
    world.wait_for("Pod/p", "status.phase", "Running")
    assert world.values("Pod/p", "status.phase") == ["Pending", "Running"]
    assert world.values("Pod/p", "status.qosClass") == ["Burstable"]
    assert world.values("Pod/p", "metadata.name") == ["p"]


def test_a_deleted_object_has_no_status_left_and_may_come_again(world: World) -> None:
    world.watch()
    pod = world.api.put("p", "Running")
    world.say("ADDED", pod)
    world.say("DELETED", pod)
    world.wait_for("Pod/p", "exists", False)
    world.wait_for("Pod/p", "status.phase", None)
    world.say("ADDED", world.api.put("p", "Running"))
    world.wait_for("Pod/p", "status.phase", "Running")
    assert world.values("Pod/p", "exists") == [True, False, True]
    assert world.values("Pod/p", "status.phase") == ["Running", None, "Running"]


def test_a_cut_watch_lists_again_writes_a_gap_and_doubles_nothing(world: World) -> None:
    world.api.put("stays", "Running")
    world.api.put("goes", "Running")
    world.watch()
    del world.api.pods["goes"]
    world.api.put("comes", "Pending")
    world.api.away = [GONE, GONE]
    world.stream.queue.put(GONE)
    version = world.next_stream()
    assert version == str(world.api.version)
    gap = world.timeline.last(source="recorder", object="Pod", field="gap")
    assert gap is not None
    assert isinstance(gap.value, dict)
    assert "cut" in gap.value["reason"]
    assert gap.value["seconds"] > 0
    assert len(world.timeline.where(field="gap")) == 1
    assert world.values("Pod/stays", "status.phase") == ["Running"]
    assert world.values("Pod/stays", "exists") == [True]
    assert world.values("Pod/goes", "exists") == [True, False]
    assert world.values("Pod/comes", "exists") == [True]
    world.say("MODIFIED", world.api.put("comes", "Running"))  # and it goes on
    world.wait_for("Pod/comes", "status.phase", "Running")


def test_a_watch_that_ends_in_peace_goes_on_where_it_was(world: World) -> None:
    world.watch()
    world.say("ADDED", world.api.put("p", "Pending"))
    world.say("BOOKMARK", {"metadata": {"resourceVersion": "77"}})
    world.stream.close()
    assert world.next_stream() == "77"
    assert world.timeline.where(field="gap") == ()


def test_a_forgotten_version_is_a_gap_too(world: World) -> None:
    world.watch()
    world.api.put("p", "Pending")
    world.say("ERROR", {"kind": "Status", "code": 410, "message": "too old resource version"})
    world.next_stream()
    assert world.values("Pod/p", "status.phase") == ["Pending"]
    assert len(world.timeline.where(field="gap")) == 1


def test_a_read_that_came_too_late_is_a_gap(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "LATE_SECONDS", 1.0)
    answers: queue.Queue[Mapping[str, Value]] = queue.Queue()
    world.recorder.follow("metrics", "cpu", lambda: answers.get(timeout=10), 0.01)
    for value in ("1m", "2m"):
        answers.put({"Pod/p": value})
        world.wait_for("Pod/p", "cpu", value)
    assert world.timeline.where(field="gap") == ()
    time.sleep(1.1)  # what comes now is late
    answers.put({"Pod/p": "3m"})
    world.wait_for("Pod/p", "cpu", "3m")
    (gap,) = world.timeline.where(source="recorder", object="metrics", field="gap")
    assert isinstance(gap.value, dict)
    assert gap.value["seconds"] > 1.0
    answers.put({})
    world.wait_for("Pod/p", "cpu", None)


def test_a_cluster_that_stays_away_ends_the_wait(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "PATIENCE_SECONDS", 0.2)
    world.watch()
    world.api.away = [GONE] * 100
    world.stream.queue.put(GONE)
    began = time.monotonic()
    with pytest.raises(ClusterGone, match="workbook reset"):
        world.recorder.wait(lambda _: None, 30, "nothing")
    assert time.monotonic() - began < 5
    assert len(world.timeline.where(field="gap")) == 1


def test_a_mistake_on_the_watchs_thread_reaches_the_wait(world: World) -> None:
    world.watch()
    world.say("ADDED", {"metadata": {"resourceVersion": "1"}})  # no name: not an object
    with pytest.raises(KeyError):
        world.recorder.wait(lambda _: None, 5, "nothing")


def test_a_refused_list_is_told_to_the_one_who_asked(world: World) -> None:
    world.api.away = [Refused("", "no", "Forbidden", 403)]
    with pytest.raises(Refused):
        world.recorder.watch("Pod")


def event(uid: str, message: str, count: int = 1, when: float | None = None) -> Object:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when or time.time()))
    return {
        "metadata": {"uid": uid, "resourceVersion": "5"},
        "involvedObject": {"kind": "Pod", "name": "p"},
        "reason": "Failed",
        "message": message,
        "count": count,
        "lastTimestamp": stamp,
    }


def test_events_are_rows_once_for_each_time_they_happened(world: World) -> None:
    world.api.events = [event("old", "of an earlier run", when=1e9), event("a", "first")]
    world.watch()
    for said in (event("a", "first"), event("a", "first", 2), event("b", "second")):
        world.api.event_stream.queue.put({"type": "ADDED", "object": said})
    world.wait_for("Pod/p", "Failed", "second")
    assert world.values("Pod/p", "Failed", "event") == ["first", "first", "second"]


def test_a_wait_returns_what_the_condition_returned(world: World) -> None:
    world.timeline.append(Row(0, "exec", "Pod/p", "periods", 0))
    got = world.recorder.wait(lambda t: t.value(field="periods"), 1, "periods")
    assert got == 0  # only None and False mean "not yet"


def test_a_wait_is_woken_by_a_row_at_once(world: World) -> None:
    timer = threading.Timer(
        0.1, lambda: world.timeline.append(Row(time.time(), "exec", "Pod/p", "done", True))
    )
    timer.start()
    row = world.recorder.wait(lambda t: t.last(field="done"), 10, "a row")
    assert time.time() - row.time < 0.09


def test_a_wait_on_a_silent_server_is_told_as_a_cluster_that_is_gone(world: World) -> None:
    world.api.gone = ClusterGone("silent")
    with pytest.raises(ClusterGone):
        world.recorder.wait(lambda _: None, 0.05, "what never comes")


def test_a_wait_asks_once_for_each_news_and_does_not_poll(world: World) -> None:
    asked = 0

    def never(_: Timeline) -> bool | None:
        nonlocal asked
        asked += 1
        return None

    with pytest.raises(DeadlineExceeded):
        world.recorder.wait(never, 0.5, "nothing", threading.Event())
    assert asked == 1


def test_a_deadline_tells_the_last_state_and_the_last_events(world: World) -> None:
    world.watch()
    condition: Object = {
        "type": "PodScheduled",
        "status": "False",
        "message": "0/3 nodes are available",
    }
    waiting: Object = {"name": "burn", "state": {"waiting": {"reason": "ImagePullBackOff"}}}
    world.say(
        "ADDED", world.api.put("p", "Pending", conditions=[condition], containerStatuses=[waiting])
    )
    world.api.event_stream.queue.put({"type": "ADDED", "object": event("a", "no such image")})
    world.wait_for("Pod/p", "Failed", "no such image")
    with pytest.raises(DeadlineExceeded) as caught:
        world.recorder.wait(lambda _: False, 0.05, "the Pod to run")
    state = caught.value.last_state["Pod/p"]
    for part in ("Pending", "not PodScheduled (0/3 nodes are available)", "ImagePullBackOff"):
        assert part in state
    assert caught.value.last_events == ("Pod/p Failed: no such image",)
    assert "the Pod to run" in str(caught.value)


def test_a_wait_can_be_cancelled(world: World) -> None:
    cancel = threading.Event()
    threading.Timer(0.1, cancel.set).start()
    began = time.monotonic()
    with pytest.raises(Cancelled, match="the end of days"):
        world.recorder.wait(lambda _: None, 30, "the end of days", cancel)
    assert time.monotonic() - began < 2


def test_a_sample_is_a_row_a_field(world: World) -> None:
    world.recorder.sample("exec", "Pod/p", lambda: {"periods": 30, "throttled": 29})
    assert [(r.source, r.field, r.value) for r in world.timeline.rows] == [
        ("exec", "periods", 30),
        ("exec", "throttled", 29),
    ]


def test_stop_is_prompt_and_may_be_said_twice(world: World) -> None:
    world.watch()
    began = time.monotonic()
    world.recorder.stop()
    world.recorder.stop()
    assert time.monotonic() - began < 1
    assert world.recorder.failure is None


def test_the_paths_of_fields() -> None:
    fields = flatten(
        {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {"name": "p", "resourceVersion": "3", "managedFields": [{"a": 1}]},
            "spec": {
                "containers": [{"name": "burn", "args": ["--threads", "2"]}],
                "volumes": [{"name": "data"}, {"name": "kube-api-access-x7", "projected": {}}],
                "tolerations": [{"key": "a"}, {"key": "b"}],
                "twice": [{"name": "a", "port": 1}, {"name": "a", "port": 2}],
                "emptyDir": {},
            },
            "status": {
                "conditions": [{"type": "Ready", "status": "True", "lastProbeTime": "now"}],
                "images": [{"names": ["x"]}],
            },
        }
    )
    assert fields == {
        "exists": True,
        "metadata.name": "p",
        "spec.containers.burn.name": "burn",
        "spec.containers.burn.args": ["--threads", "2"],
        "spec.volumes.data.name": "data",
        "spec.tolerations.0.key": "a",
        "spec.tolerations.1.key": "b",
        "spec.twice.0.name": "a",
        "spec.twice.0.port": 1,
        "spec.twice.1.name": "a",
        "spec.twice.1.port": 2,
        "spec.emptyDir": {},
        "status.conditions.Ready.type": "Ready",
        "status.conditions.Ready.status": "True",
    }
