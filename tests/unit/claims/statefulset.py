"""Runs on which the claims of ch09-sts-* hold, fail, or cannot be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helpers.model import lost_node, statefulset, survives, volumes
from helpers.model.statefulset import NAME, ORDERED, PARALLEL
from helpers.model.timeline import Timeline
from tests.unit.claims.story import Story

WHERE: Any = {"namespace": "sets-0000", "lesson": "sets"}
FIRST = ("aa", "bb", "cc")


class Sets(Story):
    """A Timeline in the words of an experiment on StatefulSets."""

    def sent(self, manifest: Any) -> Sets:
        self.row(
            "session", f"{manifest['kind']}/{manifest['metadata']['name']}", "manifest", manifest
        )
        return self

    def set(self, name: str = NAME, **asked: Any) -> Sets:
        return self.sent(statefulset.stateful_set(**WHERE, name=name, **asked))

    def made(self, pod: str, number: int = 1, **more: str) -> Sets:
        """A Pod is made; `number` tells lives of the same name apart."""
        self.watch(f"Pod/{pod}", exists=True, **more)
        self.row("watch", f"Pod/{pod}", "metadata.uid", f"{pod}-{number}")
        return self

    def ready(self, pod: str, address: str | None = None) -> Sets:
        ordinal = pod[-1]
        self.row("watch", f"Pod/{pod}", "status.podIP", address or f"10.0.0.{ordinal}")
        self.row("watch", f"Pod/{pod}", "status.conditions.Ready.status", "True")
        return self

    def going(self, pod: str) -> Sets:
        self.row("watch", f"Pod/{pod}", "metadata.deletionTimestamp", "2026-11-24T19:00:00Z")
        self.row("watch", f"Pod/{pod}", "exists", False)
        return self

    def claimed(self, *names: str, volumes: Sequence[str] = (), phase: str = "Bound") -> Sets:
        for number, name in enumerate(names):
            volume = volumes[number] if volumes else f"pvc-{name}"
            what = f"PersistentVolumeClaim/{name}"
            self.watch(what, exists=True, spec__volumeName=volume, status__phase=phase)
        return self

    def asked(self, name: str, *addresses: str) -> Sets:
        self.row("exec", "Pod/client", "lookup", {"name": name, "addresses": list(addresses)})
        return self

    def called(self, port: int, said: str) -> Sets:
        value = {"name": f"{NAME}-0.{NAME}", "port": port, "said": said}
        self.row("exec", "Pod/client", "http", value)
        return self

    def begin(self, step: str) -> Sets:
        self.row("session", f"Step/{step}", "begin", True)
        return self

    def files(self, step: str, sums: Sequence[str | None], claims: int | None = None) -> Sets:
        if claims is not None:
            self.row("session", f"Step/{step}", "claims", {NAME: claims})
        self.row("session", f"Step/{step}", "files", {NAME: list(sums)})
        return self


def pods(count: int = 3, name: str = NAME) -> list[str]:
    return [statefulset.pod_name(name, ordinal) for ordinal in range(count)]


def ordered(policy: str = ORDERED, *, patient: bool = True, count: int = 3) -> Sets:
    """A set starts; `patient`: each Pod is made when the one before is ready."""
    story = Sets().set(policy=policy, replicas=count)
    if patient:
        for pod in pods(count):
            story.made(pod).ready(pod)
        return story
    for pod in pods(count):
        story.made(pod)
    for pod in pods(count):
        story.ready(pod)
    return story


def named(
    addresses: Sequence[str] = ("10.0.0.0", "10.0.0.1", "10.0.0.2"),
    *,
    hostname: str = "",
    service: str = "None",
) -> Sets:
    """A set with its Service, whose names were looked up."""
    story = ordered()
    made: Any = statefulset.headless_service(**WHERE)
    made["spec"]["clusterIP"] = service
    story.sent(made)
    for pod, address in zip(pods(), addresses, strict=True):
        story.watch(f"Pod/{pod}", spec__hostname=hostname or pod, spec__subdomain=NAME)
        story.asked(f"{pod}.{NAME}", address)
    return story.asked(NAME, *addresses)


def ports(outer: str, inner: str, port: int = 80) -> Sets:
    story = Sets().sent(statefulset.headless_service(**WHERE, port=port))
    return story.called(port, outer).called(3000, inner)


def stored(scaled: str = "Retain", *, service: str = NAME, **asked: Any) -> Sets:
    story = Sets().set(**asked)
    story.watch(
        f"StatefulSet/{NAME}", spec__serviceName=service, spec__podManagementPolicy=PARALLEL
    )
    path = "spec.persistentVolumeClaimRetentionPolicy"
    story.row("watch", f"StatefulSet/{NAME}", f"{path}.whenScaled", scaled)
    story.row("watch", f"StatefulSet/{NAME}", f"{path}.whenDeleted", "Retain")
    return story


def bound(*volumes: str, phase: str = "Bound", names: Sequence[str] = ()) -> Sets:
    wanted = names or [statefulset.claim_name(NAME, n) for n in range(3)]
    return ordered().claimed(*wanted, volumes=volumes, phase=phase)


def beside(successor: str = f"{NAME}-1", other: str = "shared-zz", volumes_: str = "xyz") -> Sets:
    """A set and a Deployment lose a Pod each."""
    story = ordered().claimed(*(f"data-{pod}" for pod in pods()), volumes=list(volumes_))
    spec = statefulset.server_spec(volumes.claimed("data", "shared"))
    story.sent(volumes.deployment(**WHERE, name="shared", replicas=2, spec=spec))
    story.made("shared-aa").ready("shared-aa")
    story.going(f"{NAME}-1").going("shared-aa")
    story.made(successor, 2).ready(successor)
    return story.made(other, 2).ready(other)


def replaced(successor: str = f"{NAME}-1", sums: Sequence[str] = FIRST) -> Sets:
    """Pod 1 is deleted, and comes again."""
    story = ordered().files("at first", FIRST).begin("deleted")
    story.going(f"{NAME}-1").made(successor, 2).ready(successor)
    return story.files("deleted", sums)


def through(
    scaled: tuple[int, Sequence[str]],
    deleted: tuple[int, Sequence[str]],
    policy: tuple[str, str] = ("Retain", "Retain"),
) -> Sets:
    """A set is scaled to 1 and back, then deleted and made again: claims and files each time."""
    story = Sets().set(when_scaled=policy[0], when_deleted=policy[1]).files("at first", FIRST)
    story.begin("one").row("session", f"StatefulSet/{NAME}", "scale", 1)
    story.row("session", f"StatefulSet/{NAME}", "scale", 3)
    story.files("one", scaled[1], scaled[0]).begin("two")
    story.row("session", f"StatefulSet/{NAME}", "delete", {"grace": 1})
    return story.files("two", deleted[1], deleted[0])


def removed(
    left: Sequence[str] = (f"data-{NAME}-0", f"data-{NAME}-1"),
    *,
    phase: str | None = None,
    gone: bool = True,
    **asked: Any,
) -> Sets:
    """A set of two is deleted, and then the claims that are left."""
    story = Sets().set(replicas=2, **asked).claimed(*left)
    counted = {"label": f"app={NAME}", "claims": list(left)}
    story.row("session", f"StatefulSet/{NAME}", "claims left", counted)
    for name in left:
        story.row("watch", f"PersistentVolumeClaim/{name}", "exists", not gone)
        story.row("session", f"PersistentVolume/{name}", "phase", phase)
    return story


GOOD = "f" * 64
REFUSED = "[Errno 111] Connection refused"


def lost(*, early: bool = False, late: bool = True) -> Sets:
    """A node is lost and comes back; `early` or `late` tells when the set's next Pod is made."""
    story = Sets().set(claims=False, replicas=1)
    spec = statefulset.server_spec(None)
    story.sent(volumes.deployment(**WHERE, name="spare", spec=spec))
    story.made("randserver-0", spec__nodeName="a").ready("randserver-0")
    story.made("spare-x", spec__nodeName="a").ready("spare-x")
    story.row("session", "Node/a", "pause", True)
    story.row("watch", "Node/a", lost_node.NODE_READY, "Unknown")
    going = "metadata.deletionTimestamp"
    story.row("watch", "Pod/randserver-0", going, "2026").row("watch", "Pod/spare-x", going, "2026")
    story.made("spare-y")
    if early:
        story.made("randserver-0", 2)
    story.row("session", "Node/a", "put back", True)
    story.row("watch", "Node/a", lost_node.NODE_READY, "True")
    return story.made("randserver-0", 2) if late and not early else story


