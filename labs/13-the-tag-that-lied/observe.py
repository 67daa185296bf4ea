"""Ask each Pod which commit it runs, and ECR's stand-in whether the name may get another image."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Any

from helpers.aws.account import Account
from helpers.experiments import ecr_images
from helpers.kube.errors import CommandFailed, DeadlineExceeded, NotFound, Refused
from helpers.lesson.experiment import Bench, Trouble
from helpers.model.immutability import may_move
from helpers.model.timeline import Row, Timeline, Value

DEPLOYMENT = "Deployment/randserver"
IMAGE = "spec.template.spec.containers.randserver.image"
REPOSITORY = "randserver"
ROLLED_OUT = 30.0  # seconds
COMMIT = ("cat", "/opt/workbook/commit")


async def observe(bench: Bench, work: Path) -> None:
    """Wait for the rollout, ask the Pods, and try to put another image under the name."""
    with suppress(DeadlineExceeded):  # the check tells that it is not
        await bench.wait(_rolled_out, ROLLED_OUT, "the Deployment to be rolled out")
    for pod in await bench.call(bench.session.list, "Pod", "app=randserver"):
        if "deletionTimestamp" not in pod["metadata"]:
            await bench.call(_ask, bench, pod["metadata"]["name"])
    account = await bench.aws()
    settings = _read(work / "repository.json")
    refused = await bench.call(account.tried, "ecr:PutImageTagMutability", **settings)
    image = str(bench.timeline.value(source="watch", object=DEPLOYMENT, field=IMAGE))
    tag = "" if "@" in image else image.rpartition(":")[2]
    moves = bool(tag) and await bench.call(_moves, account, settings, tag)
    value: dict[str, Value] = {"image": image, "refused": refused, "moves": moves}
    bench.timeline.append(Row(time(), "registry", f"Repository/{REPOSITORY}", "name", value))


def _read(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text("utf-8")))
    except (TypeError, ValueError) as error:
        said = "It must be one object, with repositoryName and imageTagMutability."
        raise Trouble(f"{file.name} is no JSON object", str(error), said) from None


def _rolled_out(timeline: Timeline) -> bool:
    told: list[Any] = [
        timeline.value(source="watch", object=DEPLOYMENT, field=field)
        for field in (
            "spec.replicas",
            "status.replicas",
            "status.updatedReplicas",
            "status.readyReplicas",
        )
    ]
    versions = [
        timeline.value(source="watch", object=DEPLOYMENT, field=field)
        for field in ("metadata.generation", "status.observedGeneration")
    ]
    return len(set(told)) == len(set(versions)) == 1


def _ask(bench: Bench, pod: str) -> None:
    with suppress(NotFound, Refused, CommandFailed):  # it has not started, or has gone
        commit = bench.session.exec(pod, COMMIT).strip()
        bench.timeline.append(Row(time(), "exec", f"Pod/{pod}", "commit", commit))


def _moves(account: Account, settings: dict[str, Any], tag: str) -> bool:
    """Tell whether a tag gets another image; then it is put back to where it was.

    Exclusions moto reads otherwise than ECR, so there the documented rule decides.
    """
    filters = [one["filter"] for one in settings.get("imageTagMutabilityExclusionFilters", [])]
    if filters:
        return may_move(settings["imageTagMutability"], filters, tag)
    put = {"repositoryName": REPOSITORY, "imageTag": tag}
    found = account.call(
        "ecr:BatchGetImage", repositoryName=REPOSITORY, imageIds=[{"imageTag": tag}]
    )["images"]
    if account.tried("ecr:PutImage", **put, imageManifest=ecr_images.manifest("another")[0]):
        return False
    if found:
        account.call("ecr:PutImage", **put, imageManifest=found[0]["imageManifest"])
    return True
