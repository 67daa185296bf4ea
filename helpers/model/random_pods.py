"""Pods drawn from a seed, and what a quota makes of each: asked alone, with nothing used yet.

Rows: the quota's manifest ("ResourceQuota/resource-quota"), and *trials* (`helpers.model.trials`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from helpers.model import admission, manifests, quota_run
from helpers.model.admission import Answer, Quota
from helpers.model.manifests import Manifest
from helpers.model.resources import Resources
from helpers.model.timeline import Timeline, Value
from helpers.model.trials import trials

COUNT = 8
LET_IN, NOT_VALID, LACKS, TOO_MUCH = "let in", "not valid", "number missing", "too much"
WORDS = (LET_IN, NOT_VALID, LACKS, TOO_MUCH)

CPU_LIMITS = (None, "200m", "500m", "500m", "800m", "1")
CPU_REQUESTS = (None, None, None, "100m", "600m")
MEMORY = (None, "128Mi", "256Mi", "256Mi", "400Mi")
KINDS = ("requests", "limits")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answered:
    """A Pod: what it declares, the rule's word and words, the server's word and words."""

    name: str
    declares: str
    rule: str
    rule_says: str
    measured: str
    message: str
    agrees: bool


def pods(seed: int, namespace: str, lesson: str) -> list[Manifest]:
    """Return the Pods of a seed, "pod-1" and so on; each has one container, or two."""
    draw = Random(seed)
    return [_pod(draw, f"pod-{number}", namespace, lesson) for number in range(1, COUNT + 1)]


def bare(namespace: str, lesson: str) -> Manifest:
    """Return a Pod that declares nothing, which no quota of CPU lets in."""
    return manifests.burn_pod(namespace=namespace, lesson=lesson, name="bare")


def word(answer: Answer) -> str:
    """Return the word of WORDS for what the rules say."""
    if answer.stored is not None:
        return LET_IN
    return NOT_VALID if answer.by == "validation" else _refused(answer.messages[0])


def answers(quota: Quota, shown: Sequence[Mapping[str, Value]]) -> tuple[str, ...]:
    """Return what the rules say of each Pod, alone under this quota."""
    return tuple(word(admission.admit(admission.pod_of(pod), None, [quota])) for pod in shown)


def answered(timeline: Timeline) -> list[Answered]:
    """Return the Pods of a run in the order in which they were tried."""
    sent = timeline.value(source="session", object=quota_run.QUOTA, field="manifest")
    if not isinstance(sent, Mapping):
        return []
    quota, found = Quota.parse(sent), []
    for trial in trials(timeline):
        metadata = trial.sent.get("metadata")
        answer = admission.admit(admission.pod_of(trial.sent), None, [quota])
        if trial.stored is not None:
            agrees = answer.stored is not None
        else:
            agrees = answer.stored is None and all(m in trial.message for m in answer.messages)
        found.append(
            Answered(
                str(metadata.get("name")) if isinstance(metadata, Mapping) else "",
                declares(trial.sent),
                word(answer),
                "; ".join(answer.messages) or LET_IN,
                LET_IN if trial.stored is not None else _refused(trial.message),
                trial.message,
                agrees,
            )
        )
    return found


def declares(pod: Mapping[str, Value]) -> str:
    """Say in a line what the containers of a Pod declare."""
    told = []
    for name, of in admission.pod_of(pod).items():
        words = _amounts(of) or "nothing"
        told.append(f"{name}: {words}")
    return "; ".join(told)


def _amounts(of: Resources) -> str:
    both = (("requests", of.requests), ("limits", of.limits))
    return ", ".join(f"{kind}.{name} {a}" for kind, amounts in both for name, a in amounts.items())


def _refused(message: str) -> str:
    if "failed quota" in message:
        return LACKS
    return TOO_MUCH if "exceeded quota" in message else NOT_VALID


def _pod(draw: Random, name: str, namespace: str, lesson: str) -> Manifest:
    containers: list[Value] = []
    for container in ("a", "b")[: 1 + (draw.random() < 0.35)]:
        limits = {"cpu": _one(draw, CPU_LIMITS)}
        requests = {"cpu": _one(draw, CPU_REQUESTS)}
        # A memory limit is a request, too.
        (limits if draw.random() < 0.3 else requests)["memory"] = _one(draw, MEMORY)
        block = manifests.resources(requests=requests, limits=limits)
        image: Manifest = {"name": container, "image": f"{manifests.IMAGES}/burn:1"}
        containers.append({**image, "resources": block} if block else image)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": manifests.metadata(name, namespace, lesson),
        "spec": {"containers": containers},
    }


def _one(draw: Random, of: Sequence[T]) -> T:
    return of[int(draw.random() * len(of))]
