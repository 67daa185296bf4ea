"""What survives what: four places for a file, six things that happen to it, all of them tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic, time
from typing import Annotated, Any

from helpers.charts.survives import SurvivesChart
from helpers.experiments import lost_node as nodes
from helpers.experiments import sets
from helpers.forms.fields import choice
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script, Trouble
from helpers.lesson.prediction import Table
from helpers.model import set_run, statefulset, survives, volumes
from helpers.model.needs import Need
from helpers.model.statefulset import KEEPS, RETAIN, Kept
from helpers.model.survives import (
    CLAIM,
    CLAIMLESS,
    EMPTY,
    GONE,
    KILLED,
    KINDS,
    LOST,
    NEW,
    OWNER,
    OWNERS,
    RETAINED,
    SAME,
    SCALED,
    SET,
)
from helpers.model.timeline import Row, Timeline, Value

SETTLE_WITHIN = 60.0  # seconds for all four to serve again, or to be known not to
VOLUMES_WITHIN = 20.0  # seconds for a provisioner to delete a volume
TOLERATE = 2  # seconds that a Pod stays on a lost node
BY_RULE = tuple(survives.rule(event, kind, Kept()) for event, kind in survives.CELLS)


def _but(**changed: tuple[str, str, str]) -> tuple[str, ...]:
    """Return the cells by the rule, with some (event, kind, said) otherwise."""
    other = {(event, kind): said for event, kind, said in changed.values()}
    return tuple(other.get(cell, said) for cell, said in zip(survives.CELLS, BY_RULE, strict=True))


@dataclass(frozen=True)
class Grid:
    """What the set's claims do when no Pod uses them."""

    when_scaled: Annotated[str, choice("StatefulSet: whenScaled", *KEEPS)] = RETAIN
    when_deleted: Annotated[str, choice("StatefulSet: whenDeleted", *KEEPS)] = RETAIN


