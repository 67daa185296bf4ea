"""Timelines of the topic cluster-autoscaler."""

from __future__ import annotations

from typing import Any

import yaml

from helpers.model import (
    autoscaling_iam,
    cluster_autoscaler,
    consolidation,
    instance_sizes,
    manifests,
    pod_roles,
    simulated_nodes,
    terraform,
    zone_run,
)
from helpers.model.manifests import LESSON_LABEL
from helpers.model.pod_roles import Given
from helpers.model.timeline import Timeline
from tests.unit.claims.story import Story

PLACE: dict[str, Any] = {"namespace": "adding-nodes-3f2a", "lesson": "adding-nodes"}
NAME = PLACE["namespace"]
STATUS = "status.conditions.Ready.status"


def workers() -> Story:
    """Two workers with room for one Pod of a CPU each, and the control plane with its taint."""
    story = Story()
    for name in ("control-plane", "worker", "worker2"):
        story.row("watch", f"Node/{name}", "exists", True)
        story.row("watch", f"Node/{name}", "status.allocatable.cpu", "1500m")
    story.row("watch", "Node/control-plane", "spec.taints.0.effect", "NoSchedule")
    return story


def pool(story: Story, sizes: tuple[instance_sizes.Size, ...] = instance_sizes.SIZES) -> Story:
    made = simulated_nodes.node_pool(
        name=NAME, lesson=PLACE["lesson"], sizes=sizes, consolidate_after=None
    )
    return story.row("session", f"NodePool/{NAME}", "manifest", made)


def node(story: Story, name: str, size: str) -> Story:
    """A node that was made for the lesson comes, and is Ready."""
    cpus = instance_sizes.named(size).cpus
    labels = {
        LESSON_LABEL: PLACE["lesson"],
        simulated_nodes.INSTANCE: size,
        simulated_nodes.ZONE: "us-east-1a",
    }
    story.row("watch", f"Node/{name}", "exists", True)
    for label, value in labels.items():
        story.row("watch", f"Node/{name}", f"metadata.labels.{label}", value)
    story.row("watch", f"Node/{name}", "status.allocatable.cpu", f"{cpus * 1000 - 100}m")
    return story.row("watch", f"Node/{name}", STATUS, "True")


def pod(story: Story, name: str, on: str | None, request: str = "1") -> Story:
    """A Pod is seen, and bound after a second if it is bound at all."""
    container = name.split("-", maxsplit=1)[0]
    field = f"spec.containers.{container}.resources.requests.cpu"
    story.row("watch", f"Pod/{name}", "exists", True)
    story.row("watch", f"Pod/{name}", field, request)
    if on is not None:
        story.at += 1
        story.row("watch", f"Pod/{name}", "spec.nodeName", on)
    return story


def waiting(
    *,
    replicas: int = 6,
    came: tuple[str, ...] = ("m7i.2xlarge",),
    left: int = 0,
) -> Story:
    """A Deployment of pods of a CPU: one fits on each worker, the others wait for new nodes."""
    story = pool(workers())
    sent = manifests.idle_deployment(**PLACE, name="web", replicas=replicas, requests={"cpu": "1"})
    story.row("session", "Deployment/web", "manifest", sent)
    for number, size in enumerate(came):
        node(story, f"new-{number}", size)
    for number in range(replicas):
        on = ("worker", "worker2")[number] if number < 2 else "new-0" if came else None
        pod(story, f"web-{number}", None if number >= replicas - left else on)
    return story


def used(
    *,
    busy: float = 1.2,
    idle: float = 0.01,
    busy_nodes: int = 0,
    idle_nodes: int = 1,
    request: str = "10m",
) -> Story:
    """Two busy pods, then three idle ones of a CPU each; nodes come in either phase."""
    story = pool(workers())
    for phase, each, amount, count, nodes in (
        ("busy", busy / 2, request, 2, busy_nodes),
        ("idle", idle / 2, "1", 3, idle_nodes),
    ):
        story.row("session", f"Phase/{phase}", "begin", True)
        for number in range(1, count + 1):
            name = f"{phase}-{number}"
            sent = manifests.burn_pod(**PLACE, name=name, requests={"cpu": amount})
            story.row("session", f"Pod/{name}", "manifest", sent)
            pod(story, name, "worker" if number < 3 else None, amount)
            if number < 3:
                story.row("exec", f"Pod/{name}", "stat.seconds", 4.0)
                story.row("exec", f"Pod/{name}", "stat.cpu_seconds", 4.0 * each)
        for number in range(nodes):
            node(story, f"{phase}-{number}", "m7i.large")
        story.row("session", f"Phase/{phase}", "end", True)
    return story


