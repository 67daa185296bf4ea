"""Four Deployments, four kinds of tags, three releases: which commit runs, and the way back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from helpers.charts.rollback_by_tag import RollbackChart
from helpers.experiments import dice, registries
from helpers.experiments.commits import Commits
from helpers.experiments.dice import COMMITS
from helpers.experiments.registries import Store
from helpers.forms.fields import choice
from helpers.kube.guard import CLUSTER
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Table
from helpers.model import rollback_run as rules
from helpers.model import yes_no
from helpers.model.needs import Need
from helpers.model.pulls import uri
from helpers.model.rollback_run import (
    ALWAYS,
    BACK,
    IF_NOT_PRESENT,
    MOVING,
    QUESTIONS,
    STEPS,
    VERSIONS,
    WORDS,
)
from helpers.model.rollouts import RESTARTED
from helpers.model.tag_run import APP
from helpers.model.timeline import Timeline

NODE = f"{CLUSTER}-worker"
REST_WITHIN = 45.0  # seconds until a rollout of two replicas has come to rest
UNKNOWN = "0" * 40
"""Stands for the commit's ID in the manifest on the screen: there is no commit yet."""


@dataclass(frozen=True)
class Undo:
    """What the images carry, what nodes do with a tag that they have, and how far to go back."""

    revision: Annotated[
        str,
        choice("--to-revision", "1", "2", help="Which of the three rollouts is undone to."),
    ] = "2"
    policy: Annotated[
        str,
        choice(
            "imagePullPolicy",
            ALWAYS,
            IF_NOT_PRESENT,
            help="Whether a node asks the registry also for a tag of which it has an image.",
        ),
    ] = ALWAYS
    label: Annotated[
        str,
        choice(
            "the label revision",
            "yes",
            "no",
            help="Whether the build writes its commit into org.opencontainers.image.revision.",
        ),
    ] = "yes"


class RollbackByTag(Experiment[Undo]):
    """Which of four Deployments tells its commit, and which can be rolled back."""

    id = "a-rollback-by-tag"
    title = "Which commit runs, and may I roll back?"
    seconds = 45
    spec = Undo
    needs = frozenset({Need.NODES})
    script = Script(
        prediction=[
            *("yes", "yes", "yes"),
            *("no", "yes", "yes"),
            *("no", "yes", "no"),
            *("no", "yes", "yes"),
        ],
        values={"revision": "2", "policy": ALWAYS, "label": "yes"},
        misconceptions={
            "a revision keeps its image": [
                *("yes", "yes", "yes"),
                *("no", "yes", "yes"),
                *("no", "yes", "yes"),
                *("no", "yes", "yes"),
            ],
            "of a moving tag nobody can tell what runs": [
                *("yes", "yes", "yes"),
                *("no", "yes", "yes"),
                *("no", "no", "no"),
                *("no", "yes", "yes"),
            ],
        },
    )
    measured = (
        "<p>Three commits of a git repository become three images; each gets a tag of every kind. "
        "The registry is CNCF Distribution. All Pods stand on one worker, two a Deployment. A "
        "thick line is a Pod, from its container's start to its deletion, at the height of the "
        "release whose digest its <code>imageID</code> tells.</p><p>The Deployments get another "
        "tag for each release; the one whose tag moves is restarted, as <code>kubectl rollout "
        "restart</code> does: with the time of day in its template. The way back is that of "
        "<code>kubectl rollout undo --to-revision</code>: the former ReplicaSet's template takes "
        "the place of the Deployment's (k8s.io/kubectl, pkg/polymorphichelpers/rollback.go). "
        "At the end the tag of a running Pod is given to git, and by the Pod's digest the label "
        "<code>org.opencontainers.image.revision</code> is read from the registry.</p>"
    )

    def question(self) -> Table:
        """Ask for yes or no of each Deployment and question."""
        return Table(self.ask(Undo()), list(WORDS.values()), list(QUESTIONS), ["yes", "no"])

    def ask(self, values: Undo) -> str:
        """Put the question for these values."""
        label = "carries" if values.label == "yes" else "does not carry"
        return (
            "Four Deployments run the same three releases, one after the other. Each "
            f"names its image by another kind of tag; the image {label} its commit in a label; the "
            f"policy is <b>{values.policy}</b>. Then comes <code>kubectl rollout undo "
            f"--to-revision=<b>{values.revision}</b></code>. Of which can git find the commit by "
            "the tag of a running Pod? For which does the Pod's digest lead to it? And which runs "
            "again what it ran under that revision?"
        )

    def build(self, values: Undo, place: Place) -> list[Manifest]:
        """Return the Deployments as they are sent first; the commit's ID is not known yet."""
        return [_deployment(values, place, name, 1, UNKNOWN) for name in WORDS]

    async def run(self, bench: Bench, values: Undo) -> None:
        """Release three times, undo, and ask git and the registry what runs."""
        bench.progress("Starting the registry", 0.0)
        await bench.call(bench.recorder.watch, "ReplicaSet", "Pod")
        async with registries.store(bench) as store:
            await store.lead()
            source = await dice.begin(store)
            used = []
            for number in range(1, len(VERSIONS) + 1):
                step = STEPS[number - 1]
                bench.progress(f"{step}: {COMMITS[number - 1][1]}", 0.1 + 0.22 * (number - 1))
                labelled = values.label == "yes"
                commit = await dice.release(store, source, *COMMITS[number - 1], labelled=labelled)
                tags = {name: rules.tag(name, number, commit) for name in WORDS}
                for tag in tags.values():
                    await dice.move(store, tag, VERSIONS[number - 1])
                used += list(tags.values())
                dice.note(bench, "session", f"Step/{step}", "begin", True)
                for name in WORDS:
                    manifest = _deployment(values, bench.place, name, number, commit)
                    if name == MOVING and number > 1:
                        await _restart(bench, manifest)
                    else:
                        await bench.apply(manifest)
                await _rest(bench, number)
            bench.progress(f"undo to revision {values.revision}", 0.8)
            dice.note(bench, "session", f"Step/{STEPS[-1]}", "begin", True)
            for name in WORDS:
                await bench.call(bench.session.undo, name, int(values.revision))
            await _rest(bench, len(STEPS))
            bench.progress("Which commit runs?", 0.95)
            await _trace(bench, store, source, used)
        bench.progress("3 releases, and the way back", 1.0)

    def chart(self, timeline: Timeline) -> RollbackChart:
        """Return the chart of which release ran when."""
        return RollbackChart(timeline)

    def outcome(self, timeline: Timeline) -> tuple[str, ...] | None:
        """Return what git, the registry's labels and the Pods' digests answer."""
        return yes_no.told([cell.answer for cell in rules.cells(timeline)])

    def difference(self, timeline: Timeline) -> str:
        """Say how many were right, the first that was not, and what undo brought."""
        cells = rules.cells(timeline)
        run = rules.run_of(timeline)
        others = [c for c in cells if c.answer is not None and c.predicted not in (None, c.answer)]
        head = f"<b>You said {len(cells) - len(others)} of {len(cells)} right.</b> "
        if others:
            first = others[0]
            yes, said = ("yes" if one else "no" for one in (first.answer, first.predicted))
            head += f"{first.row}, {first.column}: {yes}; you said {said}. "
        known = [c for c in cells if c.column == BACK and c.answer is not None]
        kept, lost = ([c.row for c in known if c.answer is one] for one in (True, False))
        went = run.release_after(MOVING, STEPS[-1])
        if known:
            head += f"What ran under revision {run.revision} runs again by: {_list(kept)}. "
        if lost:
            head += f"Not by: {_list(lost)}. "
        if went:
            before = run.release_after(MOVING, STEPS[-2])
            head += (
                f"The Pods of the moving tag were all made anew, and run release {went}, "
                f"{'as before the undo' if went == before else f'and {before} before it'}."
            )
        return f"{head}<p>Next: take the policy <code>{IF_NOT_PRESENT}</code>. What stays?</p>"


