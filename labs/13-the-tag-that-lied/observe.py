"""Ask each Pod which commit it runs, and ECR's stand-in whether the name may get another image."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import time
from typing import Any

from helpers.aws.account import Account
from helpers.experiments import ecr_images
from helpers.kube.errors import CommandFailed, DeadlineExceeded, NotFound, Refused
from helpers.lesson.experiment import Bench, Trouble
from helpers.model.immutability import may_move
from helpers.model.timeline import Row
from helpers.model.workloads import rolled_out

APP = "randserver"
IMAGE = "spec.template.spec.containers.randserver.image"
REPOSITORY = "randserver"
EXCLUSIONS = "imageTagMutabilityExclusionFilters"
ROLLED_OUT = 45.0  # seconds
COMMIT = ("cat", "/opt/workbook/commit")


async def observe(bench: Bench, work: Path) -> None:
    """Wait for the rollout, ask the Pods, and try to put another image under the name."""
    with suppress(DeadlineExceeded):  # the check tells that it is not
        rollout = partial(rolled_out, deployment=APP)
        await bench.wait(rollout, ROLLED_OUT, "the Deployment to be rolled out")
    for pod in await bench.call(bench.session.list, "Pod", "app=randserver"):
        if "deletionTimestamp" not in pod["metadata"]:
            await bench.call(_ask, bench, pod["metadata"]["name"])
    image = str(bench.timeline.value(source="watch", object=f"Deployment/{APP}", field=IMAGE))
    account = await bench.aws()
    moves, told = await bench.call(_tried, account, _read(work / "repository.json"), image)
    for field, value in (("moves", moves), ("told", told)):
        bench.timeline.append(Row(time(), "registry", f"Repository/{REPOSITORY}", field, value))


def _read(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text("utf-8")))
    except (TypeError, ValueError) as error:
        said = "It must be one object, with repositoryName and imageTagMutability."
        raise Trouble(f"{file.name} is no JSON object", str(error), said) from None


def _ask(bench: Bench, pod: str) -> None:
    with suppress(NotFound, Refused, CommandFailed):  # it has not started, or has gone
        commit = bench.session.exec(pod, COMMIT).strip()
        bench.timeline.append(Row(time(), "exec", f"Pod/{pod}", "commit", commit))


def _tried(account: Account, settings: dict[str, Any], image: str) -> tuple[bool, str]:
    """Send the settings; tell whether the name may get another image, and the same in words."""
    refused = account.tried("ecr:PutImageTagMutability", **settings)
    more = f"; repository.json was refused: {refused}" if refused else ""
    name = image.rpartition("/")[2]
    if "@" in name:
        return False, f"{name[:26]}…: a digest is of one image alone{more}"
    tag = name.partition(":")[2] or "latest"
    filters = [one["filter"] for one in settings.get(EXCLUSIONS, [])] if not refused else []
    if filters:  # moto reads them otherwise than ECR, so the documented rule decides
        moves = may_move(settings["imageTagMutability"], filters, tag)
    else:
        moves = _moves(account, tag)
    return moves, f"{name[:26]}: another image was {'taken' if moves else 'refused'}{more}"


def _moves(account: Account, tag: str) -> bool:
    """Put another image under a tag; what came of it is undone."""
    there = {"repositoryName": REPOSITORY}
    found = account.call("ecr:BatchGetImage", **there, imageIds=[{"imageTag": tag}])["images"]
    another, digest = ecr_images.manifest("another")
    if account.tried("ecr:PutImage", **there, imageTag=tag, imageManifest=another):
        return False
    for image in found:
        account.call("ecr:PutImage", **there, imageTag=tag, imageManifest=image["imageManifest"])
    account.call("ecr:BatchDeleteImage", **there, imageIds=[{"imageDigest": digest}])
    return True