def updated(first: str = "21", rest: str = "0", partition: int = 1, steps: int = 2) -> Sets:
    """A set is updated with a partition, then without: the ordinals of the new Pods in each."""
    story = Sets().set(partition=partition)
    for ordinal in range(3):
        story.made(f"{NAME}-{ordinal}").ready(f"{NAME}-{ordinal}")
    for step, ordinals in list(zip(("first", "all"), (first, rest), strict=True))[:steps]:
        story.begin(step)
        for ordinal in ordinals:
            story.going(f"{NAME}-{ordinal}").made(f"{NAME}-{ordinal}", 2)
    return story


def table(wrong: str = "", left: int = 0) -> Sets:
    """The table of what survives; of the event `wrong` the set serves another file."""
    story = Sets().set(replicas=1)
    kept = survives.Kept()
    for event in survives.EVENTS[: len(survives.EVENTS) - left]:
        before: dict[str, Any] = {kind: f"{kind}-1" for kind in survives.KINDS}
        words = {survives.SAME: "1", survives.NEW: "2"}
        after = {}
        for kind in survives.KINDS:
            came = survives.rule(event, kind, kept)
            after[kind] = None if came == survives.NONE else f"{kind}-{words[came]}"
        if event == wrong:
            after[survives.SET] = "another"
        story.row("session", f"Step/{event}", "before", before)
        story.row("session", f"Step/{event}", "after", after)
    return story


