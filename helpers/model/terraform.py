"""Roles for Pods as Terraform's text, and what a parser finds in such a text.

The parser is python-hcl2. It knows the language and no provider: which arguments a resource takes,
only Terraform with the provider's schema can tell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from helpers.model.autoscaling_iam import NODE_ROLE
from helpers.model.pod_roles import (
    AGENT,
    CLUSTER,
    IRSA,
    ISSUER,
    KUBE2IAM,
    POD_IDENTITY,
    STS,
    Given,
    provider_arn,
)
from helpers.model.timeline import Value

NODES = "data.aws_iam_role.node"
PROVIDER = "aws_iam_openid_connect_provider.cluster"
ARNS = {f"{NODES}.arn": NODE_ROLE, f"{PROVIDER}.arn": provider_arn()}
"""What Terraform knows by a reference, and AWS by an ARN."""

PRINTED = """\
resource "aws_iam_role" "cluster-autoscaler" {
  name = "EKSClusterAutoscaler"
}

data "template_file" " cluster_autoscaler " {
  template = file("cluster_autoscaler.tpl")

  vars = {
    iam_role = aws_iam_role.cluster_autoscaler.name
  }
}

resource "null_resource" "cluster_autoscaler" {
  triggers = {
    manifest = sha1(data.template_file.cluster_autoscaler.rendered)
  }
}
"""
"""What hands the role's name to the manifest, with the book's names where they are declared and
where they are used."""

LOST = ("aws_iam_role.cluster_autoscaler", "data.template_file.cluster_autoscaler")
"""What the book's text refers to and does not declare: a dash for the underscore, and blanks."""

TODAY = """\
resource "aws_iam_role" "cluster_autoscaler" {
  name = "EKSClusterAutoscaler"
}

locals {
  manifest = templatefile("cluster_autoscaler.tpl", {
    iam_role = aws_iam_role.cluster_autoscaler.name
  })
}

resource "terraform_data" "cluster_autoscaler" {
  triggers_replace = sha1(local.manifest)
}
"""
"""The same today: a function in place of the archived provider template, and a built-in resource
in place of null_resource. Upstream: hashicorp/terraform website, "templatefile" and
"terraform_data"."""


def terraform(given: Given, way: str) -> str:
    """Write what a way needs in AWS: the role with its trust, and what stands beside it."""
    statement = {
        KUBE2IAM: _statement(["sts:AssumeRole"], "AWS", f"{NODES}.arn"),
        IRSA: _statement(
            ["sts:AssumeRoleWithWebIdentity"],
            "Federated",
            f"{PROVIDER}.arn",
            {
                f"{ISSUER.removeprefix('https://')}:sub": given.subject,
                f"{ISSUER.removeprefix('https://')}:aud": STS,
            },
        ),
        POD_IDENTITY: _statement(["sts:AssumeRole", "sts:TagSession"], "Service", _text(AGENT)),
    }[way]
    parts = [
        _block("data", "aws_iam_policy_document", "trust", statement),
        _block(
            "resource",
            "aws_iam_role",
            "autoscaler",
            f"  name               = {_text(given.name(way))}\n"
            "  assume_role_policy = data.aws_iam_policy_document.trust.json\n",
        ),
    ]
    if way == KUBE2IAM:
        name = NODE_ROLE.rpartition("/")[2]
        parts.insert(0, _block("data", "aws_iam_role", "node", f"  name = {_text(name)}\n"))
    elif way == IRSA:
        body = f"  url            = {_text(ISSUER)}\n  client_id_list = [{_text(STS)}]\n"
        parts.insert(0, _block("resource", "aws_iam_openid_connect_provider", "cluster", body))
    else:
        body = (
            f"  cluster_name    = {_text(CLUSTER)}\n"
            f"  namespace       = {_text(given.namespace)}\n"
            f"  service_account = {_text(given.account)}\n"
            "  role_arn        = aws_iam_role.autoscaler.arn\n"
        )
        parts.append(_block("resource", "aws_eks_pod_identity_association", "autoscaler", body))
    return "\n".join(parts)


def _block(kind: str, type: str, name: str, body: str) -> str:
    return f'{kind} "{type}" "{name}" {{\n{body}}}\n'


