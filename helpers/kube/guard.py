"""The guard: the workbook writes only to a cluster that it made, or that its owner named.

A cluster of one's own is named on purpose, by its context: WORKBOOK_KUBECONTEXT. Only then is the
owner's kubeconfig read, ~/.kube/config or the file that WORKBOOK_KUBECONFIG names; which context
is current in it does not matter. The variable KUBECONFIG is never read. WORKBOOK_CLUSTER gives the
workbook's cluster another name, so that a second one can stand beside the first.
"""

from __future__ import annotations

import os
import stat
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from helpers.engine.cache import cache_dir
from helpers.kube.errors import ClusterGone, ForeignCluster

DEFAULT_CLUSTER = "workbook"

CLUSTER = os.environ.get("WORKBOOK_CLUSTER") or DEFAULT_CLUSTER
"""The name of the cluster that the workbook makes."""

CONTEXT = f"kind-{CLUSTER}"
"""Its context."""

LABEL = "kubernetes-workbook/lesson"
"""The label of all that the workbook makes; its value is the lesson's name."""

NONE = "`workbook up` makes one; then run this again."

_NAME_IT = (
    "WORKBOOK_KUBECONTEXT names the context of a cluster of your own, and WORKBOOK_KUBECONFIG its "
    "file, if that is not ~/.kube/config."
)


def owner_context() -> str | None:
    """Return the context that an owner named by WORKBOOK_KUBECONTEXT, None where nobody did."""
    return os.environ.get("WORKBOOK_KUBECONTEXT") or None


def context() -> str:
    """Return the context that the workbook uses: its owner's, or that of its own cluster."""
    return owner_context() or CONTEXT


def kubeconfig_path() -> Path:
    """Return the file in which `context` stands.

    WORKBOOK_KUBECONFIG names it. Else it is the workbook's own, or ~/.kube/config where an owner
    named a context.
    """
    if named := os.environ.get("WORKBOOK_KUBECONFIG"):
        return Path(named).expanduser()
    return Path("~/.kube/config").expanduser() if owner_context() else own_kubeconfig()


def own_kubeconfig(cluster: str = CLUSTER) -> Path:
    """Return the kubeconfig of a cluster that the workbook makes."""
    return cache_dir() / ("kubeconfig" if cluster == DEFAULT_CLUSTER else f"kubeconfig.{cluster}")


def made_by_workbook() -> bool:
    """Tell whether the cluster in use is the one that the workbook made, and not an owner's."""
    return owner_context() is None and kubeconfig_path() == own_kubeconfig()


def check(kubeconfig: Path) -> dict[str, Any]:
    """Return the content of `kubeconfig`, its current context being the one to use.

    That is the context which an owner named; else the file's own, if it is the workbook's. Use
    what is returned, and do not read the file again: it may have changed since.
    Raises ClusterGone when there is no such file, and ForeignCluster when another user can read
    or write it, when it lacks the owner's context, when its current context is not the
    workbook's, or when the workbook's context leads away from this machine.
    """
    owner = owner_context()
    try:
        with kubeconfig.open("rb") as file:
            status = os.fstat(file.fileno())
            text = file.read()
    except FileNotFoundError:
        if owner:
            raise ForeignCluster(
                f"There is no {kubeconfig} to find the context {owner!r} in.", _NAME_IT
            ) from None
        raise ClusterGone(f"There is no cluster yet: {kubeconfig} does not exist.", NONE) from None
    if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077:
        raise ForeignCluster(
            f"{kubeconfig} holds keys, and others can reach it: it belongs to user "
            f"{status.st_uid} and has mode {stat.S_IMODE(status.st_mode):04o}, not 0600.",
            f"If the file is yours: chmod 600 {kubeconfig}",
        )
    try:
        config = yaml.safe_load(text)
        # `kind delete cluster` leaves a file without contexts; one being written is empty.
        if not config or not config.get("contexts"):
            raise ClusterGone(f"There is no cluster yet: {kubeconfig} names none.", NONE)
        if owner and owner not in [c["name"] for c in config["contexts"]]:
            raise ForeignCluster(f"{kubeconfig} has no context {owner!r}.", _NAME_IT)
        current = owner or config["current-context"]
        context = next(c["context"] for c in config["contexts"] if c["name"] == current)
        server = next(
            c["cluster"]["server"] for c in config["clusters"] if c["name"] == context["cluster"]
        )
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, StopIteration):
        raise ForeignCluster(
            f"{kubeconfig} is not a whole kubeconfig with a current context.",
            "`workbook up` writes it anew.",
        ) from None
    if current != (owner or CONTEXT):
        raise ForeignCluster(
            f"The current context of {kubeconfig} is {current!r}, "
            f"and the workbook's is {CONTEXT!r}.",
            "`workbook up` makes the workbook's own cluster. To use this one on purpose, set "
            f"WORKBOOK_KUBECONTEXT={current}; docs/own-cluster.md tells more.",
        )
    if not owner and not _on_this_machine(server):
        raise ForeignCluster(
            f"The context {current!r} in {kubeconfig} leads to {server}, "
            "and the workbook's cluster runs on this machine.",
            "`workbook up` makes the workbook's own cluster.",
        )
    return {**config, "current-context": current}


def _on_this_machine(server: str) -> bool:
    host = urlsplit(str(server)).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