HOLDS: dict[str, list[Timeline]] = {
    "ch09-sts-01": [beside()],
    "ch09-sts-02": [named()],
    "ch09-sts-03": [named()],
    "ch09-sts-04": [ports(REFUSED, GOOD), ports("timed out", GOOD, 8080)],
    "ch09-sts-05": [stored(), stored("Delete", when_scaled="Delete", when_deleted="Retain")],
    "ch09-sts-06": [ordered(), ordered(count=2)],
    "ch09-sts-07": [replaced()],
    "ch09-sts-08": [bound()],
    "ch09-sts-09": [
        through((3, FIRST), (3, FIRST)),
        through((1, ("aa", "yy", "zz")), (0, ("uu", "vv", "ww")), ("Delete", "Delete")),
        through((1, ("aa", "yy", "zz")), (1, ("aa", "vv", "ww")), ("Delete", "Retain")),
    ],
    "ch09-sts-10": [removed(), removed((), when_deleted="Delete")],
    "own-ch09-partition-01": [updated(), updated("210", "", 0), updated("", "210", 3)],
    "own-ch09-lost-01": [lost()],
    "own-ch09-survives-01": [table()],
}

FAILS: dict[str, list[Timeline]] = {
    "ch09-sts-01": [
        beside(successor=f"{NAME}-7"),
        beside(other="shared-aa"),
        beside(volumes_="xxx"),
    ],
    "ch09-sts-02": [named(service="10.96.0.7"), named(("10.0.0.0", "10.0.0.1", "10.9.9.9"))],
    "ch09-sts-03": [named(hostname="node"), named(("10.0.0.1", "10.0.0.0", "10.0.0.2"))],
    "ch09-sts-04": [ports(GOOD, GOOD), ports(REFUSED, REFUSED)],
    "ch09-sts-05": [stored("Delete"), stored(service="another")],
    "ch09-sts-06": [ordered(patient=False)],
    "ch09-sts-07": [
        replaced(successor=f"{NAME}-x"),
        replaced(sums=("aa", "zz", "cc")),
    ],
    "ch09-sts-08": [
        bound("one", "one", "two"),
        bound(phase="Pending"),
        bound(names=["data-0", "data-1", "data-2"]),
    ],
    "ch09-sts-09": [
        through((1, ("aa", "yy", "zz")), (1, ("aa", "yy", "zz"))),
        through((3, FIRST), (3, FIRST), ("Delete", "Retain")),
        through((3, FIRST), (0, ("uu", "vv", "ww"))),
    ],
    "ch09-sts-10": [
        removed(()),
        removed(gone=False),
        removed(phase="Released"),
        removed(when_deleted="Delete"),
    ],
    "own-ch09-partition-01": [updated("12"), updated("210", ""), updated("2", "10")],
    "own-ch09-lost-01": [lost(early=True), lost(late=False)],
    "own-ch09-survives-01": [table(survives.GONE), table(survives.LOST)],
}

CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch09-sts-01": [replaced()],
    "ch09-sts-02": [ordered()],
    "ch09-sts-03": [ordered()],
    "ch09-sts-04": [Sets().sent(statefulset.headless_service(**WHERE)).called(3000, GOOD)],
    "ch09-sts-05": [Sets().set(), stored(claims=False)],
    "ch09-sts-06": [ordered(PARALLEL, patient=False), Sets().set(policy=ORDERED)],
    "ch09-sts-07": [ordered().files("at first", FIRST)],
    "ch09-sts-08": [Sets().set()],
    "ch09-sts-09": [replaced()],
    "ch09-sts-10": [replaced()],
    "own-ch09-partition-01": [ordered(), updated(steps=1)],
    "own-ch09-lost-01": [ordered()],
    "own-ch09-survives-01": [ordered(), table(left=1)],
}
