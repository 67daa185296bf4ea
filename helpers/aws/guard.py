"""The guard: every client of AWS is made here, and none can reach more than this machine.

The endpoint is an explicit loopback address, the keys are dummies or the stand-in's own, and
nothing of the owner's is read: no profile, no file of ~/.aws, no variable AWS_*, no proxy.
"""

from __future__ import annotations

import html
import os
import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from helpers.aws.errors import NotLoopback
from helpers.model.aws import REGION

CALL_SECONDS = 20.0  # that the stand-in may take to answer


@dataclass(frozen=True)
class Keys:
    """An access key and its secret."""

    access: str
    secret: str


DUMMY = Keys("testing", "testing")
"""The account's owner, as moto knows it: whoever has no keys of its own."""


def loopback(endpoint: str) -> str:
    """Return the endpoint if it is a loopback address of this machine, written as numbers.

    Raises NotLoopback for any other, a name included: a name may be led elsewhere.
    """
    try:
        parts = urlsplit(endpoint)
        here = parts.scheme == "http" and ip_address(parts.hostname or "").is_loopback
        here = here and parts.port is not None and not parts.username
    except ValueError:
        here = False
    if not here:
        raise NotLoopback(endpoint)
    return endpoint


def client(service: str, endpoint: str, keys: Keys = DUMMY, region: str = REGION) -> Any:
    """Return boto3's client of a service ("ecr", "iam") at a loopback endpoint.

    It tries once and waits 20 s at most. Raises NotLoopback.

    botocore: configprovider.py, BOTOCORE_DEFAUT_SESSION_VARIABLES (what would be read).
    """
    loopback(endpoint)
    import boto3
    import botocore.session
    from botocore.config import Config
    from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES as READ

    # Each variable keeps its default alone: no name in a file, none in the environment.
    deaf = {name: (None, None, *rest) for name, (_, _, *rest) in READ.items()}
    for file in ("config_file", "credentials_file"):
        deaf[file] = (None, None, os.devnull, None)
    core = botocore.session.Session(session_vars=deaf)
    config = Config(
        proxies={},
        ignore_configured_endpoint_urls=True,
        use_fips_endpoint=False,
        use_dualstack_endpoint=False,
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=CALL_SECONDS,
        read_timeout=CALL_SECONDS,
    )
    made = boto3.Session(botocore_session=core).client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=keys.access,
        aws_secret_access_key=keys.secret,
        use_ssl=False,
        config=config,
    )
    made.meta.events.register("before-parse", _refusal_in_xml)
    return made


def _refusal_in_xml(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    """Read a refusal of IAM, which moto gives as XML also where the service speaks JSON.

    Without it a refusal from ECR has no words, and its status as its code.
    moto: core/exceptions.py, AccessDeniedError.
    """
    body = bytes(response_dict.get("body") or b"").decode(errors="replace")
    if response_dict["status_code"] >= 400 and body.lstrip().startswith("<"):
        found = {
            tag: html.unescape(text)
            for tag, text in re.findall(r"<(Code|Message)>(.*?)</\1>", body, re.DOTALL)
        }
        if "Code" in found:
            customized_response_dict["Error"] = found
