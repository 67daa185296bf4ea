"""Whose namespace is still in use: a Lease in it, which an open lesson renews.

A killed kernel cannot delete its namespace, but it stops renewing the Lease; the next open of any
lesson finds that, puts back what was changed and deletes what was left behind. A kernel of this
machine need not be waited for: whether its process still runs can be seen.

The Lease also states what the lesson must have for itself (`exclusive`): nothing, a node, or the
whole cluster. A lesson that would disturb a living one is not opened.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from helpers.kube import undo
from helpers.kube.errors import ClusterGone, KubeError, NotFound
from helpers.kube.guard import LABEL
from helpers.kube.reclaim import reclaim

if TYPE_CHECKING:
    from helpers.kube.session import Session

NAME = "lesson"
RENEW = 10.0  # seconds
EXPIRED = 40.0  # seconds without a renewal
APPLY = "application/apply-patch+yaml"
EXCLUSIVE = "kubernetes-workbook/exclusive"
"""The Lease's annotation that says what the lesson must have for itself."""

Exclusive: TypeAlias = Literal["none", "node", "cluster"]

LEASES = "/apis/coordination.k8s.io/v1/leases"
_NEEDS = {"none": "", "node": "a node for itself", "cluster": "the whole cluster for itself"}


class Occupied(KubeError):
    """Another lesson lives that this one would disturb, or that would disturb this one."""


