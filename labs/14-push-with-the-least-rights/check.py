"""johndoe may push to randserver and pull from it, and nothing else."""

from __future__ import annotations

import json
from textwrap import shorten
from typing import Any

from helpers.model import iam, iam_run
from helpers.model.timeline import Row, Timeline
from helpers.model.verdicts import Question, Verdict, judge

MINUTES = 15
WATCH = ()
HOLDS = 0.0
WITHIN = 0.0
CLUSTER = False
LESSON = "who-may-push-and-pull"

USER, REPOSITORY = "johndoe", "randserver"
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
PUSH = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
    "ecr:BatchGetImage",
)
READING = ("ecr:Describe", "ecr:List", "ecr:Get", "ecr:BatchGet")

HINTS = {
    "unchanged": "johndoe reaches repositories that are none of his. What does your Resource "
    "match?",
    "one-statement": "He cannot even log in. For which resource did he ask, and does the statement "
    "that allows the login speak of that one?",
    "deny-everything-else": "His login is allowed by one statement and denied by another. Is a "
    "login about a repository?",
    "a-star-at-the-end": "billing is out of his reach, and another repository is not. Compare its "
    "name with your Resource, character by character.",
    "the-whole-service": "He can do more to randserver than push and pull: the table names what. "
    "How much does a star stand for?",
    "put-image-is-a-push": "He may do the last step of a push only. What has to be in the registry "
    "before an image's manifest can be put there?",
    "who-pushes-may-pull": "He may push, and he cannot get a layer back. The table names the "
    "action that is missing.",
    "a-name-for-an-arn": "IAM does not take this policy, so johndoe has none. Its words are in the "
    "table.",
}

REASON = Question(
    ask="Why does the login need a statement of its own?",
    right="The token is for the registry as a whole: the request for it names no repository, so "
    "only a statement about * is met by it.",
    wrong={
        "IAM wants one statement for each action.": "A statement may list as many actions as you "
        "like, as yours for pushing does.",
        "A user must log in before IAM looks at policies.": "IAM decides on the request for the "
        "token as on any other: nobody had allowed it, so it was denied.",
        "ecr:GetAuthorizationToken is an action of IAM, not of ECR.": "It is ECR's. It only is "
        "about no repository.",
    },
)


Asked = set[tuple[str, str | None]]
"""Requests: an action, and the repository that it is about."""


def check(timeline: Timeline) -> list[Verdict]:
    """Judge what johndoe may do: by the model of IAM's rules, beside moto's own answer."""
    refused = timeline.where(source="aws", object="iam:CreatePolicy", field="refusal")
    documents = iam_run.documents(timeline, USER)
    may: Asked = {(t.action, t.repository) for t in iam_run.tries(timeline) if t.rule}
    login: Asked = {(iam.TOKEN, None)}
    pull: Asked = {(action, REPOSITORY) for action in PULL}
    push: Asked = {(action, REPOSITORY) for action in PUSH}
    reading = {one for one in may if one[0].startswith(READING)}
    elsewhere = {one for one in may if one[1] not in (REPOSITORY, None)}
    reached = {name for _, name in elsewhere}
    explicit = iam.decide(documents, iam.TOKEN, "*") == "denied"
    unknown = '"Condition":' in json.dumps(documents)  # the model evaluates none

    def none(fact: str, found: Asked, what: str, hint: str, more: str = "") -> Verdict:
        holds = None if unknown else not found
        seen = _told(_words(found), what) + more
        return judge(fact, holds, wanted=f"0 {what}", seen=seen, hint=hint)

    replies = ", ".join(row.field for row in timeline.where(source="aws", object=iam.TOKEN))
    no_policy = "a-name-for-an-arn" if refused else ""
    return [
        judge(
            "IAM takes the policy.",
            not refused,
            wanted="0 objections",
            seen=_told([_message(row) for row in refused], "objections"),
            hint="a-name-for-an-arn",
        ),
        none(
            "johndoe can log in.",
            login - may,
            "denied",
            no_policy or ("deny-everything-else" if explicit else "one-statement"),
            f" (moto: {replies})",
        ),
        none(
            "He can pull from randserver.",
            pull - may,
            "missing",
            no_policy or "who-pushes-may-pull",
        ),
        none(
            "He can push to randserver.",
            push - may,
            "missing",
            no_policy or "put-image-is-a-push",
        ),
        none(
            "In other repositories he can do nothing.",
            elsewhere,
            "allowed",
            "unchanged" if "billing" in reached else "a-star-at-the-end",
        ),
        none(
            "He can change nothing else.",
            may - login - pull - push - reading - elsewhere,
            "allowed",
            "the-whole-service",
        ),
    ]


def _message(row: Row) -> str:
    said: Any = row.value
    return str(said["message"])


def _words(requests: Asked) -> list[str]:
    return sorted(" on ".join(filter(None, one)).removeprefix("ecr:") for one in requests)


def _told(words: list[str], what: str) -> str:
    return shorten(f"{len(words)} {what}: {', '.join(words)}".rstrip(": "), 120, placeholder=" …")
