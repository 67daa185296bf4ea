"""The guard: the workbook writes only to a cluster that it made, or that its owner named.

The learner's own ~/.kube/config and the variable KUBECONFIG are never read. A cluster of one's
own is named on purpose, by two variables at once: WORKBOOK_KUBECONFIG (the file) and
WORKBOOK_CONTEXT (the context that must be current in it). WORKBOOK_CLUSTER gives the workbook's
cluster another name, so that a second one can stand beside the first.
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

CLUSTER = os.environ.get("WORKBOOK_CLUSTER") or "workbook"
"""The name of the cluster that the workbook makes."""

CONTEXT = f"kind-{CLUSTER}"
"""Its context."""

LABEL = "kubernetes-workbook/lesson"
"""The label of all that the workbook makes; its value is the lesson's name."""

NONE = "`workbook up` makes one; then run this again."


def kubeconfig_path() -> Path:
    """Return the workbook's own kubeconfig, or the file named by WORKBOOK_KUBECONFIG."""
    named = os.environ.get("WORKBOOK_KUBECONFIG")
    return Path(named).expanduser() if named else own_kubeconfig()


def own_kubeconfig() -> Path:
    """Return the kubeconfig of the cluster that the workbook makes."""
    return cache_dir() / ("kubeconfig" if CLUSTER == "workbook" else f"kubeconfig.{CLUSTER}")


def made_by_workbook() -> bool:
    """Tell whether the cluster in use is the one that the workbook made, and not an owner's."""
    return kubeconfig_path() == own_kubeconfig()


def check(kubeconfig: Path) -> dict[str, Any]:
    """Return the content of `kubeconfig` if its current context is the workbook's own.

    Use what is returned, and do not read the file again: it may have changed since.
    Raises ClusterGone when there is no such file, and ForeignCluster when another user can read
    or write it, when its current context is another one, or when the workbook's context leads
    away from this machine.
    """
    try:
        with kubeconfig.open("rb") as file:
            status = os.fstat(file.fileno())
            text = file.read()
    except FileNotFoundError:
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
        current = config["current-context"]
        context = next(c["context"] for c in config["contexts"] if c["name"] == current)
        server = next(
            c["cluster"]["server"] for c in config["clusters"] if c["name"] == context["cluster"]
        )
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, StopIteration):
        raise ForeignCluster(
            f"{kubeconfig} is not a whole kubeconfig with a current context.",
            "`workbook up` writes it anew.",
        ) from None
    named = os.environ.get("WORKBOOK_CONTEXT") if os.environ.get("WORKBOOK_KUBECONFIG") else None
    if current != (named or CONTEXT):
        raise ForeignCluster(
            f"The current context of {kubeconfig} is {current!r}, "
            f"and the workbook's is {named or CONTEXT!r}.",
            "`workbook up` makes the workbook's own cluster. To use this one on purpose, set "
            "WORKBOOK_KUBECONFIG and WORKBOOK_CONTEXT to its file and its context.",
        )
    if not named and not _on_this_machine(server):
        raise ForeignCluster(
            f"The context {current!r} in {kubeconfig} leads to {server}, "
            "and the workbook's cluster runs on this machine.",
            "`workbook up` makes the workbook's own cluster.",
        )
    found: dict[str, Any] = config
    return found


def _on_this_machine(server: str) -> bool:
    host = urlsplit(str(server)).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
