"""Opening and closing a lesson: the namespace, its Lease, and what a killed kernel left behind."""

import asyncio
import contextlib
import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lesson_fakes import FakeSession, Trial, no_cluster, played

from helpers.kube import undo
from helpers.kube.errors import ClusterGone, NotFound
from helpers.lesson import lease
from helpers.lesson.lesson import Lesson
from helpers.lesson.stop import NotYet, RunFailed

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


class FakeApi:
    """Leases by path; a call without a body asks for one."""

    def __init__(self) -> None:
        self.leases: dict[str, dict[str, Any]] = {}
        self.gone = False

    def kind(self, name: str) -> Any:
        from helpers.kube.api import KINDS

        return KINDS[name]

    def call(self, method: str, path: str, *, body: Any = None, **_: Any) -> tuple[Any, list[str]]:
        if self.gone:
            raise ClusterGone("It does not answer.")
        if path == "/api/v1/persistentvolumes":
            return {"items": []}, []
        if path == lease.LEASES:
            return {"items": list(self.leases.values())}, []
        if method == "PATCH":
            self.leases[path] = body
        if path not in self.leases:
            raise NotFound("", "no lease", "NotFound", 404)
        return self.leases[path], []


class Clustered(FakeSession):
    """A session with Leases, and namespaces to list and to delete."""

    def __init__(self, lesson: str = "trial") -> None:
        super().__init__(lesson)
        self.api = FakeApi()
        self.namespaces: list[dict[str, Any]] = []
        self.deleted: list[str] = []

    def list(self, kind: str, labels: str = "") -> list[dict[str, Any]]:
        assert (kind, labels) == ("Namespace", "kubernetes-workbook/lesson")
        return self.namespaces

    def delete(self, kind: str, name: str, grace: int | None = None) -> None:
        self.deleted.append(name)

    def add(self, name: str, *, age: float, renewed: float | None = None, **more: str) -> None:
        made = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
        labels = {"kubernetes-workbook/lesson": name.split("-", maxsplit=1)[0]}
        metadata = {"name": name, "creationTimestamp": made, "labels": labels, **more}
        self.namespaces.append({"metadata": metadata})
        self.api.leases[self.api.kind("Namespace").path("", name)] = self.namespaces[-1]
        if renewed is not None:
            path = self.api.kind("Lease").path(name, lease.NAME)
            when = (datetime.now(UTC) - timedelta(seconds=renewed)).isoformat()
            self.api.leases[path] = {"spec": {"renewTime": when}}


def of_age(seconds: float) -> dict[str, Any]:
    made = (NOW - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"metadata": {"name": "old", "creationTimestamp": made}}


def renewed(seconds: float) -> dict[str, Any]:
    return {"spec": {"renewTime": (NOW - timedelta(seconds=seconds)).isoformat()}}


@pytest.mark.parametrize(
    ("age", "renewal", "expired"),
    [(3600, 10, False), (3600, 39, False), (3600, 41, True), (20, None, False), (60, None, True)],
)
def test_a_namespace_is_in_use_while_its_lease_is_renewed(
    age: float, renewal: float | None, expired: bool
) -> None:
    found = None if renewal is None else renewed(renewal)
    assert lease.expired(of_age(age), found, NOW) is expired


def test_sweep_deletes_only_what_nobody_renews() -> None:
    session = Clustered()
    session.add(session.namespace, age=1)
    session.add("trial-dead", age=900, renewed=800)
    session.add("trial-alive", age=900, renewed=5)
    session.add("trial-opening", age=2)
    session.add("trial-going", age=900, renewed=800, deletionTimestamp="2026-11-23T12:00:00Z")
    session.add("other-dead", age=900, renewed=800)
    session.add("other-without-lease", age=900)
    assert lease.sweep(session) == ["trial-dead", "other-dead"]  # type: ignore[arg-type]
    assert session.deleted == ["trial-dead", "other-dead"]


def test_steps_that_were_taken_are_taken_by_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Any] = []
    monkeypatch.setattr(undo, "take", lambda api, steps: taken.extend(steps) or [])
    session = Clustered()
    session.add("trial-dead", age=900, renewed=800)
    path = session.api.kind("Lease").path("trial-dead", lease.NAME)
    steps = [{"unpause": "worker"}]
    session.api.leases[path]["metadata"] = {"annotations": {undo.ANNOTATION: json.dumps(steps)}}
    assert lease.sweep(session) == ["trial-dead"]  # type: ignore[arg-type]
    assert taken == steps
    assert undo.steps_in(session.api.leases[path]) == []  # its namespace goes, and takes its time


