"""What quotas count besides the CPU and memory of Pods: objects, storage, and Pods by their scope.

Rows: the manifests of several quotas ("ResourceQuota/<name>"), the watch's "status.used.<resource>"
of each, *trials* (`helpers.model.trials`) of objects, and what `Run` names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.model import admission, autoscaling, manifests, volumes
from helpers.model.admission import Amounts, Quota
from helpers.model.manifests import Manifest
from helpers.model.qos import pod_class
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline, Value
from helpers.model.trials import Trial, trials

CRITICAL = "system-cluster-critical"
"""A PriorityClass that every cluster has."""
FAST = "fast"
"""A StorageClass that need not exist to be counted."""
PER_CLASS = f"{FAST}.storageclass.storage.k8s.io/requests.storage"
NOBODY = "nobody"
QUOTAS = ("objects", "storage", "scratch", "deadline", "critical")
WORDS = (NOBODY, *QUOTAS)

Scope = tuple[str, str, tuple[str, ...]]
"""Name, operator and values of a scope."""


def scopes(quota: Mapping[str, Value]) -> list[Scope]:
    """Return the scopes of a quota's manifest; the Pods that it counts are in all of them."""
    spec = quota.get("spec")
    spec = spec if isinstance(spec, Mapping) else {}
    selector = spec.get("scopeSelector")
    listed = selector.get("matchExpressions") if isinstance(selector, Mapping) else None
    found: list[Scope] = [(str(name), "Exists", ()) for name in _list(spec.get("scopes"))]
    for one in _list(listed):
        if isinstance(one, Mapping):
            values = tuple(str(value) for value in _list(one.get("values")))
            found.append((str(one["scopeName"]), str(one["operator"]), values))
    return found


def counts(quota: Mapping[str, Value], pod: Mapping[str, Value]) -> bool:
    """Tell whether a Pod is in all scopes of a quota.

    Upstream: K pkg/quota/v1/evaluator/core/pods.go, podMatchesScopeFunc (all but
    CrossNamespacePodAffinity) and podMatchesSelector.
    """
    spec = pod.get("spec")
    spec = spec if isinstance(spec, Mapping) else {}
    best_effort = pod_class(pod) == "BestEffort"
    terminating = spec.get("activeDeadlineSeconds") is not None
    priority = str(spec.get("priorityClassName") or "")
    for name, operator, values in scopes(quota):
        inside = {
            "BestEffort": best_effort,
            "NotBestEffort": not best_effort,
            "Terminating": terminating,
            "NotTerminating": not terminating,
            "PriorityClass": _selects(operator, values, priority),
        }[name]
        if not inside:
            return False
    return True


def usage(manifest: Mapping[str, Value]) -> dict[str, Quantity]:
    """Return what an object adds to a quota, by the quota's names.

    Upstream: K pkg/quota/v1/evaluator/core: services.go, persistent_volume_claims.go, pods.go, and
    for ConfigMaps registry.go's object counts.
    """
    kind = str(manifest.get("kind"))
    if kind == "Pod":
        pod = admission.pod_of(manifest)
        return admission.usage({name: admission.decoded(c) for name, c in pod.items()})
    plural = {"PersistentVolumeClaim": "persistentvolumeclaims"}.get(kind, f"{kind.lower()}s")
    one = Quantity.parse("1")
    found = {plural: one, f"count/{plural}": one}
    if kind == "PersistentVolumeClaim":
        spec = manifest["spec"]
        assert isinstance(spec, Mapping)
        asked = _at(spec, "resources", "requests", "storage")
        size, of = Quantity.parse(str(asked)), spec.get("storageClassName")
        found["requests.storage"] = size
        if of:
            found[f"{of}.storageclass.storage.k8s.io/requests.storage"] = size
            found[f"{of}.storageclass.storage.k8s.io/{plural}"] = one
    return found


def refusals(
    manifest: Mapping[str, Value],
    quotas: Sequence[Mapping[str, Value]],
    used: Mapping[str, Amounts] | None = None,
) -> dict[str, str]:
    """Return who refuses an object, and in which words, by the quotas' names.

    `used` is what each quota's status counts.  Upstream: k8s.io/apiserver
    pkg/admission/plugin/resourcequota/controller.go, CheckRequest: a quota that does not count the
    object is not asked, and the first that refuses ends the request.
    """
    found = {}
    for sent in quotas:
        name = str(_at(sent, "metadata", "name"))
        quota = Quota.parse(sent, (used or {}).get(name))
        is_pod = manifest.get("kind") == "Pod"
        if scopes(sent) and not (is_pod and counts(sent, manifest)):
            continue
        lacking = ""
        if is_pod:
            pod = admission.pod_of(manifest)
            pod = {container: admission.decoded(c) for container, c in pod.items()}
            lacking = admission.lacking(quota, pod)
        if words := lacking or admission.exceeded(quota, usage(manifest)):
            found[name] = words
    return found


