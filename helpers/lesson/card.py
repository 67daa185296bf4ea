"""A card: predict, run, compare. Every button has a callable twin of the same name.

All state changes happen on the kernel's main loop. Widgets and recorders may call from other
threads; they are brought over by `call_soon_threadsafe`.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import dataclasses
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from time import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from helpers.forms import Form
from helpers.lesson import journal, recording, tasks
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place
from helpers.lesson.explain import explain, known
from helpers.lesson.judgement import Judgement
from helpers.lesson.prediction import Answer
from helpers.lesson.run import Run, Skipped
from helpers.lesson.stop import NotYet, QuietStop, RunFailed
from helpers.lesson.telling import told_apart
from helpers.lesson.view import CardView
from helpers.model import needs
from helpers.model.journal import Prediction
from helpers.model.timeline import Row, Timeline, Value

if TYPE_CHECKING:
    from helpers.lesson.lesson import Lesson

S = TypeVar("S")

DRAW_EVERY = 0.2  # seconds between two drawings of a growing chart
REPLAY_SECONDS = 5.0  # a replayed run is this long at most, whatever it took


class Card(Generic[S]):
    """One experiment of an open lesson. Display it, or drive it by its methods."""

    def __init__(self, lesson: Lesson, experiment: Experiment[S]) -> None:
        self.experiment = experiment
        self.timeline = Timeline()
        """What the latest run recorded; it grows while the run goes on."""
        self.journal: list[tuple[datetime, Answer, S | None]] = []
        """Every prediction that was committed: when, what, and for which values of the form."""
        self._lesson = lesson
        self._loop = lesson.loop
        self._task: asyncio.Task[None] | None = None
        self._bench: Bench | None = None
        self._run: Run | None = None
        self._failure: Exception | None = None
        self._noted: Prediction | None = None
        """The latest prediction as the learner's journal file has it."""
        self._asked: Prediction | None = None
        """That of the run that is going on."""
        self._judged: Judgement | None = None
        self._ran = False
        self._told = ""
        self._sent: Manifest = {}
        self._drawing = False
        self._scripted = False
        self._place = lesson.place
        self._skipped = needs.told(lesson.lacking(experiment.needs))
        self._question = experiment.question()
        self._form: Form[S] = Form(
            experiment.spec,
            lambda values: experiment.build(values, self._place),
            check=experiment.check,
        )
        self._defaults = dataclasses.asdict(self._form.values)  # type: ignore[call-overload]
        self._chart = experiment.chart(self.timeline)
        self.view = CardView(
            experiment.title,
            f"about {experiment.seconds} s",
            self._question,
            self._form,
            self._chart,
            on_commit=lambda answer: self._on_loop(lambda: self._committed(answer)),
            on_run=lambda: self._on_loop(self._run_pressed),
            on_reset=lambda: self._on_loop(self.reset),
            on_cancel=lambda: self._on_loop(self.cancel),
        )
        self._form.observe(lambda: self._on_loop(self._form_changed))
        self.view.set_measured(experiment.measured)
        self.refresh()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.view.widget)

    def __repr__(self) -> str:
        return f"<Card {self.experiment.id}: {self.state}>"

    # What a learner does

    @property
    def state(self) -> str:
        """Where the card is: "skipped", "locked", "ready", "running", "done" or "failed"."""
        if self._skipped:
            return "skipped"
        if self.running:
            return "running"
        if self._failure is not None:
            return "failed"
        if self._run is not None:
            return "done"
        return "locked" if self._question.committed is None else "ready"

    @property
    def running(self) -> bool:
        """Tell whether a run is going on (also while it cleans up)."""
        return self._task is not None and not self._task.done()

    @property
    def through(self) -> bool:
        """Tell whether the learner has come through: by a run that ended well, or it is skipped."""
        return self._ran or bool(self._skipped)

    def predict(self, value: Answer) -> None:
        """Commit a prediction. Raises PredictionError for one that the question does not allow."""
        self._question.commit(value)

    def set(self, **values: Any) -> None:
        """Fill in the form, by the names of its spec. Raises TypeError for an unknown name."""
        self._form.set(**values)

    def run(self) -> None:
        """Start the run. Raises NotYet, saying why, when the card is locked or busy."""
        if self._skipped:
            raise NotYet(self._skipped)
        if self.running:
            raise NotYet("This experiment is running already; Cancel stops it.")
        if self._question.committed is None:
            raise NotYet("Commit a prediction first: then Run is unlocked.")
        if self._form.errors:
            raise NotYet("The form is not right yet. " + " ".join(self._form.errors.values()))
        if (other := self._lesson.busy) is not None:
            raise NotYet(
                f"“{other.experiment.title}” is running. Two runs at once would measure each "
                "other; wait until it is done, or cancel it."
            )
        self._run = self._failure = None
        self._lesson.busy = self  # type: ignore[assignment]
        self._task = tasks.start(self._perform(), f"card {self.experiment.id}")
        # Not at the end of _perform: a task that is cancelled before its first step has no end.
        self._task.add_done_callback(self._ended)
        self._tell("Starting", None)

    def cancel(self) -> None:
        """Stop the run, if there is one, and delete what it made. The prediction stays."""
        if self._task is not None and not self._task.done():
            if self._bench is not None:
                self._bench.cancelled.set()
            self._task.cancel()

    def reset(self) -> None:
        """Put the card back as at first: run cancelled, prediction open. The journal stays."""
        self.cancel()
        self._run = self._failure = None
        self.timeline = Timeline()
        self._chart.update(self.timeline)
        self._question.withdraw()
        self._form.set(**self._defaults)
        self._show_state()

    async def result(self) -> Run:
        """Return the finished run; wait for it when it is going on.

        A card that this cluster cannot run returns a run that was Skipped, and says why.
        Raises NotYet when nothing was run: "Run All" stops here with one line. Under autoplay it
        plays the script first. Raises RunFailed when the run failed; the card tells why.
        """
        if self._skipped:
            return Skipped(self.experiment, self._skipped)
        if tasks.autoplay() and self._task is None:
            self.play()
        if self._task is None:
            raise NotYet(
                f"“{self.experiment.title}”: make your prediction in the card and press Run. "
                "Then run this cell again."
            )
        while self.running:
            assert self._task is not None
            await asyncio.wait({self._task})  # not `await task`: interrupting the cell cancels this
        if self._failure is not None:
            tasks.shown(self._failure)
            if tasks.autoplay() or not known(self._failure):
                raise self._failure
            raise RunFailed(f"“{self.experiment.title}” did not finish; its card tells why.")
        if self._run is None:
            raise NotYet(f"“{self.experiment.title}” was cancelled. Press Run in the card again.")
        return self._run

    def play(self, misconception: str | None = None) -> None:
        """Do what the script says in the learner's place: predict, fill in the form, press Run.

        `misconception` names a scripted wrong prediction to commit instead of the right one.
        """
        script = self.experiment.script
        self._scripted = True
        self.set(**script.values)
        wrong = misconception is not None
        self.predict(script.misconceptions[misconception] if wrong else script.prediction)  # type: ignore[index,arg-type]
        self.run()

    async def stop(self) -> None:
        """Cancel the run, if there is one, and wait until it has cleaned up."""
        self.cancel()
        if self._task is not None:
            await asyncio.wait({self._task})

    def refresh(self) -> None:
        """Show anew where the card works, as when the lesson has a new namespace."""
        if recording.replaying():
            self._show_recording()
        else:
            self._place = self._lesson.place
            self.view.show_footer(self._lesson.where)
        self._form.set()  # the manifest holds the namespace
        self._show_state()

    # The run

    async def _perform(self) -> None:
        """Run, show and clean up; whatever happens, the card tells it."""
        try:
            recorded = None
            if recording.replaying():
                self._show_recording()
                recorded = recording.load(self._lesson.name, self.experiment.id)
            values = self._form.values
            timeline = self._fresh(values, recorded.rows[0].time if recorded else time())
            unsubscribe = timeline.subscribe(self._row_came)
            try:
                if recorded is not None:
                    await self._replay(timeline, recorded)
                else:
                    await self._live(timeline, values)
            finally:
                unsubscribe()
            self._draw()
            self._run = Run(self.timeline, self.experiment)
            self._ran = True
            self._judge()
            if recording.recording() and self._scripted and not recording.replaying():
                recording.save(self.timeline, self._lesson.name, self.experiment.id)
        except asyncio.CancelledError:
            pass  # the learner's wish; the card goes back to ready
        except Exception as error:
            self._fail(error)

    def _judge(self) -> None:
        """Tell how good the prediction was, and keep it; the first run that tells it counts."""
        judged = self._judged = self.experiment.judge(self._question, self.timeline)
        made = self._asked
        if made is None or made.result is not None:
            return
        made = replace(made, result=judged.result, misconception=judged.misconception)
        if self._noted is self._asked:
            self._noted = made
        self._lesson.keep(journal.note_judgement(made))

    def _ended(self, _task: asyncio.Task[None]) -> None:
        self._bench = None
        self._lesson.busy = None
        self._form.set()  # the pane is the form's again
        self._show_state()

    async def _live(self, timeline: Timeline, values: S) -> None:
        from helpers.kube.errors import ClusterGone

        if self._lesson.made:
            self._tell("Deleting what an earlier run had to leave", None)
            await self._clean(self._new_bench(Timeline()), silent=False)
        bench = self._bench = self._new_bench(timeline)
        silent = False
        try:
            await self.experiment.run(bench, values)
            timeline.meta["recorded"] = datetime.now(UTC).isoformat(timespec="seconds")
            # What comes now is the cleaning up, and no part of what was seen.
            self.timeline = Timeline(timeline.meta)
            for row in timeline.rows:
                self.timeline.append(row)
        except ClusterGone as gone:
            silent = gone.silent
            raise
        finally:
            # A task of its own: a second cancel must not stop the cleaning up.
            cleaning = tasks.start(self._clean(bench, silent), f"cleaning up {self.experiment.id}")
            await asyncio.shield(cleaning)

    def _new_bench(self, timeline: Timeline) -> Bench:
        from helpers.kube.recorder import Recorder

        lesson, cluster = self._lesson, None
        if lesson.clustered:
            lesson.session.timeline = timeline
            cluster = lesson.session, Recorder(lesson.session), lesson.lease
        return Bench(
            lesson.place,
            timeline,
            self._tell,
            cluster,
            made=lesson.made,
            open_aws=lesson.open_aws,
        )

    async def _clean(self, bench: Bench, silent: bool) -> None:
        from helpers.kube.errors import ClusterGone

        if bench.cancelled.is_set():
            self._tell("Cancelling: deleting what was made", None)
        try:
            with contextlib.suppress(ClusterGone):  # what is left there, the next run deletes
                await bench.clean(silent=silent)
        finally:
            if self._lesson.clustered:
                await asyncio.to_thread(bench.recorder.stop)

    async def _replay(self, timeline: Timeline, recorded: Timeline) -> None:
        """Play the recorded rows in their order, at their pace or faster."""
        timeline.meta |= recorded.meta | {"replay": True}
        rows = [row for row in recorded.rows if row.source != "learner"]
        length = rows[-1].time - rows[0].time if rows else 0.0
        pace = 0.0 if tasks.autoplay() or not length else min(1.0, REPLAY_SECONDS / length)
        for before, row in zip([rows[:1], *([r] for r in rows)], rows, strict=False):
            if (pause := pace * (row.time - before[0].time)) > 0.005:
                await asyncio.sleep(pause)  # the pace of the recording, not a wait for something
            timeline.append(row)
            self._tell("Played the recording", (row.time - rows[0].time) / (length or 1.0))

    def _fresh(self, values: S, begins: float) -> Timeline:
        """Make the Timeline of a run that begins then (seconds since the epoch).

        Its first rows are what the learner committed to.
        """
        timeline = Timeline(
            {
                "lesson": self._lesson.name,
                "card": self.experiment.id,
                "machine": _machine(),
                "kubernetes": self._lesson.kubernetes,
                "cores": os.cpu_count(),
                "cgroup": None,
                "namespace": self._place.namespace,
                "replay": recording.replaying(),
            }
        )
        self.timeline = timeline
        self._asked = self._noted
        card = f"Card/{self.experiment.id}"
        committed = self._question.committed
        prediction: Value = list(committed) if isinstance(committed, tuple) else committed
        timeline.append(Row(begins, "learner", card, "prediction", prediction))
        timeline.append(
            Row(begins, "learner", card, "values", dataclasses.asdict(values))  # type: ignore[call-overload]
        )
        self._chart.update(timeline)
        return timeline

    def _fail(self, error: Exception) -> None:
        self._failure = error
        if tasks.autoplay() or not known(error):
            tasks.failed(error)

    # What is shown

    def _show_state(self) -> None:
        state = self.state
        if state == "failed":
            assert self._failure is not None
            self.view.show_error(*explain(self._failure))
        elif state == "done":
            assert self._run is not None
            difference = self.experiment.difference(self._run.timeline)
            idea = self._judged.misconception if self._judged is not None else ""
            if words := told_apart(idea, self.experiment.id, self._form.fields):
                difference += f'<p class="wb-idea">{words}</p>'
            self.view.show_done(difference, self._told)
            self.view.set_table(self._chart.table)
            self.view.set_events(self._run.timeline.where(source="event"))
        elif state == "skipped":
            self.view.show_skipped(self._skipped)
        elif state == "locked":
            self.view.show_locked("Commit a prediction first: Run waits for it.")
        elif state == "ready" and self._form.errors:
            wrong = " and ".join(self._form.fields[name].label for name in self._form.errors)
            self.view.show_locked(f"Mend {wrong} in the form first.")
        elif state == "ready":
            self.view.show_ready()

    def _show_recording(self) -> None:
        try:
            recorded = recording.load(self._lesson.name, self.experiment.id)
        except recording.NoRecording as none:
            self.view.show_replay(str(none))
            return
        self._place = Place(self._lesson.name, str(recorded.meta.get("namespace")))
        self.view.show_replay(recording.label(recorded))
        space = f"namespace {self._place.namespace}" if self._lesson.clustered else "no cluster"
        self.view.show_footer(f"{space} · recorded")
        # A recording follows no form: the form shows what the recorded run was made of.
        values = recorded.value(source="learner", field="values")
        if isinstance(values, dict):
            self._form.set(**values)

    def _committed(self, answer: Answer) -> None:
        values = None if self._form.errors else self._form.values
        self.journal.append((datetime.now(), answer, values))
        self._noted = journal.prediction(self._lesson.name, self.experiment.id, answer)
        self._lesson.keep(journal.note_prediction(self._noted))
        if not self.running:
            self._run = self._failure = None
            self._show_state()

    def _form_changed(self) -> None:
        if not self._form.errors and (text := self.experiment.ask(self._form.values)):
            self._question.ask(text)
        if self.state in ("ready", "locked"):
            self._show_state()

    def _run_pressed(self) -> None:
        try:
            self.run()
        except QuietStop as reason:
            if not self.running:
                self.view.show_locked(str(reason))

    def _tell(self, text: str, fraction: float | None) -> None:
        def show() -> None:
            self._told = text
            if self.running:
                self.view.show_running(text, fraction)

        self._on_loop(show)

    def _row_came(self, row: Row) -> None:
        """Draw soon; called on the recorder's thread, many times a second at times."""
        if row.source == "session" and row.field in ("manifest", "change", "resize"):
            self._on_loop(lambda: self._show_sent(row))
        if not self._drawing:
            self._drawing = True
            self._loop.call_soon_threadsafe(self._loop.call_later, DRAW_EVERY, self._draw)

    def _show_sent(self, row: Row) -> None:
        """Let the manifest pane follow what is sent, so that it is true at every moment."""
        if not isinstance(row.value, dict):
            return
        if row.field == "resize":
            self._sent = resized(self._sent, row.value)
        else:
            self._sent = row.value
        built = self._form.manifests
        # One of several that the form made: all of them are sent, one after the other.
        self._form.pane.show(*(built if self._sent in built else [self._sent]))

    def _draw(self) -> None:
        self._drawing = False
        try:
            self._chart.update(self.timeline)
        except Exception as error:
            tasks.failed(error)

    def _on_loop(self, work: Callable[[], None]) -> None:
        """Do `work` on the main loop: at once when we are there, else as soon as it can."""
        try:
            here = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            here = False
        if here:
            work()
        else:
            self._loop.call_soon_threadsafe(self._guarded, work)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            tasks.failed(error)


def _machine() -> str:
    """Describe this machine for a recording's label, without its name."""
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{os.cpu_count()} cores, {platform.system()} {kernel}"


def resized(manifest: Manifest, resize: Mapping[str, Any]) -> Manifest:
    """Return a Pod's manifest as it is after a resize of one of its containers."""
    changed = copy.deepcopy(manifest)
    for container in changed["spec"]["containers"]:
        if container["name"] == resize["container"]:
            resources = container.setdefault("resources", {})
            for kind, amounts in resize["resources"].items():
                resources[kind] = {**resources.get(kind, {}), **amounts}
    return changed
