"""A real registry for a lesson: CNCF Distribution in a container, on loopback and for the nodes.

ECR speaks the same protocol; what is AWS's own beside it (policies, tokens) is moto's.

Upstream: the OCI distribution specification v1.1, and the manifests of image-spec v1.1.
"""

from __future__ import annotations

import base64
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.engine.engine import Engine, EngineError

IMAGE = "localhost/workbook/registry:1"
NETWORK = "kind"
PORT = 5000
USER = "AWS"
"""The name that goes with every token of ECR."""

START_SECONDS = 20.0

MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)

_CONFIG = """\
version: 0.1
log: {level: info, formatter: json, accesslog: {disabled: false}}
storage:
  filesystem: {rootdirectory: /var/lib/registry}
  delete: {enabled: true}
http: {addr: ":5000", relativeurls: true}
"""
_LOGIN = 'auth: {htpasswd: {realm: "ECR", path: /tmp/htpasswd}}\n'
_START = (
    'mkdir -p /tmp; printf "%s" "$CONFIG" > /tmp/config.yml; '
    '[ -z "$TOKEN" ] || printf "%s" "$TOKEN" | htpasswd -Bin AWS > /tmp/htpasswd; '
    "exec docker-registry serve /tmp/config.yml"
)


class RegistryError(Exception):
    """The registry said no, or nothing; its text is the registry's own."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text}".strip())
        self.status = status


@dataclass(frozen=True, slots=True)
class Held:
    """A manifest as the registry gives it: under which digest and type, and its bytes."""

    digest: str
    media_type: str
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        """The manifest itself."""
        read: dict[str, Any] = json.loads(self.body)
        return read


@dataclass(frozen=True)
class Registry:
    """A registry that runs. `host` is what an image's name begins with on this machine."""

    engine: Engine
    container: str
    host: str
    address: str
    """Where the nodes find it: a URL on their own network."""
    token: str = ""

    @classmethod
    def start(cls, engine: Engine, container: str, token: str = "") -> Registry:
        """Start a registry that is empty; with a token it asks for a login.

        Raises EngineError when it does not start; the caller removes the container, whatever
        happens.
        """
        if not engine.has_image(IMAGE):
            raise EngineError(f"There is no image {IMAGE}. `workbook up` makes it.")
        engine.remove([container])
        config = _CONFIG + (_LOGIN if token else "")
        engine.ask(
            "run", "--detach", "--name", container, "--network", NETWORK,
            "--publish", f"127.0.0.1::{PORT}", "--env", f"CONFIG={config}", "--env",
            f"TOKEN={token}", "--entrypoint", "/bin/sh", IMAGE, "-c", _START,
        )  # fmt: skip
        host = engine.ask("port", container, f"{PORT}/tcp").split()[0]
        format = f'{{{{(index .NetworkSettings.Networks "{NETWORK}").IPAddress}}}}'
        address = engine.ask("inspect", "--format", format, container).strip()
        made = cls(engine, container, host, f"http://{address}:{PORT}", token)
        made._wait()
        return made

    def stop(self) -> None:
        """Remove the registry and all that it holds."""
        self.engine.remove([self.container])

    def restart(self) -> Registry:
        """Remove the registry with its storage, and start an empty one in its place."""
        return Registry.start(self.engine, self.container, self.token)

    def catalog(self) -> list[str]:
        """Return the names of the repositories."""
        return list(json.loads(self.ask("/v2/_catalog")[0]).get("repositories") or [])

    def tags(self, repository: str) -> list[str]:
        """Return the tags of a repository, in the order of their names."""
        return sorted(json.loads(self.ask(f"/v2/{repository}/tags/list")[0]).get("tags") or [])

    def manifest(self, repository: str, reference: str) -> Held:
        """Return the manifest behind a tag or a digest. Raises RegistryError."""
        accept = {"Accept": ", ".join(MANIFESTS)}
        body, headers = self.ask(f"/v2/{repository}/manifests/{reference}", headers=accept)
        return Held(headers["docker-content-digest"], headers["content-type"], body)

    def config(self, repository: str, reference: str) -> dict[str, Any]:
        """Return the image's config, with its labels, from the blob that the manifest names."""
        digest = self.manifest(repository, reference).content["config"]["digest"]
        read: dict[str, Any] = json.loads(self.ask(f"/v2/{repository}/blobs/{digest}")[0])
        return read

    def put(self, repository: str, reference: str, media_type: str, body: bytes) -> str:
        """Store a manifest under a tag, and return its digest. Raises RegistryError."""
        _, headers = self.ask(
            f"/v2/{repository}/manifests/{reference}",
            method="PUT", body=body, headers={"Content-Type": media_type},
        )  # fmt: skip
        return headers["docker-content-digest"]

    def received(self) -> int:
        """Return the bytes that the registry's network card has received since it started.

        From /sys/class/net of the container: payload, and the headers of HTTP, TCP and IP.
        """
        return int(
            self.engine.ask(
                "exec", self.container, "cat", "/sys/class/net/eth0/statistics/rx_bytes"
            )
        )

    def requests(self) -> list[tuple[str, str, int]]:
        """Return what was asked of it so far: method, path and status, as its own log has them."""
        return requests_in(self.engine.ask("logs", self.container))

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        anonymous: bool = False,
    ) -> tuple[bytes, dict[str, str]]:
        """Ask the registry itself, and return the answer's bytes and headers (in lower case).

        Raises RegistryError for another answer than yes, and for none.
        """
        request = urllib.request.Request(
            f"http://{self.host}{path}", data=body, method=method, headers=dict(headers or {})
        )
        if self.token and not anonymous:
            request.add_header("Authorization", authorization(self.token))
        try:
            # Without proxies: it is on loopback, whatever the environment says of others.
            with _OPENER.open(request, timeout=10) as answer:
                return answer.read(), {k.lower(): v for k, v in answer.headers.items()}
        except urllib.error.HTTPError as error:
            raise RegistryError(error.code, _said(error.read())) from None
        except OSError as error:
            raise RegistryError(0, str(error)) from None

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self.ask("/v2/")
                return
            except RegistryError as error:
                if time.monotonic() > until:
                    log = self.engine.ask("logs", self.container)[-500:]
                    raise EngineError(f"The registry does not answer: {error}. {log}") from None
            time.sleep(0.1)  # it tells nobody that it is ready


def authorization(token: str, user: str = USER) -> str:
    """Return the header with which a client logs in: HTTP's Basic, of the user and the token."""
    return "Basic " + base64.b64encode(f"{user}:{token}".encode()).decode()


def requests_in(log: str) -> list[tuple[str, str, int]]:
    """Read method, path and status of each request from the registry's access log."""
    found = re.findall(r'"(GET|HEAD|POST|PUT|PATCH|DELETE) (\S+) HTTP/[\d.]+" (\d+)', log)
    return [(method, path, int(status)) for method, path, status in found]


def _said(body: bytes) -> str:
    """Return the words of an error's body, as the distribution specification lays it out."""
    try:
        errors: Sequence[Mapping[str, Any]] = json.loads(body)["errors"]
        return "; ".join(f"{e['code']}: {e.get('message', '')}" for e in errors)
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")[:200]


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
