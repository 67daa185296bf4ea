"""A lab: you work on the cluster in your own way, and its check says whether you are done."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING, Any

import yaml

from helpers.lesson import journal, recording, tasks
from helpers.lesson.experiment import Bench, Trouble
from helpers.lesson.explain import explain, known
from helpers.lesson.lab_folder import START, LabFolder
from helpers.lesson.lab_view import LabView, Reason
from helpers.lesson.lesson import Lesson
from helpers.lesson.stop import NotYet, RunFailed
from helpers.model import needs, verdicts
from helpers.model.timeline import Row, Timeline
from helpers.model.verdicts import CLOCK, Verdict

if TYPE_CHECKING:
    from helpers.aws.account import Account

WIDE = ("PersistentVolume", "StorageClass", "PriorityClass")
"""Kinds of the whole cluster that a learner may make in a lab."""


@dataclass(frozen=True)
class Checked:
    """What one press of Check found."""

    verdicts: tuple[Verdict, ...]
    timeline: Timeline

    @property
    def passed(self) -> bool:
        """Whether every fact passed."""
        return verdicts.passed(self.verdicts)

    @property
    def hints(self) -> tuple[str, ...]:
        """The keys of the hints that belong to what failed."""
        return verdicts.hints(self.verdicts)


class Lab:
    """An open lab: made with `await Lab.open(folder)`, then shown, or driven by its methods."""

    def __init__(self, folder: LabFolder, lesson: Lesson, work: Path) -> None:
        self.folder = folder
        self.lesson = lesson
        self.work = work
        """The folder of the learner's files."""
        self.case = START
        """The case that was done last; replay plays its recording."""
        self.checked: Checked | None = None
        """What the last press of Check found."""
        self._alone = work.parent != folder.path
        """Whether the files are a copy that ends with the lab, and no learner's."""
        self._skipped = needs.told(lesson.lacking(folder.check.needs))
        self._bench: Bench | None = None
        self._account: Account | None = None
        self._task: asyncio.Task[Any] | None = None
        self.view = LabView(
            folder.check.minutes,
            clustered=folder.check.cluster,
            on_apply=lambda: self._pressed(self._apply_shown()),
            on_check=lambda: self._pressed(self.check()),
            on_cancel=lambda: self._on_loop(self.cancel),
        )
        self.reason = Reason(folder.check.reason)
        """The last question: why."""

    @classmethod
    async def open(cls, folder: str, *, alone: bool = False) -> Lab:
        """Take a namespace for the lab in this folder of `labs/`, and make what it begins with.

        The learner's files are in `labs/<folder>/work/`; those of an earlier time are kept. With
        `alone`, and under autoplay and replay, it works on a copy, and no learner's file is
        touched.
        Raises RunFailed, in one line, for a folder that there is not, and as `Lesson.open` does.
        """
        found = LabFolder.find(folder)
        lesson = await Lesson.open(found.name, found.check.exclusive, cluster=found.check.cluster)
        lesson.banner.name_reset("Reset lab", "Put the lab back to what it begins with")
        alone = alone or tasks.autoplay() or recording.replaying()
        work = Path(tempfile.mkdtemp(prefix="lab-")) if alone else found.path / "work"
        lab = cls(found, lesson, work)
        if lab._skipped:
            lab.view.show_notice(lab._skipped)
        else:
            lesson.then = lab._begin_again
            try:
                await lab._begin()
            except RunFailed:
                await lab.close()  # half a lab is nobody's, and may be in another's way
                raise
        return lab

    def __repr__(self) -> str:
        return f"<Lab {self.folder.folder} in {self.lesson.namespace}>"

    def _ipython_display_(self) -> None:
        from IPython.display import Markdown, display

        display(self.view.widget)
        if not self._alone:
            # JupyterLab opens the links of Markdown beside the notebook; those of widgets it does
            # not.
            links = " · ".join(f"[{file.name}](work/{file.name})" for file in self._files())
            display(Markdown(f"**Your files:** {links}"))

    @property
    def bench(self) -> Bench:
        """Where the lab is worked on: the session and its recorder. Raises NotYet when replayed."""
        if self._bench is None:
            raise NotYet("This lab has no cluster now: run its first cell again.")
        return self._bench

    @property
    def busy(self) -> bool:
        """Whether something is being applied or checked."""
        return self._task is not None and not self._task.done()

    # What a learner does

    async def apply(self, *names: str) -> list[str]:
        """Apply these files of `work`, or all its YAML, and return what was applied.

        Raises Trouble, naming the file, for one that is no YAML, and Refused in the server's words.
        """
        applied = []
        files = [self.work / name for name in names] or self._files(".yaml", ".yml")
        for file in files:
            for manifest in _documents(file):
                await self.bench.apply(manifest)
                applied.append(f"{manifest['kind']}/{manifest['metadata']['name']}")
        return applied

    async def replace(self, name: str) -> None:
        """Delete what a file of `work` holds, wait until it is gone, and apply the file."""
        for manifest in reversed(_documents(self.work / name)):
            await self.delete(manifest["kind"], manifest["metadata"]["name"])
        await self.apply(name)

    async def delete(self, kind: str, name: str) -> None:
        """Delete an object of the lab, and wait until it is gone."""
        await self.bench.delete(kind, name)

    async def check(self) -> Checked | None:
        """Observe the cluster and judge it; None if it was cancelled. The view shows it."""
        if self._skipped:
            raise NotYet(self._skipped)
        self.checked = None
        if recording.replaying():
            timeline = recording.load(f"labs/{self.folder.folder}", self.case)
            self.view.show_replay(recording.label(timeline))
        else:
            try:
                timeline = await self._observed()
            except asyncio.CancelledError:
                self.view.show_idle("Cancelled")
                return None
        self.checked = Checked(verdicts.judged(self.folder.check.check, timeline), timeline)
        if not recording.replaying():
            told = {v.fact: v.outcome.value for v in self.checked.verdicts}
            passed = self.checked.passed
            self.lesson.keep(journal.note_lab(self.folder.folder, passed=passed, verdicts=told))
        said = {key: self.folder.check.hints[key] for key in self.checked.hints}
        self.view.show_checked(self.checked.verdicts, list(said.values()))
        return self.checked

    def cancel(self) -> None:
        """Stop a check or an apply that is going on."""
        if self._task is not None:
            self._task.cancel()

    async def reset(self) -> None:
        """Put back exactly what the lab begins with; changed files are moved aside, not lost."""
        await self.lesson.reset()

    async def result(self) -> Checked:
        """Return what the last check found, once everything passed.

        Raises NotYet until then ("Run All" stops here with one line), but not on a cluster that
        cannot run the lab. Under autoplay the start is checked, which must fail with a hint, then
        the first solution, which must pass.
        """
        if self._skipped:
            return Checked((), Timeline())
        if self._task is not None:
            await asyncio.wait({self._task})
        if tasks.autoplay() and self.checked is None:
            await self._play()
        if self.checked is None or not self.checked.passed:
            raise NotYet("Not everything holds yet. Press Check in the lab, then run this again.")
        return self.checked

    async def do(self, case: str) -> None:
        """Do what a case says, such as "solutions/raise-the-limit", in the learner's place."""
        self.case = case
        if recording.replaying():
            return
        self.folder.lay(case, self.work, self.lesson.namespace)
        act = self.folder.act(case)
        if act is not None:
            await act(self)
        elif case != START:
            await self.apply()

    async def close(self) -> None:
        """Stop what goes on, and delete the namespace with all that is in it."""
        await self._stop()
        await asyncio.to_thread(self._delete_wide)
        self._bench = None
        await self.lesson.close()
        if self._alone:
            shutil.rmtree(self.work)

    # The beginning

    async def _begin(self, notice: str = "") -> None:
        """Lay the files and make what the lab begins with; then show the notice, if any."""
        if recording.replaying():
            self.view.show_begun("Ready")
            return
        namespace = self.lesson.namespace
        resumed = self.folder.resume(self.work, namespace)
        if not resumed:
            self.folder.lay(START, self.work, namespace)
        self._bench = self._new_bench(Timeline(), self._open_aws)
        # What is sent is always the start, whatever the learner's files say by now.
        with tempfile.TemporaryDirectory() as fresh:
            self.folder.lay(START, Path(fresh), namespace)
            for file in sorted(Path(fresh).glob("*.yaml")):
                for manifest in _documents(file):
                    await self._progressing(
                        self._bench.apply(manifest),
                        f"Making {manifest['kind']}/{manifest['metadata']['name']}",
                    )
        if (give := self.folder.give) is not None:
            await self._progressing(give(self), "Making what the lab begins with")
        said = "Your files of last time are here"
        then = "; Apply sends them." if self.folder.check.cluster else "."
        self.view.show_begun(f"{said}{then}" if resumed else "Ready", notice=notice)

    async def _begin_again(self) -> None:
        await self._stop()
        self._account = self.checked = None
        await asyncio.to_thread(self._delete_wide)
        aside = self.folder.set_aside(self.work)
        self.case = START
        moved = f"Your files were moved to work/{aside.name}/." if aside is not None else ""
        await self._begin(moved)

    async def _progressing(self, work: Coroutine[Any, Any, Any], what: str) -> None:
        """Await `work`; the banner counts the seconds. Trouble becomes RunFailed, in one line."""
        began = monotonic()
        task = tasks.start(work, what)
        while not task.done():
            self.view.show_working(f"{what} … {monotonic() - began:.0f} s")
            await asyncio.wait({task}, timeout=1)
        error = task.exception()
        if error is None:
            return
        if isinstance(error, Exception) and known(error):
            tasks.shown(error)
            self.view.show_error(*explain(error))
            raise RunFailed(f"The lab could not be begun: {error}")
        raise error

    # Work and check

    async def _play(self) -> None:
        first = await self.check()
        assert first is not None
        assert not first.passed, f"the check of {self.folder.folder} passes at its start"
        assert first.hints, f"the check of {self.folder.folder} gives no hint at its start"
        solution = next(case for case in self.folder.cases if case.startswith("solutions/"))
        await self.do(solution)
        second = await self.check()
        assert second is not None
        assert second.passed, f"{solution} of {self.folder.folder}: {told(second.verdicts)}"

    async def _observed(self) -> Timeline:
        """Watch, measure, and wait until the check has passed or nothing changes any more."""
        check, lab = self.folder.check, f"Lab/{self.folder.name}"
        timeline = Timeline(
            {
                "lab": self.folder.folder,
                "case": self.case,
                "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
                "kubernetes": self.lesson.kubernetes,
                "recorded": datetime.now(UTC).isoformat(timespec="seconds"),
            }
        )
        keeps = self.folder.give is not None
        open_aws = self._open_aws if keeps else self.lesson.open_aws
        bench = self._new_bench(timeline, open_aws)
        began = monotonic()
        timeline.append(Row(time(), CLOCK, lab, "seconds", 0))
        try:
            if check.cluster:
                await bench.call(bench.recorder.watch, *check.watch)
                bench.recorder.follow(CLOCK, "seconds", lambda: {lab: int(monotonic() - began)}, 1)
            if (observe := self.folder.observe) is not None:
                await observe(bench, self.work)
            if check.cluster:
                await self._watched(bench)
            timeline.append(Row(time(), CLOCK, lab, "observed", True))
        except Exception as error:
            if not known(error):
                raise
            timeline.append(Row(time(), CLOCK, lab, "broke", str(error)))
        finally:
            await asyncio.shield(bench.settled())
            if check.cluster:
                self.lesson.session.timeline = self.bench.timeline
                await asyncio.shield(asyncio.to_thread(bench.recorder.stop))
        return timeline

    async def _watched(self, bench: Bench) -> None:
        from helpers.kube.errors import DeadlineExceeded

        check = self.folder.check
        begun = monotonic()

        def rests(timeline: Timeline) -> bool:
            if verdicts.passed(check.check(timeline)):
                return True
            if monotonic() - begun < check.quiet:
                return False
            changed = [row.time for row in timeline.rows if row.source != CLOCK]
            return not changed or time() - changed[-1] > check.quiet

        with contextlib.suppress(DeadlineExceeded):  # then it is judged as it is
            await bench.wait(rests, check.within, "the state to come to rest")

    def _new_bench(self, timeline: Timeline, open_aws: Callable[[Timeline], Account]) -> Bench:
        from helpers.kube.recorder import Recorder

        lesson, cluster = self.lesson, None
        if lesson.clustered:
            lesson.session.timeline = timeline
            cluster = lesson.session, Recorder(lesson.session), lesson.lease
        return Bench(
            lesson.place,
            timeline,
            self.view.show_working,
            cluster,
            made=lesson.made,
            open_aws=open_aws,
        )

    def _open_aws(self, timeline: Timeline) -> Account:
        """Return the lab's AWS account with what is in it, emptied only at the lab's beginning."""
        if self._account is None:
            self._account = self.lesson.open_aws(timeline)
        self._account.timeline = timeline
        return self._account

    async def _apply_shown(self) -> None:
        self.view.show_working("Applying your files")
        try:
            applied = await self.apply()
        except Exception as error:
            if not known(error):
                raise
            self.view.show_error(*explain(error))
        else:
            self.view.show_idle(f"Applied {', '.join(applied)}" if applied else "Nothing to apply")

    def _pressed(self, work: Coroutine[Any, Any, Any]) -> None:
        self._on_loop(lambda: self._start(work))

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        if self.busy:
            work.close()
            return
        self._task = tasks.start(work, f"lab {self.folder.name}")

    def _on_loop(self, work: Callable[[], None]) -> None:
        self.lesson.loop.call_soon_threadsafe(work)

    async def _stop(self) -> None:
        self.cancel()
        if self._task is not None:
            await asyncio.wait({self._task})
            self._task = None
        if self._bench is not None and self.lesson.clustered:
            await asyncio.to_thread(self._bench.recorder.stop)

    def _delete_wide(self) -> None:
        """Delete what the learner made outside the namespace that is left; it is named after it."""
        from helpers.kube.errors import KubeError

        if self._bench is None or not self.lesson.clustered:
            return
        namespace = self._bench.place.namespace
        session = self.lesson.session
        for kind in WIDE:
            with contextlib.suppress(KubeError):  # an owner's cluster need not let us ask
                for found in session.list(kind, f"kubernetes-workbook/lesson={self.folder.name}"):
                    if namespace in (name := found["metadata"]["name"]):
                        session.delete(kind, name)

    def _files(self, *suffixes: str) -> list[Path]:
        return sorted(
            file
            for file in self.work.iterdir()
            if file.is_file()
            and not file.name.startswith(".")
            and (not suffixes or file.suffix in suffixes)
        )


def told(found: tuple[Verdict, ...]) -> str:
    """Say verdicts in a line each, as a test's message."""
    return "".join(
        f"\n  {v.outcome}: {v.fact} wanted {v.wanted}; seen {v.seen} [{v.hint}]" for v in found
    )


def _documents(file: Path) -> list[dict[str, Any]]:
    """Read the manifests of a file. Raises Trouble, naming the file and the line."""
    try:
        found = [d for d in yaml.safe_load_all(file.read_text("utf-8")) if d is not None]
    except (OSError, yaml.YAMLError) as error:
        raise Trouble(
            f"{file.name} cannot be read", str(error), "Mend the file, and press Apply again."
        ) from None
    for document in found:
        metadata = document.get("metadata") if isinstance(document, dict) else None
        named = isinstance(metadata, dict) and metadata.get("name") and document.get("kind")
        if not named:
            raise Trouble(
                f"{file.name} holds something that is no object",
                "Each document needs apiVersion, kind and metadata.name.",
                "Mend the file, and press Apply again.",
            )
    return found
