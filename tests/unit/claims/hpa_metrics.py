"""Timelines of hpa-memory and hpa-custom-metrics: the recorded runs, and one thing changed."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cache
from typing import Any

from helpers.lesson import recording
from helpers.model import hpa_metrics
from helpers.model.timeline import Row, Timeline, Value
from tests.unit.claims.hpa_cpu import HPA, with_value
from tests.unit.other_runs import changed, later

LESSON = "autoscaling-on-metrics"
MEMORY = "status.currentMetrics.1.resource.current.averageValue"


@cache
def memory() -> Timeline:
    return recording.load(LESSON, "more-replicas-hold-more-memory")


@cache
def own() -> Timeline:
    return recording.load(LESSON, "metrics-of-your-own")


def read_after_it() -> Timeline:
    """Each reading came to the controller half a second before it came to us."""
    metrics = memory().where(source="metrics", field="cpu")
    told = memory().where(source="watch", object=f"{HPA}fib", field=MEMORY)
    first = next(row.time for row in told if row.value)
    shift = first - max(row.time for row in metrics if row.time < first) + 0.5
    return later(memory(), shift, lambda row: row.source == "metrics")


def ends_with_a_round() -> Timeline:
    """And the last one never came to us, for the run had ended."""
    last = read_after_it().where(source="watch", object=f"{HPA}fib", field=MEMORY)[-1].time
    return changed(read_after_it(), lambda row: row if row.time < last + 0.4 else None)


def a_little_more() -> Timeline:
    """It tells 20 kB more a Pod than was ever served."""

    def change(row: Row) -> Row:
        if row.field != MEMORY or row.value is None:
            return row
        return _with(row, f"{hpa_metrics.milli(row.value) + 20_000_000}m")

    return changed(memory(), change)


def hardly_read() -> Timeline:
    """We could read the metrics API now and then only."""
    run = Timeline(memory().meta)
    for row in memory().rows:
        run.append(row)
        if row.source == "metrics":
            late: Value = {"reason": "a late read", "seconds": 12.0}
            run.append(Row(row.time, "recorder", "metrics", "gap", late))
    return run


def shared_after_all() -> Timeline:
    """Once there are more Pods, each holds a third of what one held."""
    grown = next(r for r in hpa_metrics.changes(memory(), "fib") if r.desired > r.current)

    def change(row: Row) -> Row:
        later = row.field == MEMORY and row.value is not None and row.time > grown.at + 1
        return _with(row, "19000000") if later else row

    return changed(memory(), change)


def wants(run: Timeline, name: str, replicas: int) -> Timeline:
    """Wherever an autoscaler wanted more than one, it wants so many."""

    def change(row: Row) -> Row:
        more = row.object == f"{HPA}{name}" and row.field == "status.desiredReplicas"
        return (
            _with(row, replicas) if more and isinstance(row.value, int) and row.value > 1 else row
        )

    return changed(run, change)


def queue_read_after_it() -> Timeline:
    """The controller saw the messages, and workers came, before we saw either."""
    grown = next(r for r in hpa_metrics.changes(own(), "worker") if r.desired > r.current)

    def change(row: Row) -> Row:
        full = row.object.startswith("External/") and row.value == "30"
        return Row(grown.at + 0.9 if full else row.time, row.source, row.object, *_end(row))

    run = Timeline(own().meta)
    for row in sorted(map(change, own().rows), key=lambda row: row.time):
        run.append(row)
    return run


def tolerated(share: str) -> Timeline:
    """21 messages come, four workers are there for them, and it tolerates such a share."""

    def change(row: Row) -> Row:
        if row.object.startswith("External/") and row.value == "30":
            return _with(row, "21")
        if row.object != f"{HPA}worker":
            return row
        if row.field == "manifest":
            sent: Any = copy.deepcopy(row.value)
            sent["spec"]["behavior"]["scaleUp"]["tolerance"] = share
            return _with(row, sent)
        return _with(row, "5250m") if row.value == "7500m" else row

    return changed(wants(own(), "worker", 4), change)


def of_services() -> Timeline:
    """The custom metric has values of Services instead of Pods."""

    def change(row: Row) -> Row:
        if row.field != "fib_requests_per_second":
            return row
        return Row(row.time, row.source, row.object.replace("Pod/", "Service/"), *_end(row))

    return changed(own(), change)


def accepted() -> Timeline:
    """The server takes minReplicas: 0 for CPU alone."""

    def change(row: Row) -> Row:
        if row.field != "trial" or not isinstance(row.value, Mapping):
            return row
        return _with(row, {**row.value, "stored": {"spec": {}}, "message": ""})

    return changed(own(), change)


def busy_workers() -> Timeline:
    """Every Pod uses all of its CPU."""

    def change(row: Row) -> Row:
        if row.source != "metrics" or row.field != "cpu" or not isinstance(row.value, Mapping):
            return row
        return _with(row, {**row.value, "cpu": "100m"})

    return changed(own(), change)


def allowed_everywhere() -> Timeline:
    """The right reaches into other namespaces."""

    def change(row: Row) -> Row:
        if row.field != "may" or not isinstance(row.value, Mapping):
            return row
        return _with(row, {**row.value, "allowed": True})

    return changed(own(), change)


def one_queue_only() -> Timeline:
    """The other queue is not given."""

    def change(row: Row) -> Row:
        if row.object != "Queue/other" or not isinstance(row.value, Mapping):
            return row
        return _with(row, {**row.value, "length": None})

    return changed(own(), change)


def there_before() -> Timeline:
    """Somebody serves the groups before the adapter comes."""

    def change(row: Row) -> Row:
        return _with(row, ["pods/other"]) if row.field == "served" else row

    return changed(own(), change)


def nobody_serves() -> Timeline:
    """The groups stay unknown."""

    def change(row: Row) -> Row:
        return _with(row, None) if row.field == "served" else row

    return changed(own(), change)


def _with(row: Row, value: Value) -> Row:
    return Row(row.time, row.source, row.object, row.field, value)


def _end(row: Row) -> tuple[str, Value]:
    return row.field, row.value


HOLDS: dict[str, list[Timeline]] = {
    "ch08-hpamem-01": [memory(), read_after_it(), ends_with_a_round()],
    "ch08-hpamem-02": [memory()],
    **{f"ch08-hpacustom-0{number}": [own()] for number in (1, 2, 4)},
    "ch08-hpacustom-03": [own(), queue_read_after_it(), tolerated("0.1")],
}
FAILS: dict[str, list[Timeline]] = {
    "ch08-hpamem-01": [
        with_value(
            memory(), HPA, "status.currentMetrics.0.resource.current.averageUtilization", 97
        ),
        with_value(memory(), HPA, MEMORY, "1000000"),
        a_little_more(),
    ],
    "ch08-hpamem-02": [
        shared_after_all(),
        wants(memory(), "fib", 5),
        with_value(memory(), HPA, "spec.metrics.1.resource.target.averageValue", "20Mi"),
    ],
    "ch08-hpacustom-01": [there_before(), nobody_serves()],
    "ch08-hpacustom-02": [of_services(), wants(own(), "fib", 9)],
    "ch08-hpacustom-03": [
        wants(own(), "worker", 9),
        accepted(),
        busy_workers(),
        tolerated("0.01"),
    ],
    "ch08-hpacustom-04": [allowed_everywhere(), one_queue_only()],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch08-hpamem-01": [own(), hardly_read()],
    "ch08-hpamem-02": [own()],
    **{f"ch08-hpacustom-0{number}": [memory()] for number in (1, 2, 3, 4)},
}
