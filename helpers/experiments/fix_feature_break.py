"""Four commits, four versions, five Pods: what each tag promises, and what runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from helpers.charts.versions_grid import VersionsGrid
from helpers.experiments import dice, pods, registries
from helpers.experiments.dice import COMMITS
from helpers.forms.fields import choice
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Table
from helpers.model import tag_run, yes_no
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
    WORDS,
)
from helpers.model.timeline import Timeline


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
            source = await dice.begin(store)
            first, second, *others = self.build(values, bench.place)
            commits = {FIRST: await dice.release(store, source, *COMMITS[0])}
            await dice.move(store, values.moving, FIRST)
            bench.progress("Two Pods run 1.0.0", 0.25)
            for pod in (first, second):
                await bench.apply(pod)
            await _answered(bench, *BEFORE)
            for part, commit in enumerate(COMMITS[1:]):
                bench.progress(f"{commit[1]}: {commit[0]}", 0.35 + 0.12 * part)
                commits[commit[0]] = await dice.release(store, source, *commit)
            await dice.move(store, values.moving, MOVES[values.moving])
            await dice.move(store, commits[FIX], FIX)
            bench.progress("Five Pods start", 0.75)
            for pod in (*others, _pod("commit", commits[FIX], bench.place)):
                await bench.apply(pod)
            await _answered(bench, *PODS)
        bench.progress("7 pods", 1.0)

    def chart(self, timeline: Timeline) -> VersionsGrid:
        """Return the table of Pods and questions."""
        return VersionsGrid(timeline)

    def outcome(self, timeline: Timeline) -> tuple[str, ...] | None:
        """Return which Pods' programs have the fix, and which serve the old client."""
        return yes_no.told([cell.answer for cell in tag_run.cells(timeline)])

    def difference(self, timeline: Timeline) -> str:
        """Say how many were right, the first that was not, and who got the fix without asking."""
        cells = tag_run.cells(timeline)
        others = [c for c in cells if c.answer is not None and c.predicted not in (None, c.answer)]
        head = f"<b>You said {len(cells) - len(others)} of {len(cells)} right.</b> "
        if others:
            first = others[0]
            yes = "yes" if first.answer else "no"
            said = "yes" if first.predicted else "no"
            head += f"{first.row}, {first.column}: {yes}; you said {said}. "
        moved = [c for c in cells if c.row == WORDS[1] and c.answer is not None]
        if moved:
            told = ", ".join(f"{c.column}: {'yes' if c.answer else 'no'}" for c in moved)
            head += f"The Pod of the moving tag: {told}. The name in its manifest never changed."
        return f"{head}<p>Next: let the tag <code>latest</code> move. Who is surprised?</p>"


def _pod(name: str, tag: str, place: Place) -> Manifest:
    return image_pod(
        name=name,
        namespace=place.namespace,
        lesson=place.lesson,
        image=uri(APP, tag),
        policy="Always",
    )


async def _answered(bench: Bench, *names: str) -> None:
    """Wait until these Pods run, and ask the program of each."""
    await pods.started(bench, *names)
    await dice.answered(bench, *names)
