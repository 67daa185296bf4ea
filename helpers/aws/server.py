"""The stand-in for AWS: moto, started as a process of its own on a free loopback port."""

from __future__ import annotations

import http.client
import os
import selectors
import subprocess
import sys
import tempfile
from typing import IO
from urllib.parse import urlsplit

from helpers.aws.errors import AwsGone
from helpers.aws.guard import loopback

START_SECONDS = 60.0
STOP_SECONDS = 5.0
NEVER = "inf"  # requests that pass unasked, in moto's words


class Moto:
    """A running moto server. `Moto.start()` makes one; it ends with `stop`, or with this process.

    moto: settings.py, load_iam_aws_managed_policies; moto_api/_internal/urls.py.
    """

    def __init__(self, process: subprocess.Popen[bytes], endpoint: str) -> None:
        self._process = process
        self.endpoint = loopback(endpoint)

    @classmethod
    def start(cls) -> Moto:
        """Start a server and wait until it listens. Raises AwsGone when it does not in 60 s."""
        with tempfile.TemporaryFile() as log:
            process = _launch(log)
            try:
                port = int(_line(process, START_SECONDS))
                return cls(process, f"http://127.0.0.1:{port}")
            except BaseException as error:
                _end(process)
                if not isinstance(error, ValueError):
                    raise
                log.seek(0)
                said = log.read().decode(errors="replace").strip().rpartition("\n")[2]
                why = f": {said}" if said else ""
                raise AwsGone(f"AWS's stand-in, moto, did not start{why}.") from None

    @property
    def alive(self) -> bool:
        """Tell whether the process is still there."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the server. Safe to call twice."""
        _end(self._process)

    def reset(self) -> None:
        """Forget everything that was made, and enforce nothing. Raises AwsGone."""
        self._post("/moto-api/reset")
        self.enforce(False)

    def enforce(self, on: bool) -> None:
        """Check each request against IAM from now on, or let all pass. Raises AwsGone.

        Enforced, a request needs the keys of a user, and one of the user's policies must allow the
        action on "*": moto reads neither Resource nor Condition.
        """
        self._post("/moto-api/reset-auth", "0" if on else NEVER)

    def _post(self, path: str, body: str = "") -> None:
        where = urlsplit(self.endpoint)
        # http.client, for it knows nothing of proxies.
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=20)
        try:
            connection.request("POST", path, body, {"Content-Type": "text/plain"})
            status = connection.getresponse().status
        except OSError as error:
            raise AwsGone(f"AWS's stand-in, moto, does not answer: {error}.") from error
        finally:
            connection.close()
        if status != 200:
            raise AwsGone(f"AWS's stand-in, moto, answered {status} to {path}.")


def _launch(log: IO[bytes]) -> subprocess.Popen[bytes]:
    # Nothing of the owner's goes to it: it has no need of keys, and must have none.
    clean = {key: text for key, text in os.environ.items() if not key.startswith("AWS_")}
    return subprocess.Popen(
        [sys.executable, "-m", "helpers.aws.moto_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        # In a session of its own: an interrupted cell does not end it.
        start_new_session=True,
        env={
            **clean,
            "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        },
    )


def _line(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """Return the first line of its output; empty when it ends or says nothing in time."""
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        ready = selector.select(seconds)
        return process.stdout.readline() if ready else b""


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)
