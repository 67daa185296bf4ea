"""Timelines of the topic limit-range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.model import admission, bare_pods, limit_ranges, quotas, request_limit_grid
from helpers.model.admission import LimitRange
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline, Value
from helpers.model.trials import Trial
from tests.unit.claims.story import Story

PLACE = {"namespace": "limit-ranges-3f2a", "lesson": "limit-ranges"}
RANGE = limit_ranges.LIMIT_RANGE
BOOK = limit_ranges.limit_range(**PLACE, **limit_ranges.BOOK)
BOUNDED = limit_ranges.limit_range(
    **PLACE,
    default={"cpu": "1"},
    min={"cpu": "100m"},
    max={"cpu": "1500m"},
    ratio={"cpu": "4"},
)
NOTE = {"kubernetes.io/limit-ranger": "LimitRanger plugin set: cpu, memory request for container"}
Blocks = Mapping[str, Mapping[str, str]]


def kept(written: Value, resources: Blocks, *, note: bool, qos: str) -> dict[str, Value]:
    """What the server would store of a Pod of one container."""
    (name,) = admission.pod_of(written)  # type: ignore[arg-type]
    found: dict[str, Value] = {
        "kind": "Pod",
        "spec": {"containers": [{"name": name, "resources": resources}]},
        "status": {"qosClass": qos},
    }
    return {**found, "metadata": {"annotations": NOTE}} if note else found


def by_the_rule(pod: Any, limits: LimitRange | None) -> tuple[Blocks | None, str]:
    """What the model makes of a Pod: the resources that are stored, or the words of refusal."""
    answer = admission.admit(admission.pod_of(pod), limits, [])
    if answer.stored is None:
        return None, "; ".join(answer.messages)
    (of,) = answer.stored.values()
    blocks = {
        kind: {name: str(amount) for name, amount in limit_ranges.amounts(of, kind).items()}
        for kind in limit_ranges.KINDS
    }
    return blocks, ""


def shown(
    manifest: Any,
    pods: list[Any],
    wrong: Mapping[str, Blocks | None] | None = None,
    *,
    note: bool = True,
    qos: str = "Guaranteed",
    stored: Mapping[str, str] | None = None,
) -> Story:
    """A LimitRange under which pods are shown to the server; `wrong` are answers off the rule."""
    story = Story().row("session", RANGE, "manifest", manifest)
    for field in ("default", "defaultRequest"):
        for name, amount in manifest["spec"]["limits"][0].get(field, {}).items():
            path = f"spec.limits.Container.{field}.{name}"
            story.row("watch", RANGE, path, (stored or {}).get(path, amount))
    limits = LimitRange.parse(manifest)
    for pod in pods:
        name = pod["metadata"]["name"]
        blocks, words = by_the_rule(pod, limits)
        if wrong and name in wrong:
            blocks, words = wrong[name], "no"
        answer = None if blocks is None else kept(pod, blocks, note=note, qos=qos)
        trial = Trial(pod, answer, "", f'Pod "{name}" is invalid: {words}' if words else "", [])
        story.row("session", f"Pod/{name}", "trial", trial.row)
    return story


def book(wrong: Mapping[str, Blocks | None] | None = None, **more: Any) -> Story:
    return shown(BOOK, limit_ranges.pods(**PLACE), wrong, **more)


def grid(wrong: Mapping[str, Blocks | None] | None = None) -> Story:
    pods = request_limit_grid.pods(**PLACE, limits=LimitRange.parse(BOUNDED))
    return shown(BOUNDED, pods, wrong)


def sent(
    *, fits: int = 2, refused: bool = True, each: str = "1", limit: str = "1", deployments: int = 0
) -> Story:
    """A quota of 2, a pod that writes nothing, a LimitRange, and six such pods."""
    quota = quotas.resource_quota(**PLACE, hard={"limits.cpu": "2"})
    what = "ResourceQuota/resource-quota"
    story = Story().row("session", what, "manifest", quota)
    story.row("watch", what, "status.used.limits.cpu", "0")
    bare = bare_pods.kubectl_run(**PLACE, name="bare")
    words = "failed quota: resource-quota: must specify limits.cpu for: bare"
    stays = kept(bare, {}, note=False, qos="BestEffort")
    before = Trial(bare, None if refused else stays, "", words if refused else "", [])
    story.row("session", "Pod/bare", "trial", before.row)
    story.row("session", RANGE, "manifest", BOOK)
    blocks, _ = by_the_rule(bare, LimitRange.parse(BOOK))
    assert blocks is not None
    after = Trial(bare, kept(bare, blocks, note=True, qos="Burstable"), "", "", [])
    story.row("session", "Pod/bare", "trial", after.row)
    for number in range(1, 7):
        pod = f"Pod/example-{number}"
        if number > fits:
            story.row("session", pod, "asked", "exceeded quota: resource-quota")
            continue
        for kind, amounts in blocks.items():
            for name, amount in amounts.items():
                path = f"spec.containers.example-{number}.resources.{kind}.{name}"
                asked = limit if (kind, name) == ("limits", "cpu") else amount
                story.row("watch", pod, path, asked)
        used = number * Quantity.parse(each).millicores
        story.row("watch", what, "status.used.limits.cpu", f"{used}m")
        story.row("session", pod, "asked", True)
    return story.row("session", "Deployment", "count", deployments)


HALF = {"requests": {"cpu": "500m", "memory": "256Mi"}, "limits": {"cpu": "300m"}}

HOLDS: dict[str, list[Timeline]] = {
    "ch08-limitrange-01": [sent()],
    "ch08-limitrange-02": [book()],
    "ch08-limitrange-03": [book()],
    "ch08-limitrange-04": [book()],
    "ch08-limitrange-05": [grid()],
    "ch08-limitrange-06": [book(), book(stored={"spec.limits.Container.default.cpu": "1000m"})],
    "ch08-limitrange-07": [sent()],
}
FAILS: dict[str, list[Timeline]] = {
    "ch08-limitrange-01": [sent(fits=4), sent(refused=False), sent(each="500m"), sent(fits=0)],
    "ch08-limitrange-02": [book({"nothing": {}}), book(note=False)],
    "ch08-limitrange-03": [
        book({"request-200m": {"requests": {"cpu": "200m"}}}),
        book({"request-2": {"requests": {"cpu": "2"}, "limits": {"cpu": "2"}}}),
        book({"request-of-1gi": None}),
    ],
    "ch08-limitrange-04": [book({"limit-300m": HALF}), book(qos="Burstable")],
    "ch08-limitrange-05": [
        grid({"r400-l800": None}),
        grid({"r400-l800": {"requests": {"cpu": "800m"}, "limits": {"cpu": "800m"}}}),
        grid({"r50-l100": {"requests": {"cpu": "50m"}, "limits": {"cpu": "100m"}}}),
    ],
    "ch08-limitrange-06": [book(stored={"spec.limits.Container.default.cpu": "2"})],
    "ch08-limitrange-07": [sent(limit="500m"), sent(deployments=1)],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch08-limitrange-01": [book(), grid()],
    "ch08-limitrange-02": [sent()],
    "ch08-limitrange-03": [grid(), sent()],
    "ch08-limitrange-04": [grid(), sent()],
    "ch08-limitrange-05": [book(), sent()],
    "ch08-limitrange-06": [grid()],
    "ch08-limitrange-07": [book(), grid()],
}
