"""The Cluster Autoscaler's rights in AWS: what the book's policy allows, and which groups it finds.

AWS is moto here, with IAM enforced for the calls of the autoscaler.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING, Annotated, Any

from helpers.charts.autoscaler_iam import RightsChart
from helpers.forms.fields import choice, text
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Number
from helpers.model import autoscaling_iam, aws, cluster_autoscaler
from helpers.model.autoscaling_iam import CALLER, GROUPS, POLICIES, TRIED
from helpers.model.timeline import Row, Timeline

if TYPE_CHECKING:
    from helpers.aws.account import Account

IMAGE = "ami-12c6146b"  # moto knows it; nothing is started from it
CONFIGURATION = "workers"
_PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


@dataclass(frozen=True)
class Rights:
    """Which policy the autoscaler gets, and the cluster whose groups it looks for."""

    policy: Annotated[
        str,
        choice(
            "policy", *POLICIES,
            help="The book's five actions, or those that upstream asks for today.",
        ),
    ] = "the book's"  # fmt: skip
    cluster: Annotated[
        str, text("cluster name", help="It ends the tag by which Auto Scaling groups are found.")
    ] = "workbook"


class RightsOfTheAutoscaler(Experiment[Rights]):
    """How many of nine calls a policy allows, and which Auto Scaling groups are found by tags."""

    id = "rights-of-the-autoscaler"
    title = "The autoscaler's rights in AWS"
    seconds = 10
    spec = Rights
    script = Script(
        prediction=5.0,
        values={"policy": "the book's", "cluster": "workbook"},
        misconceptions={
            "what only reads needs no right": 8.0,
            "a policy for Auto Scaling covers the machines too": 9.0,
        },
    )
    measured = (
        "<p>AWS is <b>moto</b> on this machine, with IAM enforced for the autoscaler's calls. The "
        "policy is given to a user in the role's place, since a user can sign in here. A call "
        "counts as allowed unless AWS answers <code>AccessDenied</code> or <code>"
        "UnauthorizedOperation</code>.</p>"
        "<p>moto compares actions; it does not look at resources and conditions, by which one "
        "would limit the two writes to one's own groups.</p>"
    )

    def question(self) -> Number:
        """Ask how many are allowed. The slider does not begin at the answer."""
        return Number(self.ask(Rights()), 0, len(TRIED), "calls", start=0)

    def ask(self, values: Rights) -> str:
        """Put the question for this policy."""
        return (
            f"The autoscaler has <b>{values.policy}</b> policy, as in the request beside this. It "
            "then makes nine calls: the five that the book names, three more reads "
            "(<code>DescribeScalingActivities</code>, EC2's <code>DescribeInstanceTypes</code> and "
            "<code>DescribeLaunchTemplateVersions</code>), and <code>DeleteAutoScalingGroup"
            "</code>. How many are allowed?"
        )

    def check(self, values: Rights) -> Mapping[str, str]:
        """Refuse names that would break a tag."""
        if not values.cluster or not set(values.cluster) <= _PLAIN:
            return {"cluster": "cluster name: use letters, digits, '-' and '_' only."}
        return {}

    def build(self, values: Rights, place: Place) -> list[Manifest]:
        """Return the request that gives the policy."""
        del place
        policy = autoscaling_iam.policy(POLICIES[values.policy])
        return [
            aws.request(
                "iam:PutUserPolicy",
                {"UserName": CALLER, "PolicyName": CALLER, "PolicyDocument": policy},
            )
        ]

    async def run(self, bench: Bench, values: Rights) -> None:
        """Prepare groups and user as the owner, then make the calls as the autoscaler."""
        account = await bench.aws()
        bench.progress("Making three Auto Scaling groups", 0.3)
        await bench.call(_groups, account, values.cluster)
        bench.progress("Giving the policy", 0.5)
        (policy,) = self.build(values, bench.place)
        await bench.call(account.call, "iam:CreateUser", UserName=CALLER)
        await bench.call(account.send, policy)
        await bench.call(account.sign_in, CALLER)
        bench.progress("Making the nine calls", 0.7)
        await bench.call(_calls, bench, account, values.cluster)
        bench.progress(f"{_count(bench.timeline)} calls allowed", 1.0)

    def chart(self, timeline: Timeline) -> RightsChart:
        """Return the chart of calls that are allowed."""
        return RightsChart(timeline)

    def outcome(self, timeline: Timeline) -> int | None:
        """Return how many of the nine calls AWS's stand-in did not deny."""
        made = autoscaling_iam.outcomes(timeline)
        return _count(timeline) if len(made) == len(TRIED) else None

    def difference(self, timeline: Timeline) -> str:
        """Say how many were allowed, which were not, and which groups were found."""
        said = timeline.value(source="learner", field="prediction")
        count = _count(timeline)
        verdict = "as you said" if said == self.outcome(timeline) else f"you said {said:g}"
        refused = [a for a, code in autoscaling_iam.outcomes(timeline).items() if code]
        found = autoscaling_iam.discovered(timeline)
        words = (
            f" By the tags were found: {', '.join(found[1]) or 'no group'}, of three groups."
            if found
            else ""
        )
        return (
            f"<b>{count} of {len(TRIED)} calls are allowed; {verdict}.</b> Whatever no policy "
            f"names is denied, reads too: {', '.join(refused) or 'nothing here'}.{words}"
            "<p>Next: choose today's policy. Which of the book's five is not in it?</p>"
        )


