"""The recorder: fills a Timeline from watches and reads, and waits for what it will say.

Watches, no polling: a change is a row some milliseconds after the server has stored it. Only what
nobody can watch (the metrics API) is read again and again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, TypeVar

from helpers.kube.api import Api, Kind, Object, Stream
from helpers.kube.errors import (
    Cancelled,
    ClusterGone,
    DeadlineExceeded,
    KubeError,
    NotFound,
    Refused,
)
from helpers.kube.session import Session, event_time
from helpers.model.timeline import Row, Timeline, Value

T = TypeVar("T")

WATCH_SECONDS = 300  # after which the server ends a watch in peace
SILENCE_SECONDS = 90.0  # the server sends a bookmark a minute; longer silence is a broken watch
PATIENCE_SECONDS = 10.0  # how long a cluster may be away before it counts as gone
STOP_SECONDS = 5.0  # how long `stop` waits for the watches' threads
LATE_SECONDS = 4.0  # a read that comes so much later than it should may have missed a value
CANCEL_SECONDS = 0.1  # how often a wait looks at its `cancel`, if it has one

_NOISE = {
    # Bookkeeping of the API server and heartbeats: they change without anything happening.
    "metadata.managedFields",
    "metadata.resourceVersion",
    "metadata.selfLink",
    "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration",
    "status.images",
    "kind",
    "apiVersion",
}
_TOKEN_VOLUME = ".kube-api-access-"  # the API server adds it to every Pod
_TOLD = ("replicas", "readyReplicas", "restartCount")
_HEARTBEATS = ("lastHeartbeatTime", "lastProbeTime", "renewTime")


class Recorder:
    """Records into the session's Timeline until `stop`.

    Rows of objects have the source "watch", the object "Kind/name", and a dotted path as field,
    such as "status.phase" or "status.containerStatuses.burn.restartCount": items of lists go by
    their name or type where they have one, else by their index. A row is written when a value
    is first seen or changes; None means that the field is gone. The field "exists" is True from
    when an object is first seen, and False from when it is deleted (its status is gone then).

    Rows of events have the source "event", the object that the event is about, the event's
    reason as field and its message as value; an event that happens again is another row.

    A watch that breaks is begun anew with a new list, so that nothing is written twice, and a
    row says so: source "recorder", object the kind, field "gap", value {reason, seconds}.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.timeline: Timeline = session.timeline
        self.failure: Exception | None = None
        """Why a watch ended for good; every wait raises it."""
        self._began = time.time()
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._watches: dict[str, _Watch] = {}
        self._reads: list[threading.Thread] = []

    def watch(self, *kinds: str) -> None:
        """Record the objects of these kinds, and what happens to them, from now on.

        Namespaced kinds are watched in the session's namespace. Returns when what exists already
        is recorded. Asking again for a kind does nothing. Raises ClusterGone, Refused.
        """
        for name in kinds:
            kind = self.session.api.kind(name)
            if kind.namespaced:
                self._start("Event", self._events(self.session.namespace, {}))
            else:
                # Events about objects of the cluster are kept in the namespace "default".
                query = {"fieldSelector": f"involvedObject.kind={name}"}
                self._start(f"Event about {name}", self._events("default", query))
            path = kind.path(self.session.namespace)
            self._start(name, _Watch(self, kind.name, path, {}, _Objects(self, kind)))

    def sample(
        self, source: str, object: str, read: Callable[[], Mapping[str, Value]]
    ) -> Mapping[str, Value]:
        """Call `read` once, append a row for each field that it returns, and return them."""
        fields = read()
        now = time.time()
        for field, value in fields.items():
            self.timeline.append(Row(now, source, object, field, value))
        return fields

    def follow(
        self,
        source: str,
        field: str,
        read: Callable[[], Mapping[str, Value]],
        every: float,
    ) -> None:
        """Read again and again, `every` seconds, and append a row for each change, until `stop`.

        For what the server lets nobody watch. `read` returns a value by object; an object that it
        no longer names gets the value None. A refusal is a row "gap", and so is a read that came
        so late that what stood in between may have been missed.
        """

        def go() -> None:
            before: Mapping[str, Value] = {}
            last = time.time()
            while not self._stopping.is_set():
                now = time.time()
                try:
                    after = read()
                    if (took := time.time() - last) > every + LATE_SECONDS:
                        late: dict[str, Value] = {"reason": "a late read", "seconds": took}
                        self.timeline.append(Row(now, "recorder", source, "gap", late))
                    last = time.time()
                    for object, value in changes(before, after):
                        self.timeline.append(Row(now, source, object, field, value))
                    before = after
                except Refused as refused:
                    gap: dict[str, Value] = {"reason": str(refused), "seconds": every}
                    self.timeline.append(Row(now, "recorder", source, "gap", gap))
                except Exception as error:
                    self._fail(error)
                    return
                self._stopping.wait(every)

        thread = threading.Thread(target=go, name=f"read {source}", daemon=True)
        self._reads.append(thread)
        thread.start()

    def wait(
        self,
        condition: Callable[[Timeline], T | Literal[False] | None],
        deadline: float,
        what: str,
        cancel: threading.Event | None = None,
    ) -> T:
        """Return what `condition` returns as soon as that is neither None nor False.

        It is asked at once and after every new row, on this thread. `what` completes the
        sentence "waited for ...". Raises DeadlineExceeded after `deadline` seconds, with the last
        state and the last events; ClusterGone instead when the server does not answer by then;
        Cancelled within 0.1 s of `cancel` being set; and the failure of a watch.
        """
        until = time.monotonic() + deadline
        news = True

        def wake(_: Row) -> None:
            nonlocal news
            with self._changed:
                news = True
                self._changed.notify_all()

        unsubscribe = self.timeline.subscribe(wake)
        try:
            while True:
                if news:
                    news = False  # before asking: a row that comes meanwhile is asked about again
                    answer = condition(self.timeline)
                    if answer is not None and answer is not False:
                        return answer
                if self.failure is not None:
                    raise self.failure
                if cancel is not None and cancel.is_set():
                    raise Cancelled(what)
                left = until - time.monotonic()
                if left <= 0:
                    # Nothing comes from a silent server: then it is not the wait that failed.
                    self.session.api.probe()
                    raise DeadlineExceeded(
                        what, deadline, last_state(self.timeline), last_events(self.timeline)
                    )
                with self._changed:
                    if not news and self.failure is None:
                        self._changed.wait(left if cancel is None else min(left, CANCEL_SECONDS))
        finally:
            unsubscribe()

    def stop(self) -> None:
        """End all watches. Calling it again does nothing."""
        self._stopping.set()
        for watch in self._watches.values():
            watch.cut()
        until = time.monotonic() + STOP_SECONDS
        for watch in self._watches.values():
            # One that hangs in a request to a silent server ends by itself later.
            watch.join(max(0.0, until - time.monotonic()))
        for thread in self._reads:
            thread.join(max(0.0, until - time.monotonic()))

    def _events(self, namespace: str, query: Mapping[str, str]) -> _Watch:
        path = self.session.api.kind("Event").path(namespace)
        return _Watch(self, "Event", path, query, _Events(self, self._began))

    def _start(self, key: str, watch: _Watch) -> None:
        if key not in self._watches:
            watch.list()
            self._watches[key] = watch
            watch.start()

    def _fail(self, error: Exception) -> None:
        with self._changed:
            self.failure = self.failure or error
            self._changed.notify_all()


