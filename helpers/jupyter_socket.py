"""JupyterLab's channel to the kernel, without the wait of 40 ms that TCP puts between messages."""

from __future__ import annotations

from collections.abc import Awaitable

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptSocket(ZMQChannelsWebsocketConnection):  # type: ignore[misc]
    """The stock connection with TCP_NODELAY, which jupyter_server never sets."""

    def connect(self) -> Awaitable[None] | None:
        """Set the option on the browser's socket, then connect as ever."""
        self.websocket_handler.set_nodelay(True)
        connected: Awaitable[None] | None = super().connect()
        return connected
