"""The way to the API server: paths, requests, streams, and its answers turned into errors.

DynamicClient does the requests; kinds come from a table here instead of its discovery, which asks
the server a dozen questions before the first answer.
"""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias
from urllib.parse import urlencode

from helpers.kube import guard
from helpers.kube.errors import (
    ClusterGone,
    CommandFailed,
    DeadlineExceeded,
    NotFound,
    Refused,
)

Object: TypeAlias = dict[str, Any]
"""A Kubernetes object as the API server's JSON has it."""

Answer: TypeAlias = tuple[Object, list[str]]
"""An object and the warnings that came with it."""

CONNECT_SECONDS = 3.0
READ_SECONDS = 15.0
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
STEPS = "application/json-patch+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object and where the API server keeps it."""

    name: str
    api_version: str
    plural: str
    namespaced: bool = True

    def path(self, namespace: str, name: str = "", subresource: str = "") -> str:
        """Return the path of the collection, of one object, or of its subresource."""
        root = "/apis" if "/" in self.api_version else "/api"
        inside = ("namespaces", namespace) if self.namespaced and namespace else ()
        parts = (root, self.api_version, *inside, self.plural, name, subresource)
        return "/".join(part for part in parts if part)


def _table() -> dict[str, Kind]:
    rows = """
        v1 Pod Service ServiceAccount ConfigMap Secret Event LimitRange ResourceQuota
           ReplicationController PersistentVolumeClaim Endpoints
        v1 - Node Namespace PersistentVolume
        apps/v1 Deployment ReplicaSet StatefulSet DaemonSet ControllerRevision
        batch/v1 Job CronJob
        autoscaling/v2 HorizontalPodAutoscaler
        policy/v1 PodDisruptionBudget
        networking.k8s.io/v1 NetworkPolicy Ingress
        networking.k8s.io/v1 - IngressClass
        discovery.k8s.io/v1 EndpointSlice
        coordination.k8s.io/v1 Lease
        rbac.authorization.k8s.io/v1 Role RoleBinding
        rbac.authorization.k8s.io/v1 - ClusterRole ClusterRoleBinding
        storage.k8s.io/v1 - StorageClass VolumeAttachment CSINode CSIDriver
        scheduling.k8s.io/v1 - PriorityClass
        apiregistration.k8s.io/v1 - APIService
        apiextensions.k8s.io/v1 - CustomResourceDefinition
    """
    table, version, namespaced = {}, "", True
    for word in rows.split():
        if word == "-":
            namespaced = False
        elif word[0].islower():
            version, namespaced = word, True
        else:
            plural = word.lower()
            if plural.endswith(("ss", "tch")):
                plural += "es"
            elif plural.endswith("y"):
                plural = plural[:-1] + "ies"
            elif plural != "endpoints":
                plural += "s"
            table[word] = Kind(word, version, plural, namespaced)
    return table


KINDS = _table()


