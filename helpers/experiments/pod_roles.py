"""Who gets the keys of an IAM role: kube2iam, IRSA and EKS Pod Identity side by side.

The tokens are real, signed by the cluster; moto stands for AWS, and what it cannot decide our
model of the documented rule decides.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING, Annotated, Any

from helpers.charts.pod_roles import WORDS, PodRolesChart
from helpers.forms.fields import choice, text
from helpers.lesson.experiment import Bench, Experiment, Manifest, Place, Script
from helpers.lesson.prediction import Table
from helpers.model import autoscaling_iam, aws, cluster_autoscaler, pod_roles, terraform, yes_no
from helpers.model.needs import Need
from helpers.model.pod_roles import (
    AUDIENCES,
    COPYCAT,
    IRSA,
    KUBE2IAM,
    OTHER,
    OWN,
    POD_ANNOTATION,
    POD_IDENTITY,
    WAYS,
    Given,
)
from helpers.model.timeline import Row, Timeline, Value

if TYPE_CHECKING:
    from helpers.aws.account import Account
    from helpers.lesson.run import Run

HERE, SYSTEM = "the lesson's", "kube-system"
AUTHENTICATION = "authentication.k8s.io/v1"
REVIEWS = f"/apis/{AUTHENTICATION}/tokenreviews"
_ROLE = re.compile(r"[\w+=,.@-]{1,50}")
_DNS = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Who:
    """To whom the role is given."""

    role: Annotated[str, text("role", help="Its name in IAM; each way gets one of its own.")] = (
        "EKSClusterAutoscaler"
    )
    namespace: Annotated[
        str,
        choice(
            "namespace", HERE, SYSTEM,
            help="What trust and association name. The pods themselves are in the lesson's.",
        ),
    ] = HERE  # fmt: skip
    account: Annotated[
        str, text("ServiceAccount", help="Under which the autoscaler and the plain pod run.")
    ] = cluster_autoscaler.NAME


class WhoGetsTheKeys(Experiment[Who]):
    """Three Pods ask for the keys of a role, in three ways."""

    id = "who-gets-the-keys"
    title = "Who gets the role's keys?"
    seconds = 5
    needs = frozenset({Need.WHOLE_CLUSTER})
    spec = Who
    script = Script(
        prediction=[
            *("yes", "yes", "yes"),
            *("yes", "no", "no"),
            *("no", "yes", "yes"),
        ],
        values={"role": "EKSClusterAutoscaler", "namespace": HERE, "account": "cluster-autoscaler"},
        misconceptions={
            "who is annotated gets the role": [
                *("yes", "yes", "yes"),
                *("yes", "yes", "yes"),
                *("no", "no", "no"),
            ],
            "each pod needs an annotation of its own": [
                *("yes", "yes", "yes"),
                *("yes", "no", "no"),
                *("no", "no", "no"),
            ],
        },
    )
    measured = (
        "<p>The ServiceAccounts are made, and the pods shown to the server with dry-run: nothing "
        "needs to run in them. The tokens are real: the API server signs them for the "
        "ServiceAccount of each pod, for the audience that EKS asks for, and says by a TokenReview "
        "that the signature is its own. (STS and EKS check it with the cluster's published "
        "keys.)</p>"
        "<p>AWS is <b>moto</b>. It hands out keys to whoever asks, so the workbook's model of the "
        "documented rule decides before it is asked: kube2iam's look at the annotation, EKS's "
        "webhook, the conditions of a role's trust, and the association, which moto does not "
        "know. kube2iam, EKS and its agent are not here.</p>"
    )

    def question(self) -> Table:
        """Ask for yes or no of each Pod in each way."""
        return Table(self.ask(Who()), list(WORDS.values()), list(WAYS), ["yes", "no"])

    def ask(self, values: Who) -> str:
        """Put the question for these values."""
        where = "" if values.namespace == HERE else f" of the namespace {values.namespace}"
        return (
            f"A role is given in three ways, each time to the ServiceAccount "
            f"<b>{html.escape(values.account)}</b>{where}. <b>The autoscaler</b> is as it should "
            f"be. <b>The copycat</b> has copied both annotations, that of the pod and that of the "
            f"ServiceAccount, and runs under its own ServiceAccount. <b>The plain pod</b> runs "
            f"under the autoscaler's ServiceAccount and has no annotation. Who gets keys?"
        )

    def check(self, values: Who) -> Mapping[str, str]:
        """Refuse what IAM or the API server would refuse."""
        found = {}
        if not _ROLE.fullmatch(values.role):
            found["role"] = "role: up to 50 letters, digits and +=,.@-_ only."
        if not _DNS.fullmatch(values.account):
            found["account"] = (
                "ServiceAccount: use lower-case letters, digits and '-', as in my-account-1."
            )
        elif values.account == OTHER:
            found["account"] = f"ServiceAccount: {OTHER} is the other one; choose another name."
        return found

    def build(self, values: Who, place: Place) -> list[Manifest]:
        """Return the requests to AWS, then the ServiceAccounts and the Pods."""
        given = _given(values, place)
        at: dict[str, Any] = {"namespace": place.namespace, "lesson": place.lesson}
        return [
            *given.requests(),
            *pod_roles.accounts(given, **at),
            *pod_roles.pods(given, image=cluster_autoscaler.IMAGE, **at),
        ]

    async def run(self, bench: Bench, values: Who) -> None:
        """Make roles and ServiceAccounts, show the Pods, and ask for keys in each way."""
        given = _given(values, bench.place)
        account = await bench.aws()
        sent = self.build(values, bench.place)
        bench.progress("Making three roles", 0.2)
        for request in (one for one in sent if aws.is_request(one)):
            await bench.call(_ask_aws, bench, account, request)
        bench.progress("Making the ServiceAccounts, showing the pods", 0.4)
        for manifest in sent:
            if manifest.get("kind") == "ServiceAccount":
                await bench.apply(manifest)
        pods = [one for one in sent if one.get("kind") == "Pod"]
        for pod in pods:
            await bench.call(_show, bench, pod)
        bench.progress("Asking for keys", 0.6)
        for pod in pods:
            await bench.call(_by_annotation, bench, account, pod)
            await bench.call(_by_web_identity, bench, account, given, pod)
            await bench.call(_by_association, bench, account, pod)
        bench.progress("Reading the Terraform", 0.8)
        await bench.call(_read_terraform, bench, given)
        bench.progress("Nine answers", 1.0)

    def chart(self, timeline: Timeline) -> PodRolesChart:
        """Return the table of who gets keys."""
        return PodRolesChart(timeline)

    def outcome(self, timeline: Timeline) -> tuple[str, ...] | None:
        """Return who got keys in which way, row by row, by the answers to those who asked."""
        return yes_no.told([cell.answer for cell in pod_roles.cells(timeline)])

    def difference(self, timeline: Timeline) -> str:
        """Say how many were right, the first that was not, and who gets keys by a copied text."""
        cells = [cell for cell in pod_roles.cells(timeline) if cell.answer is not None]
        wrong = [cell for cell in cells if cell.predicted != cell.answer]
        head = f"<b>You said {len(cells) - len(wrong)} of {len(cells)} right.</b> "
        if wrong:
            first = wrong[0]
            head += (
                f"With {first.way}, {WORDS[first.pod]} gets "
                f"{'keys' if first.answer else 'none'}; you said "
                f"{'yes' if first.predicted else 'no'} ({html.escape(first.why)}). "
            )
        lucky = [cell.way for cell in cells if cell.pod == COPYCAT and cell.answer]
        own = [cell.way for cell in cells if cell.pod == OWN and cell.answer]
        return (
            f"{head}The copied annotations were enough with {', '.join(lucky) or 'none of them'}; "
            f"the autoscaler itself got keys with {', '.join(own) or 'none of them'}."
            "<p>Next: choose <b>kube-system</b> as namespace. Who is left?</p>"
        )


class TerraformOf:
    """The Terraform of a run, each text with what the parser found; a notebook shows it folded."""

    def __init__(self, run: Run) -> None:
        timeline = run.timeline
        self._found = {
            way: row.value
            for way in WAYS
            if (row := timeline.last(source="session", object=f"Terraform/{way}", field="parsed"))
            and isinstance(row.value, Mapping)
        }

    def __repr__(self) -> str:
        return "\n".join(f"# {way}\n{found['text']}" for way, found in self._found.items())

    def _repr_html_(self) -> str:
        return "".join(
            f"<details><summary><b>{way}</b>: {_told(found)}</summary>"
            f'<pre tabindex="0">{html.escape(str(found["text"]))}</pre></details>'
            for way, found in self._found.items()
        )


def _told(found: Mapping[str, Value]) -> str:
    if not found.get("parses"):
        return "the parser does not take it"
    same = "the same trust as was sent" if found.get("same") else "another trust than was sent"
    return f"parsed, {same}"


def _given(values: Who, place: Place) -> Given:
    namespace = place.namespace if values.namespace == HERE else values.namespace
    return Given(values.role, namespace, values.account)


def _ask_aws(bench: Bench, account: Account, request: Manifest) -> None:
    """Send a request; the association, which moto does not know, is our model's."""
    if request["request"] == "eks:CreatePodIdentityAssociation":
        row = Row(time(), "model", str(request["request"]), "request", request["parameters"])
        bench.timeline.append(row)
        return
    account.send(request)


