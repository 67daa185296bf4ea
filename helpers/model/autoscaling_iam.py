"""The Cluster Autoscaler's rights in AWS, and how it finds its Auto Scaling groups.

Rows: source "aws", as `helpers.aws.account` writes them: object the action, field "answer" or
"refusal", value {caller, parameters, ...}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from helpers.model import cluster_autoscaler
from helpers.model.timeline import Timeline, Value

CALLER = "cluster-autoscaler"
NODE_ROLE = "arn:aws:iam::123456789012:role/eks-node"
GROUPS = ("workers-a", "workers-b", "others")
"""Auto Scaling groups: two that carry the tags of discovery, and one without."""

READS = (
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeTags",
)
WRITES = ("autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup")
PRINTED = (*READS, *WRITES)
"""What the book's policy names, on all resources."""

TODAY = (
    *READS[:2],
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeScalingActivities",
    *WRITES,
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:GetInstanceTypesFromInstanceRequirements",
    "eks:DescribeNodegroup",
)
"""What upstream asks for today.

Upstream: kubernetes/autoscaler cluster-autoscaler/cloudprovider/aws/README.md, full policy.
"""

TRIED = (
    *PRINTED,
    "autoscaling:DescribeScalingActivities",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
    "autoscaling:DeleteAutoScalingGroup",
)
"""The calls of the run: what the book's policy names, three that are needed today, and one that
nobody should be given."""

DENIALS = ("AccessDenied", "UnauthorizedOperation")
"""The codes by which IAM denies a call: that of Auto Scaling's answers, and that of EC2's.

Upstream: the API references of both services, "Common Errors" and "Error codes".
"""

POLICIES = {"the book's": PRINTED, "today's": TODAY}


def policy(actions: Sequence[str]) -> dict[str, Value]:
    """Build the IAM policy that allows these actions on all resources."""
    statement: Value = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def trust(principal: str) -> dict[str, Value]:
    """Build the trust of a role that this principal may take, as for kube2iam."""
    statement: Value = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": principal},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def allowed(actions: Sequence[str], action: str) -> bool:
    """Tell whether a policy that names these actions allows one; what is not named is denied.

    Upstream: docs.aws.amazon.com IAM user guide, policy evaluation logic: an implicit deny.
    """
    return action in actions


def named(timeline: Timeline) -> tuple[str, ...] | None:
    """Return the actions of the policy that the caller was given; None before that."""
    for row in timeline.where(source="aws", object="iam:PutUserPolicy", field="answer"):
        parameters = row.value.get("parameters") if isinstance(row.value, Mapping) else None
        document = parameters.get("PolicyDocument") if isinstance(parameters, Mapping) else None
        statements = document.get("Statement") if isinstance(document, Mapping) else None
        if isinstance(statements, Sequence) and statements and isinstance(statements[0], Mapping):
            actions = statements[0].get("Action")
            return tuple(map(str, actions)) if isinstance(actions, Sequence) else None
    return None


def outcomes(timeline: Timeline) -> dict[str, str]:
    """Return what became of each call of the autoscaler: "" for allowed, else the denial's code.

    A call that is refused for another reason was allowed.
    """
    found: dict[str, str] = {}
    for row in timeline.where(source="aws"):
        value = row.value
        if not isinstance(value, Mapping) or value.get("caller") != CALLER:
            continue
        if row.object in TRIED and row.field in ("answer", "refusal"):
            code = str(value.get("code")) if row.field == "refusal" else ""
            found[row.object] = code if code in DENIALS else ""
    return found


def discovered(timeline: Timeline) -> tuple[list[str], list[str]] | None:
    """Return the groups that carry all tags of discovery, as sent, and those that were found.

    Which tags: those of the cluster that the form names. None before the groups were asked for.
    """
    values = timeline.value(source="learner", field="values")
    cluster = values.get("cluster") if isinstance(values, Mapping) else None
    asked = timeline.last(source="session", object="AutoScalingGroups/found", field="names")
    if not isinstance(cluster, str) or asked is None or not isinstance(asked.value, Sequence):
        return None
    wanted = set(cluster_autoscaler.discovery_tags(cluster))
    right = []
    for row in timeline.where(
        source="aws", object="autoscaling:CreateAutoScalingGroup", field="answer"
    ):
        sent = row.value.get("parameters") if isinstance(row.value, Mapping) else None
        if not isinstance(sent, Mapping):
            continue
        tags = sent.get("Tags")
        keys = {
            str(tag.get("Key"))
            for tag in (tags if isinstance(tags, Sequence) else ())
            if isinstance(tag, Mapping)
        }
        if wanted <= keys:
            right.append(str(sent.get("AutoScalingGroupName")))
    return right, [str(name) for name in asked.value]


def carrying(groups: Sequence[Mapping[str, Value]], keys: Sequence[str]) -> list[str]:
    """Return the names of the groups that carry all of these tags, whatever their values.

    Upstream: kubernetes/autoscaler cluster-autoscaler/cloudprovider/aws/auto_scaling_groups.go.
    """
    found = []
    for group in groups:
        tags = group.get("Tags")
        listed = tags if isinstance(tags, Sequence) else ()
        has = {str(tag.get("Key")) for tag in listed if isinstance(tag, Mapping)}
        if set(keys) <= has:
            found.append(str(group["AutoScalingGroupName"]))
    return found
