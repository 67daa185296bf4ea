"""ECR's lifecycle policies: what a policy must be like, and which images its rules take.

The rules are those that the ECR user guide documents (lifecycle_policy_parameters.html,
LifecyclePolicies.html, and the worked cases of lifecycle_policy_examples.html). No server says them
here: moto keeps a policy, and evaluates none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from helpers.model.timeline import Value

MAX_WILDCARDS = 4
WITHIN_HOURS = 24  # in which ECR acts on an image that meets the criteria

SINCE = ("sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned")
COUNT_TYPES = ("imageCountMoreThan", *SINCE)

_Kinds: TypeAlias = "Mapping[str, type | tuple[str, ...]]"

_RULE: _Kinds = {"rulePriority": int, "selection": Mapping, "action": Mapping}
_SELECTION: _Kinds = {
    "tagStatus": ("tagged", "untagged", "any"),
    "countType": COUNT_TYPES,
    "countNumber": int,
}
_SELECTION_MORE: _Kinds = {
    "tagPatternList": list,
    "tagPrefixList": list,
    "countUnit": str,
    "storageClass": ("standard", "archive"),
}
_ACTION: _Kinds = {"type": ("expire", "transition")}
"""What a rule and its parts must have, and may have, each with its type or its only values."""


@dataclass(frozen=True)
class Image:
    """An image of a repository; ages are in days. `pulled` is None for one never pulled."""

    name: str
    tags: tuple[str, ...]
    pushed: float
    pulled: float | None = None
    transitioned: float | None = None

    @property
    def archived(self) -> bool:
        """Whether it is in the storage class "archive"."""
        return self.transitioned is not None


@dataclass(frozen=True)
class Fate:
    """What becomes of an image: the priority of the rule that takes it, and "expire" or "archive".

    An image that stays has neither.
    """

    rule: int | None
    action: str


KEPT = Fate(None, "keep")


def refusals(policy: Mapping[str, Any]) -> list[str]:
    """Return what ECR refuses in a policy, each with the rule's priority; empty if it is right.

    ECR user guide: lifecycle_policy_parameters.html, and LifecyclePolicies.html ("Considerations").
    """
    if wrong := _of_shape(policy):
        return wrong
    rules = policy["rules"]
    priorities = [rule["rulePriority"] for rule in rules]
    found = [
        f"rulePriority {double} is given twice; each rule needs a number of its own"
        for double in sorted({p for p in priorities if priorities.count(p) > 1})
    ]
    for rule in rules:
        number, selection = rule["rulePriority"], rule["selection"]
        said = _of_priority(rule, priorities) + _of_tags(selection) + _of_count(rule)
        found += [f"rule {number}: {words}" for words in said]
    untagged = [r["rulePriority"] for r in rules if r["selection"]["tagStatus"] == "untagged"]
    if len(untagged) > 1:
        found.append(f"rules {untagged}: only one rule may select untagged images")
    return found


def _of_shape(policy: Any) -> list[str]:
    """Return what is missing, unknown or of a wrong type, before anything else can be judged."""
    rules = policy.get("rules") if isinstance(policy, Mapping) else None
    if not isinstance(rules, list) or not rules:
        return ["the policy is an object with a list of rules"]
    found = []
    for place, rule in enumerate(rules, start=1):
        said = _of_keys("the rule", rule, _RULE, {"description": str})
        if not said:
            said = _of_keys("selection", rule["selection"], _SELECTION, _SELECTION_MORE)
            said += _of_keys("action", rule["action"], _ACTION, {"targetStorageClass": str})
        found += [f"rule in place {place}: {words}" for words in said]
    return found


def _of_keys(what: str, value: Any, needed: _Kinds, more: _Kinds) -> list[str]:
    if not isinstance(value, Mapping):
        return [f"{what} must be an object"]
    found = [f"{what} has no {key}" for key in needed if key not in value]
    for key, given in value.items():
        kind = {**needed, **more}.get(key)
        if kind is None:
            found.append(f"{what} knows no {key}")
        elif isinstance(kind, tuple):
            if given not in kind:
                found.append(f"{key} is one of {', '.join(kind)}")
        elif not isinstance(given, kind) or isinstance(given, bool):
            found.append(f"{key} has a value of a wrong type")
        elif isinstance(given, list) and not all(isinstance(one, str) for one in given):
            found.append(f"{key} is a list of texts")
    return found


def _of_priority(rule: Mapping[str, Any], priorities: Sequence[int]) -> list[str]:
    number = rule["rulePriority"]
    found = [] if number >= 1 else ["rulePriority must be at least 1"]
    if rule["selection"]["tagStatus"] == "any" and number < max(priorities):
        found.append("a rule with tagStatus any must have the highest rulePriority")
    return found


def _of_tags(selection: Mapping[str, Any]) -> list[str]:
    patterns, prefixes = selection.get("tagPatternList"), selection.get("tagPrefixList")
    if selection["tagStatus"] != "tagged":
        given = patterns is not None or prefixes is not None
        wrong = f"tagStatus {selection['tagStatus']} takes no tagPatternList and no tagPrefixList"
        return [wrong] if given else []
    if bool(patterns) == bool(prefixes):
        return ["tagStatus tagged needs a tagPatternList or a tagPrefixList, and one of them only"]
    return [
        f"{pattern!r} has more than {MAX_WILDCARDS} wildcards"
        for pattern in patterns or ()
        if pattern.count("*") > MAX_WILDCARDS
    ]


def _of_count(rule: Mapping[str, Any]) -> list[str]:
    selection, action = rule["selection"], rule["action"]
    found, kind = [], selection["countType"]
    if selection["countNumber"] < 1:
        found.append("countNumber must be at least 1")
    if (kind in SINCE) != (selection.get("countUnit") == "days"):
        found.append(
            f"{kind} needs countUnit days" if kind in SINCE else f"{kind} takes no countUnit"
        )
    if kind == "sinceImageTransitioned":
        if selection.get("storageClass") != "archive":
            found.append("sinceImageTransitioned needs storageClass archive")
        if action["type"] != "expire":
            found.append("what is in the archive can only expire")
    if action["type"] == "transition" and action.get("targetStorageClass") != "archive":
        found.append("transition needs targetStorageClass archive")
    return found


def meets_tags(selection: Mapping[str, Any], tags: Sequence[str]) -> bool:
    """Tell whether these tags meet a rule's tag status and lists: every entry needs some tag."""
    status = selection["tagStatus"]
    if status != "tagged":
        return status == "any" or not tags
    patterns = [_pattern(text) for text in selection.get("tagPatternList") or ()]
    patterns += [_pattern(f"{text}*") for text in selection.get("tagPrefixList") or ()]
    return all(any(p.fullmatch(tag) for tag in tags) for p in patterns) and bool(patterns)


