"""Push and pull: what a login is, what a push sends, and that a Pod runs what was pushed."""

from __future__ import annotations

import base64
import html
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from helpers.charts.second_push import PushChart
from helpers.experiments import pods, registries
from helpers.experiments.registries import SOURCES, Store
from helpers.forms.fields import choice, quantity
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model.images import MB, pushes, ruled
from helpers.model.needs import Need
from helpers.model.pulls import image_pod, uri
from helpers.model.quantity import Quantity
from helpers.model.timeline import Timeline

REPOSITORY = "randserver"
FIRST, SECOND, OTHER = "0.0.1", "0.0.2", "latest"
LEAST, MOST = Quantity.parse("1Mi"), Quantity.parse("32Mi")
TOGETHER = "in one layer with the program"
APART = "in a layer of its own, below"


@dataclass(frozen=True)
class Layers:
    """What is in the image besides the program, and where."""

    data: Annotated[
        str,
        quantity(
            "data",
            help="A file of random bytes, which no compression makes smaller.",
            explain=lambda value: f"The image holds a file of {value} beside its program.",
        ),
    ] = "8Mi"
    layer: Annotated[
        str,
        choice(
            "the file is",
            TOGETHER,
            APART,
            help="Each COPY of the Dockerfile makes a layer; the upper one is the later.",
        ),
    ] = TOGETHER


class SecondPush(Experiment[Layers]):
    """What a second push sends after one line of a program has changed."""

    id = "a-second-push"
    title = "One line is changed, and the image pushed again"
    seconds = 25
    spec = Layers
    needs = frozenset({Need.NODES})
    script = Script(
        prediction=8.4,
        values={"data": "8Mi", "layer": TOGETHER},
        misconceptions={
            "only the line that changed is sent": 0.0,
            "an image is sent whole each time": 31.2,
        },
    )
    measured = (
        "<p>The registry is CNCF Distribution, in a container on this machine. A dot is what its "
        "network card received during the push (<code>rx_bytes</code> of the kernel): the "
        "payload, and about one percent of headers around it. Sizes and digests are the "
        "registry's own answers to <code>GET /v2/randserver/manifests/&lt;tag&gt;</code>; what was "
        "sent and what was there already stands in its log.</p>"
        "<p>The repository and the token are moto's, a stand-in for AWS on this machine. The "
        "nodes find the registry under the host name that it would have at AWS.</p>"
    )

    def question(self) -> Number:
        """Ask for megabytes. The slider does not begin at the answer."""
        return Number(self.ask(Layers()), 0, 60, "MB", step=0.2, start=40)

    def ask(self, values: Layers) -> str:
        """Put the question for these values."""
        return (
            "An image has a base of about 23 MB (compressed), a small program, and a file of "
            f"<b>{values.data}</b> of random bytes, <b>{values.layer}</b>. It is pushed. Then one "
            "line of the program is changed, and the image built and pushed again under a new tag. "
            "How many MB does the second push send?"
        )

    def check(self, values: Layers) -> Mapping[str, str]:
        """Keep the pushes short."""
        if not LEAST <= Quantity.parse(values.data) <= MOST:
            return {"data": f"data: choose between {LEAST} and {MOST}."}
        return {}

    def build(self, values: Layers, place: Place) -> Manifest:
        """Return the Pod that runs what the second push brought."""
        return image_pod(
            name=REPOSITORY,
            namespace=place.namespace,
            lesson=place.lesson,
            image=uri(REPOSITORY, SECOND),
        )

    async def run(self, bench: Bench, values: Layers) -> None:
        """Make the repository, log in, push three times, and run the image."""
        bench.progress("Making the repository", 0.0)
        account = await bench.aws()
        await bench.call(account.call, "ecr:CreateRepository", repositoryName=REPOSITORY)
        answer = await bench.call(account.call, "ecr:GetAuthorizationToken")
        (data,) = answer["authorizationData"]
        _, _, token = base64.b64decode(data["authorizationToken"]).decode().partition(":")
        bench.progress("Starting the registry", 0.1)
        async with registries.store(bench, token) as store:
            await _push_all(bench, store, values, token)
            nodes = dict.fromkeys(await bench.call(registries.workers), token)
            await store.lead(nodes)
            bench.progress("A Pod pulls it", 0.8)
            await bench.apply(self.build(values, bench.place))
            await pods.started(bench, REPOSITORY)
            bench.progress("Restarting the registry without its storage", 0.9)
            store.note("Registry", "repositories", await store.call(store.registry.catalog))
            emptied = await store.restart()
            store.note("Registry", "repositories", await store.call(emptied.registry.catalog))
        bench.progress(f"{len(pushes(bench.timeline)) - 1} pushes", 1.0)

    def chart(self, timeline: Timeline) -> PushChart:
        """Return the chart of what each push sent."""
        return PushChart(timeline)

    def outcome(self, timeline: Timeline) -> float | None:
        """Return how many MB the registry's network card received during the second push."""
        sent = [push.sent / MB for push, _, _ in ruled(pushes(timeline)) if push.tag == SECOND]
        return sent[0] if sent else None

    def difference(self, timeline: Timeline) -> str:
        """Say what the second push sent, and why."""
        said = timeline.value(source="learner", field="prediction")
        done = ruled(pushes(timeline))
        if len(done) < 2:
            return f"<b>The second push did not happen; you said {said:g} MB.</b>"
        (first, _, _), (second, image, _) = done[:2]
        sizes = {layer.digest: layer.size for layer in image.layers}
        sent = [sizes[digest] for digest in second.uploaded if digest in sizes]
        layers = " and ".join(f"one of {size / MB:.2f} MB" for size in sent) or "none"
        why, following = (
            (
                "The changed line is in the same layer as the file, so its digest changed, and the "
                "layer went over the wire whole.",
                "move the file into a layer of its own, and predict again.",
            )
            if max(sent, default=0) > MB
            else (
                "The file lies in a layer that did not change, and stayed where it was.",
                "let the file be much larger. Does the push get longer?",
            )
        )
        after = done[2][0] if len(done) > 2 else None
        tag = (
            f" The tag <code>{html.escape(after.tag)}</code> cost {after.sent / MB:.3f} MB."
            if after
            else ""
        )
        return (
            f"<b>The second push sent {second.sent / MB:.2f} MB; you said {said:g}.</b> The first "
            f"had sent {first.sent / MB:.2f}. Of {len(image.layers)} layers it carried {layers}. "
            f"{why}{tag}"
            f"<p>Next: {following}</p>"
        )


