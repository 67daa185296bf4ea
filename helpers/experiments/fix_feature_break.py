"""Four commits, four versions, five Pods: what each tag promises, and what runs."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from time import time
from typing import Annotated, Any

from helpers.charts.versions_grid import VersionsGrid
from helpers.experiments import pods, registries
from helpers.experiments.git_history import History
from helpers.experiments.registries import Store
from helpers.forms.fields import choice
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Table
from helpers.model import tag_run
from helpers.model.needs import Need
from helpers.model.pulls import image_pod, uri
from helpers.model.tag_run import (
    APP,
    BEFORE,
    BREAK,
    FEATURE,
    FIRST,
    FIX,
    MOVES,
    PODS,
    QUESTIONS,
    REPACKAGED,
    WORDS,
)
from helpers.model.timeline import Row, Timeline, Value

DOCKERFILE = """\
FROM localhost/workbook/base:1
COPY app.py /opt/app.py
ENTRYPOINT ["tini", "--", "sleep", "infinity"]
"""
READ = ["python3", "/opt/app.py"]

COMMITS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (FIRST, "A die that tells its faces", {"faces": [0, 1, 2, 3, 4, 5]}),
    (FIX, "Fix: the lowest face is 1", {"faces": [1, 2, 3, 4, 5, 6]}),
    (FEATURE, "Tell the sum of the faces, too", {"faces": [1, 2, 3, 4, 5, 6], "sum": 21}),
    (BREAK, "Call the faces sides", {"sides": [1, 2, 3, 4, 5, 6], "sum": 21}),
)


@dataclass(frozen=True)
class Moving:
    """Which tag is moved to the newest image that it stands for."""

    moving: Annotated[
        str,
        choice("the moving tag", *MOVES, help="It is put on each new image that it may stand for."),
    ] = "1.0"


class FixFeatureBreak(Experiment[Moving]):
    """Which Pods get a fix, and with which an old client still works."""

    id = "a-fix-a-feature-a-break"
    title = "A fix, a feature, a break"
    seconds = 45
    spec = Moving
    needs = frozenset({Need.NODES})
    script = Script(
        prediction=["no", "yes", "yes", "yes", "yes", "yes", "yes", "no", "yes", "yes"],
        values={"moving": "1.0"},
        misconceptions={
            "a fix comes to all tags": [
                *("yes", "yes", "yes", "yes", "yes", "yes", "yes", "no", "yes", "yes"),
            ],
            "more features break old clients": [
                *("no", "yes", "yes", "yes", "yes", "no", "yes", "no", "yes", "yes"),
            ],
        },
    )
    measured = (
        "<p>A git repository is made with four commits, and each is built, pushed and tagged with "
        "its version; the fix also with its commit's ID. The registry is CNCF Distribution, the "
        "Pods pull with the policy <code>Always</code>. Two Pods more run before the later "
        "versions exist; the five of the chart start when all are there.</p><p>Each Pod's program "
        "is asked for its answer with exec. The old client reads the list <code>faces</code>; the "
        "fix is there when the lowest face is 1.</p>"
    )

    def question(self) -> Table:
        """Ask for yes or no of each Pod and question."""
        return Table(self.ask(Moving()), list(WORDS), list(QUESTIONS), ["yes", "no"])

    def ask(self, values: Moving) -> str:
        """Put the question for this moving tag."""
        return (
            "After 1.0.0 come 1.0.1 (a fix), 1.1.0 (a new field) and 2.0.0 (a field has a new "
            f"name). The moving tag is <b>{values.moving}</b>. Then five Pods start. Which "
            "has the fix, and with which does a client work that was written for 1.0.0?"
        )

    def build(self, values: Moving, place: Place) -> list[Manifest]:
        """Return the Pods whose tags are known beforehand; the last one names a commit."""
        named = (FIRST, values.moving, FIRST, values.moving, FEATURE, BREAK)
        return [_pod(pod, tag, place) for pod, tag in zip((*BEFORE, *PODS), named, strict=False)]

    async def run(self, bench: Bench, values: Moving) -> None:
        """Commit, build, push; run two Pods; go on; run five."""
        bench.progress("Starting the registry", 0.0)
        async with registries.store(bench) as store:
            await store.lead()
            history = await bench.call(History, store.folder / "source")
            first, second, *others = self.build(values, bench.place)
            commits = {FIRST: await _release(store, history, *COMMITS[0])}
            await _move(store, values.moving, FIRST)
            bench.progress("Two Pods run 1.0.0", 0.25)
            for pod in (first, second):
                await bench.apply(pod)
            await _answered(bench, *BEFORE)
            for part, commit in enumerate(COMMITS[1:]):
                bench.progress(f"{commit[1]}: {commit[0]}", 0.35 + 0.12 * part)
                commits[commit[0]] = await _release(store, history, *commit)
            await _move(store, values.moving, MOVES[values.moving])
            await _move(store, commits[FIX], FIX)
            bench.progress("Five Pods start", 0.75)
            for pod in (*others, _pod("commit", commits[FIX], bench.place)):
                await bench.apply(pod)
            await _answered(bench, *PODS)
            await _trace(bench, history, (commits[FIX], FIX, REPACKAGED))
        bench.progress("7 pods", 1.0)

    def chart(self, timeline: Timeline) -> VersionsGrid:
        """Return the table of Pods and questions."""
        return VersionsGrid(timeline)

    def difference(self, timeline: Timeline) -> str:
        """Say how many were right, the first that was not, and what git knows of the commit."""
        cells = tag_run.cells(timeline)
        others = [c for c in cells if c.answer is not None and c.predicted not in (None, c.answer)]
        head = f"<b>You said {len(cells) - len(others)} of {len(cells)} right.</b> "
        if others:
            first = others[0]
            yes = "yes" if first.answer else "no"
            said = "yes" if first.predicted else "no"
            head += f"{first.row}, {first.column}: {yes}; you said {said}. "
        shown = timeline.last(source="git", field="show")
        traced = ""
        if shown is not None:
            commit = shown.object.removeprefix("Commit/")[:7]
            traced = (
                f"The Pod with the commit's ID tells its source by itself: {commit}, "
                f"<q>{html.escape(str(shown.value))}</q>."
            )
        return f"{head}{traced}<p>Next: let the tag <code>latest</code> move. Who is surprised?</p>"


def _pod(name: str, tag: str, place: Place) -> Manifest:
    return image_pod(
        name=name,
        namespace=place.namespace,
        lesson=place.lesson,
        image=uri(APP, tag),
        policy="Always",
    )


async def _release(
    store: Store, history: History, version: str, subject: str, answer: dict[str, Any]
) -> str:
    """Commit the program with this answer, build and push it; return the commit's ID."""
    program = f"import json\n\nprint(json.dumps({json.dumps(answer)}))\n"
    files = {"app.py": program, "Dockerfile": DOCKERFILE}
    commit = await store.bench.call(history.commit, subject, files)
    _note(store.bench, "git", f"Commit/{commit}", "made", {"subject": subject, "tag": version})
    await store.build(APP, version, history.folder / "Dockerfile", history.folder)
    await store.push(APP, version)
    return commit