def consolidated(
    *,
    went: tuple[str, ...] = ("plain", "local"),
    least: int = 1,
    annotation: str = "true",
    moved: bool = True,
    told: bool = True,
) -> Story:
    """Four workloads on a node each; the nodes of `went` go, after (or before) their pods moved."""
    story = pool(workers(), instance_sizes.up_to("m7i.large"))
    limit = consolidation.budget(**PLACE, min_available=least)
    story.row("session", "PodDisruptionBudget/budget", "manifest", limit)
    for name in consolidation.WORKLOADS:
        marked = annotation if name == consolidation.ANNOTATED else None
        sent = consolidation.workload(name, **PLACE, annotation=marked)
        story.row("session", f"Deployment/{name}", "manifest", sent)
        node(story, f"n-{name}", "m7i.large")
        pod(story, f"{name}-1", f"n-{name}")
    for name in consolidation.WORKLOADS:
        if name in went:
            story.row("watch", f"Pod/{name}-1", "exists", False)
            if moved:
                pod(story, f"{name}-2", "worker")
            story.row("watch", f"Node/n-{name}", "exists", False)
        elif told:
            words = f"Pod {name}-1 is in the way"
            story.row("event", f"Node/n-{name}", "DisruptionBlocked", words)
    return story


def before_it_went() -> Story:
    """The node goes while its pod is still there."""
    story = consolidated(went=())
    story.row("watch", "Node/n-plain", "exists", False)
    story.at += 1
    return story.row("watch", "Pod/plain-1", "exists", False)


WORDS = "0/3 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match PersistentVolume's "


def zonal(
    *,
    zones: tuple[str, ...] = ("us-east-1b", "us-east-1a"),
    on: int | None = 1,
    words: str = f"{WORDS}node affinity.",
) -> Story:
    """A volume in us-east-1a; machines come in these zones, and the pod is bound to one of them."""
    story = workers()
    for name, zone in (("worker", "us-east-1a"), ("worker2", "us-east-1b")):
        story.row("watch", f"Node/{name}", f"metadata.labels.{simulated_nodes.ZONE}", zone)
    sent = zone_run.volume(**PLACE, zone="us-east-1a")
    story.row("session", f"PersistentVolume/{NAME}-data", "manifest", sent)
    pod(story, "db", None)
    if words:
        story.row("event", "Pod/db", "FailedScheduling", words)
    for number, zone in enumerate(zones):
        name = f"{NAME}-{number}"
        made = simulated_nodes.fake_node(
            name=name,
            lesson=PLACE["lesson"],
            zone=zone,
            size=instance_sizes.named("m7i.large"),
        )
        story.row("session", f"Node/{name}", "manifest", made)
        story.row("watch", f"Node/{name}", f"metadata.labels.{simulated_nodes.ZONE}", zone)
        if number == on:
            story.row("watch", "Pod/db", "spec.nodeName", name)
    return story


def shown(
    *,
    taken: tuple[str, ...] = ("ServiceAccount",),
    words: str = 'no matches for kind "X" in version "y/v1beta1"',
    wrong: str = "",
    flags: bool = True,
    quality: str = "Guaranteed",
    today: bool = True,
) -> Story:
    """The six objects shown to the server, and what it says that both ServiceAccounts may do.

    `wrong` is a resource about which the authorizer says the opposite of the rules.
    """
    story = Story()
    made = cluster_autoscaler.deployment(
        **PLACE,
        cluster="workbook",
        region="us-east-1",
        expander="least-waste",
        skip_local="false",
        memory="600Mi",
    )
    if not flags:
        made = yaml.safe_load(yaml.safe_dump(made).replace("--v=4", "--v=1"))
    for printed in (True, False):
        for kind in cluster_autoscaler.KINDS:
            good = kind in taken if printed else today
            stored: Any = {"spec": made["spec"]} if kind == "Deployment" and good else {}
            told = {"printed": printed, "accepted": good, "message": "" if good else words}
            where = f"{kind}/cluster-autoscaler"
            story.row("session", where, "shown", {**told, "stored": stored})
    pod = cluster_autoscaler.template_pod(made, **PLACE)
    kept: Any = {"spec": pod["spec"], "qosClass": quality}
    answer = {"printed": False, "accepted": True, "message": "", "stored": kept}
    story.row("session", "Pod/cluster-autoscaler", "shown", answer)
    for name in (cluster_autoscaler.printed_account(), cluster_autoscaler.NAME):
        for question in cluster_autoscaler.QUESTIONS:
            allowed = cluster_autoscaler.allows(cluster_autoscaler.rules_of(name), question)
            value: Any = {
                "verb": question.verb,
                "group": question.group,
                "resource": question.resource,
                "name": question.name,
                "allowed": allowed != (question.resource == wrong),
            }
            story.row("session", f"ServiceAccount/{name}", "may", value)
    return story


