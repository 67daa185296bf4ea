"""Fill a repository, let the learner's policy clean it, and clean it again half a year later."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import time
from typing import Any

from helpers.experiments import ecr_images
from helpers.lesson.experiment import Bench
from helpers.model import lifecycle
from helpers.model.lifecycle import KEPT, Fate, Image
from helpers.model.lifecycle_run import NAME, PUT, REPOSITORY
from helpers.model.timeline import Row, Value

GIVEN = Path(__file__).parent / "start" / "images.json"
LATER = 180.0  # days, in which nothing is built but what is released
RELEASED = (
    Image("dev-9c1e77a, release-13", ("dev-9c1e77a", "release-13"), 150),
    Image("dev-02b6d4f, release-14", ("dev-02b6d4f", "release-14"), 95),
    Image("dev-e81f350, release-15", ("dev-e81f350", "release-15"), 20),
)


async def observe(bench: Bench, work: Path) -> None:
    """Offer the policy; let the model decide today and in half a year; delete what expires."""
    account = await bench.aws()
    await bench.call(account.call, "ecr:CreateRepository", repositoryName=NAME)
    policy, wrong = _read((work / "policy.json").read_text("utf-8"))
    await bench.call(account.tried, PUT, repositoryName=NAME, lifecyclePolicyText=policy)
    _note(bench, "refusals", wrong)
    _note(bench, "rules", [] if wrong else policy["rules"])
    bench.progress("Filling the repository")
    images = [_image(one) for one in json.loads(GIVEN.read_text("utf-8"))]
    left = await _clean(bench, "today", {} if wrong else policy, (), images)
    await _clean(bench, "in half a year", {} if wrong else policy, left, RELEASED)


async def _clean(
    bench: Bench,
    when: str,
    policy: dict[str, Any],
    held: tuple[Image, ...],
    pushed: Sequence[Image],
) -> tuple[Image, ...]:
    """Push images, apply the policy, and return what is there afterwards, as old as it is then."""
    account = await bench.aws()
    for image in pushed:
        await bench.call(ecr_images.push, account, NAME, image.name, image.tags)
    images = [*held, *pushed]
    fates = lifecycle.evaluate(policy, images) if policy else {}
    gone = [name for name, fate in fates.items() if fate.action == "expire"]
    await bench.call(ecr_images.delete, account, NAME, gone)
    left = await bench.call(ecr_images.listed, account, NAME, [image.name for image in images])
    rows: list[Value] = [_row(image, fates.get(image.name, KEPT), left) for image in images]
    _note(bench, when, rows)
    return tuple(
        _older(image, fates.get(image.name, KEPT)) for image in images if image.name in left
    )


def _older(image: Image, fate: Fate) -> Image:
    """Return an image as it is half a year later; in the archive, if it went there."""
    before = 0.0 if fate.action == "archive" else image.transitioned
    since = None if before is None else before + LATER
    return replace(image, pushed=image.pushed + LATER, transitioned=since)


def _image(given: dict[str, Any]) -> Image:
    """Return an image of the list, named by its tags, or by its age where it has none."""
    tags, days = tuple(given["tags"]), given["days"]
    return Image(", ".join(tags) or f"untagged, {days:g} days old", tags, days)


def _row(image: Image, fate: Fate, left: list[str]) -> dict[str, Value]:
    """Return what became of an image. From the archive no node can pull."""
    return {
        "name": image.name,
        "tags": list(image.tags),
        "days": image.pushed,
        "there": image.name in left and not image.archived and fate.action != "archive",
        "rule": fate.rule,
    }


def _read(text: str) -> tuple[Any, list[Value]]:
    """Return what the file says (its text, if it is no JSON), and what ECR refuses in it."""
    try:
        policy = json.loads(text)
    except ValueError as error:
        return text, [f"policy.json is no JSON: {error}"]
    return policy, [*lifecycle.refusals(policy)]


def _note(bench: Bench, field: str, value: Value) -> None:
    bench.timeline.append(Row(time(), "model", REPOSITORY, field, value))
