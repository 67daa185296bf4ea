"""Claims about adding and removing nodes (ledger: ch08-ca-*, own-ch08-nodes-*).

Rows that they read: those of `helpers.model.node_run`, `use_run`, `consolidation`, `zone_run`,
`cluster_autoscaler` and `autoscaling_iam`.
"""

from __future__ import annotations

from collections.abc import Mapping

from helpers.claims.registry import Verdict, cannot_tell, claim
from helpers.model import (
    autoscaling_iam,
    cluster_autoscaler,
    consolidation,
    instance_sizes,
    node_run,
    pod_roles,
    terraform,
    use_run,
    zone_run,
)
from helpers.model.cluster_autoscaler import KINDS, NAME, QUESTIONS, Question
from helpers.model.manifests import containers
from helpers.model.resources import Resources, qos_class
from helpers.model.timeline import Timeline, Value

WEB = "web"
NO_NODES = "run in which pods of a Deployment had to wait for a node"


@claim("ch08-ca-01")
def nodes_must_grow_too(timeline: Timeline) -> Verdict:
    """Check that the Pods beyond the workers' room wait, and that none waits once nodes came.

    Rows: the manifests of Deployment/web and of the NodePool, Nodes and Pods.
    """
    sent = node_run.asked(timeline, WEB)
    room = None if sent is None else node_run.room(timeline, sent[1])
    if sent is None or room is None or sent[0] <= room:
        return cannot_tell(NO_NODES)
    pods = [pod for pod in node_run.pods(timeline) if pod.name.startswith(f"{WEB}-")]
    nodes = {node.name for node in node_run.added(timeline)}
    elsewhere = [pod for pod in pods if pod.node is None or pod.node in nodes]
    left = [pod for pod in pods if pod.node is None]
    wanted = sent[0] - room
    expected = node_run.expected(timeline, WEB) or []
    stuck = 0 if expected else wanted
    held = len(elsewhere) == wanted and len(left) == stuck
    return Verdict(
        held,
        f"{wanted} pods have no room on the workers, and wait until there are more nodes."
        if held
        else "As many pods as have no room on the workers should wait until nodes come.",
        f"{wanted} without room on the workers, {stuck} without a node at the end",
        f"{len(elsewhere)} without room on the workers, {len(left)} without a node at the end",
    )


@claim("ch08-ca-02")
def requests_decide_and_use_does_not(timeline: Timeline) -> Verdict:
    """Check that nodes come for Pods that wait, whatever CPU is used.

    Rows: both phases of busy and idle Pods, what they used, and the Nodes that came in each.
    """
    phases = use_run.phases(timeline)
    contrary = [
        (one, other)
        for one in phases
        for other in phases
        if one.used > other.used and one.requested < other.requested
    ]
    if len(phases) < len(use_run.PHASES) or not contrary:
        return cannot_tell("busy pods that request less than idle ones")
    held = all(phase.nodes == len(phase.rule) for phase in phases)
    held = held and len({phase.nodes for phase in phases}) > 1
    return Verdict(
        held,
        "Mean CPU says nothing of free room: what is requested makes a node, what is used does not."
        if held
        else "The nodes that came do not follow from what was requested.",
        "; ".join(f"{p.name} pods: {instance_sizes.told(p.rule)}" for p in phases),
        "; ".join(
            f"{p.name} pods: {p.nodes} made, CPU used {p.used_percent:.0f} %, requested "
            f"{p.requested_percent:.0f} %"
            for p in phases
        ),
    )


@claim("ch08-ca-03")
def pods_are_moved_and_then_the_node_goes(timeline: Timeline) -> Verdict:
    """Check that each node which went had come for a Pod, and went after the Pod had moved.

    Rows: the workloads' Deployments, their Pods, the Nodes.
    """
    gone = [o for o in consolidation.outcomes(timeline) if o.went is not None]
    if not gone:
        return cannot_tell("node that was made for a pod and went again")
    told, held = [], True
    for outcome in gone:
        pods = [p for p in node_run.pods(timeline) if p.name.startswith(f"{outcome.workload}-")]
        left = [p.went for p in pods if p.node == outcome.node]
        moved = any(p.node not in (None, outcome.node) for p in pods)
        first = all(time is not None and time <= (outcome.went or 0) for time in left)
        held = held and moved and first
        told.append(
            f"{outcome.workload}: {'moved' if moved else 'not moved'}, node deleted "
            f"{'after' if first else 'before'} its pod"
        )
    return Verdict(
        held,
        "A node comes for pods that wait; when it is not needed, its pods move first and then it "
        "goes."
        if held
        else "A node went before its pods had moved.",
        "; ".join(f"{o.workload}: moved, node deleted after its pod" for o in gone),
        "; ".join(told),
    )


