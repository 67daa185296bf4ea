"""What a run shows of StatefulSets: their Pods one after the other, their claims and files.

Rows: source "session", object "StatefulSet/<set>", field "manifest", and "Deployment/<name>" too;
source "watch", objects "Pod/<pod>" and "PersistentVolumeClaim/<claim>"; source "exec": "lookup" and
"http" of "Pod/client", "checksum" of each Pod; source "session", "Step/<name>": a step of the run
begins ("begin"), its claims by set in between ("claims"), its checksums by set after it ("files").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from helpers.model.statefulset import REVISION, pod_name, replicas_of
from helpers.model.timeline import Row, Timeline, Value

READY = "status.conditions.Ready.status"


@dataclass(frozen=True, slots=True)
class Life:
    """One life of a Pod: a name may have several. Times are seconds since the epoch."""

    name: str
    uid: str
    made: float
    ready: float | None = None
    going: float | None = None
    """When its deletion was asked for."""
    gone: float | None = None
    ready_now: bool = False
    """Whether it was ready when it was seen last."""


def sets(timeline: Timeline) -> dict[str, Mapping[str, Any]]:
    """Return the first manifest of each StatefulSet that was sent, by name."""
    found: dict[str, Mapping[str, Any]] = {}
    for row in timeline.where(source="session", field="manifest"):
        kind, _, name = row.object.partition("/")
        if kind == "StatefulSet" and isinstance(row.value, Mapping):
            found.setdefault(name, row.value)
    return found


def sent_at(timeline: Timeline, object: str) -> float | None:
    """Return when an object's manifest was sent first."""
    rows = timeline.where(source="session", object=object, field="manifest")
    return rows[0].time if rows else None


def lives(timeline: Timeline, prefix: str) -> list[Life]:
    """Return the lives of all Pods whose name begins so, in the order in which they were made.

    A Pod that was gone before its owner was sent is of an earlier run, and left out.
    """
    found: dict[str, Life] = {}
    now: dict[str, str] = {}
    owners = {f"{row.object.partition('/')[2]}-": row.time for row in reversed(_owners(timeline))}
    for row in timeline.where(source="watch"):
        kind, _, name = row.object.partition("/")
        if kind != "Pod" or not name.startswith(prefix):
            continue
        if row.field == "metadata.uid" and row.value:
            now[name] = str(row.value)
            found[now[name]] = Life(name, now[name], row.time)
        elif name in now:
            found[now[name]] = _lived(found[now[name]], row.field, row.value, row.time)
    return [
        life
        for life in found.values()
        if not any(
            life.name.startswith(its) and life.gone is not None and life.gone <= at
            for its, at in owners.items()
        )
    ]


def _owners(timeline: Timeline) -> list[Row]:
    sent = timeline.where(source="session", field="manifest")
    return [row for row in sent if row.object.startswith(("StatefulSet/", "Deployment/"))]


def _lived(life: Life, field: str, value: Value, time: float) -> Life:
    if field == READY:
        first = time if value == "True" and life.ready is None else life.ready
        return replace(life, ready=first, ready_now=value == "True")
    if field == "metadata.deletionTimestamp" and value and life.going is None:
        return replace(life, going=time)
    if field == "exists" and value is False:
        return replace(life, gone=time, ready_now=False)
    return life


def revision(timeline: Timeline, life: Life) -> Value:
    """Return the revision of the set that a Pod was made from, as its label says."""
    rows = timeline.where(source="watch", object=f"Pod/{life.name}", field=REVISION)
    return next((row.value for row in reversed(rows) if row.time <= life.made), None)


def first_lives(timeline: Timeline, name: str) -> list[Life]:
    """Return the first life of each Pod of the set `name`, by ordinal, as far as it has come."""
    manifest = sets(timeline).get(name)
    if manifest is None:
        return []
    first: dict[str, Life] = {}
    for life in lives(timeline, f"{name}-"):
        first.setdefault(life.name, life)
    names = [pod_name(name, ordinal) for ordinal in range(replicas_of(manifest))]
    return [first[pod] for pod in names if pod in first]


