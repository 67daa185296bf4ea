"""Whose namespace is still in use: a Lease in it, which an open lesson renews.

A killed kernel cannot delete its namespace, but it stops renewing the Lease; the next open of the
same lesson finds that, and deletes what was left behind. A kernel of this machine need not be
waited for: whether its process still runs can be seen.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.kube.errors import ClusterGone, KubeError, NotFound
from helpers.kube.guard import LABEL

if TYPE_CHECKING:
    from helpers.kube.session import Session

NAME = "lesson"
RENEW = 10.0  # seconds
EXPIRED = 40.0  # seconds without a renewal
APPLY = "application/apply-patch+yaml"


class Lease:
    """The Lease of one open session; a thread renews it until `stop`."""

    def __init__(self, session: Session, holder: str) -> None:
        self._session = session
        self._holder = holder
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._renewing, name="lease", daemon=True)

    def start(self) -> None:
        """Make the Lease, and renew it from now on. Raises KubeError when it cannot be made."""
        self._renew()
        self._thread.start()

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
        # Past session.apply, so that the Timeline of a run holds only what belongs to the run.
        session = self._session
        kind = session.api.kind("Lease")
        body = {
            "apiVersion": kind.api_version,
            "kind": "Lease",
            "metadata": {
                "name": NAME,
                "namespace": session.namespace,
                "labels": {LABEL: session.lesson},
            },
            "spec": {
                "holderIdentity": self._holder,
                "leaseDurationSeconds": int(EXPIRED),
                "renewTime": datetime.now(UTC).isoformat(timespec="microseconds"),
            },
        }
        path = kind.path(session.namespace, NAME)
        query = {"fieldManager": "kubernetes-workbook", "force": "true"}
        session.api.call(
            "PATCH", path, body=body, query=query, content_type=APPLY, what=f"Lease/{NAME}"
        )


def sweep(session: Session) -> list[str]:
    """Delete the namespaces that dead kernels left of the session's lesson; return their names.

    A namespace whose Lease is still renewed, by a process that still runs, is in use, and stays.
    """
    swept = []
    now = datetime.now(UTC)
    for namespace in session.list("Namespace", labels=f"{LABEL}={session.lesson}"):
        name = str(namespace["metadata"]["name"])
        deleted = namespace["metadata"].get("deletionTimestamp") is not None
        if name == session.namespace or deleted:
            continue
        lease = _lease_in(session, name)
        if not expired(namespace, lease, now) and not dead(_holder(lease)):
            continue
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


def _holder(lease: Mapping[str, Any] | None) -> str:
    return str(((lease or {}).get("spec") or {}).get("holderIdentity") or "")


def _lease_in(session: Session, namespace: str) -> Mapping[str, Any] | None:
    path = session.api.kind("Lease").path(namespace, NAME)
    try:
        return session.api.call("GET", path, what=f"Lease/{NAME}")[0]
    except NotFound:
        return None
