"""Timelines of the topic requests-and-limits."""

from __future__ import annotations

from collections.abc import Callable

from helpers.model import cfs, manifests
from helpers.model.quantity import Quantity
from helpers.model.timeline import Row, Timeline, Value
from helpers.model.trials import Trial
from tests.unit.claims.story import Story, pod_with

PLACE = {"namespace": "requests-and-limits-3f2a", "lesson": "requests-and-limits"}
Seen = tuple[int, int, float]
"""Periods with a stop, all periods, and cores used in a window of 3 s."""


def burn(
    seen: dict[str | None, Seen],
    *,
    threads: int = 2,
    request: str = "100m",
    cores: int = 2,
    quota: Callable[[Quantity], int | None] = cfs.quota_us,
) -> Timeline:
    """Make the Timeline of a burn pod that was resized through the limits and measured at each."""
    timeline = Timeline({"cores": cores})
    manifest = manifests.burn_pod(**PLACE, threads=threads, requests={"cpu": request})
    timeline.append(Row(0, "session", "Pod/burn", "manifest", manifest))
    for step, (limit, (throttled, periods, used)) in enumerate(seen.items(), 1):
        start = 10.0 * step
        if limit is not None:
            resize = {"container": "burn", "resources": {"limits": {"cpu": limit}}}
            timeline.append(Row(start, "session", "Pod/burn", "resize", resize))
        rows = {
            "seconds": 3.0,
            "periods": periods,
            "throttled": throttled,
            "throttled_seconds": 0.0,
            "cpu_seconds": 3.0 * used,
            "quota_us": None if limit is None else quota(Quantity.parse(limit)),
            "period_us": 100_000,
            "cgroup": "v1",
            "limit": limit,
        }
        for name, value in rows.items():
            timeline.append(Row(start + 4, "exec", "Pod/burn", f"stat.{name}", value))
    return timeline


# As measured with two busy threads on two cores.
GOOD: dict[str | None, Seen] = {
    None: (0, 0, 1.9),
    "2": (0, 42, 1.9),
    "1500m": (40, 42, 1.49),
    "1": (42, 43, 1.0),
    "500m": (41, 42, 0.51),
    "250m": (42, 42, 0.26),
}


def node(story: Story, name: str = "workbook-worker", cpu: str = "1500m") -> Story:
    fields = {"cpu": cpu, "memory": "2Gi", "pods": "110"}
    for resource, amount in fields.items():
        story.row("watch", f"Node/{name}", f"status.allocatable.{resource}", amount)
    others = {"cpu": "100m", "memory": "0", "pods": 2}
    return story.row("session", f"Node/{name}", "requested", others)


def placed(story: Story, name: str, cpu: str | None, on: str | None = "workbook-worker") -> Story:
    if cpu:
        story.row("watch", f"Pod/{name}", f"spec.containers.{name}.resources.requests.cpu", cpu)
    if on:
        return story.row("watch", f"Pod/{name}", "spec.nodeName", on)
    story.row("watch", f"Pod/{name}", "status.conditions.PodScheduled.reason", "Unschedulable")
    return story


NO_ROOM = "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu."


def room_elsewhere() -> Story:
    """A pod waits for the worker that is full, though the other one has room."""
    return node(full(), "workbook-worker2")


def full(*, pods: int = 3, waits: str = "400m", said: str = NO_ROOM, busy: bool = False) -> Story:
    """Fill one worker of 1500m, of which 100m are taken, with pods of 400m."""
    story = node(Story())
    story.row("watch", "Node/workbook-control-plane", "status.allocatable.cpu", "2")
    story.row("watch", "Node/workbook-control-plane", "spec.taints.0.effect", "NoSchedule")
    for number in range(pods):
        placed(story, f"idle-{number}", "400m")
    placed(story, "next", waits, on=None)
    story.row("watch", "Pod/next", "status.conditions.PodScheduled.message", said)
    if busy:
        story.pod(manifests.burn_pod(**PLACE, name="busy", threads=1))
        placed(story, "busy", None).window("busy", 0.9)
    return story


def compressible(*, dies: bool = True, restarts: int = 0) -> Story:
    """Over-use of CPU in one pod, and of memory in the other."""
    story = Story()
    story.pod(manifests.burn_pod(**PLACE, threads=1, limits={"cpu": "500m"}))
    story.watch("Pod/burn", status__containerStatuses__burn__restartCount=restarts)
    story.window("burn", 0.5, limit="500m", throttled=30)
    greedy = manifests.burn_pod(**PLACE, name="greedy", memory=["128Mi"], limits={"memory": "64Mi"})
    story.pod(greedy)
    return story.died("greedy") if dies else story