class Api:
    """A connection to the workbook's cluster; it may be used from several threads at once."""

    def __init__(self, kubeconfig: Mapping[str, Any]) -> None:
        """Connect by a kubeconfig that the guard has passed. Nothing is sent yet."""
        from kubernetes import client, config, dynamic
        from kubernetes.utils.keepalive import tcp_keepalive_socket_options

        # A node whose container is killed sends no farewell: probing a quiet watch finds out.
        probing = tcp_keepalive_socket_options(idle=5, interval=2, count=3)
        configuration = client.Configuration(retries=False, socket_options=probing)
        config.load_kube_config_from_dict(
            dict(kubeconfig), client_configuration=configuration, persist_config=False
        )
        # The cluster is on this machine or named by its owner: a proxy that the environment
        # names for the wide world must not come between.
        configuration.proxy = None
        self.context: str = str(kubeconfig["current-context"])
        self.server: str = configuration.host
        self._configuration = configuration
        self._client = client.ApiClient(configuration)
        self._dynamic = dynamic.DynamicClient(self._client, discoverer=lambda *_: None)
        self._discovered: dict[tuple[str, str], Kind] = {}

    @classmethod
    def connect(cls) -> Api:
        """Connect to the cluster that the guard allows. Raises ClusterGone, ForeignCluster."""
        return cls(guard.check(guard.kubeconfig_path()))

    def kind(self, name: str, api_version: str = "") -> Kind:
        """Return where objects of this kind are. Raises Refused for a kind that nobody serves.

        A kind that is not built in is known by its name alone once it was asked for in full.
        """
        known = KINDS.get(name) or next(
            (kind for kind in self._discovered.values() if kind.name == name), None
        )
        if known is not None and api_version in ("", known.api_version):
            return known
        key = (name, api_version)
        if key not in self._discovered:
            self._discovered[key] = self._discover(name, api_version)
        return self._discovered[key]

    def _discover(self, name: str, api_version: str) -> Kind:
        served: list[Object] = []
        if api_version:
            root = "/apis" if "/" in api_version else "/api"
            with suppress(NotFound):  # no such group and version: no match for the kind either
                served = self.call("GET", f"{root}/{api_version}")[0].get("resources", [])
        for resource in served:
            if resource["kind"] == name and "/" not in resource["name"]:
                return Kind(name, api_version, resource["name"], resource["namespaced"])
        version = f" in version {api_version!r}" if api_version else ""
        field = "kind" if served or not api_version else "apiVersion"
        raise NotFound(field, f"no matches for kind {name!r}{version}", "NotFound", 404)

    def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        query: Mapping[str, object] | None = None,
        content_type: str = "application/json",
        what: str = "",
    ) -> Answer:
        """Send one request and return the answer and the server's warnings.

        `what` names the object for messages, such as "Pod/burn".
        Raises Refused, NotFound, ClusterGone.
        """
        response = self._request(
            method, path, query, what, READ_SECONDS, body=body, content_type=content_type
        )
        try:
            answer: Object = json.loads(response.data)
        except Exception as error:
            self._raise(error, what, READ_SECONDS)
        finally:
            response.release_conn()
        return answer, warnings_in(response.headers.getlist("Warning"))

    def text(self, path: str, query: Mapping[str, object] | None = None, what: str = "") -> str:
        """Return the answer to a GET as text (logs, metrics). Raises as `call` does."""
        response = self._request("GET", path, query, what, READ_SECONDS)
        try:
            return bytes(response.data).decode("utf-8", errors="replace")
        except Exception as error:
            self._raise(error, what, READ_SECONDS)
        finally:
            response.release_conn()

    def stream(
        self, path: str, query: Mapping[str, object], silence: float, what: str = ""
    ) -> Stream:
        """Open a watch. It counts as broken after `silence` seconds without a word."""
        return Stream(
            self._request("GET", path, query, what, silence),
            lambda error: self._raise(error, what, silence),
        )

    def exec(
        self,
        namespace: str,
        pod: str,
        command: Sequence[str],
        container: str | None,
        deadline: float,
    ) -> str:
        """Run a command in a container and return what it wrote to standard output.

        The protocol is v5.channel.k8s.io: the first byte of a message is its channel
        (k8s.io/apimachinery/pkg/util/remotecommand/constants.go). Raises CommandFailed,
        DeadlineExceeded (after `deadline` seconds), NotFound, Refused, ClusterGone.
        """
        import websocket

        query: list[tuple[str, str]] = [("command", word) for word in command]
        query += [("stdout", "true"), ("stderr", "true")]
        if container is not None:
            query.append(("container", container))
        path = KINDS["Pod"].path(namespace, pod, "exec")
        until = time.monotonic() + deadline
        heard: dict[int, bytearray] = {1: bytearray(), 2: bytearray(), 3: bytearray()}
        told = f"the command {' '.join(command)!r}"
        connection = self.websocket(
            path, query, "v5.channel.k8s.io", deadline, what=f"Pod/{pod}", waits_for=told
        )
        try:
            while True:
                connection.settimeout(max(0.001, until - time.monotonic()))
                opcode, data = connection.recv_data()
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    break
                if data and data[0] in heard:
                    heard[data[0]] += data[1:]
        except (websocket.WebSocketTimeoutException, TimeoutError) as error:
            # Is it the command that takes long, or is nobody there any more?
            self.probe()
            raise DeadlineExceeded(told, deadline) from error
        except websocket.WebSocketConnectionClosedException as error:
            if not heard[3]:  # the state, by which a command that ended says so
                raise self._gone("the connection broke while a command ran") from error
        except (websocket.WebSocketException, OSError) as error:
            raise self._gone(str(error)) from error
        finally:
            connection.close(timeout=0)
        output = {channel: data.decode("utf-8", "replace") for channel, data in heard.items()}
        code = exit_code(output[3])
        if code != 0:
            said = output[2] or output[1]
            raise CommandFailed(pod, command, code, said or message_of(output[3]))
        return output[1]

    def websocket(
        self,
        path: str,
        query: Sequence[tuple[str, str]],
        protocol: str,
        deadline: float,
        *,
        what: str,
        waits_for: str,
    ) -> Any:
        """Open a connection of channels: the first byte of each message is its channel.

        `what` names the object for messages, and `waits_for` completes "waited for ...".
        Raises Refused, NotFound, ClusterGone, and DeadlineExceeded after `deadline` seconds.
        """
        import websocket  # it comes with kubernetes, whose own WSClient knows no deadline

        url = f"{self.server}{path}?{urlencode(query)}".replace("http", "ws", 1)
        connection: Any = websocket.WebSocket(sslopt=self._tls(), timeout=deadline)
        try:
            # As above, no proxy of the environment may come between; the library forgets
            # http_no_proxy (websocket/_http.py, proxy_info) where no proxy is named beside it.
            connection.connect(
                url,
                header=self._authorization(),
                subprotocols=[protocol],
                http_no_proxy=["*"],
                http_proxy_host="none",
            )
        except websocket.WebSocketBadStatusException as error:
            connection.close(timeout=0)
            raise refusal(error.status_code, error.resp_body or b"", what) from error
        except (websocket.WebSocketTimeoutException, TimeoutError) as error:
            connection.close(timeout=0)
            self.probe()
            raise DeadlineExceeded(waits_for, deadline) from error
        except (websocket.WebSocketException, OSError) as error:
            connection.close(timeout=0)
            raise self._gone(str(error)) from error
        return connection

    def probe(self) -> None:
        """Ask whether anybody is there. Raises ClusterGone when nobody answers within 3 s."""
        self._request("GET", "/livez", None, "/livez", CONNECT_SECONDS).release_conn()

    def _tls(self) -> dict[str, object]:
        options: dict[str, object] = {
            "cert_reqs": ssl.CERT_REQUIRED if self._configuration.verify_ssl else ssl.CERT_NONE,
            "ca_certs": self._configuration.ssl_ca_cert,
            "certfile": self._configuration.cert_file,
            "keyfile": self._configuration.key_file,
        }
        return {name: value for name, value in options.items() if value is not None}

    def _authorization(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        self._client.update_params_for_auth(headers, [], ["BearerToken"], "", "GET", None)
        return headers

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None,
        what: str,
        silence: float,
        *,
        body: object = None,
        content_type: str = "application/json",
    ) -> Any:
        try:
            return self._dynamic.request(
                method,
                path,
                body=body,
                query_params=[(name, str(value)) for name, value in (query or {}).items()],
                content_type=content_type,
                serialize=False,
                _request_timeout=(CONNECT_SECONDS, silence),
            )
        except Exception as error:
            self._raise(error, what, silence)

    def _raise(self, error: Exception, what: str, silence: float) -> NoReturn:
        """Raise the error of the libraries as one of ours; a mistake of our own as it is."""
        from kubernetes.client import ApiException
        from urllib3.exceptions import HTTPError, ReadTimeoutError

        # "from None": the libraries' tracebacks repeat the answer three times over.
        if isinstance(error, ApiException) and error.status:
            raise refusal(error.status, error.body or b"", what) from None
        if isinstance(error, ReadTimeoutError):
            raise self._gone(f"it was silent for {silence:g} s", silent=True) from None
        if isinstance(error, ApiException | HTTPError | OSError):
            raise self._gone(str(getattr(error, "reason", "") or error)) from None
        raise error

    def _gone(self, why: str, *, silent: bool = False) -> ClusterGone:
        plain = re.sub(r"^<?[\w.]*Connection[^:]*: |^\w+\n", "", why).strip()
        message = f"The cluster at {self.server} does not answer ({plain})."
        return ClusterGone(message, silent=silent)


