"""The Cluster Autoscaler's own objects: as the book prints them, and for today's version.

The rules of today's roles and its flags are those of the project's example for AWS
(kubernetes/autoscaler, cluster-autoscaler/cloudprovider/aws/examples and FAQ.md); the builders and
their order are ours. The lesson puts them into its own namespace, where one would use kube-system.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.model.manifests import LESSON_LABEL, Manifest, metadata, resources
from helpers.model.timeline import Timeline, Value

NAME = "cluster-autoscaler"
STATUS = "cluster-autoscaler-status"
EXPANDERS = ("least-waste", "random", "most-pods", "price", "priority")
"""Upstream: kubernetes/autoscaler cluster-autoscaler/FAQ.md, "What are Expanders?"."""

IMAGE = "registry.k8s.io/autoscaling/cluster-autoscaler:v1.37.0"
PRINTED_IMAGE = "k8s.gcr.io/cluster-autoscaler:v1.3.3"
KINDS = (
    "ServiceAccount",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "Deployment",
)
RBAC = "rbac.authorization.k8s.io/v1"
PRINTED_VERSIONS = {
    "ServiceAccount": "v1",
    "Deployment": "extensions/v1beta1",
    **dict.fromkeys(
        ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"),
        "rbac.authorization.k8s.io/v1beta1",
    ),
}
"""The versions of 2018. Gone since Kubernetes 1.16 (Deployment) and 1.22 (RBAC).

Upstream: kubernetes.io/docs/reference/using-api/deprecation-guide.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a role allows: verbs on resources of one API group, on all of them or on these names."""

    group: str
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    names: tuple[str, ...] = ()

    @property
    def manifest(self) -> Manifest:
        """The rule as a Role has it."""
        made: Manifest = {
            "apiGroups": [self.group],
            "resources": list(self.resources),
            "verbs": list(self.verbs),
        }
        return {**made, "resourceNames": list(self.names)} if self.names else made


_READ = ("watch", "list", "get")

PRINTED = (
    Rule("", ("events", "endpoints"), ("create", "patch")),
    Rule("", ("pods/eviction",), ("create",)),
    Rule("", ("pods/status",), ("update",)),
    Rule("", ("endpoints",), ("get", "update"), (NAME,)),
    Rule("", ("nodes",), (*_READ, "update")),
    Rule(
        "",
        (
            "pods",
            "services",
            "replicationcontrollers",
            "persistentvolumeclaims",
            "persistentvolumes",
        ),
        _READ,
    ),
    Rule("extensions", ("replicasets", "daemonsets"), _READ),
    Rule("policy", ("poddisruptionbudgets",), ("watch", "list")),
    Rule("apps", ("statefulsets",), _READ),
    Rule("storage.k8s.io", ("storageclasses",), _READ),
)
"""What the book's ClusterRole allows."""

TODAY = (
    Rule("", ("events",), ("create", "patch")),
    Rule("", ("pods/eviction",), ("create",)),
    Rule("", ("pods/status",), ("update",)),
    Rule("", ("nodes",), (*_READ, "update")),
    Rule(
        "",
        (
            "namespaces",
            "pods",
            "services",
            "replicationcontrollers",
            "persistentvolumeclaims",
            "persistentvolumes",
        ),
        _READ,
    ),
    Rule("apps", ("replicasets", "daemonsets", "statefulsets"), _READ),
    Rule("batch", ("jobs",), (*_READ, "patch")),
    Rule("policy", ("poddisruptionbudgets",), ("watch", "list")),
    Rule(
        "storage.k8s.io",
        ("storageclasses", "csinodes", "csidrivers", "csistoragecapacities", "volumeattachments"),
        _READ,
    ),
    Rule("resource.k8s.io", ("resourceclaims", "resourceslices", "deviceclasses"), _READ),
    Rule("coordination.k8s.io", ("leases",), ("create",)),
    Rule("coordination.k8s.io", ("leases",), ("get", "update"), (NAME,)),
)
"""What today's ClusterRole allows."""

NAMESPACED = (
    Rule("", ("configmaps",), ("create",)),
    Rule("", ("configmaps",), ("delete", "get", "update"), (STATUS,)),
)
"""What the Role allows, then and now; today the names to watch come on top."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that the autoscaler might do, put to its ServiceAccount."""

    verb: str
    group: str
    resource: str
    name: str = ""

    @property
    def told(self) -> str:
        """The question in kubectl's words, such as "list replicasets.apps"."""
        what = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {what}{f'/{self.name}' if self.name else ''}"


QUESTIONS = (
    Question("list", "", "pods"),
    Question("create", "", "pods/eviction"),
    Question("update", "", "nodes"),
    Question("delete", "", "nodes"),
    Question("list", "", "namespaces"),
    Question("list", "apps", "replicasets"),
    Question("list", "batch", "jobs"),
    Question("list", "storage.k8s.io", "csinodes"),
    Question("create", "coordination.k8s.io", "leases"),
    Question("update", "", "endpoints", NAME),
    Question("get", "", "configmaps", STATUS),
    Question("get", "", "configmaps", "another"),
)


def allows(rules: Sequence[Rule], question: Question) -> bool:
    """Tell whether one of these rules allows it.

    Upstream: K plugin/pkg/auth/authorizer/rbac/rbac.go, RuleAllows.
    """
    return any(
        question.verb in rule.verbs
        and question.group == rule.group
        and question.resource in rule.resources
        and (not rule.names or question.name in rule.names)
        for rule in rules
    )


def rules_of(account: str) -> tuple[Rule, ...]:
    """Return the rules that this ServiceAccount is bound to."""
    return (*(PRINTED if account == printed_account() else TODAY), *NAMESPACED)


