"""Three ways in which a Pod gets the keys of an IAM role: kube2iam, IRSA and EKS Pod Identity.

Rows: "aws" (requests to moto, among them those for keys, whose session is named by `session`),
"session" with the manifests, the Pods as "shown" to the server and a ServiceAccount's "token", and
"model" with what moto cannot decide: the field "refusal" of "<way>/<pod>", {why}.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.model import aws
from helpers.model.autoscaling_iam import NODE_ROLE, trust
from helpers.model.manifests import LESSON_LABEL, Manifest, metadata, resources
from helpers.model.timeline import Timeline, Value

KUBE2IAM, IRSA, POD_IDENTITY = WAYS = ("kube2iam", "IRSA", "Pod Identity")
OWN, COPYCAT, PLAIN = PODS = ("autoscaler", "copycat", "plain")
"""A Pod as it is meant; one of another ServiceAccount with both annotations copied; and one of the
right ServiceAccount without an annotation of its own."""

POD_ANNOTATION = "iam.amazonaws.com/role"
"""What kube2iam reads. Upstream: jtblin/kube2iam README, "Annotations"."""

ACCOUNT_ANNOTATION = "eks.amazonaws.com/role-arn"
"""What EKS's webhook reads. Upstream: aws/amazon-eks-pod-identity-webhook README."""

STS = "sts.amazonaws.com"
AGENT = "pods.eks.amazonaws.com"
AUDIENCES = {IRSA: STS, POD_IDENTITY: AGENT}
"""For whom the token is made that a Pod gets. Upstream: aws/amazon-eks-pod-identity-webhook
README (STS); EKS user guide, "How EKS Pod Identity works" (the agent)."""

ISSUER = "https://kubernetes.default.svc.cluster.local"
"""The issuer of this cluster's tokens; in EKS each cluster has one of its own."""

CLUSTER = "workbook"
OTHER = "copycat"
"""The ServiceAccount of the copycat."""


@dataclass(frozen=True)
class Given:
    """To whom the role is given: its name, and the namespace and ServiceAccount that it names."""

    role: str
    namespace: str
    account: str

    def name(self, way: str) -> str:
        """Return the name of the role that is given in this way."""
        return f"{self.role}-{way.replace(' ', '-').lower()}"

    def arn(self, way: str) -> str:
        """Return the ARN of that role."""
        return f"arn:aws:iam::{aws.ACCOUNT}:role/{self.name(way)}"

    @property
    def subject(self) -> str:
        """The ServiceAccount as a token names it.

        Upstream: K staging/src/k8s.io/apiserver/pkg/authentication/serviceaccount/util.go,
        MakeUsername.
        """
        return f"system:serviceaccount:{self.namespace}:{self.account}"

    def trust(self, way: str) -> dict[str, Value]:
        """Build the trust of the role.

        Upstream: EKS user guide, "Assign IAM roles to Kubernetes service accounts" (IRSA), and
        "Create IAM role with trust policy required by EKS Pod Identity".
        """
        if way == KUBE2IAM:
            return trust(NODE_ROLE)
        statement: dict[str, Value] = {"Effect": "Allow"}
        if way == POD_IDENTITY:
            statement |= {
                "Action": ["sts:AssumeRole", "sts:TagSession"],
                "Principal": {"Service": AGENT},
            }
        else:
            host = ISSUER.removeprefix("https://")
            statement |= {
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": provider_arn()},
                "Condition": {"StringEquals": {f"{host}:sub": self.subject, f"{host}:aud": STS}},
            }
        return {"Version": "2012-10-17", "Statement": [statement]}

    def requests(self) -> list[Manifest]:
        """Return what is asked of AWS: three roles, the provider for IRSA, the association."""
        roles = {
            way: aws.request(
                "iam:CreateRole",
                {"RoleName": self.name(way), "AssumeRolePolicyDocument": self.trust(way)},
            )
            for way in WAYS
        }
        provider = aws.request(
            "iam:CreateOpenIDConnectProvider", {"Url": ISSUER, "ClientIDList": [STS]}
        )
        association = aws.request(
            "eks:CreatePodIdentityAssociation",
            {
                "clusterName": CLUSTER,
                "namespace": self.namespace,
                "serviceAccount": self.account,
                "roleArn": self.arn(POD_IDENTITY),
            },
        )
        return [roles[KUBE2IAM], provider, roles[IRSA], roles[POD_IDENTITY], association]


