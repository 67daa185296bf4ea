"""An emptyDir: its container dies, its Pod dies, its Pod moves; and the file with it, or not."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Annotated, Any

from helpers.charts.life_of_a_file import LifeChart
from helpers.experiments import volume_files as on_volume
from helpers.forms.fields import choice, quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script, Trouble
from helpers.lesson.prediction import Choice
from helpers.model import empty_dirs, volumes
from helpers.model.empty_dirs import DELETED, KILLED, MOVED, NEVER, START
from helpers.model.manifests import IMAGES
from helpers.model.needs import Need
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline

NAME = empty_dirs.NAME
LARGEST = Quantity.parse("16Mi")
RESTART_WITHIN = 20.0  # seconds until a container that was killed runs again
DISK, MEMORY = "disk", "Memory"


@dataclass(frozen=True)
class Shared:
    """A file of one container, and a second container that sees it."""

    size: Annotated[
        str,
        quantity(
            "size",
            help="The size of the file that randserver writes.",
            explain=lambda value: f"A file of {value} random bytes: no two are alike.",
        ),
    ] = "1Mi"
    path: Annotated[
        str,
        choice(
            "mountPath",
            "/shared",
            "/cache",
            "/mnt/in",
            help="Where the second container finds the volume.",
        ),
    ] = "/shared"
    medium: Annotated[
        str,
        choice(
            "emptyDir.medium",
            DISK,
            MEMORY,
            help="What the volume is made of: the node's disk, or its memory.",
        ),
    ] = DISK


class LifeOfAFile(Experiment[Shared]):
    """When a file in an emptyDir is lost, told by its checksum."""

    id = "the-life-of-a-file"
    title = "The life of a file"
    seconds = 20
    needs = frozenset({Need.SMALL_WORKERS})
    spec = Shared
    script = Script(
        prediction=empty_dirs.WORDS[DELETED],
        values={"size": "1Mi", "path": "/shared", "medium": DISK},
        misconceptions={
            "it is the container's": empty_dirs.WORDS[KILLED],
            "it is the node's": empty_dirs.WORDS[MOVED],
            "it is the Deployment's": empty_dirs.WORDS[NEVER],
        },
    )
    measured = (
        "<p>randserver writes a file of random bytes when it finds none. At each moment the "
        "workbook runs <code>sha256sum</code> inside the container: an equal sum is the same file. "
        "It also reads the inode number in both containers, and asks <code>GET /checksum</code> "
        "through a port of this machine that leads into the Pod.</p>"
        "<p>The container is killed by a signal to its first process, the Pod deleted through the "
        "API server, and moved by a <code>nodeSelector</code> that names the other worker. Two "
        "manifests with a mistake are shown to the server with dry-run.</p>"
    )

    def question(self) -> Choice:
        """Ask for the moment."""
        return Choice(
            "A container writes a file into an <b>emptyDir</b>. First the container is killed, "
            "then its Pod is deleted, then the Deployment's Pod moves to another node. When is "
            "that first file lost?",
            list(empty_dirs.WORDS.values()),
        )

    def check(self, values: Shared) -> Mapping[str, str]:
        """Refuse a file that is no file, or that would fill the worker."""
        size = Quantity.parse(values.size)
        if size.amount < 1 or size > LARGEST or size.amount.denominator != 1:
            return {"size": f"size: choose whole bytes between 1 and {LARGEST}."}
        return {}

    def build(self, values: Shared, place: Place) -> Manifest:
        """Return the Deployment."""
        return _deployment(values, place)

    async def run(self, bench: Bench, values: Shared) -> None:
        """Show the mistakes to the server; then follow the file from moment to moment."""
        bench.progress("Showing two mistakes to the server", 0.0)
        mislabelled = _deployment(values, bench.place, template_app="example")
        undeclared: Any = _deployment(values, bench.place)
        undeclared["spec"]["template"]["spec"]["volumes"][0]["name"] = "date"
        for manifest in (mislabelled, undeclared):
            await bench.call(on_volume.try_out, bench, manifest)
        bench.progress("Starting randserver, and one without a volume", 0.1)
        await bench.apply(self.build(values, bench.place))
        bare = volumes.pod(
            **_place(bench.place), name="bare", spec=volumes.randserver_spec(volume=None)
        )
        await bench.apply(bare)
        first = await on_volume.running(bench, f"{NAME}-")
        await on_volume.look(bench, first, START)
        await on_volume.look(bench, first, START, values.path, "second")
        await bench.call(_touch, bench, first)
        with await bench.call(bench.session.forward, first, volumes.RANDSERVER_PORT) as forward:
            await bench.call(on_volume.get, bench, forward, "/checksum")
            bench.progress("Killing the container", 0.35)
            await bench.call(_kill, bench, first)
            await bench.wait(_restarted(first), RESTART_WITHIN, "the container to run again")
            await on_volume.look(bench, first, KILLED)
            bench.progress("Deleting the Pod", 0.55)
            await bench.call(bench.session.delete, "Pod", first, 1)
            second = await on_volume.running(bench, f"{NAME}-", {first})
            await bench.wait(_gone(first), RESTART_WITHIN, f"Pod/{first} to be gone")
            await on_volume.look(bench, second, DELETED)
            await bench.call(on_volume.get, bench, forward, "/checksum")
        bench.progress("Moving the Pod to another node", 0.75)
        other = await bench.call(_another_node, bench, second)
        await bench.apply(_deployment(values, bench.place, node=other))
        third = await on_volume.running(bench, f"{NAME}-", {first, second})
        await on_volume.look(bench, third, MOVED)
        await bench.wait(_ended("bare"), RESTART_WITHIN, "the Pod without a volume to end")
        bench.progress("The file has been followed", 1.0)

    def chart(self, timeline: Timeline) -> LifeChart:
        """Return the chart of files by moment."""
        return LifeChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return the words for the moment after which the first file's checksum was not found."""
        return empty_dirs.WORDS.get(empty_dirs.lost(timeline) or "")

    def difference(self, timeline: Timeline) -> str:
        """Say when the first file was lost, and what is there instead."""
        said = timeline.value(source="learner", field="prediction")
        words = self.outcome(timeline)
        if words is None:
            return f"The run ended before the file was followed to the end; you said: {said}."
        right = "as you said" if said == words else f"you said: {said}"
        made = empty_dirs.files_seen(timeline)
        more = (
            f"In the end {made} different files were seen, each in an empty volume of its own: an "
            "emptyDir begins and ends with its Pod."
            if words == empty_dirs.WORDS[DELETED]
            else f"In the end {made} different files were seen."
        )
        return (
            f"<b>The first file was lost {words}; {right}.</b> {more}"
            "<p>Next: choose Memory as the medium. Does the file live longer, or shorter?</p>"
        )