@claim("ch08-ca-13")
def local_storage_keeps_no_node(timeline: Timeline) -> Verdict:
    """Check that the node of the Pod with an emptyDir goes like that of the Pod without.

    Rows: as in ch08-ca-03; what stands in the way of the other two.
    """
    outcomes = {o.workload: o for o in consolidation.outcomes(timeline)}
    asked = [o for o in outcomes.values() if not o.may_go]
    if len(outcomes) < len(consolidation.WORKLOADS) or len(asked) < consolidation.ROOM:
        return cannot_tell("run in which the two nodes without an obstacle find room")
    local, plain = outcomes[consolidation.LOCAL], outcomes[consolidation.PLAIN]
    kept = [o for o in asked if o.went is None and o.blocked]
    held = local.went is not None and plain.went is not None and len(kept) == len(asked)
    return Verdict(
        held,
        "An emptyDir keeps no node; a budget and an annotation do."
        if held
        else "What keeps a node is not what the rule says.",
        consolidation.told([o.workload for o in outcomes.values() if o.may_go]) + " went",
        consolidation.told([o.workload for o in outcomes.values() if o.went is not None]) + " went",
    )


@claim("ch08-ca-14")
def what_leaves_least_over_is_made(timeline: Timeline) -> Verdict:
    """Check that the nodes are the fewest, and of the sizes that leave least CPU over.

    Rows: as in ch08-ca-01.
    """
    expected = node_run.expected(timeline, WEB)
    if not expected:
        return cannot_tell(NO_NODES)
    came = node_run.chosen(timeline)
    held = came == expected
    return Verdict(
        held,
        "Of the sizes that have room for the pods, the one is made that leaves least over."
        if held
        else "Another size was made than the one that leaves least over.",
        instance_sizes.told(expected),
        instance_sizes.told(came),
    )


@claim("ch08-ca-16")
def a_volume_keeps_its_pod_in_its_zone(timeline: Timeline) -> Verdict:
    """Check that the Pod waits until there is a node with room in its volume's zone.

    Rows: the volume's and the machines' manifests, the Nodes' zones, the Pod's node, and the
    scheduler's events about the Pod.
    """
    zone = zone_run.volume_zone(timeline)
    machines = zone_run.machines(timeline)
    refused = zone_run.refusals(timeline)
    away = [m for m in machines if m.made and m.zone != zone]
    if zone is None or not away or not refused:
        return cannot_tell("pod with a volume in one zone, and a new machine in another")
    bound = zone_run.bound(timeline)
    right = [m for m in machines if m.made and m.zone == zone]
    got = next((m for m in machines if bound and m.name == bound[0]), None)
    told = [words for _, words in refused if zone_run.in_conflict(words)]
    expected = f"a node in {zone}" if right else "no node"
    seen = f"a node in {got.zone}" if got else "no node"
    held = seen == expected and bool(told)
    return Verdict(
        held,
        f"The pod waits for a node in {zone}, where its volume is; a machine elsewhere is no help."
        if held
        else "The pod did not wait for its volume's zone.",
        f"{expected}; before that, the scheduler speaks of the volume",
        f"{seen}; the scheduler {'speaks' if told else 'does not speak'} of the volume",
    )


NO_OBJECTS = "run in which the autoscaler's objects were shown to the server"


