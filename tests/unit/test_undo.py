"""What must be had alone is not opened beside others; what was changed is put back by anyone."""

import io
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from test_lesson_open import Clustered

from helpers.cluster import kind, reset
from helpers.cluster.progress import Progress
from helpers.kube import guard, undo
from helpers.kube.errors import ClusterGone, NotFound, Refused
from helpers.kube.undo import NotMade
from helpers.lesson import lease
from helpers.lesson.experiment import Bench, Place

SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web", "namespace": "away", "uid": "1", "resourceVersion": "7"},
    "spec": {"selector": {"app": "web"}},
    "status": {},
}


class Objects:
    """Objects by path; `conflicts` answers to a PUT are 409."""

    def __init__(self, **found: dict[str, Any]) -> None:
        self.found = {path.replace("__", "/"): item for path, item in found.items()}
        self.sent: list[tuple[str, str]] = []
        self.conflicts = 0

    def kind(self, name: str, api_version: str = "") -> Any:
        from helpers.kube.api import KINDS

        return KINDS[name]

    def call(self, method: str, path: str, *, body: Any = None, **_: Any) -> tuple[Any, list[str]]:
        self.sent.append((method, path))
        if method == "POST":
            self.found[f"{path}/{body['metadata']['name']}"] = body
        elif path not in self.found:
            raise NotFound("", "not there", "NotFound", 404)
        elif method == "PUT":
            if self.conflicts:
                self.conflicts -= 1
                raise Refused("", "changed meanwhile", "Conflict", 409)
            self.found[path] = body
        elif method == "DELETE":
            del self.found[path]
            return {}, []
        return self.found.get(path, {}), []


AWAY = "/api/v1/namespaces/away"
WEB = f"{AWAY}/services/web"
THERE: dict[str, Any] = {AWAY: {"metadata": {"name": "away"}}}


def test_an_object_is_restored_with_the_version_that_it_has_now() -> None:
    step = undo.restoring(SERVICE)
    api = Objects(**THERE, **{WEB: {**SERVICE, "spec": {"selector": {"app": "other"}}}})
    api.conflicts = 2
    assert undo.take(api, [step]) == ["Service/web"]  # type: ignore[arg-type]
    assert api.found[WEB]["spec"] == SERVICE["spec"]
    assert api.found[WEB]["metadata"]["resourceVersion"] == "7"
    assert "status" not in api.found[WEB]


def test_an_object_that_is_gone_is_made_again() -> None:
    api = Objects(**THERE)
    undo.take(api, [undo.restoring(SERVICE)])  # type: ignore[arg-type]
    assert api.found[WEB]["spec"] == SERVICE["spec"]


@pytest.mark.parametrize("namespace", [{}, {AWAY: {"metadata": {"deletionTimestamp": "now"}}}])
def test_what_went_with_its_namespace_is_not_made_again(namespace: dict[str, Any]) -> None:
    api = Objects(**namespace)
    assert undo.take(api, [undo.restoring(SERVICE)]) == []  # type: ignore[arg-type]
    assert api.sent == [("GET", AWAY)]


def test_a_conflict_that_lasts_is_raised() -> None:
    api = Objects(**THERE, **{WEB: SERVICE})
    api.conflicts = 99
    with pytest.raises(Refused, match="changed meanwhile"):
        undo.take(api, [undo.restoring(SERVICE)])  # type: ignore[arg-type]


def test_only_what_is_ours_is_deleted() -> None:
    root = "/apis/scheduling.k8s.io/v1/priorityclasses"
    ours = {"metadata": {"uid": "1", "labels": {guard.LABEL: "trial"}}}
    api = Objects(**{f"{root}/ours": ours, f"{root}/theirs": {"metadata": {"uid": "2"}}})
    steps = [{"delete": {"kind": "PriorityClass", "name": n}} for n in ("theirs", "ours", "gone")]
    assert undo.take(api, steps) == ["PriorityClass/ours"]  # type: ignore[arg-type]
    assert list(api.found) == [f"{root}/theirs"]


def test_an_owners_cluster_is_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOOK_KUBECONFIG", "/somewhere/else")
    api = Objects(**{WEB: SERVICE})
    with pytest.raises(NotMade, match="Service/web"):
        undo.take(api, [undo.restoring(SERVICE)])  # type: ignore[arg-type]
    assert api.sent == []


def held(session: Clustered, exclusive: lease.Exclusive = "cluster") -> dict[str, Any]:
    path = session.api.kind("Lease").path(session.namespace, lease.NAME)
    return session.api.leases[path]["metadata"]["annotations"]


def test_the_lease_holds_each_step_until_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Any] = []
    monkeypatch.setattr(undo, "take", lambda api, steps: taken.extend(steps) or ["x"])
    session = Clustered()
    mine = lease.Lease(session, lease.me(), "cluster")  # type: ignore[arg-type]
    first = undo.restoring(SERVICE)
    mine.note(first)
    mine.note(undo.restoring({**SERVICE, "spec": {"selector": {}}}))  # the first state counts
    mine.note({"unpause": "worker"})
    assert held(session)[lease.EXCLUSIVE] == "cluster"
    assert json.loads(held(session)[undo.ANNOTATION]) == [first, {"unpause": "worker"}]
    assert mine.put_back() == ["x"]
    assert taken == [first, {"unpause": "worker"}]
    assert undo.ANNOTATION not in held(session)
    assert mine.put_back() == []


