"""Whether a tag may move: the mutability of a repository, and its exclusions.

Upstream: the ECR API, CreateRepository (imageTagMutability, imageTagMutabilityExclusionFilters),
and the ECR user guide, "Preventing image tags from being overwritten".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

MUTABLE, IMMUTABLE = "MUTABLE", "IMMUTABLE"
EXCEPT = "_WITH_EXCLUSION"
MODES = (MUTABLE, IMMUTABLE, IMMUTABLE + EXCEPT, MUTABLE + EXCEPT)
FILTER = re.compile(r"[0-9a-zA-Z._*-]{1,128}")
WILDCARDS = 2
"""How many asterisks a filter may have."""

TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
"""A tag. Upstream: distribution/reference v0.6.0, regexp.go, tag."""

REFUSALS = ("ImageTagAlreadyExistsException", "ImageAlreadyExistsException")
"""The codes of the refusal: ECR's, and the one that moto 5.2 gives in its place."""


def may_move(mode: str, filters: Sequence[str], tag: str) -> bool:
    """Tell whether a tag that is there may be put on another image.

    An exclusion turns the rule round for the tags that it matches; `*` stands for any characters.
    """
    free = mode.startswith(MUTABLE)
    excluded = mode.endswith(EXCEPT) and any(fnmatchcase(tag, pattern) for pattern in filters)
    return free != excluded


def wrong_filter(mode: str, pattern: str | None) -> str | None:
    """Say why ECR refuses this one filter with this mode, None where it takes both."""
    if mode.endswith(EXCEPT) != bool(pattern):
        return f"{mode} takes {'a filter' if mode.endswith(EXCEPT) else 'no filter'}."
    if pattern and not FILTER.fullmatch(pattern):
        return "letters, digits, and . _ - * only, 128 at most."
    if pattern and pattern.count("*") > WILDCARDS:
        return f"at most {WILDCARDS} asterisks."
    return None


def new_in(place: int, policy: str, *, moved: bool) -> bool:
    """Tell whether the Pod in this place (0, 1, 2) runs the new image.

    The first is made before the tag moves. The second comes to a node that has no such image, the
    third to the first one's node: there only the policy Always asks the registry again.

    Upstream: k8s.io/kubernetes pkg/kubelet/images/image_manager.go, imagePullPrecheck.
    """
    return moved and (place == 1 or (place == 2 and policy == "Always"))