def _judged(
    timeline: Timeline, text: str, questions: list[Question], accounts: list[str]
) -> Verdict:
    """Compare what the authorizer said to these questions with what the rules say."""
    told = [
        (name, question, cluster_autoscaler.answers(timeline, name).get(question))
        for name in accounts
        for question in questions
    ]
    if any(allowed is None for _, _, allowed in told):
        return cannot_tell(NO_OBJECTS)

    def words(name: str, question: Question, allowed: bool | None) -> str:
        whose = "as printed: " if name != NAME else "today: " if len(accounts) > 1 else ""
        return f"{whose}{question.told} {'yes' if allowed else 'no'}"

    expected = [
        words(name, q, cluster_autoscaler.allows(cluster_autoscaler.rules_of(name), q))
        for name, q, _ in told
    ]
    seen = [words(name, q, allowed) for name, q, allowed in told]
    held = seen == expected
    return Verdict(
        held,
        text if held else "The authorizer says something else than the rules of the role.",
        "; ".join(expected),
        "; ".join(seen),
    )


@claim("ch08-ca-07")
def the_account_may_what_its_cluster_role_says(timeline: Timeline) -> Verdict:
    """Check that the ServiceAccount is taken, and may what is bound to it and nothing else.

    Rows: "shown" of the ServiceAccount and the ClusterRoleBinding, and what it may do.
    """
    shown = {s.kind: s.accepted for s in cluster_autoscaler.shown(timeline) if not s.as_printed}
    if not shown.get("ServiceAccount") or not shown.get("ClusterRoleBinding"):
        return cannot_tell(NO_OBJECTS)
    return _judged(
        timeline,
        "By its binding the ServiceAccount may do what the ClusterRole says, and no more.",
        [q for q in QUESTIONS if q.resource in ("pods", "pods/eviction", "nodes")],
        [NAME],
    )


@claim("ch08-ca-08")
def the_books_rules_are_not_enough_today(timeline: Timeline) -> Verdict:
    """Check which of today's questions the book's rules answer with no.

    Rows: what both ServiceAccounts may do, beyond ConfigMaps.
    """
    return _judged(
        timeline,
        "The book's ClusterRole lacks what today's autoscaler needs: Leases, Namespaces, Jobs, "
        "CSINodes, and ReplicaSets of the group apps.",
        [q for q in QUESTIONS if q.resource != "configmaps"],
        [cluster_autoscaler.printed_account(), NAME],
    )


@claim("ch08-ca-09")
def one_configmap_holds_its_status(timeline: Timeline) -> Verdict:
    """Check that the Role lets it read its status ConfigMap, and no other.

    Rows: what the ServiceAccount may do with ConfigMaps.
    """
    return _judged(
        timeline,
        "It may read the ConfigMap cluster-autoscaler-status, and no other.",
        [q for q in QUESTIONS if q.resource == "configmaps"],
        [NAME],
    )


@claim("ch08-ca-10")
def the_printed_versions_are_gone(timeline: Timeline) -> Verdict:
    """Check which objects are refused in the version of then, and that all are taken in today's.

    Rows: "shown" of the six objects, as printed and for today.
    """
    shown = [s for s in cluster_autoscaler.shown(timeline) if s.kind in KINDS]
    printed = {s.kind: s for s in shown if s.as_printed}
    today = {s.kind: s for s in shown if not s.as_printed}
    if set(printed) != set(KINDS) or set(today) != set(KINDS):
        return cannot_tell(NO_OBJECTS)
    gone = [kind for kind in KINDS if "beta" in cluster_autoscaler.PRINTED_VERSIONS[kind]]
    refused = [kind for kind in KINDS if not printed[kind].accepted]
    right = all("no matches for kind" in printed[kind].message for kind in refused)
    taken = sum(s.accepted for s in today.values())
    held = refused == gone and right and taken == len(KINDS)
    return Verdict(
        held,
        "Five of the six are in versions that no server of today knows; set right, all are taken."
        if held
        else "The server judged the printed objects otherwise.",
        f"no match for {', '.join(gone)}; today {len(KINDS)} taken",
        f"{'no match' if right else 'refused'} for {', '.join(refused)}; today {taken} taken",
    )


def _stored(timeline: Timeline, kind: str) -> tuple[Value, dict[str, Value]] | None:
    """Return what the server would store of the Pod or Deployment, and its first container."""
    for shown in cluster_autoscaler.shown(timeline):
        if shown.kind == kind and not shown.as_printed and shown.accepted:
            for container in containers(shown.stored):
                return shown.stored.get("qosClass"), dict(container)
    return None