def webserver(**changed: Value) -> Story:
    """The book's first pod, its class and its cgroup."""
    story = Story().pod(manifests.webserver_pod(**PLACE))
    seen = {
        "spec.containers.webserver.resources.requests.cpu": "250m",
        "spec.containers.webserver.resources.requests.memory": "64Mi",
        "spec.containers.webserver.resources.limits.cpu": "500m",
        "spec.containers.webserver.resources.limits.memory": "128Mi",
        "status.qosClass": "Burstable",
    }
    for field, value in (seen | changed).items():
        story.row("watch", "Pod/webserver", field, value)
    story.row("exec", "Pod/webserver", "stat.quota_us", changed.get("quota_us", 50_000))
    memory_limit = changed.get("memory_limit", 134_217_728)
    return story.row("exec", "Pod/webserver", "stat.memory_limit", memory_limit)


ABOVE = "Invalid value: must be less than or equal to memory limit of 128Mi"


def above_and_below(*, refused: bool = True, message: str = ABOVE, below: bool = True) -> Story:
    """The book's text (request 250Mi, limit 128Mi), and its YAML (64Mi)."""
    story = Story()
    text = pod_with({"limits": {"memory": "128Mi"}, "requests": {"memory": "250Mi"}})
    yaml = pod_with({"limits": {"memory": "128Mi"}, "requests": {"memory": "64Mi"}})
    trial = Trial(text, None if refused else text, "requests", message if refused else "")
    story.row("session", "Pod/webserver", "trial", trial.row)
    return story.row("session", "Pod/webserver", "trial", Trial(yaml, yaml).row) if below else story


def above_and_below_among(story: Story) -> Story:
    """Add the trials of another claim, one of them refused for what is not its amount."""
    for row in above_and_below().rows:
        story.row(row.source, row.object, row.field, row.value)
    return story


def pinned(
    name: str, request: str, limit: str | None = None, *, threads: int = 1, core: int = 1
) -> manifests.Manifest:
    asked = {"limits": {"cpu": limit}, "requests": {"cpu": request}}
    return manifests.burn_pod(**PLACE, name=name, threads=threads, core=core, **asked)


def shared(
    small: float, large: float, alone: float | None, cgroup: str = "v1", **second: int
) -> Story:
    """Two pods on one core, requests 100m and 300m; then the small one alone."""
    story = Story().pod(pinned("small", "100m")).pod(pinned("large", "300m", **second))
    story.window("small", small, cgroup=cgroup).window("large", large, cgroup=cgroup)
    return story if alone is None else story.gone("large").window("small", alone, cgroup=cgroup)


def apart(**second: object) -> Story:
    """Two pods that do not stand on the same core of the same node."""
    story = Story().pod(pinned("small", "100m"))
    story.row("watch", "Pod/small", "spec.nodeName", "workbook-worker")
    story.pod(manifests.burn_pod(**PLACE, name="large", requests={"cpu": "300m"}, **second))
    story.row("watch", "Pod/large", "spec.nodeName", "workbook-worker2")
    return story.window("small", 0.25).window("large", 0.75).gone("large").window("small", 1.0)


def four_cells(*used: float) -> Story:
    """Tight limit idle and busy, then low request idle and busy."""
    story, cells = Story(), iter(used)
    for name, request, limit in (("tight", "100m", "200m"), ("low", "50m", None)):
        story.pod(pinned(name, request, limit))
        for busy in (False, True):
            neighbour = f"neighbour-of-{name}"
            if busy:
                story.pod(pinned(neighbour, "450m"))
            story.window(name, next(cells), limit=limit, throttled=30 if limit else 0)
            if busy:
                story.gone(neighbour)
        story.gone(name)
    return story


def greedy(
    memory: str, limit: str, *, dies: bool, restart: str | None = None, restarts: int = 1
) -> Story:
    story = Story().pod(
        manifests.burn_pod(
            **PLACE, memory=[memory], limits={"memory": limit}, restart_policy=restart
        )
    )
    return story.died("burn", restarts=restarts) if dies else story


HOLDS: dict[str, list[Timeline]] = {
    "ch08-requests-01": [full(busy=True)],
    "ch08-requests-02": [
        full(),
        full(pods=2, waits="601m"),
        full(said="").row("event", "Pod/next", "FailedScheduling", NO_ROOM),
    ],
    "ch08-requests-03": [burn(GOOD), burn({None: (0, 0, 0.7)})],
    "ch08-requests-04": [burn(GOOD), burn({"1m": (30, 30, 0.01)})],
    "ch08-requests-05": [compressible()],
    "ch08-requests-06": [webserver()],
    "ch08-requests-07": [above_and_below()],
    "ch08-requests-08": [
        burn(GOOD),
        burn({"500m": (30, 30, 0.5)}, threads=1),
        burn({"2": (0, 30, 1.0)}, threads=1, cores=2),
        # The machine was busy at 1500m: that window decides nothing, the other one holds.
        burn({"1500m": (5, 30, 1.1), "250m": (30, 30, 0.26)}),
        # As seen beside many others: at 1 some periods were short of CPU.
        burn({None: (0, 0, 1.9), "1": (14, 31, 0.9), "250m": (30, 30, 0.26)}),
        burn({None: (0, 0, 1.2), "1": (14, 31, 0.99), "250m": (30, 30, 0.26)}),
    ],
    "ch08-requests-09": [
        shared(0.25, 0.75, 1.0),
        shared(0.26, 0.73, 0.99, "v2"),
        shared(0.15, 0.45, 0.6),  # others used the core too, and the ratio stays
        shared(0.25, 0.75, 0.7),  # they came only later
    ],
    "ch08-requests-10": [four_cells(0.2, 0.18, 1.0, 0.1), four_cells(0.2, 0.16, 0.8, 0.08)],
    "ch08-requests-11": [
        greedy("128Mi", "64Mi", dies=True),
        greedy("128Mi", "64Mi", dies=True, restart="OnFailure"),
        greedy("128Mi", "64Mi", dies=True, restart="Never", restarts=0),
    ],
}

