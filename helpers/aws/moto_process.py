"""moto's server as a process that ends with the one who started it.

Run as `python -m helpers.aws.moto_process`: it takes a free loopback port, prints it, serves, and
ends when its input does. The kernel that started it holds the other end, so however that dies,
killed included, nothing is left.
"""

from __future__ import annotations

import os
import sys
import threading


def main() -> None:
    """Serve until the input ends."""
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    threading.Thread(target=_end_with_input, daemon=True).start()
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server(
        "127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler
    )
    print(server.port, flush=True)
    server.serve_forever()


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