async def _move(store: Store, tag: str, version: str) -> None:
    """Put a tag on the image of a version."""
    held = await store.call(lambda: store.registry.manifest(APP, version))
    await store.call(lambda: store.registry.put(APP, tag, held.media_type, held.body))
    store.note(f"Tag/{tag}", "points to", held.digest)


async def _answered(bench: Bench, *names: str) -> None:
    """Wait until these Pods run, and ask the program of each."""
    await pods.started(bench, *names)
    for name in names:

        def read(name: str = name) -> dict[str, Value]:
            return {"answer": json.loads(bench.session.exec(name, READ, deadline=20))}

        await bench.call(bench.recorder.sample, "exec", f"Pod/{name}", read)


async def _trace(bench: Bench, history: History, tags: tuple[str, ...]) -> None:
    """Ask git for a commit by the text of each tag, and for what the fifth Pod's tag names."""
    for tag in tags:
        found = await bench.call(history.names, tag)
        _note(bench, "git", f"Tag/{tag}", "names", found)
    image = str(pods.field(bench.timeline, "commit", "spec.containers.commit.image"))
    commit = image.rpartition(":")[2]
    subject = await bench.call(history.subject, commit)
    _note(bench, "git", f"Commit/{commit}", "show", subject)


def _note(bench: Bench, source: str, object: str, field: str, value: Value) -> None:
    bench.timeline.append(Row(time(), source, object, field, value))