def asked_aws(
    *,
    wrong: str = "",
    found: tuple[str, ...] = autoscaling_iam.GROUPS[:2],
) -> Story:
    """Three groups and a policy are made; then the autoscaler calls. `wrong` is judged so."""
    story = Story()
    story.row("learner", "Card/x", "values", {"policy": "the book's", "cluster": "workbook"})
    tags = cluster_autoscaler.discovery_tags("workbook")

    def answer(action: str, caller: str = "root", code: str = "", **sent: Any) -> None:
        value: Any = {"caller": caller, "parameters": sent, "code": code}
        story.row("aws", action, "refusal" if code else "answer", value)

    for name in autoscaling_iam.GROUPS:
        keys = tags if name != autoscaling_iam.GROUPS[-1] else tags[:1]
        listed = [{"Key": key, "Value": "owned"} for key in keys]
        action = "autoscaling:CreateAutoScalingGroup"
        answer(action, AutoScalingGroupName=name, Tags=listed)
    policy = autoscaling_iam.policy(autoscaling_iam.PRINTED)
    answer("iam:PutUserPolicy", PolicyDocument=policy)
    for action in autoscaling_iam.TRIED:
        good = autoscaling_iam.allowed(autoscaling_iam.PRINTED, action) != (action == wrong)
        answer(action, autoscaling_iam.CALLER, "" if good else "AccessDenied")
    return story.row("session", "AutoScalingGroups/found", "names", list(found))


def given_keys(
    *,
    namespace: str = NAME,
    principal: str = autoscaling_iam.NODE_ROLE,
    wrong: tuple[str, str] | None = None,
    lost: tuple[str, ...] = terraform.LOST,
    same: bool = True,
    until: int = 9,
    signed: str | None = "system:serviceaccount:adding-nodes-3f2a:copycat",
    audience: str = "sts.amazonaws.com",
    trusting: str = "kube2iam",
) -> Story:
    """Three Pods ask for keys in three ways, `until` of the nine; `wrong` is answered otherwise."""
    story = Story()
    given = Given("Autoscaler", namespace, "cluster-autoscaler")
    for sent in given.requests():
        if sent["request"] == "eks:CreatePodIdentityAssociation":
            story.row("model", str(sent["request"]), "request", sent["parameters"])
        else:
            asked: Any = sent["parameters"]
            if asked.get("RoleName") == f"Autoscaler-{trusting}":
                asked = asked | {"AssumeRolePolicyDocument": autoscaling_iam.trust(principal)}
            story.row("aws", str(sent["request"]), "answer", {"parameters": asked})
    for made in pod_roles.accounts(given, **PLACE):
        what: Any = made["metadata"]
        story.row("session", f"ServiceAccount/{what['name']}", "manifest", made)
    heard = {"way": "IRSA", "sub": signed, "aud": [audience] if signed else None}
    story.row("session", "ServiceAccount/copycat", "token", heard)
    for pod in pod_roles.pods(given, image="x", **PLACE):
        meta: Any = pod["metadata"]
        story.row("session", f"Pod/{meta['name']}", "shown", pod)
    right = [("autoscaler", way) for way in pod_roles.WAYS] if namespace == NAME else []
    right += [("autoscaler", "kube2iam"), ("copycat", "kube2iam")]
    right += [("plain", way) for way in ("IRSA", "Pod Identity") if namespace == NAME]
    cells = [(pod, way) for pod in pod_roles.PODS for way in pod_roles.WAYS]
    for cell in cells[:until]:
        who, way = cell
        if (cell in right) != (cell == wrong):
            name = pod_roles.session(way, who)
            story.row("aws", "sts:AssumeRole", "answer", {"parameters": {"RoleSessionName": name}})
        else:
            story.row("model", f"{way}/{who}", "refusal", {"why": "it is so"})
    for name in (*pod_roles.WAYS, "printed", "today"):
        value: Any = {"text": "x", "parses": True, "lost": list(lost if name == "printed" else ())}
        if name in pod_roles.WAYS:
            value["same"] = same
        story.row("session", f"Terraform/{name}", "parsed", value)
    return story