def test_what_cannot_be_put_back_stays_in_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(api: object, steps: object) -> list[str]:
        raise ClusterGone("It does not answer.")

    monkeypatch.setattr(undo, "take", gone)
    session = Clustered()
    mine = lease.Lease(session, lease.me(), "cluster")  # type: ignore[arg-type]
    mine.note({"unpause": "worker"})
    with pytest.raises(ClusterGone):
        mine.put_back()
    assert undo.steps_in({"metadata": {"annotations": held(session)}}) == [{"unpause": "worker"}]


def test_a_reset_takes_the_steps_of_each_lease_and_then_forgets_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    annotations = {undo.ANNOTATION: json.dumps([{"unpause": "worker"}])}
    metadata = {"name": lease.NAME, "namespace": "trial-1"}
    idle = {"metadata": {**metadata, "namespace": "trial-2"}}
    listed = json.dumps({"items": [{"metadata": {**metadata, "annotations": annotations}}, idle]})
    done: list[object] = []
    asked = subprocess.CompletedProcess([], 0, listed, "")
    monkeypatch.setattr(kind, "kubectl", lambda *_: asked)
    monkeypatch.setattr(kind, "kubeconfig", lambda: tmp_path)
    monkeypatch.setattr(guard, "check", lambda _: {})
    monkeypatch.setattr(reset, "Api", lambda _: None)
    monkeypatch.setattr(undo, "take", lambda _, steps: done.append(steps))
    monkeypatch.setattr(undo, "forget", lambda _, *which: done.append(which))
    reset._put_back(Progress(tmp_path / "logs", io.StringIO()))
    assert done == [[{"unpause": "worker"}], ("trial-1", lease.NAME)]


def beside(session: Clustered, exclusive: str, *, renewed: float = 5, holder: str = "") -> None:
    """Another lesson, "other", with its Lease."""
    session.add("other-0001", age=900)
    when = (datetime.now(UTC) - timedelta(seconds=renewed)).isoformat()
    path = session.api.kind("Lease").path("other-0001", lease.NAME)
    session.api.leases[path] = {
        "metadata": {
            "namespace": "other-0001",
            "labels": {guard.LABEL: "other"},
            "annotations": {lease.EXCLUSIVE: exclusive},
        },
        "spec": {"renewTime": when, "acquireTime": when, "holderIdentity": holder or lease.me()},
    }


class Listed(Clustered):
    """Its API lists Leases only, as the real one does for their path."""

    def __init__(self) -> None:
        super().__init__()
        call = self.api.call

        def listing(method: str, path: str, **more: Any) -> tuple[Any, list[str]]:
            answer, warnings = call(method, path, **more)
            if path == lease.LEASES:
                answer = {"items": [i for i in answer["items"] if "namespace" in i["metadata"]]}
            return answer, warnings

        self.api.call = listing  # type: ignore[method-assign]


ALL: tuple[lease.Exclusive, ...] = ("none", "node", "cluster")


@pytest.mark.parametrize("mine", ALL)
@pytest.mark.parametrize("its", ALL)
def test_who_may_be_open_beside_whom(mine: lease.Exclusive, its: lease.Exclusive) -> None:
    session = Listed()
    beside(session, its)
    if (mine, its) in {("none", "none"), ("none", "node"), ("node", "none")}:
        lease.admit(session, mine)  # type: ignore[arg-type]
        return
    with pytest.raises(lease.Occupied) as refused:
        lease.admit(session, mine)  # type: ignore[arg-type]
    said = str(refused.value)
    assert "“other” is open since" in said
    assert "in this kernel" in said
    assert "Close it there" in said
    assert "\n" not in said


def test_a_dead_lesson_is_in_nobodys_way() -> None:
    session = Listed()
    beside(session, "cluster", renewed=50, holder="elsewhere/1")
    lease.admit(session, "cluster")  # type: ignore[arg-type]


def bench(exclusive: lease.Exclusive) -> Bench:
    session: Any = Clustered()
    mine = lease.Lease(session, lease.me(), exclusive)
    place = Place(session.lesson, session.namespace)
    cluster: Any = session, None, mine
    return Bench(place, session.timeline, lambda *_: None, cluster, made=[])


async def _refused(exclusive: lease.Exclusive) -> None:
    with pytest.raises(ValueError, match="exclusive"):
        await bench(exclusive).change(SERVICE)
    if exclusive == "none":
        with pytest.raises(ValueError, match="exclusive"):
            await bench(exclusive).pause("worker")


@pytest.mark.parametrize("exclusive", ["none", "node"])
def test_a_lesson_changes_only_what_it_has_for_itself(exclusive: lease.Exclusive) -> None:
    import asyncio

    asyncio.run(_refused(exclusive))
