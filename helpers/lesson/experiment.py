"""What an experiment is, and the bench on which it works.

An experiment says what it asks, what its form holds, what manifest the form makes, what it does on
the cluster, and how the result reads. It knows nothing of widgets, prediction locks, replay or
cleaning up: the card and the bench do that for all experiments alike.
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, ParamSpec, Protocol, TypeVar

from helpers.lesson.judgement import Judgement, judge
from helpers.lesson.stop import NotYet
from helpers.model.needs import Need

if TYPE_CHECKING:
    from helpers.aws.account import Account
    from helpers.kube.recorder import Recorder
    from helpers.kube.session import Session
    from helpers.lesson.lease import Lease
    from helpers.lesson.prediction import Prediction
    from helpers.model.timeline import Timeline, Value

S = TypeVar("S")
T = TypeVar("T")
P = ParamSpec("P")

Manifest = dict[str, Any]
GONE_WITHIN = 30.0  # seconds that a deleted object may take to disappear
_CLAIMING = {"PersistentVolumeClaim", "StatefulSet"}  # for them volumes may have been made


class Trouble(Exception):
    """The experiment cannot go on, and the card tells why: a title, what happened, what to try."""

    def __init__(self, title: str, message: str, hint: str) -> None:
        super().__init__(f"{title}. {message} {hint}")
        self.title, self.message, self.hint = title, message, hint


@dataclass(frozen=True)
class Script:
    """What autoplay does in the learner's place: a right prediction, and values for the form.

    `misconceptions` holds wrong predictions, each under the name of the idea behind it.
    """

    prediction: Value
    values: Mapping[str, Any] = field(default_factory=dict)
    misconceptions: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where a manifest goes: the lesson's name (for the label) and its namespace."""

    lesson: str
    namespace: str


class Chart(Protocol):
    """What a card needs of a chart; the charts themselves live in `helpers.charts`."""

    @property
    def figure(self) -> Any:
        """The plotly FigureWidget."""

    @property
    def legend(self) -> Sequence[tuple[str, str]]:
        """Marks ("measured", "rule" or "prediction") and their words."""

    @property
    def text(self) -> str:
        """The chart in a sentence."""

    @property
    def table(self) -> Sequence[Mapping[str, Value]]:
        """The chart's numbers, a mapping a row."""

    def update(self, timeline: Timeline) -> None:
        """Draw what this Timeline holds."""


class Experiment(ABC, Generic[S]):
    """One question to the cluster. Subclass it; `S` is the dataclass behind the form."""

    id: ClassVar[str]
    """Names the experiment and its recording: recordings/<lesson>/<id>.jsonl.gz."""
    title: ClassVar[str]
    """One short sentence, the heading of the card."""
    seconds: ClassVar[int]
    """How long a run takes, about."""
    script: ClassVar[Script]
    measured: ClassVar[str]
    """How it was measured, in a few sentences of HTML."""
    needs: ClassVar[frozenset[Need]] = frozenset()
    """What it needs of a cluster beyond a namespace; without that it is skipped."""
    spec: ClassVar[type[Any]]
    """The dataclass `S` with its field descriptions, as `helpers.forms` reads it."""
    measures: ClassVar[bool] = False
    """Whether it measures what a busy neighbour on the host would blur: its tests run alone."""

    @abstractmethod
    def question(self) -> Prediction:
        """Return what the learner is asked before the run."""

    def ask(self, values: S) -> str | None:
        """Return the question for these values of the form; None leaves it as it is."""
        return None

    def check(self, values: S) -> Mapping[str, str]:
        """Return what is wrong with these values beyond what the fields know, by field name."""
        return {}

    @abstractmethod
    def build(self, values: S, place: Place) -> Manifest | list[Manifest]:
        """Return the whole manifest for these values, or several in the order they are sent in."""

    @abstractmethod
    async def run(self, bench: Bench, values: S) -> None:
        """Do the experiment. All that is to be seen goes into `bench.timeline`."""

    @abstractmethod
    def chart(self, timeline: Timeline) -> Chart:
        """Return the chart of prediction, rule and measurement."""

    @abstractmethod
    def difference(self, timeline: Timeline) -> str:
        """Say the difference between prediction and measurement in two sentences of HTML."""

    @abstractmethod
    def outcome(self, timeline: Timeline) -> Value:
        """Return what this run measured, as an answer to the question; None where it does not tell.

        It holds for any values of the form, and is what a prediction is judged by.
        """

    def scripted(self, timeline: Timeline) -> bool:
        """Tell whether the run was of the values that the script has."""
        values = timeline.value(source="learner", field="values")
        return values == dataclasses.asdict(self.spec(**self.script.values))

    def judge(self, question: Prediction, timeline: Timeline) -> Judgement:
        """Say how good the prediction was, and for which misconception it stands if it was wrong.

        What an answer stands for is known for the script's values alone.
        """
        scripted = self.scripted(timeline)
        # A recording follows no form: it answers for the script's values, and for no others.
        known = scripted or not timeline.meta.get("replay")
        return judge(
            question,
            timeline.value(source="learner", field="prediction"),
            self.outcome(timeline) if known else None,
            self.script.misconceptions if scripted else {},
        )


