"""Pods that write no resources, made one after the other under a quota, before and after defaults.

Rows: the manifests of a LimitRange ("LimitRange/example") and a ResourceQuota; trials of a Pod that
writes nothing, one before the LimitRange was sent; source "session", object "Pod/example-N", field
"asked": True once it was made and counted, else the words of refusal; source "watch", the quota's
"status.used.limits.cpu"; source "session", object "Deployment", field "count".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.model import admission, limit_ranges, quota_run
from helpers.model.manifests import Manifest, burn_pod
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline
from helpers.model.trials import Trial, trials


@dataclass(frozen=True, slots=True)
class Try:
    """The number of a Pod that was sent, whether it was made, and what the quota counts then."""

    number: int
    made: bool
    used: Quantity | None
    message: str


def kubectl_run(namespace: str, lesson: str, name: str) -> Manifest:
    """Return what `kubectl run NAME --image=… -- --threads 0` makes: a Pod, with a label "run"."""
    return burn_pod(namespace=namespace, lesson=lesson, name=name, labels={"run": name})


def tries(timeline: Timeline) -> list[Try]:
    """Return the Pods that were sent, in their order."""
    found: list[Try] = []
    used: Quantity | None = None
    for row in timeline.rows:
        if row.source == "watch" and row.object == quota_run.QUOTA and row.field == quota_run.USED:
            used = Quantity.parse(str(row.value)) if row.value is not None else used
        elif row.source == "session" and row.field == "asked":
            made = row.value is True
            found.append(Try(len(found) + 1, made, used, "" if made else str(row.value)))
    return found


def halves(timeline: Timeline) -> tuple[list[Trial], list[Trial]]:
    """Return the trials before the LimitRange was sent, and those after it."""
    before, after = Timeline(), Timeline()
    into = before
    for row in timeline.rows:
        if _is_limit_range(row):
            into = after
        into.append(row)
    return trials(before), trials(after)


def fits(timeline: Timeline) -> int | None:
    """Return how many Pods that write nothing the quota lets in, by the rules; None: not known.

    The LimitRange's default limit is counted, as LimitRanger comes before the quota.
    """
    hard, limits = quota_run.hard(timeline), limit_ranges.sent(timeline)
    each = limits.default.get("cpu") if limits is not None else None
    return quota_run.fits(hard, each) if hard is not None and each else None


def quota(timeline: Timeline) -> admission.Quota | None:
    """Return the quota that was sent."""
    sent = timeline.value(source="session", object=quota_run.QUOTA, field="manifest")
    return admission.Quota.parse(sent) if isinstance(sent, Mapping) else None


def _is_limit_range(row: Row) -> bool:
    return (row.source, row.object, row.field) == (
        "session",
        limit_ranges.LIMIT_RANGE,
        "manifest",
    )