@claim("ch08-ca-11")
def the_autoscaler_is_one_guaranteed_pod(timeline: Timeline) -> Verdict:
    """Check that the Deployment is taken, and that its Pod's class is what its resources make it.

    Rows: "shown" of the Deployment, and of a Pod by its template.
    """
    pod, deployment = _stored(timeline, "Pod"), _stored(timeline, "Deployment")
    if pod is None or deployment is None:
        return cannot_tell(NO_OBJECTS)
    block = deployment[1].get("resources")
    if not isinstance(block, dict):
        return cannot_tell("resources of the autoscaler's container")
    expected = qos_class([Resources.parse(block)])
    image = str(deployment[1].get("image"))
    held = pod[0] == expected and image == cluster_autoscaler.IMAGE
    return Verdict(
        held,
        f"One small pod: limits equal requests, so it is {expected}. Its image has moved."
        if held
        else "The server makes another pod of it.",
        f"{expected}, {cluster_autoscaler.IMAGE}",
        f"{pod[0]}, {image}",
    )


@claim("ch08-ca-12")
def the_basic_flags_stand(timeline: Timeline) -> Verdict:
    """Check that provider, verbosity and what goes to stderr are in the command that is stored.

    Rows: "shown" of the Deployment.
    """
    found = _stored(timeline, "Deployment")
    if found is None:
        return cannot_tell(NO_OBJECTS)
    command = found[1].get("command")
    flags = [str(flag) for flag in command] if isinstance(command, list) else []
    wanted = ["--v=4", "--stderrthreshold=info", "--cloud-provider=aws"]
    seen = [flag for flag in wanted if flag in flags]
    held = seen == wanted
    return Verdict(
        held,
        "The three basic flags are as they were."
        if held
        else "A basic flag is missing from the command.",
        " ".join(wanted),
        " ".join(seen) or "none",
    )


@claim("ch08-ca-04")
def who_may_take_its_role(timeline: Timeline) -> Verdict:
    """Check who gets keys: whom kube2iam finds annotated; today, the right ServiceAccount.

    Rows: the roles that were made, the association, the ServiceAccounts' manifests, the Pods as
    shown to the server; the answers of STS and the model's refusals.
    """
    cells = pod_roles.cells(timeline)
    made = pod_roles.asked(timeline, pod_roles.KUBE2IAM)
    if made is None or any(cell.rule is None or cell.answer is None for cell in cells):
        return cannot_tell("three pods that ask for keys in three ways")
    nodes = autoscaling_iam.trust(autoscaling_iam.NODE_ROLE)
    trusted = made["AssumeRolePolicyDocument"] == nodes

    def told(who: list[tuple[str, str]]) -> str:
        return "; ".join(
            f"{way}: {' and '.join(pod for pod, which in who if which == way) or 'nobody'}"
            for way in pod_roles.WAYS
        )

    expected = told([(cell.pod, cell.way) for cell in cells if cell.rule])
    seen = told([(cell.pod, cell.way) for cell in cells if cell.answer])
    held = seen == expected and trusted
    return Verdict(
        held,
        "The nodes may take the role, and kube2iam hands it to whoever is annotated; with IRSA and "
        "Pod Identity the ServiceAccount must be the one that trust or association names."
        if held
        else "Others get the role's keys than those to whom it was given.",
        f"the nodes trusted; {expected}",
        f"{'the nodes' if trusted else 'others'} trusted; {seen}",
    )


@claim("own-ch08-nodes-01")
def a_token_names_account_and_audience(timeline: Timeline) -> Verdict:
    """Check that each token which the cluster vouched for names its ServiceAccount and audience.

    Rows: "token" of the ServiceAccounts, and their manifests.
    """
    tokens = pod_roles.tokens(timeline)
    if not tokens:
        return cannot_tell("token of a ServiceAccount")
    expected = [f"{token.wanted} for {pod_roles.AUDIENCES[token.way]}" for token in tokens]
    seen = [f"{token.subject} for {', '.join(token.audience) or 'nobody'}" for token in tokens]
    held = seen == expected
    return Verdict(
        held,
        "A token names the ServiceAccount that it was made for, and who may take it."
        if held
        else "A token names another than it was made for, or the cluster does not know it.",
        "; ".join(dict.fromkeys(expected)),
        "; ".join(dict.fromkeys(seen)),
    )


