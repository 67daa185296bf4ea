"""A lesson: a place in the cluster for as long as you work in its notebook, and its cards."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import html
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import ipywidgets as widgets

from helpers.charts import figure
from helpers.lesson import journal, recording, tasks
from helpers.lesson.card import Card
from helpers.lesson.experiment import Experiment, Place
from helpers.lesson.stop import NotYet, QuietStop, RunFailed
from helpers.model.needs import Need
from helpers.model.timeline import Timeline

if TYPE_CHECKING:
    from helpers.aws.account import Account
    from helpers.aws.server import Moto
    from helpers.kube.session import Session
    from helpers.lesson.lease import Exclusive, Lease
    from helpers.lesson.quiz import Quiz

S = TypeVar("S")

_WITHOUT = (
    "<b>No cluster is needed.</b> The cards work with AWS's stand-in (moto), on this machine alone."
)

_open: dict[str, Lesson] = {}
"""The open lessons of this kernel, by name."""


class Lesson:
    """An open lesson. Make one with `await Lesson.open(name)`."""

    def __init__(self, name: str, exclusive: Exclusive = "none", *, cluster: bool = True) -> None:
        self.name = name
        self.exclusive = exclusive
        self.clustered = cluster
        """Whether the lesson works in a cluster; if not, none need run."""
        self.loop = asyncio.get_running_loop()
        self.busy: Card[object] | None = None
        """The card whose run is going on: one at most, for two would measure each other."""
        self.cards: list[Card[object]] = []
        self.made: list[tuple[str, str]] = []
        """Kind and name of what the cards' runs made in this namespace and did not delete yet."""
        self._session: Session | None = None
        self._lease: Lease | None = None
        self._moto: Moto | None = None
        self._closed = False
        self.banner = Banner(self)
        self.then: Callable[[], Coroutine[Any, Any, None]] | None = None
        """What a reset does last, in the fresh namespace."""

    @classmethod
    async def open(
        cls, name: str, exclusive: Exclusive = "none", *, cluster: bool = True
    ) -> Lesson:
        """Make a namespace for the lesson and show a banner that says where it is.

        With `cluster=False`, for a lesson whose cards all work without, no cluster is asked.

        `exclusive` says what the lesson must have for itself: "node" (two such lessons are not
        open at once) or "cluster" (no other lesson is open beside it). What a killed kernel left
        is put back and deleted first. Under `WORKBOOK_REPLAY=1` no cluster is touched: the runs
        are played from recordings. Raises RunFailed, in one line, when there is no cluster to work
        on, or when another lesson is in the way.
        """
        tasks.watch_kernel()
        if (before := _open.pop(name, None)) is not None:
            await before.close()  # the first cell was run again
        lesson = cls(name, exclusive, cluster=cluster)
        lesson.banner.show()
        tasks.start(asyncio.to_thread(figure.warm), "loading plotly")
        if recording.replaying():
            lesson.banner.say(
                "<b>Replay.</b> No cluster is used: every run is played from its recording."
            )
        elif cluster:
            await lesson._enter()
        else:
            lesson.banner.say(_WITHOUT)
        _open[name] = lesson
        lesson.keep(journal.note_lesson(name, "opened"))
        return lesson

    def __repr__(self) -> str:
        return f"<Lesson {self.name} in {self.namespace}>"

    @property
    def session(self) -> Session:
        """The lesson's place in the cluster. Raises NotYet when it has none (closed, replayed)."""
        if self._session is None:
            raise NotYet("This lesson has no cluster now: run its first cell again.")
        return self._session

    @property
    def lease(self) -> Lease:
        """The Lease of the lesson's namespace. Raises NotYet as `session` does."""
        if self._lease is None:
            raise NotYet("This lesson has no cluster now: run its first cell again.")
        return self._lease

    @property
    def namespace(self) -> str:
        """The lesson's namespace; its name without digits where there is no cluster."""
        return self._session.namespace if self._session is not None else self.name

    @property
    def place(self) -> Place:
        """Where the lesson's manifests go."""
        return Place(self.name, self.namespace)

    @property
    def context(self) -> str:
        """The kubeconfig's context, or "replay"."""
        return self._session.context if self._session is not None else "replay"

    @property
    def where(self) -> str:
        """Where the lesson works, in a few words."""
        if not self.clustered:
            return "no cluster · AWS: moto on this machine"
        return f"namespace {self.namespace} · {self.context}"

    @property
    def kubernetes(self) -> str:
        """The version of the cluster, such as "v1.37.0"; empty where there is none."""
        return self._session.version if self._session is not None else ""

    def lacking(self, needs: frozenset[Need]) -> frozenset[Need]:
        """Return what of these an owner's cluster does not give.

        Neither the workbook's own cluster nor a replay lacks anything.
        """
        from helpers.kube import guard

        if recording.replaying() or guard.owner_context() is None:
            return frozenset()
        return needs

    def open_aws(self, timeline: Timeline) -> Account:
        """Return the lesson's AWS account, emptied, writing to this Timeline. Blocks.

        The first call starts moto, and so does one that finds it dead. Raises AwsGone.
        """
        from helpers.aws.account import Account
        from helpers.aws.server import Moto

        if self._moto is None or not self._moto.alive:
            self._moto = Moto.start()
            atexit.register(self._moto.stop)
        else:
            self._moto.reset()
        return Account(self._moto, timeline)

    def card(self, experiment: type[Experiment[S]]) -> Card[S]:
        """Return a new card for this experiment."""
        card = Card(self, experiment())
        self.cards.append(card)  # type: ignore[arg-type]
        return card

    def quiz(self) -> Quiz:
        """Return the lesson's self-quiz. Raises KeyError for a lesson that has none."""
        from helpers.lesson.quiz import Quiz

        return Quiz(self.name, self.keep)

    def keep(self, trouble: str) -> None:
        """Show what is wrong with the learner's journal, as its functions told; "" for nothing."""
        self.banner.warn(trouble)

    async def reset(self) -> None:
        """Stop what runs, delete the namespace with all that is in it, and take a fresh one."""
        self.banner.say("Resetting …")
        for card in self.cards:
            await card.stop()
        if self._session is not None:
            await self._leave()
            await self._enter()
        for card in self.cards:
            card.reset()
            card.refresh()
        if self.then is not None:
            await self.then()

    async def close(self) -> None:
        """Stop what runs and delete the namespace with all that is in it.

        Raises what a background task or thread ran into and nobody has been shown.
        """
        if self._closed:
            return
        self._closed = True
        _open.pop(self.name, None)
        for card in self.cards:
            await card.stop()
        if self.cards and all(card.through for card in self.cards):
            self.keep(journal.note_lesson(self.name, "finished"))
        namespace = self.namespace
        if self._moto is not None:
            atexit.unregister(self._moto.stop)
            await asyncio.to_thread(self._moto.stop)
            self._moto = None
        if self._session is not None:
            await self._leave()
            self.banner.say(f"Closed. The namespace <b>{namespace}</b> is deleted.")
        else:
            self.banner.say("Closed.")
        await tasks.settle()

    async def _enter(self) -> None:
        """Make the namespace, in a thread; the banner counts the seconds meanwhile."""
        from helpers.engine.engine import EngineError
        from helpers.kube.errors import KubeError
        from helpers.lesson.lease import Occupied

        work = asyncio.create_task(asyncio.to_thread(self._open_session))
        started = monotonic()
        while not work.done():
            self.banner.say(f"Opening a namespace … {monotonic() - started:.0f} s")
            await asyncio.wait({work}, timeout=1)
        try:
            swept = work.result()
        except Occupied as error:
            self.banner.say(f"<b>Not now.</b> {html.escape(str(error))}")
            raise RunFailed(str(error)) from None
        except (KubeError, EngineError) as error:
            self.banner.say(f"<b>No cluster.</b> {html.escape(str(error))}")
            raise RunFailed(str(error)) from None
        left = f" Mended what a stopped kernel had left: {', '.join(swept)}." if swept else ""
        self.banner.say(
            f"<b>{html.escape(self.context)}</b>, Kubernetes {html.escape(self.kubernetes)} · "
            f"namespace <b>{html.escape(self.namespace)}</b>{html.escape(left)}"
        )

    async def _leave(self) -> None:
        self.made.clear()  # it goes with the namespace
        await asyncio.to_thread(self._close_session)

    def _open_session(self) -> list[str]:
        from helpers.kube.session import Session
        from helpers.lesson.lease import Lease, admit, me, sweep

        session = Session.open(self.name, Timeline())
        lease = Lease(session, me(), self.exclusive)
        try:
            lease.start()
            admit(session, self.exclusive)
            swept = sweep(session)
        except BaseException:
            lease.stop()
            session.close()
            raise
        self._session, self._lease = session, lease
        atexit.register(self._close_session)
        return swept

    def _close_session(self) -> None:
        """Put back what is still changed and delete the namespace; a lost cluster has neither.

        What cannot be put back stays in the Lease, with the namespace, for the next open.
        """
        from helpers.kube.errors import ClusterGone

        atexit.unregister(self._close_session)
        session, self._session = self._session, None
        lease, self._lease = self._lease, None
        if lease is not None:
            lease.stop()
        if session is not None:
            with contextlib.suppress(ClusterGone):
                if lease is not None:
                    lease.put_back()
                session.close()

    def _reset_pressed(self) -> None:
        self.loop.call_soon_threadsafe(
            lambda: tasks.start(self._reset_shown(), f"reset of {self.name}")
        )

    async def _reset_shown(self) -> None:
        with contextlib.suppress(QuietStop):  # the banner tells it
            await self.reset()


