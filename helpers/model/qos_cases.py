"""The pods whose class the lesson asks for, and what a Timeline says of them.

Rows: source "session", object "Pod/<name>", field "trial" (`helpers.model.trials`); what the server
answered has "status.qosClass".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.model import manifests
from helpers.model.manifests import Manifest
from helpers.model.qos import pod_class
from helpers.model.quantity import QuantityError
from helpers.model.timeline import Timeline, Value
from helpers.model.trials import trials

OWN = "yours"
"""Name of the pod that the learner has made."""

BARE: dict[str, Value] = {"name": "bare", "image": f"{manifests.IMAGES}/burn:1"}
"""A container that declares nothing."""

EQUAL = {"cpu": "500m", "memory": "256Mi"}
"""The limits of the book's Guaranteed pod."""
HALF = {"cpu": "250m", "memory": "128Mi"}
"""The requests of its Burstable one."""

# How one resource may be declared: what is requested, and what is the limit.
WAYS: dict[str, tuple[bool | None, bool]] = {
    "none": (None, False),
    "request": (False, False),
    "limit": (None, True),
    "equal": (True, True),
    "lower": (False, True),
}
"""By name: the request (None for none, True for as much as the limit), and whether there is one."""


@dataclass(frozen=True, slots=True)
class Case:
    """A pod: the class by the rule (None: refused), the server's, and the server's words."""

    name: str
    sent: Mapping[str, Value]
    rule: str | None
    measured: str | None
    message: str


def book(namespace: str, lesson: str) -> list[Manifest]:
    """Return the book's three pods, and its BestEffort one with a request of a millicore."""
    place: Any = {"namespace": namespace, "lesson": lesson}
    return [
        manifests.burn_pod(**place, name="best-effort"),
        manifests.burn_pod(**place, name="guaranteed", limits=EQUAL),
        manifests.burn_pod(**place, name="burstable", limits=EQUAL, requests=HALF),
        manifests.burn_pod(**place, name="millicore", requests={"cpu": "1m"}),
    ]


def telling(namespace: str, lesson: str) -> list[Manifest]:
    """Return the cases that the chart shows: the book's, and one for each rule beyond them."""
    place: Any = {"namespace": namespace, "lesson": lesson}

    def pod(name: str, **resources: Any) -> Any:
        return manifests.burn_pod(**place, name=name, **resources)

    second = pod("second-is-bare", limits=EQUAL)
    second["spec"]["containers"].append(BARE)
    both = pod("two-guaranteed", limits=EQUAL)
    both["spec"]["containers"].append({**BARE, "resources": {"limits": HALF}})
    init = pod("init-is-bare", limits=EQUAL)
    init["spec"]["initContainers"] = [BARE]
    init_only = pod("init-requests")
    init_only["spec"]["initContainers"] = [{**BARE, "resources": {"requests": {"cpu": "1m"}}}]
    whole = pod("pod-level-equal")
    whole["spec"]["resources"] = {"limits": EQUAL}
    over = pod("pod-level-decides", limits=EQUAL)
    over["spec"]["resources"] = {"limits": {"cpu": "1", "memory": "512Mi"}, "requests": EQUAL}
    empty = pod("pod-level-empty")
    empty["spec"]["resources"] = {}
    return [
        *book(namespace, lesson),
        pod("cpu-limit-only", limits={"cpu": "500m"}),
        pod("requests-only", requests=EQUAL),
        pod("zero-requests", requests={"cpu": "0", "memory": "0"}),
        second,
        both,
        init,
        init_only,
        whole,
        over,
        empty,
    ]


def manifests_of(namespace: str, lesson: str) -> list[Manifest]:
    """Return the telling cases, and every way of CPU with every way of memory."""
    return telling(namespace, lesson) + [
        _combined(namespace, lesson, cpu, memory) for cpu in WAYS for memory in WAYS
    ]


def cases(timeline: Timeline) -> list[Case]:
    """Return the pods of a run that were shown to the server, in their order."""
    found = []
    for trial in trials(timeline):
        metadata = trial.sent.get("metadata")
        name = str(metadata.get("name")) if isinstance(metadata, Mapping) else ""
        status = (trial.stored or {}).get("status")
        if trial.stored is not None and not isinstance(status, Mapping):
            continue  # a trial of another lesson, which did not keep the class
        given = status.get("qosClass") if isinstance(status, Mapping) else None
        try:
            rule: str | None = pod_class(trial.sent)
        except QuantityError:
            rule = None
        measured = None if given is None else str(given)
        found.append(Case(name, trial.sent, rule, measured, trial.message))
    return found


def _combined(namespace: str, lesson: str, cpu: str, memory: str) -> Manifest:
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    for resource, way in (("cpu", cpu), ("memory", memory)):
        equal, limited = WAYS[way]
        if equal is not None:
            requests[resource] = (EQUAL if equal else HALF)[resource]
        if limited:
            limits[resource] = EQUAL[resource]
    return manifests.burn_pod(
        namespace=namespace,
        lesson=lesson,
        name=f"cpu-{cpu}-memory-{memory}",
        requests=requests,
        limits=limits,
    )
