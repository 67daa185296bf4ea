"""What a run shows of a quota and of the Deployment that grows under it, step by step.

Rows: source "session", object "Deployment/example", fields "manifest", "scale" and "step" (how many
Pods there are and are not running); source "watch", the Deployment's "status.readyReplicas" and
the quota's "status.used.limits.cpu"; source "event", "FailedCreate".
"""

from __future__ import annotations

from dataclasses import dataclass

from helpers.model import manifests
from helpers.model.quantity import Quantity
from helpers.model.resources import Resources
from helpers.model.timeline import Row, Timeline

DEPLOYMENT = "Deployment/example"
QUOTA = "ResourceQuota/resource-quota"
READY = "status.readyReplicas"
USED = "status.used.limits.cpu"


@dataclass(frozen=True, slots=True)
class Step:
    """One number of replicas: how many are ready, what the quota counts, who was refused.

    `pods` and `pending` are None as long as they have not been counted.
    """

    asked: int
    ready: int
    used: Quantity | None
    refused: bool
    limit: Quantity | None
    pods: int | None = None
    pending: int | None = None

    @property
    def rests(self) -> bool:
        """Whether all has been made, and counted, or the rest has been refused."""
        if self.used is None or self.limit is None:
            return False
        counted = self.used.amount == self.ready * self.limit.amount
        return counted and (self.ready == self.asked or self.refused)


def hard(timeline: Timeline) -> Quantity | None:
    """Return the CPU limits that the quota allows, as it was sent."""
    sent = timeline.value(source="session", object=QUOTA, field="manifest")
    spec = sent.get("spec") if isinstance(sent, dict) else None
    allowed = spec.get("hard") if isinstance(spec, dict) else None
    amount = allowed.get("limits.cpu") if isinstance(allowed, dict) else None
    return None if amount is None else Quantity.parse(str(amount))


def filled(timeline: Timeline) -> bool:
    """Tell whether the quota's controller has counted, and found nothing.

    Pods of an earlier run that are still going are counted too.
    """
    used = timeline.value(source="watch", object=QUOTA, field=USED)
    return isinstance(used, str) and not Quantity.parse(used).amount


def fits(hard: Quantity, limit: Quantity) -> int:
    """Return how many Pods of this CPU limit a quota of limits.cpu lets in.

    Upstream: k8s.io/apiserver pkg/admission/plugin/resourcequota/controller.go, CheckRequest:
    what is used, with the new Pod, may be equal to what is allowed.
    """
    return int(hard.amount // limit.amount)


def steps(timeline: Timeline) -> list[Step]:
    """Return the numbers of replicas that were asked for, in their order, as each came out."""
    found: list[Step] = []
    rows: list[Row] = []
    for row in timeline.rows:
        begins = row.source == "session" and row.object == DEPLOYMENT
        if begins and row.field in ("manifest", "scale"):
            found += _step(rows)
        rows.append(row)
    return found + _step(rows)


def _step(rows: list[Row]) -> list[Step]:
    """Return what stands at the end of these rows, as the step that they end with."""
    asked: int | None = None
    ready, used, refused = 0, None, False
    limit: Quantity | None = None
    pods: int | None = None
    pending: int | None = None
    for row in rows:
        if row.source == "session" and row.object == DEPLOYMENT and row.field == "manifest":
            asked, limit = 1, _limit(row)
        elif row.source == "session" and row.object == DEPLOYMENT and row.field == "scale":
            asked, refused, pods, pending = int(str(row.value)), False, None, None
        elif row.source == "session" and row.field == "step" and isinstance(row.value, dict):
            pods, pending = int(str(row.value["pods"])), int(str(row.value["pending"]))
        elif pods is not None:
            continue  # counted: what comes now is the end of the run
        elif row.source == "event" and row.field == "FailedCreate":
            refused = True
        elif row.source == "watch" and row.object == DEPLOYMENT and row.field == READY:
            ready = int(str(row.value or 0))
        elif row.source == "watch" and row.object == QUOTA and row.field == USED:
            used = Quantity.parse(str(row.value)) if row.value is not None else used
    return [] if asked is None else [Step(asked, ready, used, refused, limit, pods, pending)]


def _limit(row: Row) -> Quantity | None:
    sent = row.value if isinstance(row.value, dict) else {}
    for container in manifests.containers(sent):
        block = container.get("resources")
        if isinstance(block, dict):
            return Resources.parse(block).limit("cpu")
    return None
