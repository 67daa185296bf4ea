"""A port of this machine that leads into a Pod, as `kubectl port-forward` makes one."""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any

from helpers.kube.api import KINDS, Api
from helpers.kube.errors import KubeError

LOOPBACK = "127.0.0.1"
CONNECT_SECONDS = 10.0
"""How long the way to the Pod may take to open."""
STALLED_SECONDS = 30.0
"""How long one side may refuse to take what the other one sent."""

_DATA, _ERROR = 0, 1  # the channels of the first (and here the only) port
_CHUNK = 65536


class Forward:
    """Listens on a free port of 127.0.0.1 and carries each connection to a port of one Pod.

    A context manager: the end of the `with` block closes it, and so does `close`. Nobody but this
    machine can reach the port. Each connection goes its own way through the API server to the
    node, which connects to the port inside the Pod; so the program there need not listen on
    anything but its own loopback. A connection that fails is closed, and `trouble` says why.

    Rule: the subresource "portforward" of a Pod with the protocol v4.channel.k8s.io: one byte of
    channel before the data, channel 2n for the data of port n and 2n+1 for its errors, and the
    port's number first on each (k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go).
    """

    def __init__(self, api: Api, namespace: str, pod: str, port: int) -> None:
        """Listen. Raises NotFound if there is no such Pod, and ClusterGone."""
        path = KINDS["Pod"].path(namespace, pod)
        api.call("GET", path, what=f"Pod/{pod}")
        self.pod, self.port = pod, port
        self.trouble = ""
        """Why the last connection that failed did so, in the words of who said it."""
        self._api, self._path = api, f"{path}/portforward"
        self._listener = socket.create_server((LOOPBACK, 0))
        self.local_port: int = self._listener.getsockname()[1]
        """The port of this machine that leads into the Pod."""
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._thread(self._accept, f"forward to Pod/{pod}")

    @property
    def url(self) -> str:
        """Where a client on this machine finds the Pod's port, for HTTP."""
        return f"http://{LOOPBACK}:{self.local_port}"

    def close(self) -> None:
        """Listen no more and cut what is open. Calling it again does nothing."""
        with self._lock:
            self._closed = True
            for connection in self._open:
                _cut(connection)
        _cut(self._listener)  # wakes the thread that accepts, which closing alone does not
        self._listener.close()

    def __enter__(self) -> Forward:
        """Return itself; the end of the `with` block closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return  # closed
            with self._lock:
                if self._closed:
                    near.close()
                    return
                self._open.add(near)
            self._thread(partial(self._serve, near), f"connection to Pod/{self.pod}")

    @staticmethod
    def _thread(work: Callable[[], None], name: str) -> None:
        threading.Thread(target=work, name=name, daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        try:
            near.settimeout(STALLED_SECONDS)
            far = self._api.websocket(
                self._path,
                [("ports", str(self.port))],
                "v4.channel.k8s.io",
                CONNECT_SECONDS,
                what=f"Pod/{self.pod}",
                waits_for=f"the way to port {self.port} of Pod/{self.pod}",
            )
            try:
                self._carry(near, far)
            finally:
                far.close(timeout=0)
        except KubeError as refused:
            self.trouble = str(refused)
        except Exception as error:
            # Whoever is connected sees the connection end; there is nobody to raise to.
            self.trouble = self.trouble or f"the connection to Pod/{self.pod} broke: {error}"
        finally:
            with self._lock:
                self._open.discard(near)
            near.close()

    def _carry(self, near: socket.socket, far: Any) -> None:
        """Carry data both ways on this one thread, until either side ends.

        One thread, since TLS knows no two on one connection; so it selects, after looking at what
        has left the socket already (`pending`), which a select does not see.
        """
        from websocket import ABNF

        far.settimeout(STALLED_SECONDS)
        begun: set[int] = set()
        while True:
            pending = isinstance(far.sock, ssl.SSLSocket) and far.sock.pending()
            ready = [far.sock] if pending else select.select([near, far.sock], [], [])[0]
            if far.sock in ready:
                opcode, message = far.recv_data(control_frame=True)
                if opcode == ABNF.OPCODE_CLOSE:
                    return
                if opcode == ABNF.OPCODE_BINARY and message:
                    channel, data = message[0], message[1:]
                    if channel not in begun:
                        begun.add(channel)  # what comes first is the number of the port
                    elif channel == _ERROR:
                        self.trouble = data.decode("utf-8", "replace").strip()
                        return
                    else:
                        near.sendall(data)
            if near in ready:
                sent = near.recv(_CHUNK)
                if not sent:
                    return
                far.send_binary(bytes([_DATA]) + sent)


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):  # if it is cut already
        connection.shutdown(socket.SHUT_RDWR)