def _show(bench: Bench, pod: Manifest) -> None:
    """Show a Pod to the server, and note what it would store. Raises Refused."""
    found = bench.session.dry_run(pod)
    meta, spec = found["metadata"], found["spec"]
    kept: dict[str, Value] = {
        "metadata": {
            "namespace": meta["namespace"],
            "annotations": dict(meta.get("annotations") or {}),
        },
        "spec": {"serviceAccountName": spec["serviceAccountName"]},
    }
    bench.timeline.append(Row(time(), "session", f"Pod/{pod['metadata']['name']}", "shown", kept))


def _shown(bench: Bench, pod: Manifest) -> dict[str, Any]:
    name = pod["metadata"]["name"]
    row = bench.timeline.last(source="session", object=f"Pod/{name}", field="shown")
    assert row is not None
    assert isinstance(row.value, dict)
    return row.value


def _refuse(bench: Bench, way: str, pod: Manifest, why: str) -> None:
    what = f"{way}/{pod['metadata']['name']}"
    bench.timeline.append(Row(time(), "model", what, "refusal", {"why": why}))


def _by_annotation(bench: Bench, account: Account, pod: Manifest) -> None:
    """Ask as kube2iam does: for the role that the Pod's annotation names, as the node.

    Upstream: jtblin/kube2iam README: no annotation and no default role, no keys; namespace
    restrictions are off unless asked for.
    """
    name = _shown(bench, pod)["metadata"]["annotations"].get(POD_ANNOTATION)
    if name is None:
        _refuse(bench, KUBE2IAM, pod, "no annotation names a role")
        return
    document = _trust_of(account, name)
    if not pod_roles.trusts(document, "sts:AssumeRole", autoscaling_iam.NODE_ROLE, {}):
        _refuse(bench, KUBE2IAM, pod, "the role does not trust the nodes")
        return
    _take(account, KUBE2IAM, pod, name)


