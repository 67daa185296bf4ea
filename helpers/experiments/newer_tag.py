"""Which tags a registry takes, and which of two is newer: as text, by SemVer, as it was meant."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Annotated

from helpers.aws.registry import Held, RegistryError
from helpers.charts.tag_order import TagOrderChart
from helpers.experiments import pods, registries
from helpers.experiments.registries import Store
from helpers.forms.fields import choice, integer, text
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Order
from helpers.model import tag_run, tags
from helpers.model.needs import Need
from helpers.model.pulls import image_pod, uri
from helpers.model.tag_run import FOUR, RELEASES, REPOSITORY
from helpers.model.tags import CHANGES, Version
from helpers.model.timeline import Row, Timeline, Value

COMMIT, SEMVER, UPSTREAM = "commit ID", "semantic version", "upstream version"
SHA = "c31b1656da70a0b0b683b060187b889c4fd1d958"
ODD = ("latest", "stable", "v1.7.3", SHA, "_x", "0.0.1.", "x" * 128)
REFUSED = (".bad", "x" * 129, "1.2.3+build5")
POD = "tagged"

DOCKERFILE = """\
FROM localhost/workbook/base:1
ARG REVISION
RUN echo "max_connections=$REVISION" > /etc/my.cnf
ENTRYPOINT ["tini", "--", "sleep", "infinity"]
"""


@dataclass(frozen=True)
class Tagging:
    """How the image of the Pod is tagged."""

    strategy: Annotated[
        str, choice("strategy", UPSTREAM, SEMVER, COMMIT, help="What the tag is made of.")
    ] = UPSTREAM
    upstream: Annotated[
        str, text("upstream version", help="The version of the software that you repackage.")
    ] = "8.0.12"
    revision: Annotated[
        int, integer("your revision", low=1, high=99, help="It counts your own configurations.")
    ] = 15
    version: Annotated[
        str, text("your version", help="The semantic version that was released last.")
    ] = "1.4.7"
    change: Annotated[
        str, choice("your change", *CHANGES, help="What the next release brings.")
    ] = tags.PATCH


class NewerTag(Experiment[Tagging]):
    """The order of four tags of a repackaged database, and the grammar of all tags."""

    id = "which-tag-is-newer"
    title = "Which tag is newer?"
    seconds = 20
    spec = Tagging
    needs = frozenset({Need.NODES})
    script = Script(
        prediction=["8.0.12-c15", "8.0.12-c9", "8.0.12", "8.0.13-c1"],
        values={"strategy": UPSTREAM, "revision": 15},
        misconceptions={
            "a suffix makes it newer": ["8.0.12", "8.0.12-c9", "8.0.12-c15", "8.0.13-c1"],
            "c9 and c15 are numbers": ["8.0.12-c9", "8.0.12-c15", "8.0.12", "8.0.13-c1"],
        },
    )
    measured = (
        "<p>A registry (CNCF Distribution) is started for the run, with two images that differ in "
        "one line of configuration. Each tag is really given: <code>PUT "
        "/v2/mysql/manifests/&lt;tag&gt;</code>; accepted or refused is its answer, and the list "
        "is <code>/v2/mysql/tags/list</code>. SemVer's order is the workbook's model of "
        "its eleventh item. The Pod runs the tag that the form made.</p>"
    )

    def question(self) -> Order:
        """Ask for SemVer's order; the items stand as the revisions were made."""
        return Order(
            "A company repackages MySQL; <b>-c9</b> is its ninth configuration. A tool sorts by "
            "<b>SemVer</b>. Which order does it find, the oldest first?",
            ["8.0.13-c1", "8.0.12-c9", "8.0.12", "8.0.12-c15"],
        )

    def check(self, values: Tagging) -> Mapping[str, str]:
        """Refuse what makes no tag, or no version."""
        found = {}
        if tags.upstream(values.upstream) is None or "-" in values.upstream:
            found["upstream"] = "upstream version: numbers with dots between, such as 8.0.12."
        try:
            version = Version.parse(values.version)
        except ValueError as wrong:
            found["version"] = f"your version: {wrong}."
        else:
            if version.build:
                found["version"] = "your version: a tag cannot hold the + of a build."
            elif version.pre:
                found["version"] = "your version: name a release, without a suffix."
        return found

    def build(self, values: Tagging, place: Place) -> Manifest:
        """Return the Pod that names the tag which the form makes."""
        return image_pod(
            name=POD,
            namespace=place.namespace,
            lesson=place.lesson,
            image=uri(REPOSITORY, made(values)),
        )

    async def run(self, bench: Bench, values: Tagging) -> None:
        """Push two images, give every tag, read the list, and run the Pod."""
        bench.progress("Starting the registry", 0.0)
        async with registries.store(bench) as store:
            await store.lead()
            for part, tag in enumerate(FOUR[:2]):
                bench.progress(f"Pushing {tag}", 0.2 + 0.2 * part)
                await _push(store, tag)
            held = await store.call(lambda: store.registry.manifest(REPOSITORY, FOUR[1]))
            bench.progress("Giving tags", 0.6)
            for tag in _all(values):
                await store.call(lambda tag=tag: _give(store, tag, held))  # type: ignore[misc]
            listed = await store.call(
                lambda: json.loads(store.registry.ask(f"/v2/{REPOSITORY}/tags/list")[0])["tags"]
            )
            store.note(f"Repository/{REPOSITORY}", "tags", listed)
            _tell_versions(bench, values, listed)
            bench.progress("Running the tag", 0.8)
            await bench.apply(self.build(values, bench.place))
            await pods.started(bench, POD)
        bench.progress(f"{len(listed)} tags", 1.0)

    def chart(self, timeline: Timeline) -> TagOrderChart:
        """Return the chart of three orders."""
        return TagOrderChart(timeline)

    def outcome(self, timeline: Timeline) -> tuple[str, ...] | None:
        """Return SemVer's order of the four tags, once the registry lists them all."""
        found = tags.by_semver([tag for tag in tag_run.listed(timeline) if tag in FOUR])
        return tuple(found) if len(found) == len(FOUR) else None

    def difference(self, timeline: Timeline) -> str:
        """Say which is the oldest by SemVer, and what it makes of the suffix."""
        said = timeline.value(source="learner", field="prediction")
        guess = [str(tag) for tag in said] if isinstance(said, list) else []
        order = self.outcome(timeline)
        if order is None:
            return "<b>The registry has not listed the four tags.</b>"
        right = sum(a == b for a, b in zip(guess, order, strict=False))
        seen = tag_run.listed(timeline)
        plain = " → ".join(html.escape(tag) for tag in seen if tag in FOUR)
        return (
            f"<b>By SemVer: {' → '.join(order)}; you said {right} of {len(order)} places "
            "right.</b> A suffix after a dash makes a pre-release, which comes before its "
            "release; and c15 is a word, so it is compared as one. The registry's own list goes "
            f"{plain}: take no order from it."
            "<p>Next: find in the table which tags were refused.</p>"
        )


