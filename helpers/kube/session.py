"""A lesson's place in the cluster: a namespace of its own, and kubectl's verbs in it."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, TypeAlias

from helpers.kube import guard
from helpers.kube.api import APPLY, MERGE, STEPS, STRATEGIC, Answer, Api, Kind, Object
from helpers.kube.errors import DeadlineExceeded, KubeError, NotFound, NotOurs, Refused
from helpers.kube.forward import Forward
from helpers.kube.guard import LABEL
from helpers.kube.reclaim import claimed_from, reclaim
from helpers.kube.undo import NotMade
from helpers.model import rollouts
from helpers.model.quantity import Quantity, QuantityError
from helpers.model.timeline import Row, Timeline

Objects: TypeAlias = list[Object]  # inside the class, `list` is kubectl's verb
Forwards: TypeAlias = list[Forward]

FIELD_MANAGER = "kubernetes-workbook"
OPEN_SECONDS = 30.0


class Session:
    """A namespace that carries the workbook's label, and what a lesson does in it.

    Everything that is sent, and every answer that is more than "yes", becomes a row of
    `timeline` with the source "session": the fields "manifest", "change", "patch", "resize",
    "scale", "undo" and "delete" once the server has accepted them, "warning" for each of its
    warnings, and "refusal" (verb, field, message, reason, status, hint) when it said no. `timeline`
    may be replaced between two runs.

    All calls block and may raise ClusterGone.
    """

    def __init__(self, api: Api, lesson: str, namespace: str, timeline: Timeline, version: str):
        self.api = api
        self.lesson = lesson
        self.namespace = namespace
        self.timeline = timeline
        self.version = version
        """The API server's version, such as "v1.37.0"."""
        self._closed = False
        self._forwards: Forwards = []

    @classmethod
    def open(cls, lesson: str, timeline: Timeline) -> Session:
        """Make the namespace "<lesson>-<4 hex digits>" and wait until Pods can run in it.

        Raises ClusterGone when no cluster answers, ForeignCluster when it is not the workbook's,
        and DeadlineExceeded when the namespace gets no ServiceAccount within 30 s.
        """
        api = Api.connect()
        version = str(api.call("GET", "/version")[0]["gitVersion"])
        kind = api.kind("Namespace")
        while True:
            name = f"{lesson}-{secrets.token_hex(2)}"
            body = {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": name, "labels": {LABEL: lesson}},
            }
            try:
                api.call("POST", kind.path(""), body=body, what=f"Namespace/{name}")
                break
            except Refused as refused:
                if refused.reason != "AlreadyExists":  # else: the same four digits, draw again
                    raise
        session = cls(api, lesson, name, timeline, version)
        try:
            # A Pod needs both: the account to be admitted, the certificate to start.
            session._await("ServiceAccount", "default")
            session._await("ConfigMap", "kube-root-ca.crt")
        except BaseException:
            session.close()
            raise
        return session

    @property
    def context(self) -> str:
        """The kubeconfig's context that this session talks to."""
        return self.api.context

    def apply(self, manifest: Mapping[str, Any]) -> Object:
        """Apply a manifest on the server's side, as it is, and return the object.

        A manifest without a namespace goes to the session's. Raises Refused with the server's
        words, and NotOurs for an object that the workbook may not touch.
        """
        return self._apply(manifest, "apply", {})

    def former(self, manifest: Mapping[str, Any]) -> Object:
        """Return the object that a manifest is about, as it is now, wherever it is.

        Raises NotFound.
        """
        kind, path, what = self._where(manifest)
        found = self.api.call("GET", path, what=what)[0]
        return {"apiVersion": kind.api_version, "kind": kind.name, **found}

    def change(self, manifest: Mapping[str, Any]) -> Object:
        """Set the fields of a manifest on an object that is there already and is not ours.

        Only where the workbook made the cluster. The caller sees to it that this is put back: a
        lesson uses `Bench.change`. Raises NotMade, NotFound, Refused.
        """
        _, path, what = self._where(manifest)
        body = dict(manifest)

        def send() -> Answer:
            if not guard.made_by_workbook():
                raise NotMade(what)
            found, _ = self.api.call("GET", path, what=what)
            # With its uid, so that an object which has gone meanwhile is not made by this.
            metadata = {**body["metadata"], "uid": found["metadata"]["uid"]}
            query = {"fieldManager": FIELD_MANAGER, "force": "true"}
            sent = {**body, "metadata": metadata}
            return self.api.call(
                "PATCH", path, body=sent, query=query, content_type=APPLY, what=what
            )

        answer = self._write("change", what, send, body)
        self._note(what, "change", body)
        return answer

    def dry_run(self, manifest: Mapping[str, Any]) -> Object:
        """Let the server judge a manifest as `apply` would, and return what it would make of it.

        Nothing is made; defaults are filled in. Raises as `apply` does.
        """
        return self._apply(manifest, "dry-run", {"dryRun": "All"})

    def get(self, kind: str, name: str) -> Object | None:
        """Return an object of this namespace (or of the cluster), or None if it is not there."""
        where = self.api.kind(kind)
        try:
            return self.api.call("GET", where.path(self.namespace, name), what=f"{kind}/{name}")[0]
        except NotFound:
            return None

    def list(self, kind: str, labels: str = "") -> Objects:
        """Return the objects of a kind, those with these labels ("app=fib") if any are named."""
        where = self.api.kind(kind)
        query = {"labelSelector": labels} if labels else {}
        answer, _ = self.api.call("GET", where.path(self.namespace), query=query, what=kind)
        items: Objects = answer.get("items") or []
        for item in items:  # a list's items come without them
            item.setdefault("kind", kind)
            item.setdefault("apiVersion", where.api_version)
        return items

    def delete(self, kind: str, name: str, grace: int | None = None) -> None:
        """Delete an object, with `grace` seconds to end in (None: as its own manifest says).

        Returns when the server has accepted it, not when the object is gone. Raises NotFound,
        and NotOurs for what neither carries the workbook's label nor lives in a namespace that
        does.
        """
        where, what = self.api.kind(kind), f"{kind}/{name}"
        options: Object = {"propagationPolicy": "Background"}
        if grace is not None:
            options["gracePeriodSeconds"] = grace

        def send() -> Answer:
            options["preconditions"] = {"uid": self._ours(where, self.namespace, name, "delete")}
            path = where.path(self.namespace, name)
            return self.api.call("DELETE", path, body=options, what=what)

        self._write("delete", what, send)
        self._note(what, "delete", {"grace": grace})

    def resize(self, pod: str, container: str, resources: Mapping[str, Any]) -> Object:
        """Change the resources of a running container in place, and return the Pod.

        Rule: the subresource "resize" of a Pod (KEP-1287). Raises Refused, NotFound.
        """
        body = {"spec": {"containers": [{"name": container, "resources": dict(resources)}]}}
        answer = self._patch("resize", "Pod", pod, body, STRATEGIC)
        self._note(f"Pod/{pod}", "resize", {"container": container, "resources": dict(resources)})
        return answer

    def patch(self, kind: str, name: str, body: Mapping[str, Any]) -> Object:
        """Merge these fields into an object that is ours; None takes a field away.

        For what `apply` cannot do: a field that a controller has set is not the manifest's. Raises
        Refused, NotFound, and NotOurs as `delete` does.
        """
        where, what = self.api.kind(kind), f"{kind}/{name}"

        def send() -> Answer:
            metadata = dict(body.get("metadata") or {})
            metadata["uid"] = self._ours(where, self.namespace, name, "patch")
            return self.api.call(
                "PATCH",
                where.path(self.namespace, name),
                body={**body, "metadata": metadata},
                query={"fieldManager": FIELD_MANAGER},
                content_type=MERGE,
                what=what,
            )

        answer = self._write("patch", what, send, body)
        self._note(what, "patch", body)
        return answer

    def scale(self, kind: str, name: str, replicas: int) -> None:
        """Set the number of replicas through the subresource "scale". Raises Refused, NotFound."""
        self._patch("scale", kind, name, {"spec": {"replicas": replicas}}, MERGE)
        self._note(f"{kind}/{name}", "scale", replicas)

    def undo(self, deployment: str, revision: int = 0) -> Object:
        """Give a Deployment the Pod template of a revision, 0 for the one before, and return it.

        As `kubectl rollout undo` does: the template of that revision's ReplicaSet takes the place
        of the Deployment's. Raises NotFound when there is no such revision, and NotOurs.

        Upstream: k8s.io/kubectl pkg/polymorphichelpers/rollback.go, DeploymentRollbacker.Rollback.
        """
        where, what = self.api.kind("Deployment"), f"Deployment/{deployment}"
        path, restored = where.path(self.namespace, deployment), {}

        def send() -> Answer:
            uid = self._ours(where, self.namespace, deployment, "undo")
            owned = rollouts.owned(self.list("ReplicaSet"), uid)
            former = rollouts.former(owned, revision)
            if former is None:
                words = f"unable to find specified revision {revision} in history"
                raise NotFound("revision", words, "NotFound", 404, object=what)
            restored.update(rollouts.template(former))
            steps = [
                {"op": "test", "path": "/metadata/uid", "value": uid},
                {"op": "replace", "path": "/spec/template", "value": restored},
            ]
            query = {"fieldManager": FIELD_MANAGER}
            return self.api.call(
                "PATCH", path, body=steps, query=query, content_type=STEPS, what=what
            )

        answer = self._write("undo", what, send)
        self._note(what, "undo", {"revision": revision, "template": restored})
        return answer

    def exec(
        self, pod: str, command: Sequence[str], container: str | None = None, deadline: float = 60.0
    ) -> str:
        """Run a command in a container and return its standard output.

        Raises CommandFailed for an exit code other than 0, DeadlineExceeded after `deadline`
        seconds, and NotFound.
        """
        return self.api.exec(self.namespace, pod, command, container, deadline)

    def logs(
        self,
        pod: str,
        container: str | None = None,
        *,
        tail: int | None = None,
        previous: bool = False,
    ) -> str:
        """Return what a container wrote, the last `tail` lines of it if given.

        `previous` asks for the container before the last restart. Raises NotFound, Refused.
        """
        query: dict[str, object] = {"previous": "true"} if previous else {}
        if container is not None:
            query["container"] = container
        if tail is not None:
            query["tailLines"] = tail
        path = self.api.kind("Pod").path(self.namespace, pod, "log")
        return self.api.text(path, query, what=f"Pod/{pod}")

    def forward(self, pod: str, port: int) -> Forward:
        """Open a port of this machine, on its loopback, that leads to a port of a Pod.

        It is closed with the session at the latest, or as a context manager.
        Raises NotFound, ClusterGone.
        """
        forward = Forward(self.api, self.namespace, pod, port)
        self._forwards.append(forward)
        return forward

    def events(self) -> Objects:
        """Return the namespace's events, oldest first."""
        return sorted(self.list("Event"), key=event_time)

    def close(self) -> None:
        """Delete the namespace and all in it, if it carries our label; do not wait for it.

        Pods get one second to end. Calling it again does nothing.
        """
        if self._closed:
            return
        for forward in self._forwards:
            forward.close()
        kind, what = self.api.kind("Namespace"), f"Namespace/{self.namespace}"
        try:
            uid = self._ours(kind, "", self.namespace, "delete")
            reclaim(self.api, self.namespace, self.lesson)
            body = {"preconditions": {"uid": uid}}
            self.api.call("DELETE", kind.path("", self.namespace), body=body, what=what)
            # Only now, so that no controller makes new ones.
            pods = self.api.kind("Pod").path(self.namespace)
            self.api.call("DELETE", pods, query={"gracePeriodSeconds": 1}, what="the Pods")
        except NotFound:
            pass  # it is gone already, which is what was wanted
        self._closed = True

    def __enter__(self) -> Session:
        """Return itself; the end of the `with` block closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the session; an error of the block outweighs one of closing."""
        try:
            self.close()
        except KubeError as closing:
            if error is None:
                raise
            error.add_note(f"The session could not be closed either: {closing}")

    def _apply(self, manifest: Mapping[str, Any], verb: str, more: Mapping[str, str]) -> Object:
        body: Object = dict(manifest)
        metadata = body.get("metadata") or {}
        name, kind_name = str(metadata.get("name") or ""), str(body.get("kind") or "")
        what = f"{kind_name or 'Object'}/{name}"

        def send() -> Answer:
            for field, value in (("kind", kind_name), ("metadata.name", name)):
                if not value:
                    raise Refused(field, f"{field}: Required value", "Invalid", 422, object=what)
            kind = self.api.kind(kind_name, str(body.get("apiVersion") or ""))
            namespace = str(metadata.get("namespace") or self.namespace)
            if namespace != self.namespace or not kind.namespaced:
                self._may_apply(kind, namespace, name, metadata.get("labels") or {}, verb)
            query = {"fieldManager": FIELD_MANAGER, **more}
            path = kind.path(namespace, name)
            try:
                return self.api.call(
                    "PATCH", path, body=body, query=query, content_type=APPLY, what=what
                )
            except Refused as refused:
                if not _conflicts_with_ourselves(refused):
                    raise
            # What we set by resize or scale belongs to another entry of the same manager.
            query["force"] = "true"
            return self.api.call(
                "PATCH", path, body=body, query=query, content_type=APPLY, what=what
            )

        answer = self._write(verb, what, send, body)
        if verb == "apply":
            self._note(what, "manifest", body)
        return answer

    def _where(self, manifest: Mapping[str, Any]) -> tuple[Kind, str, str]:
        kind = self.api.kind(str(manifest["kind"]), str(manifest["apiVersion"]))
        metadata = manifest["metadata"]
        path = kind.path(str(metadata.get("namespace") or self.namespace), str(metadata["name"]))
        return kind, path, f"{kind.name}/{metadata['name']}"

    def _may_apply(
        self, kind: Kind, namespace: str, name: str, labels: Mapping[str, str], verb: str
    ) -> None:
        """Outside the own namespace, what is written must be ours before and after."""
        try:
            self._ours(kind, namespace, name, verb)
        except NotFound:
            if LABEL not in labels and not self._namespace_is_ours(kind, namespace):
                raise NotOurs(f"{kind.name}/{name}", verb) from None

    def _ours(self, kind: Kind, namespace: str, name: str, verb: str) -> str:
        """Return the uid of an object that is ours. Raises NotOurs, NotFound."""
        what = f"{kind.name}/{name}"
        found, _ = self.api.call("GET", kind.path(namespace, name), what=what)
        # A volume that was provisioned for our claim carries no label of ours by itself.
        bound = kind.name == "PersistentVolume" and claimed_from(found) == self.namespace
        if (
            not bound
            and LABEL not in (found["metadata"].get("labels") or {})
            and not self._namespace_is_ours(kind, namespace)
        ):
            raise NotOurs(what, verb)
        return str(found["metadata"]["uid"])

    def _namespace_is_ours(self, kind: Kind, namespace: str) -> bool:
        if not kind.namespaced:
            return False
        path = self.api.kind("Namespace").path("", namespace)
        found, _ = self.api.call("GET", path, what=f"Namespace/{namespace}")
        return LABEL in (found["metadata"].get("labels") or {})

    def _patch(self, verb: str, kind: str, name: str, body: Object, content_type: str) -> Object:
        """Patch the subresource that has the name of the verb."""
        path = self.api.kind(kind).path(self.namespace, name, verb)
        what = f"{kind}/{name}"
        return self._write(
            verb,
            what,
            lambda: self.api.call(
                "PATCH",
                path,
                body=body,
                query={"fieldManager": FIELD_MANAGER},
                content_type=content_type,
                what=what,
            ),
            body,
        )

    def _write(
        self,
        verb: str,
        what: str,
        send: Callable[[], Answer],
        body: Mapping[str, Any] | None = None,
    ) -> Object:
        try:
            answer, warnings = send()
        except Refused as refused:
            if not refused.field and "quantit" in refused.message:
                fault = quantity_at_fault(body)
                if fault is not None:
                    refused.field, refused.hint = fault.field, fault.hint or refused.hint
            refusal = {
                "verb": verb,
                "field": refused.field,
                "message": refused.message,
                "reason": refused.reason,
                "status": refused.status,
                "hint": refused.hint,
            }
            self._note(what, "refusal", refusal)
            raise
        for warning in warnings:
            self._note(what, "warning", warning)
        return answer

    def _note(self, what: str, field: str, value: Any) -> None:
        self.timeline.append(Row(time.time(), "session", what, field, value))

    def _await(self, kind: str, name: str) -> None:
        """Wait until an object exists. A watch from nowhere begins with what is there."""
        until = time.monotonic() + OPEN_SECONDS
        query = {"watch": "true", "fieldSelector": f"metadata.name={name}"}
        while (left := until - time.monotonic()) > 0:
            query["timeoutSeconds"] = str(max(1, round(left)))
            path = self.api.kind(kind).path(self.namespace)
            stream = self.api.stream(path, query, left + 1, what=f"{kind}/{name}")
            for event in stream:
                if event["type"] == "ADDED":
                    return
        raise DeadlineExceeded(f"{kind}/{name} in the namespace {self.namespace}", OPEN_SECONDS)