class Bench:
    """Where an experiment works: the cluster, the Timeline, progress, and cleaning up afterwards.

    The session's calls block; `call` runs them in a thread, so that the notebook stays alive.
    What `apply` made, `clean` deletes; what `change` and `pause` changed, it puts back.

    `cluster` is None in a lesson that was opened without one: `session`, `recorder` and `lease`
    raise NotYet there. `open_aws` gives a run the lesson's AWS account, empty.
    """

    def __init__(
        self,
        place: Place,
        timeline: Timeline,
        progress: Callable[[str, float | None], None],
        cluster: tuple[Session, Recorder, Lease] | None,
        *,
        made: list[tuple[str, str]],
        open_aws: Callable[[Timeline], Account] | None = None,
    ) -> None:
        """`made` is the lesson's list of what its runs made and nobody deleted yet."""
        self.place = place
        self.timeline = timeline
        self.cancelled = threading.Event()
        self._progress = progress
        self._cluster = cluster
        self._open_aws = open_aws
        self._account: Account | None = None
        self._calls: set[asyncio.Future[Any]] = set()
        self._made = made

    @property
    def session(self) -> Session:
        """The lesson's place in the cluster."""
        return self._in_cluster[0]

    @property
    def recorder(self) -> Recorder:
        """What watches the cluster for the Timeline."""
        return self._in_cluster[1]

    @property
    def lease(self) -> Lease:
        """The Lease of the lesson's namespace."""
        return self._in_cluster[2]

    @property
    def _in_cluster(self) -> tuple[Session, Recorder, Lease]:
        if self._cluster is None:
            raise NotYet("This lesson was opened without a cluster, and this card needs one.")
        return self._cluster

    async def aws(self) -> Account:
        """Return the AWS account of this run, empty and with nothing enforced.

        It is moto on this machine's loopback; the lesson's first run that asks for it starts it
        (about 3 s). Its requests block and go through `call`. Raises AwsGone.
        """
        if self._account is None:
            assert self._open_aws is not None
            self.progress("Starting AWS's stand-in on this machine (moto)")
            self._account = await self.call(self._open_aws, self.timeline)
        return self._account

    def progress(self, text: str, fraction: float | None = None) -> None:
        """Tell the learner what happens now; `fraction` (0 to 1) of the run is behind us."""
        self._progress(text, fraction)

    async def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking call in a thread and wait for it. Raises what it raises."""
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(None, functools.partial(work, *args, **kwargs))
        self._calls.add(future)
        # A thread cannot be stopped: a cancelled wait leaves it running, and `clean` waits for it.
        result = await asyncio.shield(future)
        self._calls.discard(future)
        return result

    async def apply(self, manifest: Manifest) -> Manifest:
        """Send a manifest as it is, and record the object from now on.

        Raises Refused when the API server does not take it.
        """
        kind, name = str(manifest["kind"]), str(manifest["metadata"]["name"])
        version = str(manifest.get("apiVersion") or "")
        await self.call(self._know, kind, version)
        await self.call(self.recorder.watch, kind)
        # Noted before it is sent: a cancel in the middle must not leave it behind.
        self._made.append((kind, name))
        await self.call(self._note_wide, kind, version, name)
        return await self.call(self.session.apply, manifest)

    def adopt(self, kind: str, name: str) -> None:
        """Count an object that a controller will make for this run as made by it.

        So that the end of the run deletes it, also after a cancel, as with a StatefulSet's claims.
        Its kind must be watched.
        """
        self._made.append((kind, name))

    async def change(self, manifest: Manifest) -> Manifest:
        """Set these fields of an object that is not the lesson's own, and is there already.

        How to put it back is written into the lesson's Lease first. The lesson must be opened with
        `exclusive="cluster"`. Raises NotMade on a cluster that the workbook did not make, NotFound
        and Refused.
        """
        if self.lease.exclusive != "cluster":
            raise ValueError('open the lesson with exclusive="cluster" to change the cluster')
        return await self.call(self._change, manifest)

    async def sweep(self, kind: str, api_version: str = "") -> None:
        """At the end, delete every object of this kind that carries the lesson's label.

        For what controllers make on the lesson's behalf. The lesson must be opened with
        `exclusive="cluster"`.
        """
        if self.lease.exclusive != "cluster":
            raise ValueError('open the lesson with exclusive="cluster" to sweep the cluster')
        step = {"kind": kind, "apiVersion": api_version, "lesson": self.place.lesson}
        await self.call(self.lease.note, {"sweep": step})

    async def pause(self, node: str) -> None:
        """Stop every process of a node where it stands, until `put_back` or the end.

        The lesson must be opened with `exclusive="node"` or "cluster". Raises NotMade, EngineError.
        """
        if self.lease.exclusive == "none":
            raise ValueError('open the lesson with exclusive="node" to pause a node')
        await self.call(self._pause, node)

    async def put_back(self) -> None:
        """Undo all that was changed with `change`, `pause`, or applied outside the namespace."""
        await self.call(self._put_back)

    async def delete(self, kind: str, name: str) -> None:
        """Delete an object that `apply` made, and wait until it is gone, a Pod's containers too.

        The Pods that a controller made of it may still be going.
        """
        await self.call(self._delete, [(kind, name)])

    async def wait(
        self, condition: Callable[[Timeline], T | Literal[False] | None], deadline: float, what: str
    ) -> T:
        """Wait until the Timeline shows what is wanted, at most `deadline` seconds.

        `what` completes "waited for ...". Raises DeadlineExceeded, with the last state and
        events, when the time is up.
        """
        wait = self.recorder.wait
        return await self.call(wait, condition, deadline, what, self.cancelled)

    async def settled(self) -> None:
        """End what `wait` waits for, and let calls that a cancel left running come to their end."""
        self.cancelled.set()
        if self._calls:
            await asyncio.gather(*self._calls, return_exceptions=True)

    async def clean(self, *, silent: bool = False) -> None:
        """Delete whatever this run made. Safe to call in any state, also after a cancel.

        `silent`: the cluster is there and says nothing, so each question would take its time. It
        is asked for nothing more; the lesson's next run or its end deletes what is left.
        """
        await self.settled()
        if self._cluster is None or silent:
            return
        await self.call(self._put_back)
        if any(kind in _CLAIMING for kind, _ in self._made):
            await self.call(self._reclaim)
        await self.call(self._delete, list(reversed(self._made)))
        self._made.clear()

    def _reclaim(self) -> None:
        from helpers.kube.reclaim import reclaim

        reclaim(self.session.api, self.session.namespace, self.session.lesson)

    def _know(self, kind: str, api_version: str) -> None:
        """Let the API look up a kind that is not built in, so that it can be watched by name."""
        from helpers.kube.errors import NotFound

        # What nobody serves is refused when it is sent, in the server's own words.
        with suppress(NotFound):
            self.session.api.kind(kind, api_version)

    def _note_wide(self, kind: str, api_version: str, name: str) -> None:
        """Note an object of the whole cluster: it does not go with the lesson's namespace."""
        if not self.session.api.kind(kind, api_version).namespaced:
            self.lease.note({"delete": {"kind": kind, "apiVersion": api_version, "name": name}})

    def _change(self, manifest: Manifest) -> Manifest:
        from helpers.kube import undo

        self.lease.note(undo.restoring(self.session.former(manifest)))
        return self.session.change(manifest)

    def _pause(self, node: str) -> None:
        from helpers.kube import undo

        self.lease.note({"unpause": node})
        undo.pause(node)
        self._tell_timeline(f"Node/{node}", "pause")

    def _put_back(self) -> None:
        for what in self.lease.put_back():
            self._tell_timeline(what, "put back")

    def _tell_timeline(self, what: str, field: str) -> None:
        from helpers.model.timeline import Row

        self.timeline.append(Row(time.time(), "session", what, field, True))

    def _delete(self, objects: Sequence[tuple[str, str]]) -> None:
        from helpers.kube.errors import NotFound

        going = []
        self.recorder.watch(*sorted({kind for kind, _ in objects}))
        for kind, name in objects:
            try:
                # With a grace of 0 the server forgets a Pod while its containers still run.
                self.session.delete(kind, name, grace=1)
            except NotFound:
                continue  # it was never made, or is gone already
            going.append(f"{kind}/{name}")

        def gone(timeline: Timeline) -> bool:
            # Not merely unseen: what was deleted quickly has its first row still to come.
            return all(
                timeline.value(source="watch", object=object, field="exists") is False
                for object in going
            )

        self.recorder.wait(gone, GONE_WITHIN, f"{', '.join(going)} to be gone")