def _by_web_identity(bench: Bench, account: Account, given: Given, pod: Manifest) -> None:
    """Ask as an SDK does with IRSA: with the Pod's token, for the role that its account names."""
    who = _shown(bench, pod)["spec"]["serviceAccountName"]
    stored = bench.session.get("ServiceAccount", who) or {}
    annotations = (stored.get("metadata") or {}).get("annotations") or {}
    arn = annotations.get(pod_roles.ACCOUNT_ANNOTATION)
    if arn is None:
        _refuse(bench, IRSA, pod, "its ServiceAccount names no role")
        return
    token, claims = _token(bench, who, IRSA)
    if not claims:
        _refuse(bench, IRSA, pod, "STS would not take the token")
        return
    document = _trust_of(account, str(arn).rpartition("/")[2])
    taken = pod_roles.trusts(
        document,
        "sts:AssumeRoleWithWebIdentity",
        pod_roles.provider_arn(),
        pod_roles.context(claims),
    )
    if not taken:
        _refuse(bench, IRSA, pod, f"the role does not trust {claims.get('sub')}")
        return
    account.call(
        "sts:AssumeRoleWithWebIdentity",
        RoleArn=given.arn(IRSA),
        RoleSessionName=pod_roles.session(IRSA, pod["metadata"]["name"]),
        WebIdentityToken=token,
    )


