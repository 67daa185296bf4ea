"""The book's policy for one repository, its group, and what it forgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Annotated, Any

from helpers.aws.account import Account
from helpers.charts.access import AccessChart
from helpers.experiments.managed_policies import told
from helpers.forms.fields import choice, text
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Table
from helpers.model import aws, iam, iam_run, yes_no
from helpers.model.iam_run import GROUP, MENDED, POLICY, Request
from helpers.model.timeline import Row, Timeline, Value

MEMBER, OTHER = "johndoe", "janedoe"
USERS = (MEMBER, OTHER)
REPOSITORY, FOREIGN = "randserver", "billing"
AMONG, APART = "among the others, as printed", "in a statement of its own"

READS = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:GetRepositoryPolicy",
    "ecr:DescribeRepositories",
    "ecr:ListImages",
    "ecr:DescribeImages",
    "ecr:BatchGetImage",
)
WRITES = (
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
)
DELETE = "ecr:DeleteRepository"

REQUESTS = (
    Request("log in", iam.TOKEN),
    Request(f"pull from {REPOSITORY}", "ecr:BatchGetImage", REPOSITORY),
    Request(f"push to {REPOSITORY}", "ecr:PutImage", REPOSITORY),
    Request(f"push to {FOREIGN}", "ecr:PutImage", FOREIGN),
    Request(f"delete {REPOSITORY}", DELETE, REPOSITORY),
)


@dataclass(frozen=True)
class Scoped:
    """What the policy's statement is about, and where the login's action stands."""

    resource: Annotated[
        str, text("Resource", help="An ARN, in which * stands for anything, or * alone.")
    ] = aws.repository_arn(REPOSITORY)
    token: Annotated[
        str,
        choice(
            "GetAuthorizationToken",
            AMONG,
            APART,
            help="Where the action stands that a login needs.",
        ),
    ] = AMONG


class OneRepository(Experiment[Scoped]):
    """What a policy scoped to one repository allows, and that it breaks the login."""

    id = "a-policy-for-one-repository"
    title = "A policy for one repository"
    seconds = 6
    spec = Scoped
    script = Script(
        prediction=["no", "no", "yes", "no", "yes", "no", "no", "no", "no", "no"],
        values={"resource": aws.repository_arn(REPOSITORY), "token": AMONG},
        misconceptions={
            "the login belongs to the repository": [
                *("yes", "no", "yes", "no", "yes", "no", "no", "no", "no", "no"),
            ],
            "a group gives nothing to its members": ["no"] * 10,
        },
    )
    measured = (
        "<p>Group, users, policy and its attachments are made on moto. The <b>login</b> is really "
        "asked for, with IAM enforced: as the form has the policy, after it was mended, and by "
        "janedoe before, in and after the group.</p><p><b>All else is the model's.</b> moto does "
        "not look at a statement's Resource and would deny whatever names an ARN, so the "
        "workbook's model of IAM's evaluation decides: 12 actions, two repositories, two "
        "users.</p>"
    )

    def question(self) -> Table:
        """Ask for yes or no of each request of both users."""
        return Table(self.ask(Scoped()), [r.words for r in REQUESTS], list(USERS), ["yes", "no"])

    def ask(self, values: Scoped) -> str:
        """Put the question for this policy."""
        return (
            f"The group has the policy on the right, with GetAuthorizationToken {values.token}. "
            f"<b>{MEMBER}</b> is in the group, <b>{OTHER}</b> is not. Who may do what?"
        )

    def check(self, values: Scoped) -> Mapping[str, str]:
        """Refuse a Resource that is neither an ARN nor the star, as IAM does."""
        parts = values.resource.split(":", 5)
        if values.resource == "*" or (parts[0] == "arn" and len(parts) == 6):
            return {}
        said = f'IAM refuses this: Resource {values.resource} must be in ARN format or "*".'
        return {"resource": f"Resource: {said}"}

    def build(self, values: Scoped, place: Place) -> Manifest:
        """Return the request that creates the policy."""
        parameters: dict[str, Value] = {
            "PolicyName": POLICY,
            "PolicyDocument": document(values.resource, apart=values.token == APART),
        }
        return aws.request("iam:CreatePolicy", parameters)

    async def run(self, bench: Bench, values: Scoped) -> None:
        """Make group, users and policy; let both log in; mend the policy; let one join and go."""
        account = await bench.aws()
        bench.progress("Making the group and the policy", 0.1)
        await bench.call(_make, account, self.build(values, bench.place))
        made = document(values.resource, apart=values.token == APART)
        _apply(bench, MEMBER, [made])
        _apply(bench, OTHER, [])
        bench.progress("Both log in", 0.4)
        for user in USERS:
            await bench.call(_log_in, account, user)
            for action in (*READS, *WRITES, DELETE):
                for name in (REPOSITORY, FOREIGN):
                    _note(bench, user, "request", {"action": action, "repository": name})
        bench.progress("The policy is mended", 0.6)
        mended = document(values.resource, apart=True)
        _note(bench, POLICY, MENDED, True)
        await bench.call(
            account.call,
            "iam:CreatePolicyVersion",
            PolicyArn=aws.policy_arn(POLICY),
            PolicyDocument=mended,
            SetAsDefault=True,
        )
        _apply(bench, MEMBER, [mended])
        await bench.call(_log_in, account, MEMBER)
        bench.progress("One more joins, and goes", 0.8)
        for action, documents in (
            ("iam:AddUserToGroup", [mended]),
            ("iam:RemoveUserFromGroup", []),
        ):
            await bench.call(account.call, action, GroupName=GROUP, UserName=OTHER)
            _apply(bench, OTHER, documents)
            await bench.call(_log_in, account, OTHER)
        bench.progress("5 logins tried", 1.0)

    def chart(self, timeline: Timeline) -> AccessChart:
        """Return the table of who may do what, with the policy as the form had it."""
        return AccessChart(timeline, REQUESTS, USERS)

    def outcome(self, timeline: Timeline) -> tuple[str, ...] | None:
        """Return which logins moto allowed, and which other requests the run's own model did."""
        return yes_no.told([cell.found for cell in iam_run.cells(timeline, REQUESTS, USERS)])

    def difference(self, timeline: Timeline) -> str:
        """Say how many were right, and what became of the login."""
        logins = [t for t in iam_run.tries(timeline) if t.action == iam.TOKEN and t.user == MEMBER]
        before = next((t for t in logins if not t.mended), None)
        after = next((t for t in logins if t.mended), None)
        login = ""
        if before is not None and after is not None:
            login = (
                f"With this policy {MEMBER} {_may(before)} log in; with the login's action in a "
                f"statement of its own, {MEMBER} {_may(after)}."
            )
        following = (
            "let Resource end in repository/*. What has become of the scope?"
            if before is not None and before.answer
            else "put the login's action into its own statement. Which marks change?"
        )
        return told(iam_run.cells(timeline, REQUESTS, USERS), login) + f"<p>Next: {following}</p>"