@claim("own-ch08-nodes-02")
def today_the_nodes_need_no_right(timeline: Timeline) -> Verdict:
    """Check which of the three roles trusts the nodes.

    Rows: the requests that made the roles, and their answers.
    """
    made = {way: pod_roles.asked(timeline, way) for way in pod_roles.WAYS}
    if None in made.values():
        return cannot_tell("roles of the three ways")
    trusting = [
        way
        for way, sent in made.items()
        if sent and autoscaling_iam.NODE_ROLE in str(sent["AssumeRolePolicyDocument"])
    ]
    held = trusting == [pod_roles.KUBE2IAM]
    return Verdict(
        held,
        "Only the role for kube2iam must be open to the nodes."
        if held
        else "Other roles than that for kube2iam are open to the nodes.",
        f"{pod_roles.KUBE2IAM} trusts the nodes",
        f"{', '.join(trusting) or 'none'} trusts the nodes",
    )


@claim("ch08-ca-06")
def the_printed_names_lead_nowhere(timeline: Timeline) -> Verdict:
    """Check what the book's Terraform refers to and does not declare, and that today's is whole.

    Rows: "parsed" of Terraform/printed, Terraform/today and the text of each way.
    """
    names = ("printed", "today", *pod_roles.WAYS)
    found = {
        name: row.value
        for name in names
        if (row := timeline.last(source="session", object=f"Terraform/{name}", field="parsed"))
        and isinstance(row.value, Mapping)
    }
    if len(found) < len(names):
        return cannot_tell("Terraform that was parsed")
    whole = all(
        found[name].get("parses") and not found[name].get("lost") and found[name].get("same", True)
        for name in names[1:]
    )
    said = found["printed"].get("lost")
    lost = sorted(map(str, said)) if isinstance(said, list) else []
    held = whole and lost == sorted(terraform.LOST)
    rest = "all names of the others are declared"
    return Verdict(
        held,
        "As printed, two of its names are declared otherwise than they are used, so it cannot run."
        if held
        else "The parser finds other names lost than the book's two.",
        f"lost as printed: {', '.join(sorted(terraform.LOST))}; {rest}",
        f"lost as printed: {', '.join(lost) or 'none'}; "
        f"{rest if whole else 'the others are not whole'}",
    )


@claim("ch08-ca-05")
def what_no_policy_names_is_denied(timeline: Timeline) -> Verdict:
    """Check that the autoscaler may make the calls that its policy names, and no others.

    Rows: the request iam:PutUserPolicy, and the calls of the autoscaler.
    """
    named = autoscaling_iam.named(timeline)
    outcomes = autoscaling_iam.outcomes(timeline)
    if named is None or len(outcomes) < len(autoscaling_iam.TRIED):
        return cannot_tell("policy, and calls of the autoscaler that it decides")
    expected = [a for a in autoscaling_iam.TRIED if autoscaling_iam.allowed(named, a)]
    seen = [a for a in autoscaling_iam.TRIED if not outcomes[a]]
    held = seen == expected
    return Verdict(
        held,
        f"Of {len(outcomes)} calls, the {len(expected)} that the policy names are allowed."
        if held
        else "AWS allows other calls than the policy names.",
        ", ".join(expected) or "none",
        ", ".join(seen) or "none",
    )


@claim("ch08-ca-15")
def groups_are_found_by_their_tags(timeline: Timeline) -> Verdict:
    """Check that the groups which carry all tags of discovery are found, and no other.

    Rows: the requests that made the groups, and the names that were found.
    """
    found = autoscaling_iam.discovered(timeline)
    if found is None or not found[0]:
        return cannot_tell("search for Auto Scaling groups by tags")
    right, names = (sorted(each) for each in found)
    held = right == names
    return Verdict(
        held,
        "A group is found when it carries every tag that the flag names; none need be listed."
        if held
        else "Other groups were found than those that carry the tags.",
        ", ".join(right),
        ", ".join(names) or "none",
    )
