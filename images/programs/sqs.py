#!/usr/bin/python3 -ES
"""sqs: the queue service of AWS as moto plays it, on the loopback of its Pod.

moto and what it needs are in /opt/moto, plain Python files without anything compiled. Of moto only
SQS is there; what its web server asks of IAM (who is asking?) is answered here.
"""

import sys
import types

SITE = "/opt/moto"
ACCOUNT = "123456789012"
PORT = 5000


def without_iam() -> None:
    """Stand in for moto.iam, which wants what is compiled: one account, and no rights asked."""
    iam = types.ModuleType("moto.iam")
    iam.__path__ = []
    models = types.ModuleType("moto.iam.models")
    models.mark_account_as_visited = lambda **_: None  # type: ignore[attr-defined]
    models.get_account_id_from = lambda *_, **__: ACCOUNT  # type: ignore[attr-defined]
    access = types.ModuleType("moto.iam.access_control")
    access.IAMRequest = access.S3IAMRequest = object  # type: ignore[attr-defined]
    for module in (iam, models, access):
        sys.modules[module.__name__] = module


def main() -> int:
    sys.path.insert(0, SITE)
    without_iam()
    import web  # isort: skip
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log_request(self, *_: object) -> None:
            """Say nothing: the adapter asks every time the autoscaler does."""

    web.hold_signals()
    app = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", PORT, app, threaded=True, request_handler=Quiet)
    return web.until_told("sqs", server)


if __name__ == "__main__":
    sys.exit(main())
