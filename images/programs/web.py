"""What fib and randserver share: an HTTP server that answers in threads and ends on SIGTERM."""

import signal
import socketserver
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STOPPERS = {signal.SIGTERM, signal.SIGINT}


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        # A client that went away before its answer (ab at its deadline) is no fault to report.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds until an idle kept-alive connection gives its thread back

    def answer(self, status: int, body: str | bytes, kind: str = "text/plain") -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing: a thousand lines of log cost more CPU than the lesson's work."""


def hold_signals() -> None:
    """Call before any thread starts: threads inherit that SIGTERM waits for `serve`."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPERS)


def serve(
    name: str, address: str, port: int, handler: type[Handler], tls: ssl.SSLContext | None = None
) -> int:
    """Serve until SIGTERM; a request that still computes is cut off. Port 0: any free one."""
    server = Server((address, port), handler)
    if tls is not None:
        # The handshake is left to the connection's own thread.
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    return until_told(name, server)


def until_told(name: str, server: socketserver.TCPServer) -> int:
    """Serve until SIGTERM with a server that listens already."""
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        where, port = server.server_address[:2]
        print(f"{name}: listening on {where}:{port}", flush=True)
        # Taking the signal here works for a container's process 1 too, for which the kernel
        # throws away every signal that has no handler and is not blocked.
        number = signal.sigwait(STOPPERS)
        print(f"{name}: {signal.Signals(number).name}, stopping", flush=True)
        return 0
