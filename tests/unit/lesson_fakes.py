"""A lesson without a cluster: a session and a recorder that only remember; a tiny experiment."""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from helpers.forms.fields import integer, quantity
from helpers.lesson.experiment import Bench, Experiment, Place, Script
from helpers.lesson.lesson import Lesson
from helpers.lesson.prediction import Number
from helpers.model.timeline import Row, Timeline


class FakeApi:
    """Knows the kinds, and is never asked for more."""

    def kind(self, name: str, api_version: str = "") -> Any:
        from helpers.kube.api import KINDS

        return KINDS[name]


class FakeSession:
    """Objects are a set; what was asked is a list."""

    def __init__(self, lesson: str = "trial") -> None:
        self.lesson = lesson
        self.api: Any = FakeApi()
        self.namespace = f"{lesson}-0000"
        self.context = "kind-workbook"
        self.version = "v1.37.0"
        self.timeline = Timeline()
        self.objects: set[str] = set()
        self.asked: list[str] = []
        self.closed = False
        self.fails: Exception | None = None
        self.slow = threading.Event()
        self.slow.set()

    def apply(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        self.slow.wait(5)
        if self.fails is not None:
            raise self.fails
        name = f"{manifest['kind']}/{manifest['metadata']['name']}"
        self.asked.append(f"apply {name}")
        self.objects.add(name)
        self.see(name, "exists", True)
        return dict(manifest)

    def delete(self, kind: str, name: str, grace: int | None = None) -> None:
        from helpers.kube.errors import NotFound

        self.asked.append(f"delete {kind}/{name}")
        if f"{kind}/{name}" not in self.objects:
            raise NotFound("", "not there", "NotFound", 404)
        self.objects.discard(f"{kind}/{name}")
        self.see(f"{kind}/{name}", "exists", False)

    def see(self, name: str, field: str, value: Any) -> None:
        self.timeline.append(Row(time.time(), "watch", name, field, value))

    def close(self) -> None:
        self.closed = True


class FakeLease:
    """Holds nothing, and has nothing to put back."""

    def stop(self) -> None:
        pass

    def put_back(self) -> list[str]:
        return []


class FakeRecorder:
    """Waits as the real one does, and watches nothing."""

    def __init__(self, session: FakeSession) -> None:
        self.timeline = session.timeline
        self.stopped = False
        ALL_RECORDERS.append(self)

    def watch(self, *kinds: str) -> None:
        pass

    def wait(
        self,
        condition: Callable[[Timeline], Any],
        deadline: float,
        what: str,
        cancel: threading.Event | None = None,
    ) -> Any:
        from helpers.kube.errors import Cancelled, DeadlineExceeded

        until = time.monotonic() + deadline
        while time.monotonic() < until:
            if answer := condition(self.timeline):
                return answer
            if cancel is not None and cancel.wait(0.01):
                raise Cancelled(what)
        raise DeadlineExceeded(what, deadline)

    def stop(self) -> None:
        self.stopped = True


ALL_RECORDERS: list[FakeRecorder] = []


@dataclass(frozen=True)
class Spec:
    limit: Annotated[str, quantity("limits.cpu")] = "500m"
    count: Annotated[int, integer("count", low=1, high=9)] = 2


class FakeChart:
    legend = (("measured", "measured"),)

    def __init__(self, timeline: Timeline) -> None:
        import ipywidgets

        self.figure = ipywidgets.HTML()
        self.update(timeline)

    def update(self, timeline: Timeline) -> None:
        self.rows = timeline.where(source="exec")

    @property
    def text(self) -> str:
        return f"{len(self.rows)} points"

    @property
    def table(self) -> list[dict[str, Any]]:
        return [{"value": row.value} for row in self.rows]


class Trial(Experiment[Spec]):
    """Make a pod, read it `count` times, and wait for what the test says."""

    id = "trial"
    title = "A trial"
    seconds = 1
    spec = Spec
    script = Script(62.0, {"count": 3}, {"too-low": 5.0})
    measured = "<p>Not at all.</p>"
    wait_for: str | None = None
    raises: Exception | None = None

    def question(self) -> Number:
        return Number("How much?", 0, 100, "%")

    def ask(self, values: Spec) -> str:
        return f"How much at {values.limit}?"

    def build(self, values: Spec, place: Place) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "burn", "namespace": place.namespace},
            "spec": {"cpu": values.limit},
        }

    async def run(self, bench: Bench, values: Spec) -> None:
        bench.progress("Making the pod", 0.0)
        await bench.apply(self.build(values, bench.place))
        if self.wait_for is not None:
            bench.progress("Waiting", 0.1)
            field = self.wait_for
            await bench.wait(lambda t: t.value(source="watch", field=field), 5, field)
        for number in range(values.count):
            bench.timeline.append(Row(time.time(), "exec", "Pod/burn", "stat.periods", number))
            bench.progress(f"{number + 1} reads", (number + 1) / values.count)
        if self.raises is not None:
            raise self.raises

    def chart(self, timeline: Timeline) -> FakeChart:
        return FakeChart(timeline)

    def outcome(self, timeline: Timeline) -> float | None:
        return 62.0 if timeline.where(source="exec") else None

    def difference(self, timeline: Timeline) -> str:
        return f"<b>{len(timeline.where(source='exec'))} reads.</b> You said something."


class Bare(Lesson):
    """A lesson whose namespace is made by nobody."""

    def __init__(self, session: FakeSession | None) -> None:
        super().__init__("trial")
        self._session = session  # type: ignore[assignment]
        self._lease = FakeLease()  # type: ignore[assignment]


def played(work: Callable[[], Any]) -> Any:
    """Run an async test on a fresh loop."""

    async def within() -> Any:
        return await asyncio.wait_for(work(), 20)

    return asyncio.run(within())


def no_cluster(patch: pytest.MonkeyPatch) -> None:
    """Put the fake recorder in the real one's place, and the modes of the workbook off."""
    ALL_RECORDERS.clear()
    patch.setattr("helpers.kube.recorder.Recorder", FakeRecorder)
    for name in ("AUTOPLAY", "REPLAY", "RECORD", "RECORDINGS"):
        patch.delenv(f"WORKBOOK_{name}", raising=False)