def _text(value: str) -> str:
    return json.dumps(value).replace("${", "$${")


def _statement(
    actions: list[str], kind: str, principal: str, equals: Mapping[str, str] | None = None
) -> str:
    conditions = "".join(
        f'\n    condition {{\n      test     = "StringEquals"\n      variable = {_text(key)}\n'
        f"      values   = [{_text(value)}]\n    }}\n"
        for key, value in (equals or {}).items()
    )
    return (
        f"  statement {{\n    actions = [{', '.join(map(_text, actions))}]\n\n"
        f"    principals {{\n      type        = {_text(kind)}\n"
        f"      identifiers = [{principal}]\n    }}\n{conditions}  }}\n"
    )


class NoTerraform(ValueError):
    """The parser does not take a text; the message is its own, in one line."""


@dataclass(frozen=True)
class Parsed:
    """What a parser found: what is declared, what is referred to, and the blocks themselves."""

    declared: frozenset[str]
    used: tuple[str, ...]
    blocks: Mapping[str, Any]

    @property
    def lost(self) -> list[str]:
        """What is referred to and declared nowhere."""
        return [name for name in self.used if name not in self.declared]

    @property
    def trust(self) -> dict[str, Value] | None:
        """The policy document "trust" as AWS would get it, with ARNs for references; else None."""
        document = self.blocks.get("data.aws_iam_policy_document.trust")
        if document is None:
            return None
        return {
            "Version": "2012-10-17",
            "Statement": [_as_sent(one) for one in document.get("statement", [])],
        }


_REFERENCE = re.compile(r"(?<![\w.\"-])((?:data\.)?[a-z]\w*\.[a-zA-Z_][\w-]*)")


def parse(text: str) -> Parsed:
    """Parse a text. Raises NoTerraform when it is none.

    A reference is "TYPE.NAME" or "data.TYPE.NAME" (hashicorp/terraform website, "References to
    Named Values"); those to locals, variables and the like are not looked up.
    """
    import hcl2

    try:
        tree = hcl2.loads(text)
    except Exception as error:  # lark's errors have no other base
        raise NoTerraform(" ".join(str(error).split())[:200]) from None
    blocks: dict[str, Any] = {}
    for kind in ("resource", "data"):
        for entry in tree.get(kind, []):
            for type, named in entry.items():
                for name, body in named.items():
                    prefix = "data." if kind == "data" else ""
                    blocks[f"{prefix}{type.strip(chr(34))}.{name.strip(chr(34))}"] = body
    used = dict.fromkeys(
        name
        for value in _expressions(tree)
        for name in _REFERENCE.findall(re.sub(r'"(?:[^"\\$]|\\.)*"', '""', value))
        if name.split(".")[0] not in ("local", "var", "path", "each", "self", "module")
    )
    return Parsed(frozenset(blocks), tuple(used), blocks)


def _expressions(tree: object) -> Iterator[str]:
    """Yield what is an expression: the parser marks it with ${…}, as a text marks its own."""
    if isinstance(tree, Mapping):
        for value in tree.values():
            yield from _expressions(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _expressions(value)
    elif isinstance(tree, str) and tree.startswith("${"):
        yield tree[2:-1]
    elif isinstance(tree, str):
        yield from re.findall(r"(?<!\$)\$\{([^}]*)\}", tree)


def _as_sent(statement: Mapping[str, Any]) -> dict[str, Value]:
    actions = [_plain(a) for a in statement["actions"]]
    (principal,) = statement["principals"]
    (who,) = principal["identifiers"]
    sent: dict[str, Value] = {
        "Effect": "Allow",
        "Action": actions[0] if len(actions) == 1 else list(actions),
        "Principal": {_plain(principal["type"]): _plain(who)},
    }
    equals: dict[str, Value] = {}
    for one in statement.get("condition", []):
        (value,) = one["values"]
        equals[_plain(one["variable"])] = _plain(value)
    return sent | ({"Condition": {"StringEquals": equals}} if equals else {})


def _plain(value: str) -> str:
    """Return a quoted text without its quotes, and the ARN that a reference stands for."""
    if value.startswith("${"):
        return ARNS.get(value[2:-1], value)
    return str(json.loads(value)).replace("$${", "${")
