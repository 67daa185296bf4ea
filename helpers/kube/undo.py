"""What lessons change outside their namespaces, and the way back.

A step says how one change is undone. A lesson writes its steps into its Lease before it changes
anything, so that whoever finds the Lease can take them: the lesson itself, another lesson after its
kernel has died, or `workbook reset`. Taking a step twice does no harm.

    {"restore": object}             make the object again what it was
    {"delete": {"kind", "apiVersion", "name"}}
                                    delete an object of the whole cluster that is ours
    {"sweep": {"kind", "apiVersion", "lesson"}}
                                    delete all objects of a kind that carry a lesson's label, such
                                    as those that a controller made for it; what runs on a Node of
                                    ours goes with it
    {"unpause": node}               let a paused node go on
    {"remove": container}           remove a container that is no node, such as a registry
    {"untag": host}                 take from images on this machine the names that begin so
    {"forget": registry}            let the nodes forget a registry's host name, and its images
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from helpers.engine import mirror
from helpers.engine.engine import Engine
from helpers.kube import guard
from helpers.kube.api import MERGE, Api, Kind, Object
from helpers.kube.errors import KubeError, NotFound, Refused

Step: TypeAlias = dict[str, Any]

ANNOTATION = "kubernetes-workbook/undo"
"""The Lease's annotation that holds the steps, as JSON."""

TRIES = 5
_SERVERS = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation")


class NotMade(KubeError):
    """The guard said no: only a cluster that the workbook made is changed outside of lessons."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"This lesson changes {what}, which is not its own, and the workbook does so only on a "
            "cluster that it made. `workbook up` makes one; unset WORKBOOK_KUBECONTEXT and "
            "WORKBOOK_KUBECONFIG to use it."
        )


def steps_in(lease: Mapping[str, Any]) -> list[Step]:
    """Return the steps that a Lease holds, in the order in which the changes were made."""
    annotations = (lease.get("metadata") or {}).get("annotations") or {}
    found: list[Step] = json.loads(annotations.get(ANNOTATION) or "[]")
    return found


def restoring(found: Object) -> Step:
    """Return the step that makes an object again what it is now."""
    kept = {key: value for key, value in found.items() if key != "status"}
    metadata = {k: v for k, v in found["metadata"].items() if k not in _SERVERS}
    return {"restore": {**kept, "metadata": metadata}}


def forget(api: Api, namespace: str, lease: str) -> None:
    """Take the steps out of a Lease, for they were taken.

    Its namespace takes its time to go, and nobody may take them again meanwhile: what was put back
    may have been changed since by its owner.
    """
    path = api.kind("Lease").path(namespace, lease)
    body: Object = {"metadata": {"annotations": {ANNOTATION: None}}}
    with suppress(NotFound):
        api.call("PATCH", path, body=body, content_type=MERGE, what=f"Lease/{lease}")


def same(one: Step, other: Step) -> bool:
    """Tell whether two steps undo changes of the same thing; the earlier one then says it all."""
    return _subject(one) == _subject(other)


def take(api: Api, steps: Sequence[Step]) -> list[str]:
    """Take the steps, the newest first, and return what was put back, such as "Service/web".

    Paused nodes go on before all else: the API server may be on one. Raises NotMade, Refused,
    ClusterGone, EngineError.
    """
    done = [_unpause(step["unpause"]) for step in reversed(steps) if "unpause" in step]
    done += [_forget(step["forget"]) for step in reversed(steps) if "forget" in step]
    done += [_remove(step["remove"]) for step in reversed(steps) if "remove" in step]
    done += [_untag(step["untag"]) for step in reversed(steps) if "untag" in step]
    for step in reversed(steps):
        if "restore" in step:
            done.append(_restore(api, step["restore"]))
        elif "delete" in step:
            done.append(_delete(api, step["delete"]))
        elif "sweep" in step:
            done += _sweep(api, step["sweep"])
    return [what for what in done if what]


def pause(node: str) -> None:
    """Stop a node of the workbook's cluster where it stands. Raises NotMade, EngineError."""
    engine = Engine.find()
    if not guard.made_by_workbook() or node not in engine.nodes(guard.CLUSTER):
        raise NotMade(f"Node/{node}")
    engine.pause(node)


def _unpause(node: str) -> str:
    engine = Engine.find()
    if not guard.made_by_workbook() or engine.nodes(guard.CLUSTER).get(node) != "paused":
        return ""
    engine.unpause(node)
    return f"Node/{node}"


def lead(registry: str, hosts: Mapping[str, str]) -> None:
    """Lead nodes of the workbook's cluster to a registry; `hosts` is a file of each node's own.

    Raises NotMade, EngineError.
    """
    engine = Engine.find()
    if not guard.made_by_workbook():
        raise NotMade(f"where the nodes find {registry}")
    for node, file in hosts.items():
        mirror.lead(engine, node, registry, file)


def _forget(registry: str) -> str:
    if not guard.made_by_workbook():
        return ""
    engine = Engine.find()
    for node, state in engine.nodes(guard.CLUSTER).items():
        if state == "running":
            mirror.forget(engine, node, registry)
    return f"Registry/{registry}"


