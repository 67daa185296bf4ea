"""The eleven keys of the OCI, read back from the registry; and from a running Pod to its commit."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from time import time
from typing import Annotated

from helpers.charts.image_labels import LabelChart
from helpers.experiments import pods, registries
from helpers.experiments.commits import Commits
from helpers.experiments.registries import SOURCES, Store
from helpers.forms.fields import text
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import labels as rules
from helpers.model.images import digest_of, short
from helpers.model.labels import KEYS, PREFIX
from helpers.model.needs import Need
from helpers.model.pulls import IMAGE_ID, image_pod, status, uri
from helpers.model.timeline import Row, Timeline
from helpers.model.traced import (
    ANNOTATED,
    FIRST,
    NEW,
    NONE,
    OLD,
    OUTCOMES,
    POD,
    REPOSITORY,
    SECOND,
    STABLE,
    traced,
)

DOCKERFILE = SOURCES / "lessons" / "image-labels" / "Dockerfile"
HEAD = "HEAD"


@dataclass(frozen=True)
class Keys:
    """The values of the eleven keys; one that is empty stays an empty label."""

    title: Annotated[
        str | None, text("title", optional=True, help="What people call the image.")
    ] = "Random server"
    description: Annotated[
        str | None, text("description", optional=True, help="What it is, for people.")
    ] = "A web server with a file of random bytes"
    created: Annotated[
        str | None, text("created", optional=True, help="When it was built, by RFC 3339.")
    ] = "2026-11-24T19:30:00Z"
    authors: Annotated[
        str | None, text("authors", optional=True, help="Whom to ask: name and e-mail address.")
    ] = "Ada Example <ada@example.com>"
    url: Annotated[
        str | None, text("url", optional=True, help="Where to learn more about the image.")
    ] = "https://example.com/randserver"
    documentation: Annotated[
        str | None, text("documentation", optional=True, help="Where its documentation is.")
    ] = "https://example.com/randserver/docs"
    source: Annotated[
        str | None, text("source", optional=True, help="Where the code is that it was built from.")
    ] = "https://git.example.com/randserver"
    version: Annotated[
        str | None, text("version", optional=True, help="The version of what is in it.")
    ] = "1.4.0"
    revision: Annotated[
        str | None,
        text("revision", optional=True, help="The commit; HEAD stands for the ID of the newest."),
    ] = HEAD
    vendor: Annotated[str | None, text("vendor", optional=True, help="Who gives it out.")] = (
        "Example Ltd"
    )
    licenses: Annotated[
        str | None,
        text("licenses", optional=True, help="An expression of SPDX's identifiers."),
    ] = "MIT OR Apache-2.0"


class ImageLabels(Experiment[Keys]):
    """Eleven labels; a tag that moves; a Pod that goes on running; and the commit behind it."""

    id = "from-a-pod-to-its-commit"
    title = "From a running Pod to its commit"
    seconds = 30
    spec = Keys
    needs = frozenset({Need.NODES})
    script = Script(
        prediction=OLD,
        misconceptions={
            "labels move with the tag": NEW,
            "only a tag that holds the commit can tell it": NONE,
        },
    )
    measured = (
        "<p>Two commits, two images, pushed to a real registry. Labels are read from each image's "
        "config, annotations from its manifest, both as the registry gives them. From the Pod's "
        "<code>imageID</code> the lesson takes the digest, from the digest the labels, and asks "
        "<code>git cat-file -t</code> what the label revision is.</p>"
        "<p>The annotated manifest is the first one with the same keys and values in its "
        "<code>annotations</code>, put back under a tag of its own.</p>"
    )

    def question(self) -> Choice:
        """Ask which commit can be told."""
        return Choice(self.ask(Keys()), OUTCOMES)

    def ask(self, values: Keys) -> str:
        """Put the question for these values."""
        told = f"revision=<b>{html.escape(values.revision or '')}</b>"
        return (
            f"An image is built with the label {told} and pushed as <b>stable</b>, and a Pod runs "
            "it. Then there is a newer commit with an image of its own, and <b>stable</b> is moved "
            "to that. Somebody looks at the running Pod, and reads the labels of its image. Which "
            "commit do they find?"
        )

    def check(self, values: Keys) -> Mapping[str, str]:
        """Refuse what does not fit its key."""
        found = {}
        for key, value in asdict(values).items():
            if value and (why := rules.wrong(key, value)):
                found[key] = f"{key}: {value} does not fit. It takes {why}"
            elif value and ('"' in value or "$" in value or "\\" in value):
                found[key] = f'{key}: the Dockerfile puts it between quotes; leave out " $ and \\.'
        return found

    def build(self, values: Keys, place: Place) -> Manifest:
        """Return the Pod that runs the tag."""
        return image_pod(
            name=POD,
            namespace=place.namespace,
            lesson=place.lesson,
            image=uri(REPOSITORY, STABLE),
        )

    async def run(self, bench: Bench, values: Keys) -> None:
        """Build, push and run the first commit's image; move the tag; read everything back."""
        bench.progress("Starting the registry", 0.0)
        async with registries.store(bench) as store:
            await store.lead()
            context = registries.programs(store.folder)
            repository = await bench.call(Commits.begin, context)
            commit = await bench.call(repository.commit, "A server of random files")
            bench.progress("Building and pushing the first image", 0.1)
            await _built(store, values, FIRST, commit)
            await _point(store, FIRST)
            bench.progress("A Pod runs it", 0.4)
            await bench.apply(self.build(values, bench.place))
            await pods.started(bench, POD)
            bench.progress("A newer commit, and the tag moves", 0.6)
            with (context / "programs" / "randserver.py").open("a") as program:
                program.write("\n# one line more\n")
            newer = await bench.call(repository.commit, "One line more")
            await _built(store, values, SECOND, newer)
            await _point(store, SECOND)
            bench.progress("From the Pod to its commit", 0.9)
            digest = digest_of(status(bench.timeline, POD, IMAGE_ID))
            await store.note_labels(REPOSITORY, digest)
            await _annotate(store)
            found = await store.call(lambda: store.registry.config(REPOSITORY, digest))
            revision = found["config"].get("Labels", {}).get(f"{PREFIX}revision", "")
            for one in dict.fromkeys([revision, newer]):
                await bench.call(_note_commit, bench, repository, one)
        bench.progress("from Pod to commit", 1.0)

    def chart(self, timeline: Timeline) -> LabelChart:
        """Return the chart of commits and keys."""
        return LabelChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return the commit to which the labels of the running digest lead, as git knows it."""
        return traced(timeline).outcome or None

    def difference(self, timeline: Timeline) -> str:
        """Say which commit was found, and by which way."""
        said = timeline.value(source="learner", field="prediction")
        run = traced(timeline)
        if not run.outcome:
            return f"<b>No commit was looked for; you said: {said}.</b>"
        right = "as you said" if said == run.outcome else f"you said: {said}"
        revision = (run.after or {}).get("revision", "")
        if run.outcome == NONE:
            return (
                f"<b>They find {run.outcome}; {right}.</b> The image {short(run.running)} has no "
                "label revision that git knows as a commit, and the tag does not say."
                "<p>Next: put HEAD into the field revision.</p>"
            )
        subject = html.escape(run.subjects.get(revision, ""))
        return (
            f"<b>They find {run.outcome}; {right}.</b> The Pod runs {short(run.running)}, whose "
            f"label says {revision[:7]}: <q>{subject}</q>. The tag stable stands for "
            f"{short(run.new_digest)} by now, and that one's label says "
            f"{(run.moved or {}).get('revision', '')[:7]}."
            "<p>Next: leave revision empty, and predict again.</p>"
        )


async def _built(store: Store, values: Keys, tag: str, commit: str) -> None:
    """Build and push a commit's image with the form's labels, and read them back."""
    given = {key: str(value or "") for key, value in asdict(values).items()}
    if given["revision"] == HEAD:
        given["revision"] = commit
    store.note(f"Build/{tag}", "build", {"passed": dict(given)})
    await store.build(REPOSITORY, tag, DOCKERFILE, store.folder / "context", given)
    await store.push(REPOSITORY, tag)
    await store.note_labels(REPOSITORY, tag)


async def _point(store: Store, tag: str) -> None:
    """Let stable point where this tag does, and note that with the labels behind it."""
    held = await store.call(lambda: store.registry.manifest(REPOSITORY, tag))
    put = store.registry.put
    digest = await store.call(lambda: put(REPOSITORY, STABLE, held.media_type, held.body))
    store.note(f"Tag/{STABLE}", "points to", digest)
    await store.note_labels(REPOSITORY, STABLE)
    if tag == FIRST:
        await store.note_labels(REPOSITORY, digest)


async def _annotate(store: Store) -> None:
    """Put the first manifest again, with its labels as annotations too."""
    held = await store.call(lambda: store.registry.manifest(REPOSITORY, FIRST))
    config = await store.call(lambda: store.registry.config(REPOSITORY, FIRST))
    labels = config["config"].get("Labels") or {}
    own = {PREFIX + key: labels[PREFIX + key] for key in KEYS if labels.get(PREFIX + key)}
    content = held.content
    content["annotations"] = (content.get("annotations") or {}) | own
    body, put = json.dumps(content).encode(), store.registry.put
    await store.call(lambda: put(REPOSITORY, ANNOTATED, held.media_type, body))
    await store.note_labels(REPOSITORY, ANNOTATED)


def _note_commit(bench: Bench, repository: Commits, revision: str) -> None:
    kind = repository.kind(revision) if revision else ""
    bench.timeline.append(Row(time(), "exec", f"Commit/{revision}", "kind", kind))
    if kind == "commit":
        subject = repository.subject(revision)
        bench.timeline.append(Row(time(), "exec", f"Commit/{revision}", "subject", subject))
