"""What a tag may be, and what its text says: a commit, a semantic version, an upstream version.

Upstream: distribution/reference v0.6.0, regexp.go, tag (the grammar: helpers.model.immutability);
Semantic Versioning 2.0.0, items 2 to 11, and its suggested regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import total_ordering

COMMIT = re.compile(r"[0-9a-f]{40}")
"""A commit ID: a SHA-1 of 20 bytes in hexadecimal."""

PATCH, MINOR, MAJOR = "PATCH", "MINOR", "MAJOR"
CHANGES = (PATCH, MINOR, MAJOR)

_NUMBER = r"(?:0|[1-9]\d*)"
_PART = rf"(?:{_NUMBER}|\d*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-({_PART}(?:\.{_PART})*))?"
    r"(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
)
_UPSTREAM = re.compile(r"(\d+(?:\.\d+)*)(?:-c(\d+))?")


@total_ordering
@dataclass(frozen=True)
class Version:
    """A semantic version; versions compare by SemVer's precedence, which ignores the build."""

    major: int
    minor: int
    patch: int
    pre: tuple[str, ...] = ()
    build: str = ""

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read a version. Raises ValueError for what SemVer does not allow."""
        found = _VERSION.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no semantic version such as 1.4.7")
        major, minor, patch, pre, build = found.groups()
        parts = tuple(pre.split(".")) if pre else ()
        return cls(int(major), int(minor), int(patch), parts, build or "")

    def __str__(self) -> str:
        pre = f"-{'.'.join(self.pre)}" if self.pre else ""
        build = f"+{self.build}" if self.build else ""
        return f"{self.major}.{self.minor}.{self.patch}{pre}{build}"

    def __lt__(self, other: Version) -> bool:
        return self._key < other._key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def release(self) -> bool:
        """Whether it is a release: what has a suffix after a dash is a pre-release."""
        return not self.pre

    @property
    def _key(self) -> tuple[object, ...]:
        """Item 11: numbers as numbers and below words; a release above its pre-releases."""
        parts = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in self.pre)
        return self.major, self.minor, self.patch, self.release, parts

    def bump(self, change: str) -> Version:
        """Return the next release for a change; the numbers right of it become zero (items 6-8)."""
        if change == MAJOR:
            return Version(self.major + 1, 0, 0)
        if change == MINOR:
            return Version(self.major, self.minor + 1, 0)
        return Version(self.major, self.minor, self.patch + 1)


def versions(tags: Sequence[str]) -> list[Version]:
    """Return the semantic versions among tags, the oldest first."""
    found = []
    for tag in tags:
        try:
            found.append(Version.parse(tag))
        except ValueError:
            continue
    return sorted(found)


def upgrades(used: str, tags: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the newest release that a user of one may take unseen, and those to be looked at.

    Those are of the same MAJOR, and of a higher one. The first is "" where there is none.
    """
    now = Version.parse(used)
    newer = [v for v in versions(tags) if v.release and v > now]
    same = [v for v in newer if v.major == now.major]
    return str(same[-1]) if same else "", tuple(str(v) for v in newer if v.major > now.major)


def upstream(tag: str) -> tuple[tuple[int, ...], int] | None:
    """Return what a repackager's tag says, such as 8.0.12-c15: upstream version and revision.

    It can be sorted by. Without a suffix the revision is 0. None for another tag.
    """
    found = _UPSTREAM.fullmatch(tag)
    if found is None:
        return None
    return tuple(int(part) for part in found[1].split(".")), int(found[2] or 0)


def by_own_key(tags: Sequence[str]) -> list[str]:
    """Return a repackager's tags, by upstream version, then revision; others are left out."""
    read = {tag: parsed for tag in tags if (parsed := upstream(tag)) is not None}
    return sorted(read, key=lambda tag: read[tag])


def by_semver(tags: Sequence[str]) -> list[str]:
    """Return the tags that are semantic versions, by SemVer's precedence."""
    return [str(version) for version in versions(tags)]
