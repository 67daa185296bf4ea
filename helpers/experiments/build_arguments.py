"""Labels from build arguments: what becomes of a variable that nobody declared."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from helpers.charts.build_arguments import ArgumentChart
from helpers.experiments import pods, registries
from helpers.experiments.commits import Commits
from helpers.experiments.registries import SOURCES, Store
from helpers.forms.fields import choice, text
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import build_arguments as rules
from helpers.model.build_arguments import BUILDS, OWN, REPOSITORY, Built, builds
from helpers.model.labels import DECLARED
from helpers.model.needs import Need
from helpers.model.pulls import image_pod, uri
from helpers.model.timeline import Timeline

DOCKERFILE = SOURCES / "lessons" / "build-arguments" / "Dockerfile"
VARIABLES = ("GIT_COMMIT", "SHA")


@dataclass(frozen=True)
class Arguments:
    """What the label reads, and what the build is told."""

    variable: Annotated[
        str,
        choice("LABEL git-commit=$", *VARIABLES, help="The variable that the label is made of."),
    ] = "GIT_COMMIT"
    argument: Annotated[
        str,
        choice(
            "--build-arg",
            "SHA",
            "GIT_COMMIT",
            help="The name under which the build is told the short ID of the commit.",
        ),
    ] = "SHA"
    cook: Annotated[
        str | None,
        text("--build-arg COOK=", optional=True, help="Another cook than the Dockerfile's."),
    ] = None


class BuildArguments(Experiment[Arguments]):
    """One Dockerfile, built as in the form, as the book prints it, and mended."""

    id = "labels-from-build-arguments"
    title = "A label is filled by the build"
    seconds = 20
    spec = Arguments
    needs = frozenset({Need.NODES})
    script = Script(
        prediction=rules.EMPTY,
        values={"variable": "GIT_COMMIT", "argument": "SHA", "cook": None},
        misconceptions={
            "the argument reaches the label under any name": rules.PASSED,
            "the builder objects to a variable that nobody declared": rules.FAILS,
        },
    )
    measured = (
        "<p>A small git repository is made, and the course's own Dockerfile "
        "(<code>images/lessons/build-arguments</code>) built by your engine from its only commit, "
        "three times, and pushed. A dot is a label as the registry has it: the blob that the "
        "manifest names as <code>config</code>.</p>"
    )

    def question(self) -> Choice:
        """Ask what the label holds."""
        return Choice(self.ask(Arguments()), rules.OUTCOMES)

    def ask(self, values: Arguments) -> str:
        """Put the question for these values."""
        return (
            "A Dockerfile says <code>ARG SHA</code>, <code>ARG COOK=Ada</code> and "
            f'<code>LABEL git-commit=<b>${values.variable}</b> cook=$COOK jam="5 jars"</code>. '
            f"It is built with <code>--build-arg <b>{values.argument}</b>=&lt;the commit's short "
            "ID&gt;</code>. What does the label git-commit hold?"
        )

    def check(self, values: Arguments) -> Mapping[str, str]:
        """Refuse what would make other labels than one."""
        if values.cook and not values.cook.replace("-", "").isalnum():
            return {"cook": "--build-arg COOK=: one word, of letters, digits and dashes."}
        return {}

    def build(self, values: Arguments, place: Place) -> Manifest:
        """Return the Pod that runs the image."""
        return image_pod(
            name=REPOSITORY,
            namespace=place.namespace,
            lesson=place.lesson,
            image=uri(REPOSITORY, OWN),
        )

    async def run(self, bench: Bench, values: Arguments) -> None:
        """Commit, build three times, push, and read the labels back."""
        bench.progress("Starting the registry", 0.0)
        async with registries.store(bench) as store:
            context = registries.programs(store.folder)
            repository = await bench.call(Commits.begin, context)
            commit = await bench.call(repository.commit, "A server of random files")
            asked = {
                OWN: (values.variable, values.argument, values.cook),
                "printed": ("GIT_COMMIT", "SHA", None),
                "mended": ("SHA", "SHA", None),
            }
            for number, (tag, (variable, argument, cook)) in enumerate(asked.items()):
                bench.progress(f"Building {REPOSITORY}:{tag}", 0.1 + 0.25 * number)
                passed = {argument: commit[:7]} | ({"COOK": cook} if cook else {})
                await _built(store, tag, context, variable, passed)
            bench.progress("A Pod runs yours", 0.9)
            await store.lead()
            await bench.apply(self.build(values, bench.place))
            await pods.started(bench, REPOSITORY)
        bench.progress(f"{len(BUILDS)} images", 1.0)

    def chart(self, timeline: Timeline) -> ArgumentChart:
        """Return the chart of what each label holds."""
        return ArgumentChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return what the registry has under the label git-commit of the learner's image."""
        own = next((one for one in builds(timeline) if one.tag == OWN), None)
        return own.outcome or None if own else None

    def difference(self, timeline: Timeline) -> str:
        """Say what the label holds, and why."""
        said = timeline.value(source="learner", field="prediction")
        own = next((one for one in builds(timeline) if one.tag == OWN), None)
        out = self.outcome(timeline)
        if own is None or own.labels is None or out is None:
            return f"<b>Your image was not built; you said: {said}.</b>"
        right = "as you said" if said == out else f"you said: {said}"
        told = ", ".join(f"{key}=<q>{html.escape(own.labels.get(key, ''))}</q>" for key in own.rule)
        following = (
            "pass another cook, and predict again."
            if out == rules.PASSED
            else "which change of the form mends it?"
        )
        return (
            f"<b>The label git-commit holds {out}; {right}.</b> {_why(own)} The registry says: "
            f"{told}.<p>Next: {following}</p>"
        )


def _why(own: Built) -> str:
    if own.variable not in DECLARED:
        return (
            f"No <code>ARG</code> declares {own.variable}, so it is nothing, whatever is passed; "
            "and the build does not mind."
        )
    if own.variable not in own.passed:
        return f"{own.variable} is declared, but nothing was passed under that name."
    return f"{own.variable} is declared, and was passed."


async def _built(
    store: Store, tag: str, context: Path, variable: str, passed: Mapping[str, str]
) -> None:
    """Build, push, and note how it was built and which labels came of it."""
    dockerfile = store.folder / f"Dockerfile.{tag}"
    dockerfile.write_text(DOCKERFILE.read_text().replace("$GIT_COMMIT", f"${variable}"))
    store.note(f"Build/{tag}", "build", {"variable": variable, "passed": dict(passed)})
    await store.build(REPOSITORY, tag, dockerfile, context, passed)
    await store.push(REPOSITORY, tag)
    await store.note_labels(REPOSITORY, tag)
