"""Timelines for the claims about images in Pods."""

from __future__ import annotations

from helpers.model.image_pulls import DIGEST, DOT, RIGHT, ROLE, STRANGER
from helpers.model.images import Push
from helpers.model.pulls import image_pod, uri
from helpers.model.timeline import Timeline
from tests.unit.claims.repositories import ONE
from tests.unit.claims.story import Story

MISSING = "rpc error: code = NotFound desc = failed to pull: randserver:0.0.1.: not found"
UNAUTHORIZED = "failed to resolve reference: unexpected status from HEAD request: 401 Unauthorized"
IMAGES = {
    DIGEST: f"{uri('randserver')}@{ONE.digest}",
    DOT: uri("randserver", "0.0.1."),
}
WAITS = {DOT: MISSING, STRANGER: UNAUTHORIZED}


def pulled(
    *,
    waits: dict[str, str] | None = None,
    runs: str = ONE.digest,
    retried: bool = True,
    taken: bool = True,
    without: str = "",
    push: bool = True,
) -> Story:
    """Five Pods: those in `waits` wait with these words, the others run; then the dot's tag is put.

    `without` names a Pod that was not sent.
    """
    story = Story()
    if push:
        row = Push("randserver:0.0.1", ONE, 22_900_000).row
        story.row("registry", "Image/randserver:0.0.1", "push", row)
    story.row("registry", "Tags", "tags", ["0.0.1"])
    for name in (RIGHT, DIGEST, DOT, STRANGER, ROLE):
        if name == without:
            continue
        secret = None if name in (STRANGER, ROLE) else "registry"
        image = IMAGES.get(name, uri("randserver", "0.0.1"))
        pod = image_pod(name=name, namespace="x", lesson="x", image=image, secret=secret)
        story.row("session", f"Pod/{name}", "manifest", pod)
        state = f"status.containerStatuses.{name}"
        words = (WAITS if waits is None else waits).get(name)
        if words:
            story.row("watch", f"Pod/{name}", f"{state}.state.waiting.message", words)
            story.row("watch", f"Pod/{name}", f"{state}.state.waiting.reason", "ErrImagePull")
        else:
            running(story, name, runs)
    if taken:
        story.row("registry", "Tag/0.0.1.", "put", ONE.digest)
    if retried:
        running(story, DOT, runs)
    return story


def running(story: Story, name: str, runs: str) -> None:
    state = f"status.containerStatuses.{name}"
    story.row("watch", f"Pod/{name}", f"{state}.imageID", f"{uri('randserver')}@{runs}")
    story.row("watch", f"Pod/{name}", f"{state}.state.waiting.reason", None)
    story.row("watch", f"Pod/{name}", f"{state}.state.running.startedAt", "2026-11-24T19:00:00Z")


HOLDS: dict[str, list[Timeline]] = {
    "ch10-inpods-01": [pulled()],
    "ch10-inpods-02": [pulled()],
    "ch10-inpods-03": [pulled()],
}
FAILS: dict[str, list[Timeline]] = {
    "ch10-inpods-01": [
        pulled(waits={DOT: MISSING}),
        pulled(waits=WAITS | {ROLE: UNAUTHORIZED}),
    ],
    "ch10-inpods-02": [pulled(runs="sha256:other"), pulled(waits=WAITS | {DIGEST: MISSING})],
    "ch10-inpods-03": [
        pulled(waits={STRANGER: UNAUTHORIZED}),
        pulled(taken=False, retried=False),
        pulled(retried=False),
    ],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch10-inpods-01": [pulled(without=ROLE)],
    "ch10-inpods-02": [pulled(push=False)],
    "ch10-inpods-03": [pulled(without=DOT, retried=False)],
}
