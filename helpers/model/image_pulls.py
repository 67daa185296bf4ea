"""What becomes of a Pod whose image must be pulled, and what a run shows of that.

Rows: source "session", the Pods' manifests; source "watch", their "state.waiting..." and "imageID";
source "registry", object "Tags", field "tags" (what the registry holds), and object "Tag/<tag>",
field "put" (a digest: the registry took this tag).

Upstream: k8s.io/kubernetes pkg/kubelet/images/image_manager.go and types.go (the reasons);
kuberuntime's applyDefaultImageTag (InvalidImageName).
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.model import aws
from helpers.model.images import digest_of
from helpers.model.immutability import TAG
from helpers.model.manifests import Manifest, containers, metadata
from helpers.model.pulls import IMAGE_ID, status
from helpers.model.timeline import Timeline, Value

RUNS = "it runs"
ABSENT = "it waits: the registry has no such image"
LOGIN = "it waits: the registry wants a login"
NEVER = "it waits: its node may not ask the registry"
NAME = "it waits: its node cannot read the name"
REFUSED = "the API server refuses it"
OUTCOMES = (RUNS, ABSENT, LOGIN, NEVER, NAME, REFUSED)

SHORT = {
    RUNS: "runs",
    ABSENT: "not found",
    LOGIN: "no login",
    NEVER: "may not ask",
    NAME: "bad name",
    REFUSED: "refused",
}
"""The outcomes in two words."""

OWN, RIGHT, DIGEST, DOT, STRANGER, ROLE = "yours", "tag", "digest", "dot", "stranger", "role"
PODS = (OWN, RIGHT, DIGEST, DOT, STRANGER, ROLE)
ABOUT = {
    OWN: "yours",
    RIGHT: "tag, secret",
    DIGEST: "digest, secret",
    DOT: "tag with a dot, secret",
    STRANGER: "tag, no secret",
    ROLE: "tag, no secret, on the node that is logged in",
}
"""What is told of each Pod."""

SECRET = "registry"
"""The pull secret's name."""

_ENDS = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one Pod: how it came out at first, and at last; the words and the digest.

    `rule` is how it had to come out at first.
    """

    name: str
    image: str
    secret: bool
    rule: str
    first: str
    last: str
    words: str
    digest: str


def outcome(tag: str, tags: Sequence[str], *, policy: str, login: bool) -> str:
    """Return what becomes of a Pod with this tag on a node that does not have the image yet.

    `login` tells whether secret or node lets the registry know who asks.
    """
    if not TAG.fullmatch(tag):
        return NAME
    if policy == "Never":
        return NEVER
    if not login:
        return LOGIN
    return RUNS if tag in tags else ABSENT


def pull_secret(*, namespace: str, lesson: str, token: str) -> Manifest:
    """Build the Secret with which Pods of a namespace log in to the account's registry."""
    auth = b64encode(f"AWS:{token}".encode()).decode()
    config = json.dumps({"auths": {aws.REGISTRY: {"auth": auth}}})
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata(SECRET, namespace, lesson),
        "type": "kubernetes.io/dockerconfigjson",
        "stringData": {".dockerconfigjson": config},
    }


def seen(timeline: Timeline) -> list[Seen]:
    """Return what was seen of each Pod that was sent, in their order."""
    tags = timeline.where(source="registry", object="Tags", field="tags")
    held = _texts(tags[0].value) if tags else ()
    found = []
    for name in PODS:
        sent = timeline.value(source="session", object=f"Pod/{name}", field="manifest")
        if not isinstance(sent, Mapping):
            continue
        container = next(containers(sent))
        image, spec = str(container["image"]), sent["spec"]
        assert isinstance(spec, Mapping)
        secret = bool(spec.get("imagePullSecrets"))
        policy = str(container.get("imagePullPolicy") or "")
        tag = image.removeprefix(aws.REGISTRY).rpartition(":")[2]
        rule = (
            RUNS
            if "@" in image
            else outcome(tag, held, policy=policy, login=secret or name == ROLE)
        )
        states = _states(timeline, name)
        words = next((words for _, words in states if words), "")
        found.append(
            Seen(
                name,
                image,
                secret,
                rule,
                states[0][0] if states else "",
                states[-1][0] if states else "",
                words,
                digest_of(status(timeline, name, IMAGE_ID)),
            )
        )
    return found


def came_out(timeline: Timeline, name: str) -> str:
    """Return how a Pod has come out so far; empty while nobody can tell."""
    states = _states(timeline, name)
    return states[-1][0] if states else ""


def _states(timeline: Timeline, name: str) -> list[tuple[str, str]]:
    """Return the Pod's outcomes in their order, each with the node's words."""
    path = f"status.containerStatuses.{name}.state."
    found: list[tuple[str, str]] = []
    reason = ""
    for row in timeline.where(source="watch", object=f"Pod/{name}"):
        if row.field == f"{path}waiting.reason":
            reason = str(row.value or "")
        told = ("", "")
        if row.field == f"{path}running.startedAt" and row.value:
            told = (RUNS, "")
        elif row.field in (f"{path}waiting.message", f"{path}waiting.reason") and reason in _ENDS:
            words = str(status_at(timeline, name, row.time) or "")
            told = (_reading(reason, words), words)
        if told[0] and (not found or found[-1][0] != told[0]):
            found.append(told)
    return found


def status_at(timeline: Timeline, name: str, time: float) -> Value:
    """Return the message with which a Pod waited then."""
    path = f"status.containerStatuses.{name}.state.waiting.message"
    rows = timeline.where(source="watch", object=f"Pod/{name}", field=path)
    return next((row.value for row in reversed(rows) if row.time <= time), None)


def _reading(reason: str, words: str) -> str:
    """Read the cause from the reason, and from the words of containerd and of the registry."""
    if reason == "InvalidImageName":
        return NAME
    if reason == "ErrImageNeverPull":
        return NEVER
    low = words.lower()
    if "401" in low or "unauthorized" in low or "authorization failed" in low:
        return LOGIN
    return ABSENT if "not found" in low else ""


def _texts(value: Value) -> tuple[str, ...]:
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    return tuple(str(item) for item in value) if listed else ()  # type: ignore[union-attr]