class Lease:
    """The Lease of one open session; a thread renews it until `stop`."""

    def __init__(self, session: Session, holder: str, exclusive: Exclusive = "none") -> None:
        self._session = session
        self._holder = holder
        self.exclusive = exclusive
        self._acquired = _now()
        self._steps: list[undo.Step] = []
        self._sending = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._renewing, name="lease", daemon=True)

    def start(self) -> None:
        """Make the Lease, and renew it from now on. Raises KubeError when it cannot be made."""
        self._renew()
        self._thread.start()

    def note(self, step: undo.Step) -> None:
        """Write down how the change that comes next is undone.

        An earlier step about the same thing stays the one that counts. Raises KubeError when it
        cannot be written; then nothing may be changed.
        """
        if any(undo.same(step, known) for known in self._steps):
            return
        self._steps.append(step)
        self._renew()

    def put_back(self) -> list[str]:
        """Undo what was noted, and return what was put back. Raises KubeError, EngineError."""
        if not self._steps:
            return []
        done = undo.take(self._session.api, list(self._steps))
        self._steps.clear()
        self._renew()
        return done

    def stop(self) -> None:
        """Renew it no more."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _renewing(self) -> None:
        while not self._stopped.wait(RENEW):
            try:
                self._renew()
            except ClusterGone:
                continue  # it may come back
            except KubeError:
                return  # the namespace is gone, and its Lease with it

    def _renew(self) -> None:
        with self._sending:  # the thread must not send old steps after new ones
            self._send()

    def _send(self) -> None:
        # Past session.apply, so that the Timeline of a run holds only what belongs to the run.
        session = self._session
        kind = session.api.kind("Lease")
        annotations: dict[str, str] = {EXCLUSIVE: self.exclusive}
        if self._steps:
            annotations[undo.ANNOTATION] = json.dumps(self._steps)
        body = {
            "apiVersion": kind.api_version,
            "kind": "Lease",
            "metadata": {
                "name": NAME,
                "namespace": session.namespace,
                "labels": {LABEL: session.lesson},
                "annotations": annotations,
            },
            "spec": {
                "holderIdentity": self._holder,
                "leaseDurationSeconds": int(EXPIRED),
                "acquireTime": self._acquired,
                "renewTime": _now(),
            },
        }
        path = kind.path(session.namespace, NAME)
        query = {"fieldManager": "kubernetes-workbook", "force": "true"}
        session.api.call(
            "PATCH", path, body=body, query=query, content_type=APPLY, what=f"Lease/{NAME}"
        )


def admit(session: Session, exclusive: Exclusive) -> None:
    """Raise Occupied when a living lesson and this one would disturb each other.

    To be called once the session's own Lease is there: of two that open at the same moment, at
    least one then sees the other.
    """
    for lease in session.api.call("GET", LEASES, query={"labelSelector": LABEL})[0]["items"]:
        metadata, spec = lease["metadata"], lease.get("spec") or {}
        if metadata["namespace"] == session.namespace or not _living(session, lease):
            continue
        its = (metadata.get("annotations") or {}).get(EXCLUSIVE, "none")
        if not _disturb(exclusive, its):
            continue
        holder = f"“{(metadata.get('labels') or {}).get(LABEL)}”"
        since = datetime.fromisoformat(spec["acquireTime"]).astimezone()
        needs = (
            f"{holder} and “{session.lesson}” each need {_NEEDS['node']}"
            if exclusive == its == "node"
            else f"{holder} needs {_NEEDS['cluster']}"
            if its == "cluster"
            else f"“{session.lesson}” needs {_NEEDS['cluster']}"
        )
        raise Occupied(
            f"The lesson {needs}, and {holder} is open since {since:%H:%M:%S} in "
            f"{_process(_holder(lease))}. Close it there (its last cell, or shut down its kernel), "
            "then run this cell again. `workbook reset` closes all lessons."
        )


def _disturb(mine: str, its: str) -> bool:
    return "cluster" in (mine, its) or mine == its == "node"


def _living(session: Session, lease: Mapping[str, Any]) -> bool:
    path = session.api.kind("Namespace").path("", lease["metadata"]["namespace"])
    try:
        namespace = session.api.call("GET", path)[0]
    except NotFound:
        return False
    if namespace["metadata"].get("deletionTimestamp") is not None:
        return False
    return not expired(namespace, lease, datetime.now(UTC)) and not dead(_holder(lease))


def _process(holder: str) -> str:
    where, _, number = holder.rpartition("/")
    if holder == me():
        return "this kernel"
    if where == _processes_here():
        return f"process {number} of this machine"
    return f"process {number} of {where.split('/')[0] or 'another machine'}"


def sweep(session: Session) -> list[str]:
    """Put back what dead kernels changed, and delete the namespaces that they left.

    Returns the names of these namespaces. One whose Lease is still renewed, by a process that
    still runs, is in use, and stays; so does one of another lesson without a Lease.
    """
    swept = []
    now = datetime.now(UTC)
    for namespace in session.list("Namespace", labels=LABEL):
        name = str(namespace["metadata"]["name"])
        deleted = namespace["metadata"].get("deletionTimestamp") is not None
        if name == session.namespace or deleted:
            continue
        lease = _lease_in(session, name)
        if lease is None and namespace["metadata"]["labels"][LABEL] != session.lesson:
            continue
        if not expired(namespace, lease, now) and not dead(_holder(lease)):
            continue
        # Before the Lease goes with its namespace: what fails here is tried again at the next open.
        if steps := undo.steps_in(lease or {}):
            undo.take(session.api, steps)
            undo.forget(session.api, name, NAME)
        reclaim(session.api, name, namespace["metadata"]["labels"][LABEL])
        try:
            session.delete("Namespace", name)
        except NotFound:
            continue
        swept.append(name)
    return swept


def expired(namespace: Mapping[str, Any], lease: Mapping[str, Any] | None, now: datetime) -> bool:
    """Tell whether nobody renews this namespace's Lease any more.

    Without a Lease its age decides: an open lesson makes the Lease right after the namespace.
    """
    spec = (lease or {}).get("spec") or {}
    last = spec.get("renewTime") or namespace["metadata"]["creationTimestamp"]
    return now - datetime.fromisoformat(str(last)) > timedelta(seconds=EXPIRED)


def me() -> str:
    """Name this process as a Lease's holder: machine, space of process numbers, and number."""
    return f"{_processes_here()}/{os.getpid()}"


def dead(holder: str) -> bool:
    """Tell whether a holder is known to run no more: a process of this machine that is gone."""
    where, _, number = holder.rpartition("/")
    if where != _processes_here() or not number.isdigit():
        return False  # another machine's processes cannot be seen
    try:
        os.kill(int(number), 0)  # signal 0 does nothing but look
    except ProcessLookupError:
        return True
    except OSError:
        pass  # it runs, as another user
    return False


def _processes_here() -> str:
    # Two containers may share a name; their processes are numbered each in a space of its own.
    space = Path("/proc/self/ns/pid")
    return f"{socket.gethostname()}/{space.readlink().name if space.exists() else ''}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _holder(lease: Mapping[str, Any] | None) -> str:
    return str(((lease or {}).get("spec") or {}).get("holderIdentity") or "")


def _lease_in(session: Session, namespace: str) -> Mapping[str, Any] | None:
    path = session.api.kind("Lease").path(namespace, NAME)
    try:
        return session.api.call("GET", path, what=f"Lease/{NAME}")[0]
    except NotFound:
        return None