class _Watch(threading.Thread):
    """One list and the watches that follow it, for as long as the recorder runs."""

    def __init__(
        self,
        recorder: Recorder,
        what: str,
        path: str,
        query: Mapping[str, str],
        taker: _Objects | _Events,
    ) -> None:
        super().__init__(name=f"watch {what}", daemon=True)
        self._recorder = recorder
        self._api: Api = recorder.session.api
        self._what = what
        self._path = path
        self._query = query
        self._taker = taker
        self._version = ""
        self._stream: Stream | None = None

    def list(self) -> None:
        """Take in what exists, and remember the version to watch from."""
        answer, _ = self._api.call("GET", self._path, query=self._query, what=self._what)
        self._taker.all(answer.get("items") or [])
        self._version = str(answer["metadata"]["resourceVersion"])

    def cut(self) -> None:
        """End the stream that is being read, if there is one."""
        stream = self._stream
        if stream is not None:
            stream.close()

    def run(self) -> None:
        """Watch, and after a break list and watch again, until the recorder stops."""
        try:
            while not self._recorder._stopping.is_set():
                try:
                    self._follow()
                except (ClusterGone, _Expired) as broken:
                    if not self._recorder._stopping.is_set():
                        self._mend(broken)
        except NotFound:
            self._taker.all([])  # the kind is served no more, and its objects went with it
        except Exception as error:
            # Whoever waits is told; there is nobody else on this thread to tell.
            self._recorder._fail(error)

    def _follow(self) -> None:
        """Read one watch to its end in peace. Raises ClusterGone or _Expired if it broke."""
        query = {
            **self._query,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": WATCH_SECONDS,
        }
        try:
            self._stream = self._api.stream(self._path, query, SILENCE_SECONDS, what=self._what)
        except Refused as refused:
            if refused.status == 410:
                raise _Expired from refused
            raise
        if self._recorder._stopping.is_set():  # stop() may have come before there was a stream
            self._stream.close()
        for event in self._stream:
            if self._recorder._stopping.is_set():
                return
            found: Object = event["object"]
            if event["type"] == "ERROR":
                # 410: the version is too old to go on from.
                raise _Expired(str(found.get("message")))
            self._version = found["metadata"]["resourceVersion"]
            if event["type"] != "BOOKMARK":
                self._taker.one(event["type"], found)

    def _mend(self, broken: Exception) -> None:
        """List again after a break, and write down the gap. Raises ClusterGone in the end."""
        began = time.monotonic()
        pause = 0.05
        while True:
            try:
                self.list()
                break
            except (ClusterGone, Refused) as still:
                # A starting API server refuses for a while, with 403 as well as 5xx.
                if isinstance(still, NotFound):
                    raise
                if time.monotonic() - began > PATIENCE_SECONDS:
                    self._gap(broken, began)
                    raise still
            if self._recorder._stopping.wait(pause):
                return
            pause = min(2 * pause, 1.0)
        self._gap(broken, began)

    def _gap(self, broken: Exception, began: float) -> None:
        value: dict[str, Value] = {
            "reason": str(broken),
            "seconds": round(time.monotonic() - began, 3),
        }
        row = Row(time.time(), "recorder", self._what, "gap", value)
        self._recorder.timeline.append(row)


