"""Four policies that AWS manages, four users, five requests: who may do what."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from time import time
from typing import Annotated

from helpers.aws.account import Account
from helpers.charts.access import AccessChart, wrong
from helpers.experiments import ecr_images
from helpers.forms.fields import choice
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Table
from helpers.model import aws, iam, iam_run, yes_no
from helpers.model.iam_run import Request
from helpers.model.timeline import Row, Timeline

POLICIES = ("FullAccess", "PowerUser", "ReadOnly", "PullOnly")
USERS = ("admin", "developer", "reader", "node")
REPOSITORIES = ("randserver", "billing")
PREFIX = "AmazonEC2ContainerRegistry"

REQUESTS = (
    Request("log in", iam.TOKEN),
    Request("list the images", "ecr:ListImages"),
    Request("pull an image", "ecr:BatchGetImage"),
    Request("push an image", "ecr:PutImage"),
    Request("delete the repository", "ecr:DeleteRepository"),
)
HELP = "One of AWS's own policies; its whole name begins with AmazonEC2ContainerRegistry."


@dataclass(frozen=True)
class Attached:
    """Which policy each of the four has."""

    admin: Annotated[str, choice("admin's policy", *POLICIES, help=HELP)] = "FullAccess"
    developer: Annotated[str, choice("developer's policy", *POLICIES, help=HELP)] = "PowerUser"
    reader: Annotated[str, choice("reader's policy", *POLICIES, help=HELP)] = "ReadOnly"
    node: Annotated[str, choice("node's policy", *POLICIES, help=HELP)] = "PullOnly"


class ManagedPolicies(Experiment[Attached]):
    """What each of AWS's policies for ECR lets its holder do, in every repository."""

    id = "four-managed-policies"
    title = "Four policies that AWS manages"
    seconds = 8
    spec = Attached
    script = Script(
        prediction=[
            *("yes", "yes", "yes", "yes"),
            *("yes", "yes", "yes", "no"),
            *("yes", "yes", "yes", "yes"),
            *("yes", "yes", "no", "no"),
            *("yes", "no", "no", "no"),
        ],
        values=dict(zip(USERS, POLICIES, strict=True)),
        misconceptions={
            "who may push may delete": [
                *("yes", "yes", "yes", "yes"),
                *("yes", "yes", "yes", "no"),
                *("yes", "yes", "yes", "yes"),
                *("yes", "yes", "no", "no"),
                *("yes", "yes", "no", "no"),
            ],
        },
    )
    measured = (
        "<p>moto, AWS's stand-in on this machine, makes four users with an access key each, gives "
        "them AWS's own policies, and from then on <b>enforces IAM</b>: each user really asks, "
        "signs the request with its key, and is answered or denied. Each request is made in two "
        "repositories; a mark is full if both were allowed.</p><p>A square is what the workbook's "
        "model of IAM's evaluation says of the policy documents that moto handed out.</p>"
    )

    def question(self) -> Table:
        """Ask for yes or no of each request of each user."""
        return Table(self.ask(Attached()), [r.words for r in REQUESTS], list(USERS), ["yes", "no"])

    def ask(self, values: Attached) -> str:
        """Put the question for these policies."""
        held = ", ".join(
            f"{user} has <b>{name}</b>" for user, name in dataclasses.asdict(values).items()
        )
        return f"Who may do what? The {held}."

    def build(self, values: Attached, place: Place) -> list[Manifest]:
        """Return the four requests that attach the policies."""
        return [
            aws.request(
                "iam:AttachUserPolicy",
                {"UserName": user, "PolicyArn": aws.managed_policy_arn(f"{PREFIX}{name}")},
            )
            for user, name in dataclasses.asdict(values).items()
        ]

    async def run(self, bench: Bench, values: Attached) -> None:
        """Make the users, attach the policies, enforce IAM, and let each of them ask."""
        account = await bench.aws()
        bench.progress("Making users and repositories", 0.1)
        for name in REPOSITORIES:
            await bench.call(account.call, "ecr:CreateRepository", repositoryName=name)
            await bench.call(ecr_images.push, account, name, "first", ["0.0.1"])
        for attach in self.build(values, bench.place):
            await bench.call(_hire, account, attach)
        await bench.call(account.enforce, True)
        # By request and not by user: who may delete the repository does so last.
        for number, request in enumerate(REQUESTS):
            bench.progress(request.words, (number + 1) / (len(REQUESTS) + 1))
            for user in USERS:
                await bench.call(ask, account, user, request.action)
        await bench.call(account.enforce, False)
        bench.progress(f"{len(REQUESTS) * len(USERS)} answers", 1.0)

    def chart(self, timeline: Timeline) -> AccessChart:
        """Return the table of who may do what."""
        return AccessChart(timeline, REQUESTS, USERS)

    def outcome(self, timeline: Timeline) -> tuple[str, ...] | None:
        """Return which requests moto allowed, in both repositories where there are two."""
        return yes_no.told([cell.answer for cell in iam_run.cells(timeline, REQUESTS, USERS)])

    def difference(self, timeline: Timeline) -> str:
        """Say how many were right, the first that was not, and whether moto and rules agree."""
        cells = iam_run.cells(timeline, REQUESTS, USERS)
        others = [cell for cell in cells if cell.answer not in (None, cell.rule)]
        agreed = (
            "moto's answers and IAM's rules agree on all of them."
            if not others
            else f"moto answered {len(others)} otherwise than IAM's rules have it."
        )
        node = next(c.answer for c in cells if (c.user, c.request) == ("node", REQUESTS[1]))
        following = (
            "give the reader PowerUser. Who could be hurt by a mistake now?"
            if node
            else "give the node ReadOnly. What does it gain that a node has no need of?"
        )
        return told(cells, agreed) + f"<p>Next: {following}</p>"


def told(cells: list[iam_run.Cell], more: str) -> str:
    """Return the first part of a difference: how many cells were right, and the first other."""
    others = wrong(cells)
    head = f"<b>You said {len(cells) - len(others)} of {len(cells)} right.</b> "
    if others:
        first = others[0]
        yes = "may" if first.found else "may not"
        said = "yes" if first.predicted else "no"
        head += f"The {first.user} {yes} {first.request.words}; you said {said}. "
    return head + more


def ask(account: Account, user: str, action: str) -> None:
    """Let a user ask for an action, in each repository where it is about one. Blocks."""
    if action == iam.TOKEN:
        account.tried(action, user)
        return
    for name in REPOSITORIES:
        if action == "ecr:PutImage":
            text, digest = ecr_images.manifest(f"{name} by {user}")
            more = {"imageManifest": text, "imageDigest": digest, "imageTag": f"by-{user}"}
        elif action == "ecr:BatchGetImage":
            more = {"imageIds": [{"imageTag": "0.0.1"}]}  # type: ignore[dict-item]
        else:
            more = {"force": True} if action == "ecr:DeleteRepository" else {}  # type: ignore[dict-item]
        account.tried(action, user, repositoryName=name, **more)


def _hire(account: Account, attach: Manifest) -> None:
    """Make a user with a key and a policy, and note the document that applies to it."""
    user, arn = attach["parameters"]["UserName"], attach["parameters"]["PolicyArn"]
    account.call("iam:CreateUser", UserName=user)
    account.sign_in(user)
    account.send(attach)
    account.call("iam:ListAttachedUserPolicies", UserName=user)
    version = account.call("iam:GetPolicy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found = account.call("iam:GetPolicyVersion", PolicyArn=arn, VersionId=version)
    document = found["PolicyVersion"]["Document"]
    account.timeline.append(Row(time(), "model", f"User/{user}", "documents", [document]))
