"""Images in a registry: manifest, config and layers, and what a push has to send.

Rows, one a push: source "registry", object "Image/<repository>:<tag>", field "push", value as
`Push.row` makes it. What the registry holds is taken from its own answers, what was sent from its
log and from the counter of its network card.

Upstream: the OCI image specification v1.1, manifest.md; the distribution specification v1.1,
"Pushing manifests": a client asks for each blob (HEAD) and sends those that are not there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.model.band import Band
from helpers.model.timeline import Timeline, Value

MB = 1e6

HEADERS_SHARE = 0.03
HEADERS_BYTES = 60_000
"""What HTTP, TCP and IP may add to what is sent: a share of it, and a few requests' own headers."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A config or a layer: its digest, and its size in bytes as it is stored and sent."""

    digest: str
    size: int

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> Blob:
        """Read it from a descriptor of a manifest."""
        return cls(str(value["digest"]), int(value["size"]))


@dataclass(frozen=True, slots=True)
class Image:
    """What a manifest names; `size` is that of the manifest itself, in bytes."""

    digest: str
    size: int
    config: Blob
    layers: tuple[Blob, ...]
    annotations: Mapping[str, str]

    @classmethod
    def parse(cls, digest: str, body: bytes) -> Image:
        """Read a manifest as the registry gives it."""
        content = json.loads(body)
        layers = tuple(Blob.parse(layer) for layer in content["layers"])
        notes = {str(k): str(v) for k, v in (content.get("annotations") or {}).items()}
        return cls(digest, len(body), Blob.parse(content["config"]), layers, notes)

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """Config and layers."""
        return (self.config, *self.layers)

    @property
    def row(self) -> dict[str, Value]:
        """The image as JSON."""
        return {
            "digest": self.digest,
            "size": self.size,
            "config": _row(self.config),
            "layers": [_row(layer) for layer in self.layers],
            "annotations": dict(self.annotations),
        }


@dataclass(frozen=True, slots=True)
class Push:
    """A push: what it was to bring, what went over the wire, and what the registry said.

    `sent` is in bytes; `uploaded` and `present` are the digests that were sent, and those that the
    registry had when it was asked. `image` is None for a push that was refused.
    """

    name: str
    image: Image | None
    sent: int
    uploaded: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    refused: str = ""

    @property
    def tag(self) -> str:
        """The tag alone."""
        return self.name.rpartition(":")[2]

    @property
    def row(self) -> dict[str, Value]:
        """The value of the row that keeps this push."""
        return {
            "image": None if self.image is None else self.image.row,
            "sent": self.sent,
            "uploaded": list(self.uploaded),
            "present": list(self.present),
            "refused": self.refused,
        }


def pushes(timeline: Timeline) -> list[Push]:
    """Return the pushes of a run, in their order, refused ones too."""
    return [
        Push(
            row.object.removeprefix("Image/"),
            image_of(row.value.get("image")),
            int(str(row.value.get("sent") or 0)),
            _texts(row.value.get("uploaded")),
            _texts(row.value.get("present")),
            str(row.value.get("refused") or ""),
        )
        for row in timeline.where(source="registry", field="push")
        if isinstance(row.value, Mapping)
    ]


def image_of(value: Value) -> Image | None:
    """Read an image from its row; None where there is none."""
    if not isinstance(value, Mapping):
        return None
    read: Any = value
    return Image(
        str(read["digest"]),
        int(read["size"]),
        Blob.parse(read["config"]),
        tuple(Blob.parse(layer) for layer in read["layers"]),
        {str(k): str(v) for k, v in (read.get("annotations") or {}).items()},
    )


def missing(image: Image, before: Iterable[Image]) -> tuple[Blob, ...]:
    """Return the blobs of an image that none of the images pushed before it has.

    A layer is sent whole or not at all: its digest is that of all its files together.
    """
    there = {blob.digest for other in before for blob in other.blobs}
    return tuple(blob for blob in image.blobs if blob.digest not in there)


def to_send(image: Image, before: Iterable[Image]) -> int:
    """Return the bytes that a push has to send: what is missing, and the manifest."""
    return sum(blob.size for blob in missing(image, before)) + image.size


def sent_band(expected: int) -> Band:
    """Return how many MB a network card may count where so many bytes are to be sent."""
    most = expected * (1 + HEADERS_SHARE) + HEADERS_BYTES
    return Band(expected / MB, expected / MB, most / MB, "MB")


def ruled(done: Sequence[Push]) -> list[tuple[Push, Image, int]]:
    """Return the pushes that were taken, each with its image and the bytes it had to send."""
    found: list[tuple[Push, Image, int]] = []
    for push in done:
        if push.image is not None:
            before = [image for _, image, _ in found]
            found.append((push, push.image, to_send(push.image, before)))
    return found


def short(digest: str) -> str:
    """Return the first characters of a digest, as tools print it."""
    return digest.removeprefix("sha256:")[:7]


def digest_of(image_id: Value) -> str:
    """Return the digest in a Pod's `imageID`; empty where it names none."""
    _, at, digest = str(image_id or "").rpartition("@")
    return digest if at else ""


def _row(blob: Blob) -> dict[str, Value]:
    return {"digest": blob.digest, "size": blob.size}


def _texts(value: Value) -> tuple[str, ...]:
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    return tuple(str(item) for item in value) if listed else ()  # type: ignore[union-attr]