def printed_account() -> str:
    """Return the ServiceAccount that gets the book's rules."""
    return f"{NAME}-printed"


def _wide(kind: str, name: str, namespace: str, lesson: str, **more: Value) -> Manifest:
    meta: Manifest = {"name": f"{namespace}-{name}", "labels": {LESSON_LABEL: lesson}}
    return {"apiVersion": RBAC, "kind": kind, "metadata": meta, **more}


def account(*, namespace: str, lesson: str, name: str = NAME, role: str = "") -> Manifest:
    """Build the ServiceAccount; `role` is the IAM role that EKS lets it take (IRSA)."""
    meta = metadata(name, namespace, lesson)
    if role:
        meta["annotations"] = {"eks.amazonaws.com/role-arn": role}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta}


def roles(
    *, namespace: str, lesson: str, name: str = NAME, rules: Sequence[Rule] = TODAY
) -> list[Manifest]:
    """Build ClusterRole, Role, and a binding of each to the ServiceAccount of this name."""
    subject: Value = [{"kind": "ServiceAccount", "name": name, "namespace": namespace}]
    group = RBAC.partition("/")[0]

    def ref(kind: str, of: str) -> Value:
        return {"apiGroup": group, "kind": kind, "name": of}

    def own(kind: str, **more: Value) -> Manifest:
        return {
            "apiVersion": RBAC,
            "kind": kind,
            "metadata": metadata(name, namespace, lesson),
            **more,
        }

    return [
        _wide("ClusterRole", name, namespace, lesson, rules=[rule.manifest for rule in rules]),
        _wide(
            "ClusterRoleBinding",
            name,
            namespace,
            lesson,
            roleRef=ref("ClusterRole", f"{namespace}-{name}"),
            subjects=subject,
        ),
        own("Role", rules=[rule.manifest for rule in NAMESPACED]),
        own("RoleBinding", roleRef=ref("Role", name), subjects=subject),
    ]


def deployment(
    *,
    namespace: str,
    lesson: str,
    cluster: str,
    region: str,
    expander: str,
    skip_local: str,
    memory: str,
) -> Manifest:
    """Build the Deployment for today's version: one Pod, Guaranteed, with the book's flags."""
    flags = [
        "./cluster-autoscaler",
        "--v=4",
        "--stderrthreshold=info",
        "--cloud-provider=aws",
        f"--skip-nodes-with-local-storage={skip_local}",
        f"--expander={expander}",
        f"--node-group-auto-discovery=asg:tag={','.join(discovery_tags(cluster))}",
        "--balance-similar-node-groups",
    ]
    amounts: Mapping[str, str | None] = {"cpu": "100m", "memory": memory}
    container: Manifest = {
        "name": NAME,
        "image": IMAGE,
        "command": list(flags),
        "env": [{"name": "AWS_REGION", "value": region}],
        "resources": resources(limits=amounts, requests=amounts),
    }
    labels: Manifest = {"app": NAME, LESSON_LABEL: lesson}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(NAME, namespace, lesson),
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": NAME}},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"serviceAccountName": NAME, "containers": [container]},
            },
        },
    }


def discovery_tags(cluster: str) -> tuple[str, str]:
    """Return the tags that an Auto Scaling group must carry to be found; both keys must be there.

    Upstream: kubernetes/autoscaler cluster-autoscaler/cloudprovider/aws/README.md.
    """
    return ("k8s.io/cluster-autoscaler/enabled", f"k8s.io/cluster-autoscaler/{cluster}")


def printed(manifest: Manifest) -> Manifest:
    """Return an object as the book has it: the same, in the API version of then."""
    kind = str(manifest["kind"])
    return {**manifest, "apiVersion": PRINTED_VERSIONS[kind]}


def template_pod(made: Manifest, *, namespace: str, lesson: str) -> Manifest:
    """Return the Pod that a Deployment would make, to be shown to the server by itself."""
    spec = made["spec"]
    assert isinstance(spec, Mapping)
    template = spec["template"]
    assert isinstance(template, Mapping)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata(NAME, namespace, lesson),
        "spec": template["spec"],
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """An object that was shown to the server with dry-run: as printed or for today."""

    kind: str
    as_printed: bool
    accepted: bool
    message: str
    stored: Mapping[str, Value]


def shown(timeline: Timeline) -> list[Shown]:
    """Return the objects that were shown to the server, in their order.

    Rows: source "session", object "<Kind>/cluster-autoscaler", field "shown", value {printed,
    accepted, message, stored}.
    """
    found = []
    for row in timeline.where(source="session", field="shown"):
        if not isinstance(row.value, Mapping):
            continue
        stored = row.value.get("stored")
        found.append(
            Shown(
                row.object.partition("/")[0],
                row.value.get("printed") is True,
                row.value.get("accepted") is True,
                str(row.value.get("message") or ""),
                stored if isinstance(stored, Mapping) else {},
            )
        )
    return found


def answers(timeline: Timeline, name: str) -> dict[Question, bool]:
    """Return what the authorizer said of a ServiceAccount, by question.

    Rows: source "session", object "ServiceAccount/<name>", field "may", value {verb, group,
    resource, name, allowed}.
    """
    found = {}
    for row in timeline.where(source="session", object=f"ServiceAccount/{name}", field="may"):
        value = row.value
        if isinstance(value, Mapping):
            asked = Question(
                *(str(value.get(key) or "") for key in ("verb", "group", "resource", "name"))
            )
            found[asked] = value.get("allowed") is True
    return found
