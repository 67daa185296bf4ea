"""What EC2's own description of itself says: the text that comes with AWS's client."""

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
