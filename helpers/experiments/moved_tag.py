"""A tag is moved under running Pods, or may not move: one name, two images."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING, Annotated, Any

from helpers.charts.moved_tag import MovedTagChart
from helpers.experiments import pods, registries
from helpers.experiments.registries import SOURCES, Store
from helpers.forms.fields import choice, text
from helpers.kube.guard import CLUSTER
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import aws
from helpers.model.images import short
from helpers.model.immutability import (
    EXCEPT,
    IMMUTABLE,
    MODES,
    MUTABLE,
    REFUSALS,
    TAG,
    may_move,
    wrong_filter,
)
from helpers.model.moved_tag import PODS, REPOSITORY, run_of
from helpers.model.needs import Need
from helpers.model.pulls import image_pod, uri
from helpers.model.timeline import Row, Timeline, Value

if TYPE_CHECKING:
    from helpers.aws.account import Account

LOCKED = "locked"
KEPT, FREE = "0.0.1", "latest"
OTHER_REGION = "eu-west-1"


@dataclass(frozen=True)
class Moving:
    """The repository, the tag, and what a node does with an image that it has."""

    mutability: Annotated[
        str,
        choice("imageTagMutability", *MODES, help="Whether a tag may be put on another image."),
    ] = MUTABLE
    filter: Annotated[
        str | None,
        text(
            "exclusion filter",
            optional=True,
            help="The tags for which the rule is turned round; * stands for any characters.",
        ),
    ] = None
    tag: Annotated[str, text("tag", help="The tag that the Pods name, and that is to move.")] = (
        "stable"
    )
    policy: Annotated[
        str,
        choice(
            "imagePullPolicy",
            "IfNotPresent",
            "Always",
            help="Whether a node asks the registry also for an image that it has.",
        ),
    ] = "IfNotPresent"


class TagMoves(Experiment[Moving]):
    """Three Pods name one tag; after the first of them it is moved to a new image."""

    id = "a-tag-moves"
    title = "A tag moves under running Pods"
    seconds = 30
    spec = Moving
    needs = frozenset({Need.NODES})
    script = Script(
        prediction=1.0,
        values={"mutability": MUTABLE, "filter": None, "tag": "stable", "policy": "IfNotPresent"},
        misconceptions={
            "a running Pod follows its tag": 3.0,
            "every new Pod asks the registry": 2.0,
        },
    )
    measured = (
        "<p>The digest that a Pod runs is its status' <code>imageID</code>, as its node's kubelet "
        "tells it. The registry is CNCF Distribution; where a tag points to is its answer to "
        "<code>GET /v2/randserver/manifests/&lt;tag&gt;</code>.</p>"
        "<p>Whether the tag may move is asked of moto, a stand-in for ECR on this machine: "
        "<code>ecr:PutImage</code> with the manifest of the new image. Only after its yes is the "
        "tag moved in the registry, which knows no such rule itself.</p>"
    )

    def question(self) -> Number:
        """Ask for a number of Pods. The slider does not begin at the answer."""
        return Number(self.ask(Moving()), 0, 3, "pods", start=0)

    def ask(self, values: Moving) -> str:
        """Put the question for these values."""
        extra = f" with the exclusion <b>{html.escape(values.filter)}</b>" if values.filter else ""
        tag = html.escape(values.tag)
        return (
            f"A repository is <b>{values.mutability}</b>{extra}. Pod <i>first</i> runs the tag "
            f"<b>{tag}</b> on one worker. Then somebody puts the tag on a new image. Pod "
            "<i>second</i> starts on the other worker, and <i>third</i> on the first one's, with "
            f"the same tag and the policy <b>{values.policy}</b>. How many of the three run the "
            "new image?"
        )

    def check(self, values: Moving) -> Mapping[str, str]:
        """Refuse what ECR, or the API server, would refuse."""
        found = {}
        if wrong := wrong_filter(values.mutability, values.filter):
            found["filter"] = f"exclusion filter: {wrong}"
        if not TAG.fullmatch(values.tag):
            found["tag"] = (
                "tag: it begins with a letter, a digit or _, and up to 127 of letters, digits and "
                "_ . - may follow."
            )
        if values.tag in (KEPT, "0.0.2"):
            found["tag"] = "tag: the run itself uses 0.0.1 and 0.0.2; choose another."
        return found

    def build(self, values: Moving, place: Place) -> list[Manifest]:
        """Return the request for the repository, and the three Pods."""
        parameters: dict[str, Any] = {
            "repositoryName": REPOSITORY,
            "imageTagMutability": values.mutability,
        }
        if values.filter:
            parameters["imageTagMutabilityExclusionFilters"] = [
                {"filterType": "WILDCARD", "filter": values.filter}
            ]
        return [
            aws.request("ecr:CreateRepository", parameters),
            *(
                image_pod(
                    name=name,
                    namespace=place.namespace,
                    lesson=place.lesson,
                    image=uri(REPOSITORY, values.tag),
                    policy=values.policy,
                    node=f"{CLUSTER}-{worker}",
                )
                for name, worker in zip(PODS, ("worker", "worker2", "worker"), strict=True)
            ),
        ]

    async def run(self, bench: Bench, values: Moving) -> None:
        """Push, run the first Pod, move the tag if that is allowed, and run the others."""
        bench.progress("Making the repositories", 0.0)
        request, *built = self.build(values, bench.place)
        account = await bench.aws()
        await bench.call(_repositories, account, request)
        bench.progress("Starting the registry", 0.1)
        async with registries.store(bench) as store:
            await store.lead()
            context = registries.programs(store.folder)
            dockerfile = SOURCES / "randserver" / "Dockerfile"
            bench.progress("Pushing the image", 0.2)
            await store.build(REPOSITORY, values.tag, dockerfile, context)
            await store.push(REPOSITORY, values.tag)
            old = store.registry.manifest(REPOSITORY, values.tag)
            await bench.call(_put, account, REPOSITORY, values.tag, old.body)
            store.note(f"Tag/{values.tag}", "points to", old.digest)
            bench.progress("The first Pod", 0.5)
            await bench.apply(built[0])
            await pods.started(bench, PODS[0])
            bench.progress("Pushing a new image, and moving the tag", 0.6)
            with (context / "programs" / "randserver.py").open("a") as program:
                program.write("\n# one line more\n")
            await store.build(REPOSITORY, "0.0.2", dockerfile, context)
            await store.push(REPOSITORY, "0.0.2")
            await _move(bench, store, account, values)
            bench.progress("The other Pods", 0.8)
            for name, manifest in zip(PODS[1:], built[1:], strict=True):
                await bench.apply(manifest)
                await pods.started(bench, name)
        bench.progress("3 pods", 1.0)

    def chart(self, timeline: Timeline) -> MovedTagChart:
        """Return the chart of which image each Pod runs."""
        return MovedTagChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return how many of the three Pods run the new image, by the digest in their status."""
        seen = run_of(timeline)
        return sum(seen.runs_new) if seen.before and all(seen.digests) else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many run the new image, and which digests one name stands for."""
        said = timeline.value(source="learner", field="prediction")
        seen = run_of(timeline)
        count = sum(seen.runs_new)
        tag = f"<code>{html.escape(seen.tag)}</code>"
        so = f"<b>{count} of the three {'runs' if count == 1 else 'run'} the new image; you said "
        running = {short(digest) for digest in seen.digests if digest}
        if not seen.moved:
            return (
                f"{so}{said:g}.</b> The repository "
                f"keeps the tag {tag} where it is: <q>{html.escape(seen.refusal)}</q> So the name "
                f"stands for one image, {' and '.join(sorted(running))}, wherever it runs."
                "<p>Next: let an exclusion match the tag.</p>"
            )
        third = (
            "The third came to a node that had an image of that name, and the node did not ask."
            if not seen.runs_new[2]
            else "The third asked the registry again, as its policy says."
        )
        return (
            f"{so}{said:g}.</b> All name {tag}, "
            f"and {len(running)} digests run: {' and '.join(sorted(running))}. {third}"
            "<p>Next: make the repository IMMUTABLE, and predict again.</p>"
        )


def _repositories(account: Account, request: Manifest) -> None:
    """Make the repository, then once too often, in another region, and one that is locked."""
    account.send(request)
    account.tried("ecr:CreateRepository", repositoryName=REPOSITORY)
    account.call("ecr:CreateRepository", region=OTHER_REGION, repositoryName=REPOSITORY)
    account.call(
        "ecr:CreateRepository",
        repositoryName=LOCKED,
        imageTagMutability=IMMUTABLE + EXCEPT,
        imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": f"{FREE}*"}],
    )


def _put(account: Account, repository: str, tag: str, body: bytes) -> str:
    """Ask for an image under a tag, and return the code of the refusal, if it is one."""
    return account.tried(
        "ecr:PutImage", repositoryName=repository, imageManifest=body.decode(), imageTag=tag
    )


async def _move(bench: Bench, store: Store, account: Account, values: Moving) -> None:
    """Ask whether the tag may move; if so, move it. Then try it with the locked repository."""
    tag = values.tag
    new = store.registry.manifest(REPOSITORY, "0.0.2")
    old = store.registry.manifest(REPOSITORY, tag)
    if values.filter:
        allowed = may_move(values.mutability, [values.filter], tag)
        if not allowed:
            _refused_by_model(bench, values)
    else:
        allowed = not await bench.call(_put, account, REPOSITORY, tag, new.body)
    if allowed:
        await store.call(lambda: store.registry.put(REPOSITORY, tag, new.media_type, new.body))
    now = store.registry.manifest(REPOSITORY, tag)
    store.note("Tag/0.0.2", "points to", new.digest)
    store.note(f"Tag/{tag}", "points to", now.digest)
    for name in (KEPT, FREE):
        for held in (old, new):
            await bench.call(_put, account, LOCKED, name, held.body)


def _refused_by_model(bench: Bench, values: Moving) -> None:
    asked: dict[str, Value] = {"repositoryName": REPOSITORY, "imageTag": values.tag}
    words = f"By ECR's documented rule, {values.mutability} with {values.filter} keeps the tag."
    value: dict[str, Value] = {"parameters": asked, "code": REFUSALS[0], "message": words}
    bench.timeline.append(Row(time(), "model", "ecr:PutImage", "refusal", value))