FAILS: dict[str, list[Timeline]] = {
    "ch08-requests-01": [full(pods=2, busy=True)],  # 600m are left, but the busy pod's count
    "ch08-requests-02": [
        full(pods=4),  # more is requested than the node has
        full(pods=2),  # the pod would fit
        room_elsewhere(),
        full(said="0/3 nodes are available: 3 Insufficient memory."),
    ],
    "ch08-requests-03": [burn({None: (0, 0, 0.1)}), burn({None: (0, 0, 0.52)}, request="500m")],
    "ch08-requests-04": [
        burn(GOOD, quota=lambda limit: limit.millicores * 200),
        burn({"500m": (30, 30, 0.5)}, quota=lambda limit: None),
    ],
    "ch08-requests-05": [compressible(dies=False), compressible(restarts=1)],
    "ch08-requests-06": [
        webserver(**{"status.qosClass": "Guaranteed"}),
        webserver(**{"spec.containers.webserver.resources.requests.cpu": "500m"}),
        webserver(quota_us=25_000),
        webserver(memory_limit=67_108_864),
    ],
    "ch08-requests-07": [
        above_and_below(refused=False),
        above_and_below(message="exceeded quota"),
    ],
    "ch08-requests-08": [
        burn(GOOD | {"500m": (0, 42, 1.9)}),  # the limit is not enforced
        burn(GOOD | {"500m": (3, 42, 0.5)}),  # it is, yet hardly ever stops
        burn(GOOD | {"500m": (42, 42, 0.2)}),  # it stops far below the quota
        burn(GOOD, quota=lambda limit: limit.millicores * 50),
        # The quota is half of what it should be, and all of it is used.
        burn({"500m": (30, 30, 0.25)}, quota=lambda limit: limit.millicores * 50),
        burn({"2": (30, 30, 1.0)}, threads=1, cores=2),  # it stops though the quota is not used up
    ],
    "ch08-requests-09": [
        shared(0.5, 0.5, 1.0),  # the request does not weigh
        shared(0.75, 0.25, 1.0),
        shared(0.25, 0.75, 0.25),  # what the other left is not used
    ],
    "ch08-requests-10": [
        four_cells(1.0, 0.2, 1.0, 0.1),  # the limit is felt beside a busy neighbour only
        four_cells(0.2, 0.2, 0.9, 0.9),  # the request does not matter
        four_cells(0.2, 0.05, 1.0, 0.1),
        four_cells(0.2, 0.18, 1.0, 0.3),
    ],
    "ch08-requests-11": [
        greedy("128Mi", "64Mi", dies=False),
        greedy("128Mi", "64Mi", dies=True, restarts=0),
        Story()
        .pod(manifests.burn_pod(**PLACE, memory=["128Mi"], limits={"memory": "64Mi"}))
        .died("burn", "Error", 1),
    ],
}

CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch08-requests-01": [full()],
    "ch08-requests-02": [node(Story())],
    "ch08-requests-03": [burn({None: (0, 0, 1.9)}, request="1900m"), burn({"1": (30, 30, 1.0)})],
    "ch08-requests-04": [burn({None: (0, 0, 1.9)})],
    "ch08-requests-05": [burn({"500m": (30, 30, 0.5)}), greedy("128Mi", "64Mi", dies=True)],
    "ch08-requests-06": [Story().pod(manifests.webserver_pod(**PLACE))],
    "ch08-requests-07": [above_and_below(below=False)],
    "ch08-requests-08": [
        burn({None: (0, 0, 1.9), "2": (20, 30, 1.9)}),
        burn({"1500m": (2, 30, 0.9)}),
        burn({"1": (0, 30, 0.9)}, threads=1),
        burn({None: (0, 0, 1.0), "1500m": (2, 30, 1.3), "1": (2, 30, 1.0)}),
    ],
    "ch08-requests-09": [
        shared(0.25, 0.75, None),
        burn(GOOD),
        apart(threads=1, core=1),
        shared(0.25, 0.75, 1.0, core=0),
        shared(0.25, 0.75, 1.0, threads=0),
    ],
    "ch08-requests-10": [four_cells(0.2, 0.2, 0.3, 0.1), shared(0.25, 0.75, 1.0)],
    "ch08-requests-11": [greedy("20Mi", "128Mi", dies=False), greedy("60Mi", "64Mi", dies=True)],
}