async def _push_all(bench: Bench, store: Store, values: Layers, token: str) -> None:
    dockerfile, context = _context(store.folder, values)
    bench.progress("Building randserver:0.0.1", 0.2)
    await store.build(REPOSITORY, FIRST, dockerfile, context)
    await store.push(REPOSITORY, FIRST)  # without a login: it is refused
    await store.login(token)
    bench.progress("Pushing randserver:0.0.1", 0.3)
    await store.push(REPOSITORY, FIRST)
    with (context / "programs" / "randserver.py").open("a") as program:
        program.write("\n# one line more\n")
    bench.progress("Pushing randserver:0.0.2", 0.6)
    await store.build(REPOSITORY, SECOND, dockerfile, context)
    await store.push(REPOSITORY, SECOND)
    await store.tag(REPOSITORY, SECOND, OTHER)
    await store.push(REPOSITORY, OTHER)


def _context(folder: Path, values: Layers) -> tuple[Path, Path]:
    """Lay out what the image is built from; return the Dockerfile and the folder."""
    context = registries.programs(folder)
    (context / "data").mkdir()
    size = int(Quantity.parse(values.data).amount)
    (context / "data" / "data.bin").write_bytes(os.urandom(size))
    name = "one-layer" if values.layer == TOGETHER else "two-layers"
    return SOURCES / "lessons" / name / "Dockerfile", context