def quota(
    *,
    namespace: str,
    lesson: str,
    name: str,
    hard: Mapping[str, str],
    scopes: Sequence[str] = (),
    priority_class: str | None = None,
) -> Manifest:
    """Build a ResourceQuota that counts what is in all `scopes`, or Pods of one PriorityClass."""
    spec: Manifest = {"hard": dict(hard)}
    if scopes:
        spec["scopes"] = list(scopes)
    if priority_class is not None:
        one: Manifest = {
            "scopeName": "PriorityClass",
            "operator": "In",
            "values": [priority_class],
        }
        spec["scopeSelector"] = {"matchExpressions": [one]}
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": manifests.metadata(name, namespace, lesson),
        "spec": spec,
    }


# What is shown to the server, by the name that the table gives it.
ROWS = (
    "a second Service",
    "a ConfigMap",
    "3Gi of storage, of class fast",
    "3Gi of storage, of another class",
    "a Pod that declares nothing",
    "a Pod that requests 1 CPU",
    "the same, with a deadline",
    "the same, critical",
)


def objects(namespace: str, lesson: str) -> list[Manifest]:
    """Return the objects of ROWS."""
    place = {"namespace": namespace, "lesson": lesson}

    def pod(name: str, requests: Mapping[str, str] | None = None, **more: Value) -> Manifest:
        made = manifests.burn_pod(**place, name=name, requests=requests)  # type: ignore[arg-type]
        spec = made["spec"]
        assert isinstance(spec, Mapping)
        return {**made, "spec": {**spec, **more}}

    config: Manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": manifests.metadata("settings", namespace, lesson),
        "data": {"colour": "blue"},
    }
    core = {"cpu": "1"}
    return [
        autoscaling.service(**place, name="second"),
        config,
        volumes.claim(**place, name="fast", size="3Gi", storage_class=FAST),
        volumes.claim(**place, name="slow", size="3Gi", storage_class="slow"),
        pod("nothing"),
        pod("core", core),
        pod("deadline", core, activeDeadlineSeconds=600),
        pod("critical", core, priorityClassName=CRITICAL),
    ]


@dataclass(frozen=True, slots=True)
class Answered:
    """An object: which quota refuses it by the rules and by the server, and in which words.

    `rule` and `measured` are words of WORDS.
    """

    row: str
    counts_as: str
    rule: str
    rule_says: str
    measured: str
    message: str
    agrees: bool


def sent(timeline: Timeline) -> list[Mapping[str, Value]]:
    """Return the quotas as they were sent first."""
    found: dict[str, Mapping[str, Value]] = {}
    for row in timeline.where(source="session", field="manifest"):
        if row.object.startswith("ResourceQuota/") and isinstance(row.value, Mapping):
            found.setdefault(row.object, row.value)
    return list(found.values())


def used(timeline: Timeline) -> dict[str, dict[str, Quantity]]:
    """Return what each quota counted when the first object was shown to the server."""
    found: dict[str, dict[str, Quantity]] = {}
    for row in timeline.rows:
        if _is_trial(row):
            break
        kind, _, name = row.object.partition("/")
        resource = row.field.removeprefix("status.used.")
        of_quota = kind == "ResourceQuota" and row.source == "watch" and resource != row.field
        if of_quota and row.value is not None:
            found.setdefault(name, {})[resource] = Quantity.parse(str(row.value))
    return found


def answered(timeline: Timeline) -> list[Answered]:
    """Return the objects of a run in the order in which they were tried."""
    quotas, counted, found = sent(timeline), used(timeline), []
    if len(quotas) < len(QUOTAS):
        return []
    for row, trial in zip(ROWS, trials(timeline), strict=False):
        expected = refusals(trial.sent, quotas, counted)
        measured = _who(trial)
        agrees = any(words in trial.message for words in expected.values())
        found.append(
            Answered(
                row,
                ", ".join(f"{name} {amount}" for name, amount in usage(trial.sent).items()),
                next(iter(expected), NOBODY),
                "; ".join(expected.values()) or "let in",
                measured,
                trial.message,
                agrees if expected else trial.stored is not None,
            )
        )
    return found


def _at(value: Value, *path: str) -> Value:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _who(trial: Trial) -> str:
    """Return the quota that a refusal names."""
    if trial.stored is not None:
        return NOBODY
    return next((n for n in QUOTAS if f" quota: {n}" in trial.message), "")


def _selects(operator: str, values: Sequence[str], priority: str) -> bool:
    if operator == "Exists":
        return bool(priority)
    if operator == "DoesNotExist":
        return not priority
    return (priority in values) is (operator == "In")


def _is_trial(row: Row) -> bool:
    return row.source == "session" and row.field == "trial"


def _list(value: Value) -> Sequence[Value]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