class Banner:
    """One line over the lesson: where it works, and a button that takes a fresh namespace."""

    def __init__(self, lesson: Lesson) -> None:
        self._text = widgets.HTML()
        self._button = widgets.Button(
            description="Reset lesson",
            tooltip="Delete everything in the namespace and take a fresh one",
            layout={"width": "auto"},
        )
        self._button.on_click(lambda _: lesson._reset_pressed())
        if recording.replaying():
            self._button.layout.display = "none"
        line = widgets.HBox(
            [self._text, self._button],
            layout={"justify_content": "space-between", "align_items": "center"},
        )
        self._warning = widgets.HTML(layout={"display": "none"})
        self.widget = widgets.VBox([line, self._warning])
        self.widget.add_class("wb-banner")

    def show(self) -> None:
        """Display it below the cell that is running."""
        from IPython.display import display

        display(self.widget)

    def say(self, markup: str) -> None:
        """Show this HTML."""
        self._text.value = markup

    def name_reset(self, words: str, what: str) -> None:
        """Call the button that resets by these words; `what` says what it does."""
        self._button.description, self._button.tooltip = words, what

    def warn(self, text: str) -> None:
        """Show a second line of plain text below, or none."""
        self._warning.value = html.escape(text)
        self._warning.layout.display = None if text else "none"
