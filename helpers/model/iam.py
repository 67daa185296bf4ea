"""How IAM decides on a request: the documented evaluation, for identity policies of one account.

IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements": an explicit Deny wins,
then an Allow; what nobody allows is denied. What a service lets a Resource name stands in its page
of the Service Authorization Reference; for ecr:GetAuthorizationToken that is nothing but "*".
moto evaluates neither Resource nor Condition, so this is where a repository's ARN is decided on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from helpers.model import aws

Decision = Literal["allowed", "denied", "not allowed"]

TOKEN = "ecr:GetAuthorizationToken"
"""What a login asks for; it is about the whole registry, so it cannot name a repository."""


def decide(documents: Sequence[Mapping[str, Any]], action: str, resource: str) -> Decision:
    """Return what policy documents together make of an action on a resource (an ARN, or "*").

    "denied" is an explicit Deny; "not allowed" is that no statement allows it. A statement with a
    Condition is left out: a request of the lesson meets none.
    """
    effects = [
        statement["Effect"]
        for document in documents
        for statement in _list(document["Statement"])
        if "Condition" not in statement and _applies(statement, action, resource)
    ]
    if "Deny" in effects:
        return "denied"
    return "allowed" if "Allow" in effects else "not allowed"


def resource_of(action: str, repository: str | None) -> str:
    """Return what a request for this action is about: a repository's ARN, or "*" for the token."""
    if action == TOKEN or repository is None:
        return "*"
    return aws.repository_arn(repository)


def matches(pattern: str, text: str, *, case: bool = True) -> bool:
    """Tell whether IAM's pattern (* for anything, ? for one character) is met by the whole text.

    Actions are compared without regard to case.
    """
    parts = re.split(r"([*?])", pattern)
    made = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(made, text, 0 if case else re.IGNORECASE) is not None


def _applies(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    if "Action" in statement:
        acts = any(matches(p, action, case=False) for p in _list(statement["Action"]))
    else:
        acts = not any(matches(p, action, case=False) for p in _list(statement["NotAction"]))
    if "Resource" in statement:
        return acts and any(matches(p, resource) for p in _list(statement["Resource"]))
    return acts and not any(matches(p, resource) for p in _list(statement["NotResource"]))


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]
