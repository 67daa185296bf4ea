"""A server that nobody may talk to: it notes whoever does."""

from __future__ import annotations

import socket
import threading


class Foreign:
    """Listens on loopback, and keeps the first bytes of every connection."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.heard: list[bytes] = []
        threading.Thread(target=self._listen, name="foreign", daemon=True).start()

    def kubeconfig(self) -> dict[str, object]:
        """A whole kubeconfig, without TLS, that leads here under the name "production"."""
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "production",
            "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
            "users": [{"name": "u", "user": {"token": "x"}}],
            "contexts": [{"name": "production", "context": {"cluster": "c", "user": "u"}}],
        }

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                try:
                    said = connection.recv(200)
                except OSError:
                    said = b""
                self.heard.append(said)
