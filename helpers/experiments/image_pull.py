"""A Pod names an image: who fetches it, with which login, and what becomes of a wrong name."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from helpers.charts.image_pull import PullChart
from helpers.experiments import registries
from helpers.experiments.registries import SOURCES, Store
from helpers.forms.fields import choice, text
from helpers.kube.guard import CLUSTER
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Choice
from helpers.model import image_pulls as rules
from helpers.model.image_pulls import DIGEST, DOT, OWN, RIGHT, ROLE, SECRET, STRANGER
from helpers.model.images import short
from helpers.model.needs import Need
from helpers.model.pulls import POLICIES, image_pod, uri
from helpers.model.timeline import Timeline

REPOSITORY = "randserver"
TAG = "0.0.1"
DOTTED = f"{TAG}."
TOKEN = "a-token-of-this-lesson"
LOGGED_IN, OTHER = f"{CLUSTER}-worker", f"{CLUSTER}-worker2"
WITH, WITHOUT = "registry", "none"
OUT_WITHIN = 40.0  # seconds until a Pod runs, or its node has said why not
RETRY_WITHIN = 60.0  # seconds; a node waits 10 after the first failure, then 20, then 40


@dataclass(frozen=True)
class Pulling:
    """What the learner's Pod names, and with what right."""

    tag: Annotated[str, text("tag", help="What follows the colon in the image's name.")] = DOTTED
    policy: Annotated[
        str,
        choice(
            "imagePullPolicy",
            *POLICIES,
            help="When the node asks the registry: if it lacks the image, always, or never.",
        ),
    ] = "IfNotPresent"
    secret: Annotated[
        str,
        choice(
            "imagePullSecrets",
            WITH,
            WITHOUT,
            help="The Secret with the login, which the Pod lends to its node.",
        ),
    ] = WITH


class ImagePull(Experiment[Pulling]):
    """Six Pods name one image, by tag and digest, with a login and without."""

    id = "a-pod-pulls-its-image"
    title = "A Pod names an image, and a node fetches it"
    seconds = 45
    spec = Pulling
    needs = frozenset({Need.NODES})
    script = Script(
        prediction=rules.ABSENT,
        values={"tag": DOTTED, "policy": "IfNotPresent", "secret": WITH},
        misconceptions={
            "the API server looks whether there is such an image": rules.REFUSED,
            "a full stop at the end is no part of the name": rules.RUNS,
        },
    )
    measured = (
        "<p>The registry is CNCF Distribution in a container on this machine; it asks for a login. "
        "Both workers find it under the host name that it would have at AWS, and one of them is "
        "logged in itself: a header in its containerd's <code>hosts.toml</code>, as a node of EKS "
        "gets a token by its role. The other has nothing but what a Pod lends it.</p>"
        "<p>A dot is what the kubelet tells in the Pod's status: running, or waiting, with "
        "<code>ErrImagePull</code>, <code>ImagePullBackOff</code> and the words of the registry. "
        "It is the first outcome; <i>Table</i> has the last one too.</p>"
    )

    def question(self) -> Choice:
        """Ask for the outcome."""
        return Choice(self.ask(Pulling()), rules.OUTCOMES)

    def ask(self, values: Pulling) -> str:
        """Put the question for these values."""
        login = "with a pull secret" if values.secret == WITH else "without a pull secret"
        return (
            f"The registry holds <b>randserver:{TAG}</b> and asks for a login. Your Pod names "
            f"<b>randserver:{html.escape(values.tag)}</b>, {login}, with the policy "
            f"<b>{values.policy}</b>; its node has no image of that name. What becomes of it?"
        )

    def check(self, values: Pulling) -> Mapping[str, str]:
        """Refuse what the API server would refuse."""
        if values.tag != values.tag.strip():
            return {
                "tag": "tag: take the space away. The server says: spec.containers[0].image: "
                "must not have leading or trailing whitespace."
            }
        return {}

    def build(self, values: Pulling, place: Place) -> list[Manifest]:
        """Return the Secret with the login, and the learner's Pod."""
        return [
            rules.pull_secret(namespace=place.namespace, lesson=place.lesson, token=TOKEN),
            _pod(
                place,
                OWN,
                uri(REPOSITORY, values.tag),
                policy=values.policy,
                secret=values.secret == WITH,
            ),
        ]

    async def run(self, bench: Bench, values: Pulling) -> None:
        """Push an image, run the learner's Pod, then the others; at last give the dot its image."""
        bench.progress("Starting the registry", 0.0)
        secret, own = self.build(values, bench.place)
        async with registries.store(bench, TOKEN) as store:
            digest = await _pushed(bench, store)
            await store.lead({LOGGED_IN: TOKEN, OTHER: ""})
            await bench.apply(secret)
            bench.progress("Your Pod", 0.4)
            await bench.apply(own)
            await _out(bench, OWN)
            bench.progress("The other Pods", 0.5)
            for manifest in _others(bench.place, digest):
                await bench.apply(manifest)
            for name in (RIGHT, DIGEST, DOT, STRANGER, ROLE):
                await _out(bench, name)
            bench.progress("The registry gets the tag with the dot; its Pod tries again", 0.7)
            held = store.registry.manifest(REPOSITORY, TAG)
            put = store.registry.put
            taken = await store.call(lambda: put(REPOSITORY, DOTTED, held.media_type, held.body))
            store.note(f"Tag/{DOTTED}", "put", taken)
            await bench.wait(
                lambda timeline: rules.came_out(timeline, DOT) == rules.RUNS,
                RETRY_WITHIN,
                f"Pod/{DOT} to try again, and run",
            )
        bench.progress("6 pods", 1.0)

    def chart(self, timeline: Timeline) -> PullChart:
        """Return the chart of how each Pod came out."""
        return PullChart(timeline)

    def outcome(self, timeline: Timeline) -> str | None:
        """Return what the learner's Pod came to first, by its status and its node's words."""
        first = next((pod.first for pod in rules.seen(timeline) if pod.name == OWN), "")
        return first or None

    def difference(self, timeline: Timeline) -> str:
        """Say what became of the learner's Pod, and in which words."""
        said = timeline.value(source="learner", field="prediction")
        pods = {pod.name: pod for pod in rules.seen(timeline)}
        own = pods.get(OWN)
        if own is None or not own.first:
            return f"<b>Your Pod has not come out; you said: {said}.</b>"
        right = "as you said" if said == self.outcome(timeline) else f"you said: {said}"
        words = f" Its node tells: <q>{html.escape(_cause(own.words))}</q>" if own.words else ""
        digest = f" It runs {short(own.digest)}." if own.first == rules.RUNS else ""
        return (
            f"<b>Your Pod exists, and {own.first}; {right}.</b>{words}{digest}"
            "<p>Next: take the dot away, and the secret too.</p>"
        )


