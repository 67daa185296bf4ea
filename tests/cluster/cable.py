"""A cable to the API server that a test can cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from urllib.parse import urlsplit


class Cable:
    """A TCP way to the API server that can be cut, and mended."""

    def __init__(self, server: str) -> None:
        parts = urlsplit(server)
        self._server = (str(parts.hostname), int(parts.port or 443))
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._connections: list[socket.socket] = []
        self._lock = threading.Lock()
        self.whole = True
        self.silent = False  # if True, all stays connected and nothing arrives
        self._start(self._accept)

    def cut(self) -> None:
        """Break every connection, and every new one until `mend`."""
        with self._lock:
            self.whole = False
            for connection in self._connections:
                self._break(connection)
            self._connections.clear()

    def mend(self) -> None:
        self.whole = True

    def close(self) -> None:
        self.cut()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._socket.accept()
            except OSError:
                return
            with self._lock:
                if not self.whole:
                    near.close()
                    continue
                far = socket.create_connection(self._server, timeout=5)
                far.settimeout(None)
                self._connections += [near, far]
            self._start(partial(self._carry, near, far))
            self._start(partial(self._carry, far, near))

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if not self.silent:
                    target.sendall(data)
        except OSError:
            pass  # cut
        self._break(source)
        self._break(target)

    @staticmethod
    def _break(connection: socket.socket) -> None:
        with suppress(OSError):  # if it is broken already
            connection.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _start(work: Callable[[], None]) -> None:
        threading.Thread(target=work, daemon=True).start()
