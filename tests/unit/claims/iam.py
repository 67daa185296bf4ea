"""Timelines for the claims about IAM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.experiments import managed_policies, one_repository
from helpers.experiments.one_repository import MEMBER, OTHER, READS, WRITES
from helpers.model import aws, iam
from helpers.model.iam_run import GROUP, MENDED, POLICY
from helpers.model.timeline import Timeline, Value
from tests.unit.claims.story import Story

READ_ACTIONS = [iam.TOKEN, *READS]
DOCUMENTS: dict[str, list[str]] = {
    "FullAccess": ["ecr:*"],
    "PowerUser": [*READ_ACTIONS, *WRITES],
    "ReadOnly": READ_ACTIONS,
    "PullOnly": [iam.TOKEN, "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
}


def answered(story: Story, action: str, parameters: Any, answer: Any) -> Story:
    value = {"caller": "root", "parameters": parameters, "answer": answer}
    return story.row("aws", action, "answer", value)


def tried(story: Story, user: str, action: str, may: bool, repository: str | None = None) -> Story:
    parameters = {"repositoryName": repository} if repository else {}
    value: dict[str, Value] = {"caller": user, "parameters": parameters}
    if may:
        return story.row("aws", action, "answer", value | {"answer": {}})
    refusal: dict[str, Value] = {"code": "AccessDenied", "message": "not authorized"}
    return story.row("aws", action, "refusal", value | refusal)


def managed(
    resource: str = "*",
    listed: str | None = None,
    unlike: Mapping[tuple[str, str], bool] | None = None,
) -> Story:
    """Four users who ask; `unlike` answers one (user, action) otherwise, in billing alone."""
    story = Story()
    for user, name in zip(managed_policies.USERS, managed_policies.POLICIES, strict=True):
        arn = aws.managed_policy_arn(f"AmazonEC2ContainerRegistry{name}")
        answered(story, "iam:AttachUserPolicy", {"UserName": user, "PolicyArn": arn}, {})
        attached = {"AttachedPolicies": [{"PolicyArn": listed or arn}]}
        answered(story, "iam:ListAttachedUserPolicies", {"UserName": user}, attached)
        statement = {"Effect": "Allow", "Action": DOCUMENTS[name], "Resource": resource}
        story.row("model", f"User/{user}", "documents", [{"Statement": [statement]}])
        for request in managed_policies.REQUESTS:
            document = [{"Statement": [{**statement, "Resource": "*"}]}]
            may = iam.decide(document, request.action, "*") == "allowed"
            if request.action == iam.TOKEN:
                tried(story, user, request.action, may)
                continue
            other = (unlike or {}).get((user, request.action), may)
            tried(story, user, request.action, may, "randserver")
            tried(story, user, request.action, other, "billing")
    return story


PRINTED = one_repository.document(aws.repository_arn("randserver"), apart=False)
APART = one_repository.document(aws.repository_arn("randserver"), apart=True)


def grouped(
    *logins: bool,
    document: dict[str, Any] = PRINTED,
    count: int = 1,
    member: str = MEMBER,
    version: str = "v1",
) -> Story:
    """A group's policy; the logins are johndoe's, janedoe's, johndoe's after, janedoe's two."""
    story = Story()
    said = list(logins or (False, False, True, True, False))
    user = {"GroupName": GROUP, "UserName": MEMBER}
    answered(story, "iam:AddUserToGroup", user, {})
    arn = f"arn:aws:iam::{aws.ACCOUNT}:group/{GROUP}"
    found = {"Group": {"Arn": arn}, "Users": [{"UserName": member}]}
    answered(story, "iam:GetGroup", {"GroupName": GROUP}, found)
    policy = {
        "Arn": aws.policy_arn(POLICY),
        "DefaultVersionId": version,
        "AttachmentCount": 0,
        "IsAttachable": True,
    }
    asked = {"PolicyName": POLICY, "PolicyDocument": document}
    answered(story, "iam:CreatePolicy", asked, {"Policy": policy})
    answered(story, "iam:GetPolicy", {}, {"Policy": {**policy, "AttachmentCount": count}})
    story.row("model", f"User/{MEMBER}", "documents", [document])
    story.row("model", f"User/{OTHER}", "documents", [])
    for name, may in ((MEMBER, said[0]), (OTHER, said[1])):
        tried(story, name, iam.TOKEN, may)
        for action in (*READS, *WRITES, one_repository.DELETE):
            for repository in ("randserver", "billing"):
                request = {"action": action, "repository": repository}
                story.row("model", f"User/{name}", "request", request)
    story.row("model", f"User/{POLICY}", MENDED, True)
    story.row("model", f"User/{MEMBER}", "documents", [APART])
    tried(story, MEMBER, iam.TOKEN, said[2])
    for verb, documents, may in (("Add", [APART], said[3]), ("Remove", [], said[4])):
        place = "To" if verb == "Add" else "From"
        asked = {"GroupName": GROUP, "UserName": OTHER}
        answered(story, f"iam:{verb}User{place}Group", asked, {})
        story.row("model", f"User/{OTHER}", "documents", documents)
        tried(story, OTHER, iam.TOKEN, may)
    return story


DENIED_TOO = {
    "Statement": [
        *PRINTED["Statement"],
        {
            "Effect": "Deny",
            "Action": "ecr:PutImage",
            "Resource": aws.repository_arn("randserver"),
        },
    ]
}

HOLDS: dict[str, list[Timeline]] = {
    **{f"ch10-iam-0{n}": [managed()] for n in (1, 2, 3, 4, 5)},
    **{f"ch10-iam-{n}": [grouped()] for n in ("06", "07", "08", "09", "10")},
}
FAILS: dict[str, list[Timeline]] = {
    "ch10-iam-01": [
        managed(aws.repository_arn("randserver")),
        managed(unlike={("reader", "ecr:BatchGetImage"): False}),
    ],
    "ch10-iam-02": [managed(unlike={("admin", "ecr:DeleteRepository"): False})],
    "ch10-iam-03": [
        managed(unlike={("developer", "ecr:DeleteRepository"): True}),
        managed(unlike={("developer", "ecr:PutImage"): False}),
    ],
    "ch10-iam-04": [managed(unlike={("reader", "ecr:PutImage"): True})],
    "ch10-iam-05": [managed(listed=aws.managed_policy_arn("AdministratorAccess"))],
    "ch10-iam-06": [grouped(member=OTHER)],
    "ch10-iam-07": [grouped(document=DENIED_TOO)],
    "ch10-iam-08": [
        grouped(True, False, True, True, False),
        grouped(False, False, False, True, False),
    ],
    "ch10-iam-09": [grouped(version="v2")],
    "ch10-iam-10": [grouped(False, False, True, False, False), grouped(count=0)],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch10-iam-02": [grouped()],
    "ch10-iam-06": [managed()],
    "ch10-iam-07": [grouped(document=one_repository.document("*", apart=False))],
    "ch10-iam-08": [grouped(True, False, True, True, False, document=APART)],
}
