"""Timelines of the topic hpa-cpu: the recorded runs, and the same with one thing changed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from helpers.lesson import recording
from helpers.model import hpa
from helpers.model.timeline import Row, Timeline, Value
from tests.unit.other_runs import changed, later

HPA = "HorizontalPodAutoscaler/"
USED = "status.currentMetrics.Resource.resource.current.averageUtilization"


@cache
def load() -> Timeline:
    return recording.load("autoscaling-on-cpu", "an-autoscaler-follows-its-formula")


@cache
def unknown() -> Timeline:
    return recording.load("autoscaling-on-cpu", "why-an-autoscaler-knows-nothing")


def without(run: Timeline, object: str, field: str) -> Timeline:
    """Return the run without the rows of a field; object is the beginning of a name."""
    return changed(
        run, lambda row: None if row.object.startswith(object) and row.field == field else row
    )


def with_value(run: Timeline, object: str, field: str, value: Value) -> Timeline:
    """Return the run with another value in a field, wherever it had one."""

    def change(row: Row) -> Row:
        here = row.object.startswith(object) and row.field == field and row.value is not None
        return Row(row.time, row.source, row.object, row.field, value) if here else row

    return changed(run, change)


def one_pod_works() -> Timeline:
    """Only the first Pod uses CPU, and no more than its limit."""
    first = load().where(source="metrics", field="cpu")[0].object

    def change(row: Row) -> Row:
        if row.source != "metrics" or not isinstance(row.value, Mapping):
            return row
        used = "250m" if row.object == first else "0"
        return Row(row.time, row.source, row.object, row.field, {**row.value, "cpu": used})

    return changed(load(), change)


def starved() -> Timeline:
    """The machine had next to nothing to give."""

    def change(row: Row) -> Row:
        if row.source != "metrics" or not isinstance(row.value, Mapping):
            return row
        return Row(row.time, row.source, row.object, row.field, {**row.value, "cpu": "20m"})

    peak = hpa.changes(load())[0].at
    return changed(load(), lambda row: change(row) if row.time > peak - 3 else row)


def reset_by_apply() -> Timeline:
    """Right after it was applied again, the Deployment has one replica."""
    again = load().where(source="session", object="Deployment/fib", field="manifest")[1]
    made = Timeline(load().meta)
    for row in load().rows:
        made.append(row)
        if row == again:
            made.append(Row(row.time + 0.1, "watch", "Deployment/fib", "spec.replicas", 1))
    return made


def late() -> Timeline:
    """The load began two minutes before the first new replica was asked for."""

    def change(row: Row) -> Row:
        early = row.object == "Job/fib-load" and row.field == "manifest"
        return Row(row.time - 120, *_rest(row)) if early else row

    return changed(load(), change)


def nine_at_once() -> Timeline:
    """Where the autoscaler wanted more than one, it wants nine."""

    def change(row: Row) -> Row:
        more = row.field == "status.desiredReplicas" and isinstance(row.value, int)
        if more and row.source == "watch" and int(str(row.value)) > 1:
            return Row(row.time, row.source, row.object, row.field, 9)
        return row

    return changed(load(), change)


def _rest(row: Row) -> tuple[str, str, str, Value]:
    return row.source, row.object, row.field, row.value


def pods_taken_in() -> Timeline:
    """The load's own Pods carry the label of fib."""
    pod = load().where(source="log", field="last line")[0].object
    made = changed(load(), lambda row: row)
    made.append(Row(made.rows[-1].time, "watch", pod, "metadata.labels.app", "fib"))
    return made


def nobody_refused() -> Timeline:
    """The server says something else to the book's version."""
    said: Value = {"verb": "dry-run", "message": "the server is tired"}
    return with_value(unknown(), HPA, "refusal", said)


def the_status_is_late(seconds: float) -> Timeline:
    """The Deployment's status tells of its ready Pods so much later."""
    return later(load(), seconds, lambda row: row.field == "status.readyReplicas")


HOLDS: dict[str, list[Timeline]] = {
    **{f"ch08-hpacpu-{number:02}": [load()] for number in (1, 2, 4, 7, 10, 11, 12)},
    "ch08-hpacpu-05": [load(), the_status_is_late(1.5)],
    **{f"ch08-hpacpu-{number:02}": [unknown()] for number in (3, 6, 8)},
}
FAILS: dict[str, list[Timeline]] = {
    "ch08-hpacpu-01": [one_pod_works()],
    "ch08-hpacpu-02": [
        with_value(load(), "Deployment/fib", "spec.replicas", 3),
        without(load(), "Deployment/fib", "status.readyReplicas"),
    ],
    "ch08-hpacpu-03": [
        with_value(unknown(), f"{HPA}fresh", USED, 97),
        with_value(unknown(), f"{HPA}bare", "status.conditions.ScalingActive.reason", "Idle"),
    ],
    "ch08-hpacpu-04": [reset_by_apply()],
    "ch08-hpacpu-05": [
        with_value(load(), "Pod/", "fib_requests_total", 0),
        with_value(load(), "EndpointSlice/", "endpoints.1.conditions.ready", False),
        the_status_is_late(10.0),
    ],
    "ch08-hpacpu-06": [
        nobody_refused(),
        with_value(unknown(), f"{HPA}fresh", "spec.maxReplicas", 5),
    ],
    "ch08-hpacpu-07": [nine_at_once()],
    "ch08-hpacpu-08": [
        with_value(unknown(), f"{HPA}printed", "status.conditions.AbleToScale.status", "True"),
        with_value(unknown(), f"{HPA}printed", "status.conditions.AbleToScale.message", "hm"),
    ],
    "ch08-hpacpu-10": [with_value(load(), f"{HPA}fib", USED, 40)],
    "ch08-hpacpu-11": [
        pods_taken_in(),
        with_value(load(), "Pod/", "last line", "load: none of 100000 requests was answered"),
    ],
    "ch08-hpacpu-12": [late(), nine_at_once()],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    **{f"ch08-hpacpu-{number:02}": [unknown()] for number in (1, 2, 4, 5, 7, 10, 11, 12)},
    **{f"ch08-hpacpu-{number:02}": [load()] for number in (3, 6, 8)},
}
CANNOT_TELL["ch08-hpacpu-01"].append(starved())
