"""Timelines of hpa-memory and hpa-custom-metrics: the recorded runs, and one thing changed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from helpers.lesson import recording
from helpers.model import hpa_metrics
from helpers.model.timeline import Row, Timeline, Value
from tests.unit.claims.hpa_cpu import HPA, told_anew, with_value

LESSON = "autoscaling-on-metrics"
MEMORY = "status.currentMetrics.1.resource.current.averageValue"


@cache
def memory() -> Timeline:
    return recording.load(LESSON, "more-replicas-hold-more-memory")


@cache
def own() -> Timeline:
    return recording.load(LESSON, "metrics-of-your-own")


def shared_after_all() -> Timeline:
    """Once there are more Pods, each holds a third of what one held."""
    grown = next(r for r in hpa_metrics.changes(memory(), "fib") if r.desired > r.current)

    def change(row: Row) -> Row:
        later = row.field == MEMORY and row.value is not None and row.time > grown.at + 1
        return _with(row, "19000000") if later else row

    return told_anew(memory(), change)


def wants(run: Timeline, name: str, replicas: int) -> Timeline:
    """Wherever an autoscaler wanted more than one, it wants so many."""

    def change(row: Row) -> Row:
        more = row.object == f"{HPA}{name}" and row.field == "status.desiredReplicas"
        return (
            _with(row, replicas) if more and isinstance(row.value, int) and row.value > 1 else row
        )

    return told_anew(run, change)


def of_services() -> Timeline:
    """The custom metric has values of Services instead of Pods."""

    def change(row: Row) -> Row:
        if row.field != "fib_requests_per_second":
            return row
        return Row(row.time, row.source, row.object.replace("Pod/", "Service/"), *_end(row))

    return told_anew(own(), change)


def accepted() -> Timeline:
    """The server takes minReplicas: 0 for CPU alone."""

    def change(row: Row) -> Row:
        if row.field != "trial" or not isinstance(row.value, Mapping):
            return row
        return _with(row, {**row.value, "stored": {"spec": {}}, "message": ""})

    return told_anew(own(), change)


def busy_workers() -> Timeline:
    """Every Pod uses all of its CPU."""

    def change(row: Row) -> Row:
        if row.source != "metrics" or row.field != "cpu" or not isinstance(row.value, Mapping):
            return row
        return _with(row, {**row.value, "cpu": "100m"})

    return told_anew(own(), change)


def allowed_everywhere() -> Timeline:
    """The right reaches into other namespaces."""

    def change(row: Row) -> Row:
        if row.field != "may" or not isinstance(row.value, Mapping):
            return row
        return _with(row, {**row.value, "allowed": True})

    return told_anew(own(), change)


def one_queue_only() -> Timeline:
    """The other queue is not given."""

    def change(row: Row) -> Row:
        if row.object != "Queue/other" or not isinstance(row.value, Mapping):
            return row
        return _with(row, {**row.value, "length": None})

    return told_anew(own(), change)


def there_before() -> Timeline:
    """Somebody serves the groups before the adapter comes."""

    def change(row: Row) -> Row:
        return _with(row, ["pods/other"]) if row.field == "served" else row

    return told_anew(own(), change)


def nobody_serves() -> Timeline:
    """The groups stay unknown."""

    def change(row: Row) -> Row:
        return _with(row, None) if row.field == "served" else row

    return told_anew(own(), change)


def _with(row: Row, value: Value) -> Row:
    return Row(row.time, row.source, row.object, row.field, value)


def _end(row: Row) -> tuple[str, Value]:
    return row.field, row.value


HOLDS: dict[str, list[Timeline]] = {
    "ch08-hpamem-01": [memory()],
    "ch08-hpamem-02": [memory()],
    **{f"ch08-hpacustom-0{number}": [own()] for number in (1, 2, 3, 4)},
}
FAILS: dict[str, list[Timeline]] = {
    "ch08-hpamem-01": [
        with_value(
            memory(), HPA, "status.currentMetrics.0.resource.current.averageUtilization", 97
        ),
        with_value(memory(), HPA, MEMORY, "1000000"),
    ],
    "ch08-hpamem-02": [
        shared_after_all(),
        wants(memory(), "fib", 5),
        with_value(memory(), HPA, "spec.metrics.1.resource.target.averageValue", "20Mi"),
    ],
    "ch08-hpacustom-01": [there_before(), nobody_serves()],
    "ch08-hpacustom-02": [of_services(), wants(own(), "fib", 9)],
    "ch08-hpacustom-03": [wants(own(), "worker", 9), accepted(), busy_workers()],
    "ch08-hpacustom-04": [allowed_everywhere(), one_queue_only()],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch08-hpamem-01": [own()],
    "ch08-hpamem-02": [own()],
    **{f"ch08-hpacustom-0{number}": [memory()] for number in (1, 2, 3, 4)},
}
