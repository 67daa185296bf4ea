"""The port of this machine that leads into a Pod."""

from __future__ import annotations

import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException

import pytest

from helpers.kube.api import Object
from helpers.kube.errors import NotFound
from helpers.kube.forward import Forward
from helpers.kube.recorder import Recorder
from helpers.kube.session import Session
from helpers.model.timeline import Timeline
from tests.cluster.manifests import pod

pytestmark = pytest.mark.cluster

PORT = 9292


def fib(session: Session) -> None:
    """Run fib in Pod/p, on the Pod's own loopback only, and wait until it listens."""
    manifest: Object = pod()
    container = manifest["spec"]["containers"][0]
    container["image"] = "localhost/workbook/fib:1"
    container["command"] = ["fib", "--address", "127.0.0.1"]
    session.apply(manifest)
    recorder = Recorder(session)
    recorder.watch("Pod")
    recorder.wait(
        lambda t: t.value(object="Pod/p", field="status.phase") == "Running", 60, "Pod/p to run"
    )
    wait = "import socket\nwhile socket.socket().connect_ex(('127.0.0.1', 9292)): pass"
    session.exec("p", ["python3", "-c", wait], deadline=30)
    recorder.stop()


def get(forward: Forward, path: str) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{forward.url}{path}", timeout=20) as answer:
        return str(answer.read().decode())


def test_a_forward_leads_into_the_pod_and_ends(session: Session) -> None:
    fib(session)
    with session.forward("p", PORT) as forward:
        assert get(forward, "/20") == "6765\n"
        with ThreadPoolExecutor(4) as many:
            answers = list(many.map(lambda n: get(forward, f"/{n}"), [10] * 8))
        assert answers == ["55\n"] * 8
        kept = HTTPConnection("127.0.0.1", forward.local_port, timeout=20)
        for _ in range(3):  # one connection, several questions
            kept.request("GET", "/11")
            assert kept.getresponse().read() == b"89\n"
        assert forward.trouble == ""
    assert kept.sock.recv(1) == b""  # it was cut
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", forward.local_port))

    with session.forward("p", 1) as forward:
        with pytest.raises((OSError, HTTPException)):
            get(forward, "/")
        assert "refused" in forward.trouble
        session.delete("Pod", "p", grace=0)


def test_a_forward_ends_with_its_session_and_needs_its_pod(timeline: Timeline) -> None:
    with Session.open("test", timeline) as session:
        with pytest.raises(NotFound):
            session.forward("nobody", PORT)
        session.apply(pod())
        forward = session.forward("p", PORT)
        socket.create_connection(("127.0.0.1", forward.local_port)).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", forward.local_port))
