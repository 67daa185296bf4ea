"""Two images, one tag: it moves between the start of the first Pod and that of the second."""

from __future__ import annotations

from helpers.aws.account import Account
from helpers.experiments import registries
from helpers.experiments.registries import SOURCES, Store
from helpers.lesson.experiment import Bench
from helpers.lesson.lab import Lab
from helpers.model.labels import PREFIX
from helpers.model.timeline import Timeline
from helpers.model.watched import objects, ready

REPOSITORY, TAG, DEPLOYMENT = "randserver", "stable", "randserver"
OLD = "2f81c6d5a0b94e7d3c52a98b6f014c7e9d30b5aa"
NEW = "c7a1f0e94b8de52c6a30f97b1d4e85c20b6f9a13"
READY_WITHIN = 120.0


async def give(lab: Lab) -> None:
    """Fill the registry, and let the Deployment's Pods start before and after the tag moved."""
    bench = lab.bench
    account = await bench.aws()
    await bench.call(account.call, "ecr:CreateRepository", repositoryName=REPOSITORY)
    await bench.call(bench.recorder.watch, "Deployment", "Pod")
    async with registries.store(bench) as store:
        await _scaled(bench, 0)  # a Pod that is still there would pull as soon as it can
        await store.lead()
        lines = [await _released(store, account, OLD)]
        await _scaled(bench, 1)
        lines.append(await _released(store, account, NEW))
        await _scaled(bench, 2)
    (lab.work / "images.txt").write_text("".join(lines), "utf-8")


async def _released(store: Store, account: Account, commit: str) -> str:
    """Build a commit, push it under its ID, and put the tag on it; return what to list of it."""
    context = store.folder / "context"
    if not context.exists():
        registries.programs(store.folder)
    (context / "programs" / "commit").write_text(f"{commit}\n")
    dockerfile = SOURCES / "lessons" / "image-labels" / "Dockerfile"
    short = commit[:7]
    await store.build(REPOSITORY, short, dockerfile, context, {"revision": commit})
    await store.push(REPOSITORY, short)
    held = store.registry.manifest(REPOSITORY, short)
    await store.call(lambda: store.registry.put(REPOSITORY, TAG, held.media_type, held.body))
    for tag in (short, TAG):
        await store.bench.call(
            account.call,
            "ecr:PutImage",
            repositoryName=REPOSITORY,
            imageManifest=held.body.decode(),
            imageTag=tag,
        )
    return f"{short}  {held.digest}\n         {PREFIX}revision={commit}\n"


async def _scaled(bench: Bench, replicas: int) -> None:
    """Scale the Deployment, and wait until it has so many Pods, all of them ready."""

    def done(timeline: Timeline) -> bool:
        found = objects(timeline, "Deployment")[DEPLOYMENT]
        return (
            found["metadata.generation"] == found.get("status.observedGeneration")
            and len(objects(timeline, "Pod")) == replicas
            and len(ready(timeline, DEPLOYMENT)) == replicas
        )

    await bench.call(bench.session.scale, "Deployment", DEPLOYMENT, replicas)
    await bench.wait(done, READY_WITHIN, f"Deployment/{DEPLOYMENT} to have {replicas} ready Pods")