async def _pushed(bench: Bench, store: Store) -> str:
    """Build the course's randserver, push it, and return its digest."""
    bench.progress("Pushing randserver:0.0.1", 0.1)
    context = registries.programs(store.folder)
    await store.build(REPOSITORY, TAG, SOURCES / "randserver" / "Dockerfile", context)
    await store.login(TOKEN)
    done = await store.push(REPOSITORY, TAG)
    assert done.image is not None, done.refused
    store.note("Tags", "tags", list(await store.call(lambda: store.registry.tags(REPOSITORY))))
    return done.image.digest


def _others(place: Place, digest: str) -> list[Manifest]:
    image, by_digest = uri(REPOSITORY, TAG), f"{uri(REPOSITORY)}@{digest}"
    return [
        _pod(place, RIGHT, image),
        _pod(place, DIGEST, by_digest),
        _pod(place, DOT, uri(REPOSITORY, DOTTED)),
        _pod(place, STRANGER, image, secret=False),
        _pod(place, ROLE, image, secret=False, node=LOGGED_IN),
    ]


def _pod(
    place: Place,
    name: str,
    image: str,
    *,
    policy: str | None = None,
    secret: bool = True,
    node: str = OTHER,
) -> Manifest:
    return image_pod(
        name=name,
        namespace=place.namespace,
        lesson=place.lesson,
        image=image,
        policy=policy,
        secret=SECRET if secret else None,
        node=node,
    )


async def _out(bench: Bench, name: str) -> None:
    await bench.wait(
        lambda timeline: rules.came_out(timeline, name) or None,
        OUT_WITHIN,
        f"Pod/{name} to run, or to say why not",
    )


def _cause(words: str) -> str:
    """Return the end of the node's words, where the cause stands."""
    _, found, cause = words.partition("failed to resolve image: ")
    return f"… {cause}" if found else words[-200:]
