"""Give johndoe the learner's policy; let him log in; ask of each action whether he may do it."""

from __future__ import annotations

import json
from pathlib import Path
from time import time
from typing import Any

from helpers.aws.documented import ecr_actions
from helpers.lesson.experiment import Bench
from helpers.model import aws, iam
from helpers.model.timeline import Row, Value

USER, POLICY = "johndoe", "PushPullRandserver"
REPOSITORIES = ("randserver", "randserver-base", "billing")
ELSEWHERE = ("iam:CreateAccessKey", "iam:PutUserPolicy", "s3:GetObject", "ec2:RunInstances")


async def observe(bench: Bench, work: Path) -> None:
    """Ask moto where it can answer; note all other requests, on which the model decides."""
    account = await bench.aws()
    document = _read((work / "policy.json").read_text("utf-8"))
    await bench.call(account.call, "iam:CreateUser", UserName=USER)
    await bench.call(account.sign_in, USER)
    refused = await bench.call(
        account.tried, "iam:CreatePolicy", PolicyName=POLICY, PolicyDocument=document
    )
    _note(bench, "documents", [] if refused else [document])
    if not refused:
        attach = {"UserName": USER, "PolicyArn": aws.policy_arn(POLICY)}
        await bench.call(account.call, "iam:AttachUserPolicy", **attach)
    bench.progress("johndoe logs in")
    await bench.call(account.enforce, True)
    await bench.call(account.tried, iam.TOKEN, USER)
    await bench.call(account.enforce, False)
    for action, scoped in ecr_actions().items():
        for repository in REPOSITORIES if scoped else (None,):
            _note(bench, "request", {"action": action, "repository": repository})
    for action in ELSEWHERE:
        _note(bench, "request", {"action": action, "repository": None})


def _read(text: str) -> Any:
    """Return the document, or the text as it is: then IAM finds the words for it."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _note(bench: Bench, field: str, value: Value) -> None:
    bench.timeline.append(Row(time(), "model", f"User/{USER}", field, value))