def made(values: Tagging) -> str:
    """Return the tag that these values make."""
    if values.strategy == COMMIT:
        return SHA
    if values.strategy == SEMVER:
        return str(Version.parse(values.version).bump(values.change))
    return f"{values.upstream}-c{values.revision}"


def _all(values: Tagging) -> list[str]:
    return list(dict.fromkeys([*ODD, *FOUR, values.version, *RELEASES, made(values), *REFUSED]))


async def _push(store: Store, tag: str) -> None:
    """Build an image whose configuration is the tag's revision, and push it."""
    dockerfile = store.folder / "Dockerfile"
    dockerfile.write_text(DOCKERFILE)
    revision = {"REVISION": tag.rpartition("-c")[2]}
    await store.build(REPOSITORY, tag, dockerfile, store.folder, revision)
    await store.push(REPOSITORY, tag)


def _give(store: Store, tag: str, held: Held) -> None:
    """Put the image under a tag, if it is not there, and note what the registry said."""
    words = ""
    try:
        if tag not in FOUR[:2]:
            store.registry.put(REPOSITORY, tag, held.media_type, held.body)
    except RegistryError as error:
        if error.status == 0:
            raise
        words = str(error)
    store.note(f"Tag/{tag}", "put", {"accepted": not words, "words": words})


def _tell_versions(bench: Bench, values: Tagging, listed: list[str]) -> None:
    """Note what the checker makes of the form's version and of the tags that are there."""
    now = Version.parse(values.version)
    after: dict[str, Value] = {change: str(now.bump(change)) for change in CHANGES}
    automatic, others = tags.upgrades(values.version, listed)
    found: dict[str, Value] = {"automatic": automatic, "to be looked at": list(others)}
    for field, value in (("next", after), ("upgrades", found)):
        bench.timeline.append(Row(time(), "model", f"Version/{values.version}", field, value))
