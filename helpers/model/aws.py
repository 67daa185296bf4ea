"""The AWS account of the course, and a request to it as a form makes it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpers.model.manifests import Manifest
from helpers.model.timeline import Value

ACCOUNT = "123456789012"
"""The number of the account, the book's own."""

REGION = "eu-central-1"
"""The region that the book works in."""

REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
"""The host name of the account's registry."""


def request(action: str, parameters: Mapping[str, Value]) -> Manifest:
    """Return a request as a form shows it and the account sends it: action and parameters.

    `action` is in IAM's words, such as "ecr:PutLifecyclePolicy". A policy among the parameters
    stays a mapping here; what is sent holds it as JSON text.
    """
    return {"request": action, "parameters": dict(parameters)}


def is_request(manifest: Mapping[str, Value]) -> bool:
    """Tell whether this is a request to AWS, and no manifest of Kubernetes."""
    return "request" in manifest


def command(action: str) -> str:
    """Return how the AWS CLI names an action: "aws ecr put-lifecycle-policy"."""
    service, _, operation = action.partition(":")
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", operation).lower()
    return f"aws {service} {words}"


def repository_arn(name: str) -> str:
    """Return the ARN of a repository of the account."""
    return f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}"


def managed_policy_arn(name: str) -> str:
    """Return the ARN of a policy that AWS manages."""
    return f"arn:aws:iam::aws:policy/{name}"


def policy_arn(name: str) -> str:
    """Return the ARN of a policy of the account's own."""
    return f"arn:aws:iam::{ACCOUNT}:policy/{name}"
