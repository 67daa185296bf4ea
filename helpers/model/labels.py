"""Labels of an image: what a build makes of arguments, and the OCI's keys with what fits in them.

Rows: source "registry", object "Image/<repository>:<tag>", field "labels" (those of the config) and
"annotations" (those of the manifest); object "Build/<tag>", field "build" (label, arguments).

Upstream: the Dockerfile reference, ARG and LABEL; OCI image-spec v1.1.1 annotations.md; SPDX 2.3,
annex D (license expressions); RFC 3339, section 5.6.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from helpers.model.timeline import Timeline, Value

PREFIX = "org.opencontainers.image."
KEYS = (
    "title",
    "description",
    "created",
    "authors",
    "url",
    "documentation",
    "source",
    "version",
    "revision",
    "vendor",
    "licenses",
)
"""The eleven that the book has, without their prefix."""

DECLARED = ("SHA", "COOK")
"""The arguments that the lesson's Dockerfile declares."""

DEFAULTS = {"COOK": "Ada"}

LICENSES = frozenset({
    "0BSD", "AGPL-3.0-only", "AGPL-3.0-or-later", "Apache-2.0", "Artistic-2.0", "BSD-2-Clause",
    "BSD-3-Clause", "BSL-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "EPL-2.0", "EUPL-1.2",
    "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later", "ISC",
    "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT", "MIT-0",
    "MPL-2.0", "PostgreSQL", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib",
})  # fmt: skip
"""The identifiers of SPDX's list that images carry most."""

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_MAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")


def value_of(variable: str, passed: Mapping[str, str]) -> str:
    """Return what `$variable` is in the lesson's Dockerfile, with these build arguments.

    An argument that no ARG declares is nothing, whatever was passed.
    """
    if variable not in DECLARED:
        return ""
    return passed.get(variable, DEFAULTS.get(variable, ""))


def wrong(key: str, value: str) -> str | None:
    """Say why a value does not fit a key, None where it does; an empty value is no label."""
    why: str | None = None
    if value == "":
        return None
    if key == "created" and not rfc3339(value):
        why = "a date and time of RFC 3339, such as 2026-11-24T19:30:00Z."
    elif key in ("url", "documentation", "source") and not _url(value):
        why = "a URL with scheme and host, such as https://example.com/randserver."
    elif key == "authors" and not _MAIL.search(value):
        why = "somebody who can be reached: a name with an e-mail address."
    elif key in ("version", "revision") and re.search(r"\s", value):
        why = "one word, without spaces."
    elif key == "licenses" and license_error(value):
        why = f"an expression of SPDX, such as MIT OR Apache-2.0: {license_error(value)}"
    return why


def rfc3339(text: str) -> bool:
    """Tell whether a text is a date and time by RFC 3339."""
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.upper().replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


def license_error(text: str) -> str | None:
    """Say what is wrong with a license expression, None for a good one.

    The grammar: identifiers joined by AND or OR, with parentheses, each perhaps WITH an exception.
    """
    words = re.findall(r"[()]|[^\s()]+", text)
    depth, wanted = 0, True  # wanted: an operand comes next
    for word in words:
        if word == "(" and wanted:
            depth += 1
        elif word == ")" and not wanted and depth:
            depth -= 1
        elif word in ("AND", "OR", "WITH") and not wanted:
            wanted = True
        elif wanted and (word in LICENSES or word.startswith("LicenseRef-") or _exception(word)):
            wanted = False
        else:
            return f"{word!r} is none of SPDX's identifiers, or stands in the wrong place."
    return "the expression ends too early." if wanted or depth else None


def built(timeline: Timeline, tag: str) -> dict[str, Any]:
    """Return how an image was built: the label's variable, and the arguments that were passed."""
    value = timeline.value(source="registry", object=f"Build/{tag}", field="build")
    return dict(value) if isinstance(value, Mapping) else {}


def read(timeline: Timeline, image: str, field: str = "labels") -> dict[str, str] | None:
    """Return the labels, or annotations, of an image as the registry gave them last."""
    return texts(timeline.value(source="registry", object=f"Image/{image}", field=field))


def texts(value: Value) -> dict[str, str] | None:
    """Return a mapping of texts; None for anything else."""
    if not isinstance(value, Mapping):
        return None
    return {str(key): str(text) for key, text in value.items()}


def _exception(word: str) -> bool:
    return word.endswith("-exception") or word.endswith("-exception-2.0")


def _url(value: str) -> bool:
    parts = urlsplit(value)
    return bool(parts.scheme and parts.netloc) and not re.search(r"\s", value)