def test_a_process_of_this_machine_that_ended_is_not_waited_for() -> None:
    here = lease.me().rpartition("/")[0]
    ended = subprocess.Popen(["true"])
    ended.wait()
    session = Clustered()
    for name, holder in {
        "trial-ended": f"{here}/{ended.pid}",
        "trial-runs": lease.me(),
        "trial-elsewhere": f"elsewhere/pid:[1]/{ended.pid}",
        "trial-odd": "somebody",
    }.items():
        session.add(name, age=900, renewed=5)
        path = session.api.kind("Lease").path(name, lease.NAME)
        session.api.leases[path]["spec"]["holderIdentity"] = holder
    assert lease.sweep(session) == ["trial-ended"]  # type: ignore[arg-type]


def test_a_lease_is_renewed_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEW", 0.01)
    session = Clustered()
    held = lease.Lease(session, "kernel/1")  # type: ignore[arg-type]
    held.start()
    path = session.api.kind("Lease").path(session.namespace, lease.NAME)
    first = session.api.leases[path]["spec"]["renewTime"]
    session.api.gone = True  # the cluster may go and come back
    session.api.gone = False
    for _ in range(200):
        if session.api.leases[path]["spec"]["renewTime"] != first:
            break
        held._stopped.wait(0.01)
    assert session.api.leases[path]["spec"]["renewTime"] > first
    assert session.api.leases[path]["metadata"]["labels"] == {"kubernetes-workbook/lesson": "trial"}
    held.stop()
    assert not held._thread.is_alive()


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Clustered]]:
    no_cluster(monkeypatch)
    opened: list[Clustered] = []

    def open_one(lesson: str, timeline: object) -> Clustered:
        opened.append(Clustered(lesson))
        opened[-1].namespace = f"{lesson}-{len(opened):04}"
        return opened[-1]

    monkeypatch.setattr("helpers.kube.session.Session.open", open_one)
    yield opened
    for session in opened:
        assert session.closed


def test_open_work_close(sessions: list[Clustered]) -> None:
    async def play() -> None:
        lesson = await Lesson.open("trial")
        assert "trial-0001" in lesson.banner._text.value
        assert "trial-0001" in lesson.card(Trial).view._footer.value
        await lesson.close()
        assert "deleted" in lesson.banner._text.value
        with pytest.raises(NotYet):
            _ = lesson.session
        await lesson.close()

    played(play)


def test_opening_again_closes_the_one_before(sessions: list[Clustered]) -> None:
    async def play() -> None:
        await Lesson.open("trial")
        second = await Lesson.open("trial")
        assert sessions[0].closed
        assert not sessions[1].closed
        await second.close()

    played(play)


def test_reset_takes_a_fresh_namespace_and_shows_it(sessions: list[Clustered]) -> None:
    async def play() -> None:
        lesson = await Lesson.open("trial")
        card = lesson.card(Trial)
        card.predict(1.0)
        await lesson.reset()
        assert sessions[0].closed
        assert lesson.namespace == "trial-0002"
        assert card.state == "locked"
        assert "namespace: trial-0002" in card._form.pane.text
        assert "trial-0002" in card.view._footer.value
        await lesson.close()

    played(play)


def test_what_a_dead_kernel_left_is_told(
    sessions: list[Clustered], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "sweep", lambda session: ["trial-dead"])

    async def play() -> None:
        lesson = await Lesson.open("trial")
        assert "trial-dead" in lesson.banner._text.value
        await lesson.close()

    played(play)


def test_without_a_cluster_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    no_cluster(monkeypatch)

    def gone(lesson: str, timeline: object) -> None:
        raise ClusterGone("There is no cluster yet.")

    monkeypatch.setattr("helpers.kube.session.Session.open", gone)

    async def play() -> None:
        with pytest.raises(RunFailed, match="workbook reset") as stop:
            await Lesson.open("trial")
        assert len(stop.value._render_traceback_()) == 1

    played(play)


def test_a_cluster_that_goes_does_not_keep_a_lesson_from_closing(
    sessions: list[Clustered], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play() -> None:
        lesson = await Lesson.open("trial")

        def gone() -> None:
            sessions[0].closed = True
            raise ClusterGone("It does not answer.")

        monkeypatch.setattr(sessions[0], "close", gone)
        await lesson.close()

    played(play)


def test_the_notebook_stays_alive_while_a_lesson_opens(
    sessions: list[Clustered], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    async def play() -> None:
        from helpers.kube.session import Session

        quick = Session.open
        release = asyncio.get_running_loop().create_future()

        def slow(lesson: str, timeline: Any) -> Any:
            asyncio.run_coroutine_threadsafe(asyncio.wait_for(release, 5), loop).result()
            return quick(lesson, timeline)

        loop = asyncio.get_running_loop()
        monkeypatch.setattr("helpers.kube.session.Session.open", slow)
        opening = asyncio.ensure_future(Lesson.open("trial"))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(opening), 0.05)
        seen.append("the loop went on")
        release.set_result(None)
        await (await opening).close()

    played(play)
    assert seen