def _count(timeline: Timeline) -> int:
    return sum(not code for code in autoscaling_iam.outcomes(timeline).values())


def _groups(account: Account, cluster: str) -> None:
    """Make a launch configuration, and a group a zone; the last one carries another's tags."""
    account.call(
        "autoscaling:CreateLaunchConfiguration",
        LaunchConfigurationName=CONFIGURATION,
        ImageId=IMAGE,
        InstanceType="t3.medium",
    )
    tags = cluster_autoscaler.discovery_tags(cluster)
    for number, name in enumerate(GROUPS):
        mine = tags if name != GROUPS[-1] else tags[:1]
        account.call(
            "autoscaling:CreateAutoScalingGroup",
            AutoScalingGroupName=name,
            LaunchConfigurationName=CONFIGURATION,
            MinSize=0,
            MaxSize=3,
            DesiredCapacity=1,
            AvailabilityZones=[f"{aws.REGION}{'ab'[number % 2]}"],
            Tags=[{"Key": key, "Value": "owned", "PropagateAtLaunch": True} for key in mine],
        )


def _calls(bench: Bench, account: Account, cluster: str) -> None:
    """Make the calls, each as the autoscaler makes it; then stop enforcing."""
    group = GROUPS[0]
    described = account.call(
        "autoscaling:DescribeAutoScalingInstances",
        told=lambda answer: len(answer["AutoScalingInstances"]),
    )["AutoScalingInstances"]
    instance = next(i["InstanceId"] for i in described if i["AutoScalingGroupName"] == group)
    more: dict[str, dict[str, Any]] = {
        "autoscaling:SetDesiredCapacity": {"AutoScalingGroupName": group, "DesiredCapacity": 2},
        "autoscaling:TerminateInstanceInAutoScalingGroup": {
            "InstanceId": instance,
            "ShouldDecrementDesiredCapacity": True,
        },
        "autoscaling:DeleteAutoScalingGroup": {
            "AutoScalingGroupName": GROUPS[-1],
            "ForceDelete": True,
        },
        "ec2:DescribeLaunchTemplateVersions": {"Versions": ["$Latest"]},
        "ec2:DescribeInstanceTypes": {"InstanceTypes": ["t3.medium"]},
    }
    account.enforce(True)
    try:
        for action in TRIED:
            _try(account, action, more.get(action, {}))
        _discover(bench, account, cluster)
    finally:
        account.enforce(False)


def _try(account: Account, action: str, parameters: dict[str, Any]) -> None:
    from helpers.aws.errors import AwsRefused

    try:
        account.call(action, CALLER, told=sorted, **parameters)
    except AwsRefused:
        return  # it is in the Timeline, with AWS's own words


def _discover(bench: Bench, account: Account, cluster: str) -> None:
    """Find the groups by their tags, as the autoscaler does: all keys must be there."""
    from helpers.aws.errors import AwsRefused

    try:
        answer = account.call("autoscaling:DescribeAutoScalingGroups", CALLER, told=sorted)
    except AwsRefused:
        return
    keys = cluster_autoscaler.discovery_tags(cluster)
    names = autoscaling_iam.carrying(answer["AutoScalingGroups"], keys)
    bench.timeline.append(Row(time(), "session", "AutoScalingGroups/found", "names", names))