def event_time(event: Mapping[str, Any]) -> str:
    """Return when an event happened last, as RFC 3339 text (whole seconds for most events)."""
    series = event.get("series") or {}
    return str(
        series.get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("eventTime")
        or event["metadata"].get("creationTimestamp")
        or ""
    )


_MAPS_OF_QUANTITIES = {"limits", "requests", "capacity", "hard", "overhead", "max", "min"} | {
    "default",
    "defaultRequest",
    "maxLimitRequestRatio",
}


def quantity_at_fault(manifest: object) -> QuantityError | None:
    """Return what the model says of the first quantity that cannot be read, with its path.

    The server's refusal does not name the field (k8s.io/apimachinery/pkg/api/resource/quantity.go
    knows only the text), so it is looked for in the maps that hold quantities.
    """
    found: list[QuantityError] = []

    def search(value: object, path: str, inside: bool) -> None:
        if isinstance(value, Mapping):
            for key, item in value.items():
                step = f"[{key}]" if inside else f".{key}" if path else str(key)
                search(item, path + step, inside or key in _MAPS_OF_QUANTITIES)
        elif isinstance(value, list | tuple):
            for index, item in enumerate(value):
                search(item, f"{path}[{index}]", False)
        elif inside:
            try:
                Quantity.parse(value if isinstance(value, str) else json.dumps(value), field=path)
            except QuantityError as error:
                found.append(error)

    search(manifest, "", False)
    return found[0] if found else None


def _conflicts_with_ourselves(refused: Refused) -> bool:
    """Tell whether every manager that an apply conflicts with is our own, by another way."""
    managers = {
        match[1]
        for _, said in refused.causes
        if (match := re.search(r'conflict with "(.+?)"', said))
    }
    return refused.status == 409 and managers == {FIELD_MANAGER}