def _by_association(bench: Bench, account: Account, pod: Manifest) -> None:
    """Ask as EKS does for its agent: for the role that is associated with the Pod's account."""
    who = _shown(bench, pod)["spec"]["serviceAccountName"]
    claims = _token(bench, who, POD_IDENTITY)[1]
    row = bench.timeline.last(
        source="model", object="eks:CreatePodIdentityAssociation", field="request"
    )
    made = row.value if row is not None and isinstance(row.value, Mapping) else {}
    wanted = f"system:serviceaccount:{made.get('namespace')}:{made.get('serviceAccount')}"
    if claims.get("sub") != wanted:
        _refuse(bench, POD_IDENTITY, pod, f"no association for {claims.get('sub')}")
        return
    name = str(made.get("roleArn")).rpartition("/")[2]
    document = _trust_of(account, name)
    if not all(
        pod_roles.trusts(document, action, pod_roles.AGENT, {})
        for action in ("sts:AssumeRole", "sts:TagSession")
    ):
        _refuse(bench, POD_IDENTITY, pod, "the role does not trust EKS")
        return
    _take(account, POD_IDENTITY, pod, name)


def _take(account: Account, way: str, pod: Manifest, role: str) -> None:
    account.call(
        "sts:AssumeRole",
        RoleArn=f"arn:aws:iam::{aws.ACCOUNT}:role/{role}",
        RoleSessionName=pod_roles.session(way, pod["metadata"]["name"]),
    )


def _trust_of(account: Account, role: str) -> dict[str, Any]:
    """Return the trust of a role as AWS holds it."""
    found = account.call("iam:GetRole", told=lambda _: "…", RoleName=role)
    return dict(found["Role"]["AssumeRolePolicyDocument"])


def _token(bench: Bench, name: str, way: str) -> tuple[str, dict[str, Any]]:
    """Get a token as the kubelet gets it for a Pod, let its signature be checked, note its claims.

    The token itself stays out of the Timeline. No claims: it is not for this audience, or not
    signed by the cluster.
    """
    api, namespace, audiences = bench.session.api, bench.session.namespace, [AUDIENCES[way]]
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
    body = {
        "apiVersion": AUTHENTICATION,
        "kind": "TokenRequest",
        "spec": {"audiences": audiences, "expirationSeconds": 600},
    }
    answer = api.call("POST", path, body=body, what=f"ServiceAccount/{name}")[0]
    token = str(answer["status"]["token"])
    body = {
        "apiVersion": AUTHENTICATION,
        "kind": "TokenReview",
        "spec": {"audiences": audiences, "token": token},
    }
    review = api.call("POST", REVIEWS, body=body, what="TokenReview")[0]["status"]
    claims = pod_roles.claims(token) if review.get("authenticated") else {}
    told: dict[str, Value] = {key: claims.get(key) for key in ("iss", "sub", "aud")}
    bench.timeline.append(
        Row(time(), "session", f"ServiceAccount/{name}", "token", {"way": way, **told})
    )
    return token, claims


def _read_terraform(bench: Bench, given: Given) -> None:
    """Parse the Terraform of each way, and what the book and today have for the manifest."""
    texts = {way: terraform.terraform(given, way) for way in WAYS}
    for name, words in {**texts, "printed": terraform.PRINTED, "today": terraform.TODAY}.items():
        value: dict[str, Value] = {"text": words, "parses": True}
        try:
            found = terraform.parse(words)
            value["lost"] = list(found.lost)
            if name in texts:
                value["same"] = found.trust == given.trust(name)
        except terraform.NoTerraform as error:
            value |= {"parses": False, "message": str(error)}
        bench.timeline.append(Row(time(), "session", f"Terraform/{name}", "parsed", value))