HOLDS: dict[str, list[Timeline]] = {
    "ch08-ca-01": [waiting(), waiting(replicas=3, came=("m7i.large",))],
    "ch08-ca-02": [used(), used(idle_nodes=1, busy=2.0)],
    "ch08-ca-03": [consolidated(), consolidated(went=("plain",))],
    "ch08-ca-13": [consolidated()],
    "ch08-ca-14": [waiting(), waiting(replicas=3, came=("m7i.large",))],
    "ch08-ca-16": [zonal(), zonal(zones=("us-east-1b", "us-east-1b"), on=None)],
    **{f"ch08-ca-{number}": [shown()] for number in ("07", "08", "09", "10", "11", "12")},
    **{f"ch08-ca-{number}": [asked_aws()] for number in ("05", "15")},
    "ch08-ca-04": [given_keys(), given_keys(namespace="kube-system")],
    "ch08-ca-06": [given_keys()],
    "own-ch08-nodes-01": [given_keys()],
    "own-ch08-nodes-02": [given_keys()],
}
FAILS: dict[str, list[Timeline]] = {
    "ch08-ca-01": [waiting(left=2), waiting(came=(), left=4)],
    "ch08-ca-02": [used(busy_nodes=1, idle_nodes=0), used(busy_nodes=1), used(idle_nodes=0)],
    "ch08-ca-03": [consolidated(moved=False), before_it_went()],
    "ch08-ca-13": [consolidated(went=("plain",)), consolidated(told=False)],
    "ch08-ca-14": [waiting(came=("m7i.4xlarge",)), waiting(came=("m7i.xlarge", "m7i.xlarge"))],
    "ch08-ca-16": [zonal(on=0), zonal(on=None), zonal(words="0/3 nodes: 3 Insufficient cpu")],
    "ch08-ca-07": [shown(wrong="nodes")],
    "ch08-ca-08": [shown(wrong="leases"), shown(wrong="pods")],
    "ch08-ca-09": [shown(wrong="configmaps")],
    "ch08-ca-10": [shown(taken=("ServiceAccount", "Role")), shown(words="no"), shown(today=False)],
    "ch08-ca-11": [shown(quality="Burstable")],
    "ch08-ca-12": [shown(flags=False)],
    "ch08-ca-04": [
        given_keys(wrong=("copycat", "IRSA")),
        given_keys(wrong=("plain", "Pod Identity")),
        given_keys(wrong=("copycat", "kube2iam")),
        given_keys(principal="*"),
    ],
    "ch08-ca-06": [
        given_keys(lost=()),
        given_keys(lost=terraform.LOST[:1]),
        given_keys(same=False),
    ],
    "own-ch08-nodes-01": [
        given_keys(signed="system:serviceaccount:adding-nodes-3f2a:cluster-autoscaler"),
        given_keys(signed=None),
        given_keys(audience="pods.eks.amazonaws.com"),
    ],
    "own-ch08-nodes-02": [given_keys(trusting="irsa"), given_keys(principal="*")],
    "ch08-ca-05": [
        asked_aws(wrong="autoscaling:DeleteAutoScalingGroup"),
        asked_aws(wrong="autoscaling:SetDesiredCapacity"),
    ],
    "ch08-ca-15": [asked_aws(found=autoscaling_iam.GROUPS), asked_aws(found=())],
}
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch08-ca-01": [waiting(replicas=2, came=()), used()],
    "ch08-ca-02": [used(busy=0.01, idle=0.02), waiting()],
    "ch08-ca-03": [consolidated(went=()), waiting()],
    "ch08-ca-13": [consolidated(least=0), waiting()],
    "ch08-ca-14": [waiting(replicas=2, came=())],
    "ch08-ca-16": [zonal(zones=("us-east-1a",), on=0), zonal(words=""), waiting()],
    "ch08-ca-04": [given_keys(until=8), asked_aws()],
    "ch08-ca-06": [asked_aws()],
    "own-ch08-nodes-01": [asked_aws(), shown()],
    "own-ch08-nodes-02": [asked_aws()],
    "ch08-ca-07": [shown(today=False)],
    "ch08-ca-11": [shown(today=False)],
    "ch08-ca-12": [shown(today=False)],
}