def evaluate(policy: Mapping[str, Any], images: Sequence[Image]) -> dict[str, Fate]:
    """Return what becomes of each image, by name.

    Rules go by priority, lowest number first. An image is taken by one rule or by none; a rule
    counts also what an earlier one took; and what meets an earlier rule's tags cannot be taken by
    a later rule. The oldest push goes first.
    """
    fates = {image.name: KEPT for image in images}
    shielded: set[str] = set()
    for rule in sorted(policy["rules"], key=lambda rule: int(rule["rulePriority"])):
        selection, action = rule["selection"], rule["action"]["type"]
        stored = selection.get("storageClass", "standard") == "archive"
        met = [i for i in images if i.archived is stored and meets_tags(selection, i.tags)]
        word = "archive" if action == "transition" else "expire"
        for image in _too_many_or_too_old(selection, met):
            if image.name not in shielded:
                fates[image.name] = Fate(int(rule["rulePriority"]), word)
        shielded |= {image.name for image in met}
    return fates


def _too_many_or_too_old(selection: Mapping[str, Any], met: Sequence[Image]) -> list[Image]:
    number = selection["countNumber"]
    newest_first = sorted(met, key=lambda image: image.pushed)
    kind = selection["countType"]
    if kind == "imageCountMoreThan":
        return newest_first[number:]
    return [image for image in newest_first if _age(image, kind) > number]


def _age(image: Image, kind: str) -> float:
    """Return the days since an image was pushed, pulled or archived; by its push if it was not."""
    since = {"sinceImagePulled": image.pulled, "sinceImageTransitioned": image.transitioned}
    days = since.get(kind)
    return image.pushed if days is None else days


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")))


def policy_of(value: Value) -> dict[str, Any]:
    """Return the policy that a request's row holds. Raises KeyError for another request."""
    if not isinstance(value, dict):
        raise KeyError("no request")
    parameters = value["parameters"]
    assert isinstance(parameters, dict)
    policy = parameters["lifecyclePolicyText"]
    assert isinstance(policy, dict)
    return dict(policy)