def document(resource: str, *, apart: bool) -> dict[str, Any]:
    """Return the policy: push and pull on the resource, the login among it or apart, on "*"."""
    actions = [*READS, *WRITES]
    login: list[dict[str, Any]] = []
    if apart:
        login = [{"Sid": "Login", "Effect": "Allow", "Action": iam.TOKEN, "Resource": "*"}]
    else:
        actions = [iam.TOKEN, *actions]
    scoped = {"Sid": "PushPull", "Effect": "Allow", "Action": actions, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [*login, scoped]}


def _make(account: Account, create: Manifest) -> None:
    account.call("iam:CreateGroup", GroupName=GROUP)
    for user in USERS:
        account.call("iam:CreateUser", UserName=user)
        account.sign_in(user)
    account.call("iam:AddUserToGroup", GroupName=GROUP, UserName=MEMBER)
    account.call("iam:GetGroup", GroupName=GROUP)
    arn = account.send(create)["Policy"]["Arn"]
    account.call("iam:AttachGroupPolicy", GroupName=GROUP, PolicyArn=arn)
    account.call("iam:GetPolicy", PolicyArn=arn)


def _log_in(account: Account, user: str) -> None:
    account.enforce(True)
    try:
        account.tried(iam.TOKEN, user)
    finally:
        account.enforce(False)


def _apply(bench: Bench, user: str, documents: list[dict[str, Any]]) -> None:
    held: list[Value] = [*documents]
    _note(bench, user, "documents", held)


def _note(bench: Bench, user: str, field: str, value: Value) -> None:
    bench.timeline.append(Row(time(), "model", f"User/{user}", field, value))


def _may(login: iam_run.Try) -> str:
    return "may" if login.answer else "may not"