def _place(place: Place) -> dict[str, Any]:
    return {"namespace": place.namespace, "lesson": place.lesson}


def _deployment(
    values: Shared, place: Place, *, template_app: str | None = None, node: str | None = None
) -> Manifest:
    """Build the Deployment of randserver with a second container that looks at the volume."""
    volume = volumes.empty_dir("data", medium=MEMORY if values.medium == MEMORY else None)
    selector = {"kubernetes.io/hostname": node} if node else None
    spec: Any = volumes.randserver_spec(volume=volume, size=values.size, node_selector=selector)
    spec["containers"].append(
        {
            "name": "second",
            "image": f"{IMAGES}/burn:1",
            "volumeMounts": [{"name": "data", "mountPath": values.path}],
        }
    )
    return volumes.deployment(**_place(place), name=NAME, spec=spec, template_app=template_app)


def _touch(bench: Bench, pod: str) -> None:
    """Try to write a file beside the volume, and one on it."""
    from helpers.kube.errors import CommandFailed

    for path in ("/x", "/data/x"):
        try:
            bench.session.exec(pod, ["touch", path], "randserver")
            good, said = True, ""
        except CommandFailed as failed:
            good, said = False, failed.output.strip()
        value = {"path": path, "good": good, "said": said}
        bench.timeline.append(Row(time(), "exec", f"Pod/{pod}", "touch", value))


def _kill(bench: Bench, pod: str) -> None:
    from helpers.kube.errors import CommandFailed

    with contextlib.suppress(CommandFailed):  # the shell may die with its container
        bench.session.exec(pod, ["sh", "-c", "kill 1"], "randserver")


def _restarted(pod: str) -> Any:
    path = f"status.containerStatuses.{NAME}"

    def condition(timeline: Timeline) -> bool:
        count = timeline.value(source="watch", object=f"Pod/{pod}", field=f"{path}.restartCount")
        ready = timeline.value(source="watch", object=f"Pod/{pod}", field=f"{path}.ready")
        return isinstance(count, int) and count > 0 and ready is True

    return condition


def _gone(pod: str) -> Any:
    return lambda timeline: (
        timeline.value(source="watch", object=f"Pod/{pod}", field="exists") is False
    )


def _ended(pod: str) -> Any:
    def condition(timeline: Timeline) -> bool:
        path = f"status.containerStatuses.{NAME}"
        codes = [
            timeline.last(source="watch", object=f"Pod/{pod}", field=f"{path}.{state}.exitCode")
            for state in ("state.terminated", "lastState.terminated")
        ]
        return any(row is not None for row in codes)

    return condition


def _another_node(bench: Bench, pod: str) -> str:
    """Return a worker on which the Pod is not. Raises Trouble when there is none."""
    here = bench.timeline.value(source="watch", object=f"Pod/{pod}", field="spec.nodeName")
    for node in bench.session.list("Node"):
        tainted = any(t["effect"] != "PreferNoSchedule" for t in node["spec"].get("taints") or ())
        if node["metadata"]["name"] != here and not tainted:
            return str(node["metadata"]["labels"]["kubernetes.io/hostname"])
    raise Trouble(
        "There is no other node",
        f"Pod/{pod} runs on {here}, and no other node takes Pods.",
        "A paused or full worker comes back by `workbook reset`.",
    )
