"""What AWS's services say of themselves: the descriptions that come with AWS's client."""

from __future__ import annotations

import html
import re


def volume_limits() -> dict[str, str]:
    """Return what is said of CreateVolume's Size, Iops and Throughput, as plain text.

    Upstream: botocore data/ec2/*/service-2.json.gz, CreateVolumeRequest.
    """
    from botocore.session import get_session

    model = get_session().get_service_model("ec2")
    members = model.shape_for("CreateVolumeRequest").members
    return {name: _plain(members[name].documentation) for name in ("Size", "Iops", "Throughput")}


def _plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def ecr_actions() -> dict[str, bool]:
    """Return ECR's actions in IAM's words, and for each whether it is about a repository.

    Upstream: botocore data/ecr/*/service-2.json.gz, the operations and their parameters.
    """
    from botocore.session import get_session

    model = get_session().get_service_model("ecr")
    found = {}
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        members = set(shape.members if shape is not None else ())
        found[f"ecr:{name}"] = bool(members & {"repositoryName", "repositoryNames", "resourceArn"})
    return found