def provider_arn() -> str:
    """Return the ARN of the cluster's OIDC provider in IAM."""
    return f"arn:aws:iam::{aws.ACCOUNT}:oidc-provider/{ISSUER.removeprefix('https://')}"


def accounts(given: Given, *, namespace: str, lesson: str) -> list[Manifest]:
    """Build the autoscaler's ServiceAccount and the copycat's, with the same annotation."""
    return [
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {
                **metadata(name, namespace, lesson),
                "annotations": {ACCOUNT_ANNOTATION: given.arn(IRSA)},
            },
        }
        for name in (given.account, OTHER)
    ]


def pods(given: Given, *, image: str, namespace: str, lesson: str) -> list[Manifest]:
    """Build the three Pods."""
    return [_pod(name, given, image=image, namespace=namespace, lesson=lesson) for name in PODS]


def _pod(name: str, given: Given, *, image: str, namespace: str, lesson: str) -> Manifest:
    meta: Manifest = {
        "name": name,
        "namespace": namespace,
        "labels": {LESSON_LABEL: lesson},
    }
    if name != PLAIN:
        meta["annotations"] = {POD_ANNOTATION: given.name(KUBE2IAM)}
    container: Manifest = {
        "name": name,
        "image": image,
        "resources": resources(requests={"cpu": "10m", "memory": "16Mi"}),
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta,
        "spec": {
            "serviceAccountName": OTHER if name == COPYCAT else given.account,
            "containers": [container],
        },
    }


def session(way: str, pod: str) -> str:
    """Return the name of the session in which a Pod asks for keys."""
    return f"{way.replace(' ', '-')}.{pod}"


def trusts(
    document: Mapping[str, Any], action: str, principal: str, context: Mapping[str, str]
) -> bool:
    """Tell whether a role's trust lets this principal take it, in this context.

    Every key of StringEquals must be in the context with that value.
    Upstream: IAM user guide, "IAM JSON policy elements: Condition operators", and "Available keys
    for AWS OIDC federation".
    """
    for statement in document.get("Statement") or []:
        actions = statement["Action"]
        named = [actions] if isinstance(actions, str) else list(actions)
        conditions = statement.get("Condition") or {}
        if (
            statement["Effect"] == "Allow"
            and action in named
            and principal in statement["Principal"].values()
            and set(conditions) <= {"StringEquals"}
            and all(context.get(k) == v for k, v in conditions.get("StringEquals", {}).items())
        ):
            return True
    return False


def claims(token: str) -> dict[str, Any]:
    """Return what a JSON Web Token says; its signature is for others to check.

    Upstream: RFC 7519, section 3.
    """
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def context(claims: Mapping[str, Value]) -> dict[str, str]:
    """Return what STS makes of a token's claims for a role's conditions: sub and aud."""
    host = str(claims.get("iss") or "").removeprefix("https://")
    audience = claims.get("aud")
    first = audience[0] if isinstance(audience, Sequence) and audience else ""
    heard = audience if isinstance(audience, str) else str(first)
    return {f"{host}:sub": str(claims.get("sub") or ""), f"{host}:aud": heard}


@dataclass(frozen=True)
class Token:
    """A token that a Pod would get: of whom it must speak, and of whom and for whom it does."""

    way: str
    wanted: str
    subject: str
    audience: list[str]


def tokens(timeline: Timeline) -> list[Token]:
    """Return the tokens that were made, in their order."""
    found = []
    for row in timeline.where(source="session", field="token"):
        made = _sent(timeline, "session", row.object, "manifest")
        if made is None or not isinstance(row.value, Mapping):
            continue
        meta, heard = made["metadata"], row.value.get("aud")
        wanted = f"system:serviceaccount:{meta['namespace']}:{meta['name']}"
        audience = [str(one) for one in heard] if isinstance(heard, list) else []
        found.append(Token(str(row.value["way"]), wanted, str(row.value.get("sub")), audience))
    return found