class _Expired(KubeError):
    """The server has forgotten the version from which a watch was to go on."""


class _Objects:
    """Turns objects into rows: only what has changed since the object was last seen."""

    def __init__(self, recorder: Recorder, kind: Kind) -> None:
        self._timeline = recorder.timeline
        self._kind = kind.name
        self._seen: dict[str, dict[str, Value]] = {}

    def all(self, items: list[Object]) -> None:
        present = {item["metadata"]["name"]: flatten(item) for item in items}
        for name, fields in self._seen.items():
            if name not in present and fields["exists"]:
                self._take(name, without_status(fields))
        for name, fields in present.items():
            self._take(name, fields)

    def one(self, kind: str, item: Object) -> None:
        fields = flatten(item)
        self._take(
            item["metadata"]["name"], without_status(fields) if kind == "DELETED" else fields
        )

    def _take(self, name: str, fields: dict[str, Value]) -> None:
        now = time.time()
        before, self._seen[name] = self._seen.get(name, {}), fields
        for field, value in changes(before, fields):
            self._timeline.append(Row(now, "watch", f"{self._kind}/{name}", field, value))


class _Events:
    """Turns events into rows: each once, and once more whenever it happened again."""

    def __init__(self, recorder: Recorder, since: float) -> None:
        self._timeline = recorder.timeline
        # Whole seconds, as most events have them; older ones are of an earlier run.
        self._since = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(since))
        self._seen: dict[str, object] = {}

    def all(self, items: list[Object]) -> None:
        for item in sorted(items, key=event_time):
            self.one("ADDED", item)

    def one(self, kind: str, item: Object) -> None:
        times = (item.get("series") or {}).get("count") or item.get("count")
        uid, occurrence = item["metadata"]["uid"], (times, event_time(item))
        if kind == "DELETED" or self._seen.get(uid) == occurrence:
            return
        self._seen[uid] = occurrence
        if event_time(item)[:19] < self._since:
            return
        about = item.get("involvedObject") or {}
        what = f"{about.get('kind', '')}/{about.get('name', '')}"
        reason, message = str(item.get("reason") or ""), item.get("message")
        self._timeline.append(Row(time.time(), "event", what, reason, message))


