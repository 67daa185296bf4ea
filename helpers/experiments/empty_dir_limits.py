"""Two emptyDirs that are written to until somebody says stop: one on disk, one in memory."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Annotated, Any

from helpers.charts.empty_dir_limits import LimitsChart
from helpers.forms.fields import quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import empty_dir_limits, volumes
from helpers.model.empty_dir_limits import IN_MEMORY, MIB, ON_DISK, STEP
from helpers.model.manifests import IMAGES, resources
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline

KILLED_WITHIN = 30.0  # seconds until the container in memory has ended
# The kubelet measures a volume when it meets it in a round of 60 s, and judges it every 10 s.
EVICTED_WITHIN = 90.0
LEAST, MOST = Quantity.parse("16Mi"), Quantity.parse("128Mi")
SMALL, LARGE = Quantity.parse("1Mi"), Quantity.parse("32Mi")


@dataclass(frozen=True)
class Bounds:
    """What the two volumes may hold."""

    memory: Annotated[str, quantity("limits.memory")] = "64Mi"
    size: Annotated[
        str,
        quantity(
            "emptyDir.sizeLimit",
            help="For the volume on disk. Its Pod writes twice as much.",
            explain=lambda value: f"A volume of more than {value} is too large.",
        ),
    ] = "8Mi"


class EmptyDirLimits(Experiment[Bounds]):
    """How much a volume of memory holds, and what becomes of a Pod that fills one on disk."""

    id = "what-an-empty-dir-may-hold"
    title = "What an emptyDir may hold"
    seconds = 70
    spec = Bounds
    script = Script(
        prediction=60.0,
        values={"memory": "64Mi", "size": "8Mi"},
        misconceptions={
            "the volume has memory of its own": 128.0,
            "memory holds half, as a tmpfs does": 32.0,
        },
    )
    measured = (
        f"<p>The container in memory appends {STEP} MiB at a time to a file in a volume with "
        "<code>medium: Memory</code>, and writes a line into its log after each; the dot is its "
        "last line. The other Pod writes twice its volume's <code>sizeLimit</code> to disk at "
        "once; the kubelet looks at volumes once a minute.</p>"
    )

    def question(self) -> Number:
        """Ask for MiB. The slider does not begin at the answer."""
        return Number(self.ask(Bounds()), 0, 128, "MiB", STEP, start=0)

    def ask(self, values: Bounds) -> str:
        """Put the question for these bounds."""
        return (
            f"A container with <b>limits.memory: {values.memory}</b> writes into an emptyDir with "
            "<b>medium: Memory</b>, and into nothing else. How much can it write?"
        )

    def check(self, values: Bounds) -> Mapping[str, str]:
        """Refuse what would fill the worker, or never end."""
        found = {}
        if not LEAST <= Quantity.parse(values.memory) <= MOST:
            found["memory"] = f"limits.memory: choose between {LEAST} and {MOST}."
        if not SMALL <= Quantity.parse(values.size) <= LARGE:
            found["size"] = f"emptyDir.sizeLimit: choose between {SMALL} and {LARGE}."
        return found

    def build(self, values: Bounds, place: Place) -> list[Manifest]:
        """Return the two Pods."""
        count = (
            f"i=0; while head -c {STEP}M /dev/zero >>/cache/file; "
            f'do i=$((i+{STEP})); echo "wrote $i"; done'
        )
        once = f"head -c {_twice(values)} /dev/zero >/cache/file; exec sleep 600"
        memory = volumes.empty_dir("cache", medium="Memory")
        disk = volumes.empty_dir("cache", size_limit=values.size)
        return [
            _pod(place, IN_MEMORY, count, memory, {"memory": values.memory}),
            _pod(place, ON_DISK, once, disk, None),
        ]

    async def run(self, bench: Bench, values: Bounds) -> None:
        """Run both, and wait for their ends."""
        in_memory, on_disk = self.build(values, bench.place)
        bench.progress("Two Pods write", 0.0)
        await bench.apply(on_disk)
        wrote = _twice(values) / MIB
        bench.timeline.append(Row(time(), "session", f"Pod/{ON_DISK}", "wrote", wrote))
        await bench.apply(in_memory)
        await bench.wait(_ended(IN_MEMORY), KILLED_WITHIN, f"the container {IN_MEMORY} to end")
        await bench.call(_read_log, bench)
        bench.progress("Waiting for the kubelet to look at the volume on disk", 0.3)
        await bench.wait(_ended(ON_DISK), EVICTED_WITHIN, f"Pod/{ON_DISK} to be evicted")
        bench.progress("Both have ended", 1.0)

    def chart(self, timeline: Timeline) -> LimitsChart:
        """Return the chart of what was written, by volume."""
        return LimitsChart(timeline)

    def outcome(self, timeline: Timeline) -> float | None:
        """Return the MiB of the last line in the log of the container that fills its memory."""
        return empty_dir_limits.written(timeline, IN_MEMORY)

    def difference(self, timeline: Timeline) -> str:
        """Say how much memory took, how that ended, and what the kubelet said of the disk."""
        said = timeline.value(source="learner", field="prediction")
        wrote = self.outcome(timeline)
        if wrote is None:
            return f"The run ended before the volume was full; you said {said:g} MiB."
        end = empty_dir_limits.end(timeline, IN_MEMORY) or "not ended"
        evicted = empty_dir_limits.end(timeline, ON_DISK)
        more = f" The other Pod was evicted: <q>{html.escape(evicted)}</q>" if evicted else ""
        return (
            f"<b>The volume in memory took {wrote:g} MiB; you said {said:g} MiB.</b> Then the "
            f"container ended: {html.escape(end)}. What lies in such a volume is charged to the "
            f"container that wrote it, as any memory is.{more}"
            "<p>Next: what if the container asked for no memory limit?</p>"
        )


def _twice(values: Bounds) -> int:
    return int(2 * Quantity.parse(values.size).amount)


def _pod(
    place: Place, name: str, script: str, volume: Manifest, limits: dict[str, str | None] | None
) -> Manifest:
    container: Manifest = {
        "name": name,
        "image": f"{IMAGES}/burn:1",
        "command": ["sh", "-c", script],
        "volumeMounts": [{"name": volume["name"], "mountPath": "/cache"}],
    }
    if limits:
        container["resources"] = resources(limits=limits)
    spec: Manifest = {"restartPolicy": "Never", "containers": [container], "volumes": [volume]}
    return volumes.pod(namespace=place.namespace, lesson=place.lesson, name=name, spec=spec)


def _ended(pod: str) -> Any:
    return lambda timeline: bool(empty_dir_limits.end(timeline, pod))


def _read_log(bench: Bench) -> None:
    """Note what the container in memory said that it had written."""
    said = re.findall(r"wrote (\d+)", bench.session.logs(IN_MEMORY))
    for number in said or ["0"]:
        bench.timeline.append(Row(time(), "log", f"Pod/{IN_MEMORY}", "wrote", int(number)))