@dataclass(frozen=True)
class Cell:
    """A Pod and a way: whether it gets keys, as predicted, by the rule and as answered."""

    pod: str
    way: str
    predicted: bool | None
    rule: bool | None
    answer: bool | None
    why: str


def cells(timeline: Timeline) -> list[Cell]:
    """Return the table of Pods and ways, row by row; None is what is not known yet."""
    said = timeline.value(source="learner", field="prediction")
    answers = list(said) if isinstance(said, Sequence) and not isinstance(said, str) else []
    found = []
    for row, pod in enumerate(PODS):
        for column, way in enumerate(WAYS):
            place = row * len(WAYS) + column
            answer, why = _answer(timeline, way, pod)
            found.append(
                Cell(
                    pod,
                    way,
                    answers[place] == "yes" if place < len(answers) else None,
                    rule(timeline, way, pod),
                    answer,
                    why,
                )
            )
    return found


def _answer(timeline: Timeline, way: str, pod: str) -> tuple[bool | None, str]:
    for row in timeline.where(source="model", object=f"{way}/{pod}", field="refusal"):
        why = row.value.get("why") if isinstance(row.value, Mapping) else ""
        return False, str(why)
    for row in timeline.where(source="aws"):
        if row.object in ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"):
            value = row.value if isinstance(row.value, Mapping) else {}
            asked = value.get("parameters")
            name = asked.get("RoleSessionName") if isinstance(asked, Mapping) else None
            if name == session(way, pod):
                refused = row.field == "refusal"
                return not refused, str(value.get("code")) if refused else "keys from STS"
    return None, ""


def rule(timeline: Timeline, way: str, pod: str) -> bool | None:
    """Tell by what was sent whether a Pod gets keys in this way; None before that.

    kube2iam: the Pod's annotation names the role, whoever wrote it (jtblin/kube2iam README:
    namespace restrictions are off unless asked for). IRSA: its ServiceAccount is annotated, and is
    the one that the role's trust names. Pod Identity: its ServiceAccount is in the association.
    """
    shown = _sent(timeline, "session", f"Pod/{pod}", "shown")
    if shown is None:
        return None
    spec, meta = shown["spec"], shown["metadata"]
    namespace, account = meta["namespace"], spec["serviceAccountName"]
    role = asked(timeline, way)
    if role is None:
        return None
    document = role["AssumeRolePolicyDocument"]
    if way == KUBE2IAM:
        annotation = (meta.get("annotations") or {}).get(POD_ANNOTATION)
        return annotation == role["RoleName"] and trusts(document, "sts:AssumeRole", NODE_ROLE, {})
    if way == IRSA:
        made = _sent(timeline, "session", f"ServiceAccount/{account}", "manifest")
        annotation = ((made or {}).get("metadata", {}).get("annotations") or {}).get(
            ACCOUNT_ANNOTATION
        )
        host = ISSUER.removeprefix("https://")
        wanted = {f"{host}:sub": f"system:serviceaccount:{namespace}:{account}", f"{host}:aud": STS}
        trusted = trusts(document, "sts:AssumeRoleWithWebIdentity", provider_arn(), wanted)
        return trusted and str(annotation).endswith(f":role/{role['RoleName']}")
    association = _sent(timeline, "model", "eks:CreatePodIdentityAssociation", "request")
    return association is not None and (
        association["namespace"],
        association["serviceAccount"],
    ) == (namespace, account)


def _sent(timeline: Timeline, source: str, object: str, field: str) -> dict[str, Any] | None:
    row = timeline.last(source=source, object=object, field=field)
    return dict(row.value) if row is not None and isinstance(row.value, Mapping) else None


def asked(timeline: Timeline, way: str) -> dict[str, Any] | None:
    """Return the parameters with which the role of this way was made; None before that."""
    ending = f"-{way.replace(' ', '-').lower()}"
    for row in timeline.where(source="aws", object="iam:CreateRole", field="answer"):
        sent = row.value.get("parameters") if isinstance(row.value, Mapping) else None
        if isinstance(sent, Mapping) and str(sent.get("RoleName")).endswith(ending):
            return dict(sent)
    return None