def renewed(timeline: Timeline, name: str) -> list[list[Life]] | None:
    """Return the Pods of a set that were made in each step of its update, in their order.

    None as long as no step has begun. Rows: "Step/<name>" with "begin".
    """
    began = [row.time for row in timeline.where(source="session", field="begin")]
    if not began:
        return None
    made = [life for life in lives(timeline, f"{name}-") if life.made >= began[0]]
    ends = [*began[1:], float("inf")]
    return [
        [life for life in made if start <= life.made < end]
        for start, end in zip(began, ends, strict=True)
    ]


def ready_pods(timeline: Timeline, prefix: str) -> list[Life]:
    """Return the Pods with such a name that are ready now."""
    return [life for life in lives(timeline, prefix) if life.ready_now and life.going is None]


def claims(timeline: Timeline, prefix: str = "") -> list[str]:
    """Return the claims with such a name that exist now."""
    objects = dict.fromkeys(row.object for row in timeline.where(source="watch", field="exists"))
    return [
        object.partition("/")[2]
        for object in objects
        if object.startswith(f"PersistentVolumeClaim/{prefix}")
        and timeline.value(source="watch", object=object, field="exists") is True
    ]


def watched(timeline: Timeline, object: str, field: str) -> Value:
    """Return what the watch saw first of a field; later values may be of another life."""
    rows = timeline.where(source="watch", object=object, field=field)
    return rows[0].value if rows else None


def now(timeline: Timeline, name: str, field: str, *, kind: str = "PersistentVolumeClaim") -> Value:
    """Return what the watch saw last of a field of an object, of a claim if nothing is said."""
    return timeline.value(source="watch", object=f"{kind}/{name}", field=field)


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the cluster's DNS said of a name, asked from inside a Pod."""

    name: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from name and port: a checksum, or why nothing."""

    name: str
    port: int
    said: str

    @property
    def good(self) -> bool:
        """Whether randserver answered."""
        return len(self.said) == 64


def lookups(timeline: Timeline) -> dict[str, Lookup]:
    """Return the names that were looked up."""
    found = {}
    for row in timeline.where(source="exec", field="lookup"):
        if isinstance(row.value, Mapping):
            name, said = str(row.value["name"]), row.value["addresses"]
            assert isinstance(said, list | tuple)
            found[name] = Lookup(name, tuple(str(address) for address in said))
    return found


def answers(timeline: Timeline) -> list[Answer]:
    """Return what the asked names and ports answered."""
    return [
        Answer(str(row.value["name"]), int(str(row.value["port"])), str(row.value["said"]))
        for row in timeline.where(source="exec", field="http")
        if isinstance(row.value, Mapping)
    ]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a run: its name, when it began, and the files' checksums by set after it."""

    name: str
    began: float
    files: Mapping[str, tuple[str | None, ...]]
    claims: Mapping[str, int]
    """How many claims of a set there were in the middle of the step, where that was counted."""


def steps(timeline: Timeline) -> list[Step]:
    """Return the steps whose files were read, in their order."""
    began = {r.object: r.time for r in timeline.where(source="session", field="begin")}
    counted = {
        r.object: {name: int(str(left)) for name, left in r.value.items()}
        for r in timeline.where(source="session", field="claims")
        if isinstance(r.value, Mapping)
    }
    found = []
    for row in timeline.where(source="session", field="files"):
        if isinstance(row.value, Mapping):
            files: dict[str, tuple[str | None, ...]] = {}
            for name, sums in row.value.items():
                assert isinstance(sums, list | tuple)
                files[name] = tuple(None if one is None else str(one) for one in sums)
            name = row.object.partition("/")[2]
            began_at = began.get(row.object, row.time)
            found.append(Step(name, began_at, files, counted.get(row.object, {})))
    return found
