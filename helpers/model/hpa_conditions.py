"""Why an autoscaler shows <unknown>: what its manifest, and those around it, let one expect.

Upstream: K pkg/controller/podautoscaler/horizontal.go, reconcileAutoscaler and
validateAndParseSelector; replica_calculator.go, calculatePodRequestsFromContainers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.model.manifests import containers
from helpers.model.timeline import Timeline, Value

HPA = "HorizontalPodAutoscaler"


@dataclass(frozen=True, slots=True)
class State:
    """A condition of an autoscaler: its type, its reason, and words that its message holds."""

    condition: str
    reason: str
    words: str = ""

    @property
    def shows_a_number(self) -> bool:
        """Whether the autoscaler could work with what it was given."""
        return self.reason == "ValidMetricFound"


WORKS = State("ScalingActive", "ValidMetricFound")


def sent(timeline: Timeline, kind: str) -> dict[str, Mapping[str, Value]]:
    """Return the manifests of a kind that the session sent, by name; the last one of each."""
    found: dict[str, Mapping[str, Value]] = {}
    for row in timeline.where(source="session", field="manifest"):
        if row.object.startswith(f"{kind}/") and isinstance(row.value, Mapping):
            found[row.object.removeprefix(f"{kind}/")] = row.value
    return found


def expected(timeline: Timeline, name: str) -> State:
    """Return the state in which this autoscaler ends, once the metrics of its Pods are there."""
    autoscalers, deployments = sent(timeline, HPA), sent(timeline, "Deployment")
    target = part(autoscalers[name], "spec", "scaleTargetRef")
    group = str(target.get("apiVersion")).rpartition("/")[0]
    if group != "apps":
        words = f'no matches for kind "{target.get("kind")}" in group "{group}"'
        return State("AbleToScale", "FailedGetScale", words)
    aim = deployments.get(str(target.get("name")))
    if aim is None:
        return State("AbleToScale", "FailedGetScale", f'"{target.get("name")}" not found')
    chosen = _selector(aim)
    for other, manifest in autoscalers.items():
        its = part(manifest, "spec", "scaleTargetRef")
        theirs = deployments.get(str(its.get("name")))
        able = str(its.get("apiVersion")).startswith("apps/")
        if other != name and able and theirs is not None and _selector(theirs) == chosen:
            words = "controlled by more than one HPA"
            return State("ScalingActive", "AmbiguousSelector", words)
    for container in containers(aim):
        if not _cpu(container):
            return State("ScalingActive", "FailedGetResourceMetric", "missing request for cpu")
    return WORKS


def seen(timeline: Timeline, name: str) -> State | None:
    """Return the state in which the watch saw this autoscaler last; None if there is none yet."""
    if _status(timeline, name, "AbleToScale", "status") == "False":
        return _state(timeline, name, "AbleToScale")
    if _status(timeline, name, "ScalingActive", "status") is None:
        return None
    return _state(timeline, name, "ScalingActive")


def agree(wanted: State, found: State | None) -> bool:
    """Tell whether a state is the one expected, message included."""
    return (
        found is not None
        and (wanted.condition, wanted.reason) == (found.condition, found.reason)
        and wanted.words in found.words
    )


def _state(timeline: Timeline, name: str, condition: str) -> State:
    reason, message = (_status(timeline, name, condition, part) for part in ("reason", "message"))
    return State(condition, str(reason or ""), str(message or ""))


def _status(timeline: Timeline, name: str, condition: str, part: str) -> Value:
    field = f"status.conditions.{condition}.{part}"
    return timeline.value(source="watch", object=f"{HPA}/{name}", field=field)


def _selector(deployment: Mapping[str, Value]) -> Mapping[str, Value]:
    return part(deployment, "spec", "selector", "matchLabels")


def _cpu(container: Mapping[str, Value]) -> Value:
    """Return the CPU request; a limit alone becomes one (SetDefaults_Pod)."""
    asked = part(container, "resources", "requests").get("cpu")
    return asked or part(container, "resources", "limits").get("cpu")


def part(value: Mapping[str, Value], *path: str) -> Mapping[str, Value]:
    """Return the mapping at this path of a manifest; an empty one where there is none."""
    for key in path:
        inner = value.get(key)
        value = inner if isinstance(inner, Mapping) else {}
    return value