def flatten(item: Object) -> dict[str, Value]:
    """Return an object as dotted paths and plain values, without the noise; "exists" is True."""
    fields: dict[str, Value] = {"exists": True}
    for path, value in _leaves("", item):
        fields[path] = value
    return fields


def without_status(fields: Mapping[str, Value]) -> dict[str, Value]:
    """Return what remains of an object's fields once it is deleted."""
    kept = {path: value for path, value in fields.items() if not path.startswith("status.")}
    return {**kept, "exists": False}


def changes(before: Mapping[str, Value], after: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """Yield (field, value) for each field that is new or changed, and (field, None) for lost."""
    for field, value in after.items():
        if field not in before or before[field] != value:
            yield field, value
    for field in before:
        if field not in after:
            yield field, None


def _leaves(path: str, value: Value) -> Iterator[tuple[str, Value]]:
    if path in _NOISE or path.endswith(_HEARTBEATS) or _TOKEN_VOLUME in path:
        return
    prefix = f"{path}." if path else ""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(f"{prefix}{key}", item)
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        keys = [
            str(item.get("name") or item.get("type") or index) for index, item in enumerate(value)
        ]
        if len(set(keys)) < len(keys):
            keys = [str(index) for index in range(len(value))]
        for key, item in zip(keys, value, strict=True):
            yield from _leaves(f"{prefix}{key}", item)
    else:
        yield path, value


def last_state(timeline: Timeline) -> dict[str, str]:
    """Return, for each object that exists, what its status last said, for a message."""
    objects: dict[str, dict[str, Value]] = {}
    for row in timeline.where(source="watch"):
        objects.setdefault(row.object, {})[row.field] = row.value
    return {
        name: _summary(fields)
        for name, fields in objects.items()
        if fields.get("exists") and any(field.startswith("status.") for field in fields)
    }


def _summary(fields: Mapping[str, Value]) -> str:
    said: list[str] = []
    for field, value in fields.items():
        end = field.rpartition(".")[2]
        if value in (None, "") or not field.startswith("status."):
            continue
        if field == "status.phase":
            said.append(str(value))
        elif field.startswith("status.conditions.") and end == "status" and value == "False":
            condition = field.removesuffix(".status")
            why = fields.get(f"{condition}.message") or fields.get(f"{condition}.reason") or ""
            said.append(f"not {condition.removeprefix('status.conditions.')} ({why})")
        elif end in _TOLD or (".state." in field and end in ("reason", "message", "exitCode")):
            said.append(f"{end} {value}")
    return ", ".join(said) or "no status yet"


def last_events(timeline: Timeline, count: int = 5) -> list[str]:
    """Return the newest events as text, oldest first."""
    rows = timeline.where(source="event")[-count:]
    return [f"{row.object} {row.field}: {row.value}" for row in rows]