def _remove(container: str) -> str:
    Engine.find().remove([container])
    return f"Container/{container}"


def _untag(host: str) -> str:
    Engine.find().untag(f"{host}/")
    return ""  # names, and nothing that ran


def _restore(api: Api, former: Object) -> str:
    metadata = former["metadata"]
    kind = api.kind(former["kind"], former["apiVersion"])
    what = f"{kind.name}/{metadata['name']}"
    if not guard.made_by_workbook():
        raise NotMade(what)
    if kind.namespaced and not _goes_on(api, metadata["namespace"]):
        return ""  # it went with its namespace, and whoever makes that again makes it too
    path = kind.path(metadata.get("namespace", ""), metadata["name"])
    for left in reversed(range(TRIES)):
        try:
            # Some kinds (APIService) are only replaced by whoever knows their version.
            now = api.call("GET", path, what=what)[0]["metadata"]["resourceVersion"]
            body = {**former, "metadata": {**metadata, "resourceVersion": now}}
            api.call("PUT", path, body=body, what=what)
        except NotFound:
            api.call("POST", kind.path(metadata.get("namespace", "")), body=dict(former), what=what)
        except Refused as refused:
            if refused.status == 409 and left:
                continue  # its controller wrote meanwhile
            raise
        break
    return what


def _goes_on(api: Api, namespace: str) -> bool:
    """Tell whether a namespace is there, and not about to go."""
    try:
        found = api.call("GET", api.kind("Namespace").path("", namespace))[0]["metadata"]
    except NotFound:
        return False
    return "deletionTimestamp" not in found


def _delete(api: Api, step: Mapping[str, str]) -> str:
    name, what = step["name"], f"{step['kind']}/{step['name']}"
    try:
        # A kind that is served no more has taken its objects with it.
        where = api.kind(step["kind"], step.get("apiVersion", ""))
        found = api.call("GET", where.path("", name), what=what)[0]["metadata"]
        if guard.LABEL not in (found.get("labels") or {}):
            return ""  # the lesson was refused the name, for it is another's
        body = {"preconditions": {"uid": found["uid"]}, "propagationPolicy": "Background"}
        api.call("DELETE", where.path("", name), body=body, what=what)
    except NotFound:
        return ""
    if where.name == "Node":
        _clear(api, name)
    return what


def _sweep(api: Api, step: Mapping[str, str]) -> list[str]:
    query = {"labelSelector": f"{guard.LABEL}={step['lesson']}"}
    try:
        where = api.kind(step["kind"], step["apiVersion"])
        items = api.call("GET", where.path(""), query=query, what=where.name)[0].get("items") or []
    except NotFound:
        return []
    done = [what for item in items if (what := _take_away(api, where, item["metadata"]))]
    if where.name == "Node":
        # Only now: as long as it is there, controllers and the scheduler put new ones on it.
        for item in items:
            _clear(api, item["metadata"]["name"])
    return done


def _take_away(api: Api, kind: Kind, found: Object) -> str:
    """Delete an object whose controller runs no more."""
    what = f"{kind.name}/{found['name']}"
    path = kind.path(str(found.get("namespace") or ""), found["name"])
    try:
        if found.get("finalizers"):
            # Whoever set them is gone, and nobody else would take them off.
            freed: Object = {"metadata": {"uid": found["uid"], "finalizers": None}}
            api.call("PATCH", path, body=freed, content_type=MERGE, what=what)
        body = {"preconditions": {"uid": found["uid"]}, "propagationPolicy": "Background"}
        api.call("DELETE", path, body=body, what=what)
    except NotFound:
        return ""
    return what


def _clear(api: Api, node: str) -> None:
    """Let the server forget the Pods of a node that has gone, and its kubelet with it."""
    pods = api.kind("Pod")
    query = {"fieldSelector": f"spec.nodeName={node}"}
    for pod in api.call("GET", pods.path(""), query=query, what="Pod")[0].get("items") or []:
        metadata = pod["metadata"]
        path = pods.path(metadata["namespace"], metadata["name"])
        body = {"gracePeriodSeconds": 0, "preconditions": {"uid": metadata["uid"]}}
        with suppress(NotFound):
            api.call("DELETE", path, body=body, what=f"Pod/{metadata['name']}")


_NAMED = {"unpause": "Node", "remove": "Container", "forget": "Registry", "untag": "Image"}
"""The steps that hold a name and nothing else, and what it is the name of."""


def _subject(step: Step) -> tuple[str, ...]:
    for key, kind in _NAMED.items():
        if key in step:
            return (key, kind, step[key])
    if "delete" in step:
        return (step["delete"]["kind"], "", step["delete"]["name"])
    if "sweep" in step:
        return (step["sweep"]["kind"], step["sweep"]["lesson"], "swept")
    metadata = step["restore"]["metadata"]
    return (step["restore"]["kind"], metadata.get("namespace", ""), metadata["name"])