class Stream:
    """The objects of a watch as they come; `close` from any thread ends it at once."""

    def __init__(self, response: Any, failed: Callable[[Exception], NoReturn]) -> None:
        self._response = response
        self._failed = failed

    def __iter__(self) -> Iterator[Object]:
        """Yield the watch's events until the server ends it. Raises ClusterGone if it is cut."""
        rest = b""
        try:
            for chunk in self._response.stream(amt=None, decode_content=False):
                *lines, rest = (rest + chunk).split(b"\n")
                yield from (json.loads(line) for line in lines if line)
        except Exception as error:
            self._failed(error)
        finally:
            self._response.close()

    def close(self) -> None:
        """End the watch; the thread that reads it sees its end."""
        with suppress(RuntimeError, ValueError, OSError):  # if it has ended already
            # Closing alone would wait for the thread that reads; this wakes it.
            self._response.shutdown()


def refusal(status: int, body: bytes | str, what: str) -> Refused:
    """Turn the Status object (or the text) of a refusing answer into an error."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        said = json.loads(text)
    except ValueError:
        said = {}
    if not isinstance(said, dict) or said.get("kind") != "Status":
        said = {"message": text.strip()}
    causes = [
        (str(cause.get("field", "")), str(cause.get("message", "")))
        for cause in (said.get("details") or {}).get("causes") or []
    ]
    message = str(said.get("message") or f"HTTP status {status}")
    field = next((field for field, _ in causes if field), "") or _field_in(message)
    kind = NotFound if status == 404 else Refused
    return kind(field, message, str(said.get("reason") or ""), status, object=what, causes=causes)


def _field_in(message: str) -> str:
    """Find the field in the words of structured-merge-diff and of strict decoding.

    Rule: sigs.k8s.io/structured-merge-diff/v6/typed (errors are "<path>: <what>"), and
    strict decoding's 'unknown field "<path>"'.
    """
    for pattern in (r'unknown field "([^"]+)"', r"\): \.([\w.\[\]=\"/-]+): "):
        found = re.search(pattern, message)
        if found:
            return found[1]
    return ""


def warnings_in(headers: Sequence[str]) -> list[str]:
    """Return the texts in HTTP Warning headers, such as: 299 - "spec.x: deprecated"."""
    found = (re.search(r'"((?:[^"\\]|\\.)*)"', header) for header in headers)
    return [re.sub(r"\\(.)", r"\1", match[1]) for match in found if match]


def exit_code(status: str) -> int | None:
    """Return the exit code in the Status that ends an exec, or None if it did not even start.

    Rule: the cause "ExitCode" in k8s.io/apimachinery/pkg/util/remotecommand.
    """
    try:
        said = json.loads(status)
        if said.get("status") == "Success":
            return 0
        for cause in said["details"]["causes"]:
            if cause["reason"] == "ExitCode":
                return int(cause["message"])
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    return None


def message_of(status: str) -> str:
    """Return the message of a Status given as JSON text, or the text itself."""
    try:
        return str(json.loads(status)["message"])
    except (ValueError, KeyError, TypeError):
        return status or "the connection to it was cut"