def _list(names: list[str]) -> str:
    return ", ".join(names) or "none"


def _deployment(values: Undo, place: Place, name: str, release: int, commit: str) -> Manifest:
    return rules.deployment(
        name=name,
        namespace=place.namespace,
        lesson=place.lesson,
        image=uri(APP, rules.tag(name, release, commit)),
        policy=values.policy,
        node=NODE,
    )


async def _restart(bench: Bench, manifest: Manifest) -> None:
    """Send a manifest again, and note whether that was a change; then restart its Deployment."""
    found: Any = await bench.call(bench.session.get, "Deployment", MOVING)
    again: Any = await bench.apply(manifest)
    value = {
        "before": found["metadata"]["generation"],
        "after": again["metadata"]["generation"],
    }
    dice.note(bench, "session", f"Deployment/{MOVING}", "generation", value)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    body = {"spec": {"template": {"metadata": {"annotations": {RESTARTED: now}}}}}
    await bench.call(bench.session.patch, "Deployment", MOVING, body)


async def _rest(bench: Bench, revision: int) -> None:
    """Wait until each Deployment has come to this revision, and ask the programs of its Pods."""
    for name in WORDS:

        def condition(timeline: Timeline, name: str = name) -> bool:
            return rules.rests(timeline, name, revision)

        await bench.wait(condition, REST_WITHIN, f"Deployment/{name} to run revision {revision}")
    running = [life.pod for life in rules.lives(bench.timeline) if life.until is None]
    await asyncio.gather(*(dice.answered(bench, pod) for pod in running))


async def _trace(bench: Bench, store: Store, source: Commits, tags: list[str]) -> None:
    """Ask git for each tag's text, and the registry for the label behind each running digest."""
    for tag in dict.fromkeys(tags):
        dice.note(bench, "git", f"Tag/{tag}", "names", await bench.call(source.names, tag))
    running = [life for life in rules.lives(bench.timeline) if life.until is None]
    named = {await bench.call(source.names, life.image.rpartition(":")[2]) for life in running}
    for digest in dict.fromkeys(life.digest for life in running):
        await store.note_labels(APP, digest)
        named.add(rules.labelled_with(bench.timeline, digest) or "")
    for commit in sorted(named - {""}):
        subject = await bench.call(source.subject, commit)
        dice.note(bench, "git", f"Commit/{commit}", "show", subject)