class WhatSurvives(Experiment[Grid]):
    """Do each thing to all four at once, and read the file that is served afterwards."""

    id = "what-survives"
    title = "What survives what"
    seconds = 100
    needs = frozenset({Need.NODES, Need.FLAGS, Need.WHOLE_CLUSTER})
    spec = Grid
    script = Script(
        prediction=BY_RULE,
        misconceptions={
            "an emptyDir is lost with its container": _but(a=(KILLED, EMPTY, NEW)),
            "a claim goes with its Deployment": _but(
                a=(OWNER, CLAIM, NEW), b=(OWNER, RETAINED, NEW)
            ),
            "Retain gives the file to the next claim": _but(a=(CLAIMLESS, RETAINED, SAME)),
            "a set is made anew on another node": _but(a=(LOST, SET, SAME)),
        },
    )
    measured = (
        "<p>Four pods stand on one worker: three of Deployments (with an emptyDir, with a claim of "
        "the class <code>standard</code>, with one of a class that retains) and one of a "
        "StatefulSet. Each has written a file of random bytes. Each thing is done to all four at "
        "the same time. A dot says whether the pod that serves afterwards has a file of the same "
        "SHA-256; “no pod” means that none is ready, and why is in the events.</p>"
        "<p>Then the workbook helps, where nobody else does: it makes the claims again, and lets "
        "the node go on. Pods may stay 2 s on a lost node here; Kubernetes' own value is 300.</p>"
    )

    def question(self) -> Table:
        """Ask for every cell."""
        return Table(
            "Each of these happens to a pod that serves a file from <code>/data</code>. Who serves "
            "afterwards, <b>without anybody's help</b>: a pod with the same file, one with a new "
            "file, or is no pod ready?",
            survives.EVENTS,
            KINDS,
            survives.OPTIONS,
            absent=survives.ABSENT,
        )

    def build(self, values: Grid, place: Place) -> list[Manifest]:
        """Return class, claims, Deployments and the set."""
        return [*_claims(place), *_owners(values, place)]

    async def run(self, bench: Bench, values: Grid) -> None:
        """Start all four, then one event after the other."""
        place = bench.place
        owners = _owners(values, place)
        bench.progress("Four pods, each with a file", 0.0)
        await bench.call(bench.recorder.watch, "Node", "Pod", "PersistentVolumeClaim")
        for manifest in _claims(place):
            await bench.apply(manifest)
        for manifest in owners:
            await sets.apply(bench, manifest)
        await _all_serve(bench, 0.0)
        steps = (KILLED, _kill), (GONE, _delete_pods), (SCALED, _scale), (OWNER, _remake)
        for number, (event, work) in enumerate(steps):
            bench.progress(event, 0.1 + 0.1 * number)
            began = await _begin(bench, event)
            await work(bench, owners)
            await _all_serve(bench, began)
            await _after(bench, event, began)
        bench.progress(CLAIMLESS, 0.5)
        await _claimless(bench, _claims(place))
        bench.progress(f"{LOST}: waiting until it counts as lost", 0.65)
        await _lose(bench)
        bench.progress("Deleting the set, and its claims by their label", 0.95)
        await _remove(bench, owners[-1])
        bench.progress(f"{len(survives.CELLS)} cells", 1.0)

    def chart(self, timeline: Timeline) -> SurvivesChart:
        """Return the grid."""
        return SurvivesChart(timeline)

    def outcome(self, timeline: Timeline) -> tuple[str, ...] | None:
        """Return by SHA-256, cell by cell, what was served; None as long as a cell is missing."""
        found = [cell.measured for cell in survives.cells(timeline)]
        told = tuple(one for one in found if one is not None)
        return told if len(told) == len(survives.CELLS) else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many cells were right, and which were not."""
        shown = SurvivesChart(timeline)
        done = [cell for cell in shown.cells if cell.measured is not None]
        if not done:
            return "<b>Nothing was measured.</b> You said what you expect; run it again."
        said = shown.said
        wrong = [cell for cell in done if said.get((cell.event, cell.kind)) != cell.measured]
        words = f"<b>{len(done) - len(wrong)} of {len(done)} cells are as you said.</b> "
        if wrong:
            told = "; ".join(
                f"<i>{cell.kind}</i>, {cell.event}: {cell.measured}, you said "
                f"{said.get((cell.event, cell.kind), 'nothing')}"
                for cell in wrong[:4]
            )
            words += f"Otherwise: {told}{' …' if len(wrong) > 4 else '.'} "
        survived = {
            kind: sum(cell.measured == SAME for cell in done if cell.kind == kind) for kind in KINDS
        }
        words += "The same file was served after " + ", ".join(
            f"{count} ({kind})" for kind, count in survived.items()
        )
        return (
            f"{words} of {len({cell.event for cell in done})} events."
            "<p>Next: which cells change with <b>whenDeleted</b> Delete?</p>"
        )


def _claims(place: Place) -> list[Manifest]:
    retaining = volumes.wide(place.namespace, survives.CLASS)
    return [
        volumes.storage_class(
            namespace=place.namespace,
            lesson=place.lesson,
            name=survives.CLASS,
            reclaim_policy="Retain",
            binding_mode="WaitForFirstConsumer",
        ),
        volumes.claim(
            namespace=place.namespace,
            lesson=place.lesson,
            name=OWNERS[CLAIM],
            storage_class=volumes.STANDARD,
        ),
        volumes.claim(
            namespace=place.namespace,
            lesson=place.lesson,
            name=OWNERS[RETAINED],
            storage_class=retaining,
        ),
    ]


def _owners(values: Grid, place: Place) -> list[Manifest]:
    """Return the Deployments and, last, the set."""
    made: list[Any] = []
    for kind in (EMPTY, CLAIM, RETAINED):
        name = OWNERS[kind]
        folder = (
            volumes.empty_dir(statefulset.TEMPLATE)
            if kind == EMPTY
            else volumes.claimed(statefulset.TEMPLATE, name)
        )
        spec = statefulset.server_spec(folder, tolerate=TOLERATE)
        made.append(
            volumes.deployment(namespace=place.namespace, lesson=place.lesson, name=name, spec=spec)
        )
    made.append(
        statefulset.stateful_set(
            namespace=place.namespace,
            lesson=place.lesson,
            replicas=1,
            policy=statefulset.ORDERED,
            when_scaled=values.when_scaled,
            when_deleted=values.when_deleted,
            tolerate=TOLERATE,
        )
    )
    for manifest in made:
        manifest["spec"]["template"]["spec"]["affinity"] = survives.near(survives.ZONE)
    return made


async def _begin(bench: Bench, event: str) -> float:
    """Note the files before an event, and return when it begins."""
    await _note(bench, event, "before", 0.0)
    sets.begin(bench, event)
    return time()


async def _after(bench: Bench, event: str, began: float) -> None:
    await _note(bench, event, "after", began)


async def _note(bench: Bench, event: str, field: str, since: float) -> None:
    """Read the file of each kind that has a Pod which serves; the others have none."""

    def read() -> dict[str, Value]:
        found: dict[str, Value] = {}
        for kind in KINDS:
            life = survives.serving(bench.timeline, kind, since)
            found[kind] = None if life is None else sets.checksum(bench, life.name)
        return found

    found = await bench.call(read)
    bench.timeline.append(Row(time(), "session", f"Step/{event}", field, found))


async def _all_serve(bench: Bench, since: float, kinds: Sequence[str] = KINDS) -> None:
    """Wait until a Pod of each kind that was made or restarted since then is ready."""

    def condition(timeline: Timeline) -> bool:
        return all(survives.serving(timeline, kind, since) for kind in kinds)

    await bench.wait(condition, SETTLE_WITHIN, "a pod of each kind to serve again")


async def _settled(bench: Bench, since: float, what: str) -> None:
    """Wait until each kind either serves again, or gets no Pod by itself."""

    def condition(timeline: Timeline) -> bool:
        return all(
            survives.serving(timeline, kind, since) or survives.helpless(timeline, kind, since)
            for kind in KINDS
        )

    await bench.wait(condition, SETTLE_WITHIN, what)


def _ready(bench: Bench) -> list[str]:
    return [
        life.name
        for kind in KINDS
        for life in set_run.ready_pods(bench.timeline, f"{OWNERS[kind]}-")
    ]


async def _kill(bench: Bench, owners: Sequence[Manifest]) -> None:
    del owners
    for pod in _ready(bench):
        await bench.call(bench.session.exec, pod, ["sh", "-c", "kill 1"])


async def _delete_pods(bench: Bench, owners: Sequence[Manifest]) -> None:
    del owners
    await sets.delete_pods(bench, _ready(bench))


async def _scale(bench: Bench, owners: Sequence[Any]) -> None:
    """Scale all to 0, and back to 1 once their Pods are gone."""
    names = [(str(made["kind"]), str(made["metadata"]["name"])) for made in owners]
    for kind, name in names:
        await bench.call(bench.session.scale, kind, name, 0)
    for _, name in names:
        await sets.gone(bench, f"{name}-")
    await _set_settled(bench, owners, "scaled")
    for kind, name in names:
        await bench.call(bench.session.scale, kind, name, 1)


async def _set_settled(bench: Bench, owners: Sequence[Any], event: str) -> None:
    """Wait until the set, which is the last of the owners, has the claims that it keeps."""
    left = Kept.parse(owners[-1]).claims(1, event)
    await sets.claims_settled(bench, {OWNERS[SET]: left})


async def _remake(bench: Bench, owners: Sequence[Any]) -> None:
    """Delete all owners, and make them again once their Pods are gone."""
    for manifest in owners:
        await bench.delete(manifest["kind"], manifest["metadata"]["name"])
    for manifest in owners:
        await sets.gone(bench, f"{manifest['metadata']['name']}-")
    await _set_settled(bench, owners, "deleted")
    for manifest in owners:
        await sets.apply(bench, manifest)


async def _claimless(bench: Bench, made: Sequence[Any]) -> None:
    """Delete claims, then Pods; see who serves; make the claims of the Deployments again."""
    began = await _begin(bench, CLAIMLESS)
    claims = [manifest for manifest in made if manifest["kind"] == "PersistentVolumeClaim"]
    names = [str(manifest["metadata"]["name"]) for manifest in claims]
    volume = {name: set_run.now(bench.timeline, name, "spec.volumeName") for name in names}
    for name in [*names, statefulset.claim_name(OWNERS[SET], 0)]:
        await bench.call(bench.session.delete, "PersistentVolumeClaim", name)
    await sets.delete_pods(bench, _ready(bench))
    await _settled(bench, began, "each kind to serve again, or to be known not to")
    await _after(bench, CLAIMLESS, began)
    for name in names:
        await bench.call(_volume_rests, bench, name, str(volume[name]))
    for manifest in claims:
        await bench.apply(manifest)
    await _all_serve(bench, began)


def _volume_rests(bench: Bench, claim: str, volume: str) -> None:
    """Note the phase of a volume whose claim is gone, until it is gone too, or Released."""
    until = monotonic() + VOLUMES_WITHIN
    while not bench.cancelled.is_set():
        found = bench.session.get("PersistentVolume", volume)
        phase = None if found is None else found["status"]["phase"]
        keeps = found is not None and found["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
        if found is None or (keeps and phase == "Released") or monotonic() > until:
            where = f"PersistentVolume/{claim}"
            bench.timeline.append(Row(time(), "session", where, "phase", phase))
            return
        bench.cancelled.wait(0.5)


async def _lose(bench: Bench) -> None:
    """Pause the node of all four; see who serves meanwhile; let it go on."""
    where = {
        str(set_run.now(bench.timeline, pod, "spec.nodeName", kind="Pod")) for pod in _ready(bench)
    }
    if len(where) != 1:
        raise Trouble(
            "The pods are on several nodes",
            f"They stand on {' and '.join(sorted(where))}; one node was to be lost.",
            "Close what else runs on the cluster, and run this again.",
        )
    (node,) = where
    began = await _begin(bench, LOST)
    await bench.pause(node)
    await bench.wait(nodes.lost(node, True), nodes.LOST_WITHIN, f"Node/{node} to count as lost")
    bench.progress(f"{LOST}: who is replaced?", 0.8)
    await _settled(bench, began, "each kind to serve again, or to be known not to")
    await _after(bench, LOST, began)
    bench.progress("The node goes on", 0.85)
    await bench.put_back()
    await bench.wait(nodes.lost(node, False), nodes.BACK_WITHIN, f"Node/{node} to be ready again")
    await _all_serve(bench, began)


async def _remove(bench: Bench, manifest: Any) -> None:
    """Delete the set, count its claims, and delete them by their label, as the book does."""
    name = str(manifest["metadata"]["name"])
    volume = set_run.now(bench.timeline, statefulset.claim_name(name, 0), "spec.volumeName")
    sets.begin(bench, "removed")
    await bench.delete("StatefulSet", name)
    await sets.gone(bench, f"{name}-")
    await _set_settled(bench, [manifest], "deleted")
    label = survives.label_of(manifest)
    found = await bench.call(bench.session.list, "PersistentVolumeClaim", label)
    left = [str(claim["metadata"]["name"]) for claim in found]
    counted: dict[str, Value] = {"label": label, "claims": left}
    bench.timeline.append(Row(time(), "session", f"StatefulSet/{name}", "claims left", counted))
    for claim in left:
        await bench.delete("PersistentVolumeClaim", claim)
    await bench.call(_volume_rests, bench, statefulset.claim_name(name, 0), str(volume))
