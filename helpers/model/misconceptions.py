"""The misconceptions that the course knows, and the experiment that tells each from the rule.

A wrong answer of a card's script, and a wrong option of a quiz, stands for one of them, by its
name. They were met in the book's own slips, in threads, and in what others teach.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Misconception:
    """An idea that the cluster contradicts.

    `idea` completes "You may think that ...". `card` is the id of the experiment that tells the
    idea from the rule. In that card, `change` are the values of the form to predict again with, or
    `look` says where in the result to look; a card that shows it by itself needs neither.
    """

    topic: str
    idea: str
    card: str
    change: Mapping[str, Any] = field(default_factory=dict)
    look: str = ""


@dataclass(frozen=True)
class Place:
    """Where a card is: its notebook, as its path in `notebooks/`, and its title."""

    notebook: str
    title: str


M = Misconception

MISCONCEPTIONS: Mapping[str, Misconception] = {
    # requests-and-limits
    "the share of periods is the share of time": M(
        "requests-and-limits",
        "the share of periods with a stop is the share of time spent standing still",
        "a-cpu-limit-throttles",
        {"threads": 1},
    ),
    "a limit is felt only beside busy neighbours": M(
        "requests-and-limits",
        "a CPU limit costs nothing as long as nobody else wants the CPU",
        "limit-and-request-hurt-apart",
        {"limit": "1"},
    ),
    "a request is a cap": M(
        "requests-and-limits",
        "a pod never gets more CPU than it requests",
        "limit-and-request-hurt-apart",
        {"request": "600m"},
    ),
    "memory is handed out more slowly, as CPU is": M(
        "requests-and-limits",
        "a memory limit slows a program down, as a CPU limit does",
        "a-memory-limit-kills",
        {"limit": "96Mi"},
    ),
    "over-use is a matter of placement": M(
        "requests-and-limits",
        "a pod that uses too much is moved to a node with more room",
        "a-node-runs-short-of-memory",
    ),
    "over its CPU limit a pod is killed": M(
        "requests-and-limits",
        "a container that wants more CPU than its limit is killed",
        "a-cpu-limit-throttles",
    ),
    "limits steer the scheduler": M(
        "requests-and-limits",
        "the scheduler looks for a node that has room for the limits",
        "the-scheduler-counts-requests",
    ),
    "the scheduler looks at what is used": M(
        "requests-and-limits",
        "the scheduler looks at what the pods of a node use",
        "requests-not-use",
    ),
    "the workers are one pool": M(
        "requests-and-limits",
        "what is free on several nodes adds up for a pod",
        "the-scheduler-counts-requests",
        {"request": "800m"},
    ),
    # units
    "with and without the i are the same": M(
        "units",
        "M and Mi are two spellings of one unit",
        "what-a-quantity-means",
        {"memory": "64M"},
    ),
    "the gap is that of a kilobyte, whatever the prefix": M(
        "units",
        "the gap between the two kinds of units is the same for every prefix",
        "what-a-quantity-means",
        look="the chart has the gap of each prefix, from the smallest to the largest",
    ),
    "a capital K is a thousand": M(
        "units", "a capital K stands for a thousand bytes", "what-a-quantity-means"
    ),
    # qos
    "an init container does not count": M(
        "qos",
        "an init container has no part in the pod's class",
        "the-class-follows-from-requests-and-limits",
        {"beside": "no other container"},
    ),
    "a container without resources decides": M(
        "qos",
        "one container without resources makes the whole pod BestEffort",
        "the-class-follows-from-requests-and-limits",
        {"beside": "a second container without resources"},
    ),
    "the class is a field that you set": M(
        "qos",
        "the class is a field of the manifest",
        "the-class-follows-from-requests-and-limits",
    ),
    "a CPU limit alone makes a pod Guaranteed": M(
        "qos",
        "a limit on CPU alone makes a pod Guaranteed",
        "the-class-follows-from-requests-and-limits",
    ),
    "a container with only limits requests nothing": M(
        "qos",
        "a container that writes only limits requests nothing",
        "the-class-follows-from-requests-and-limits",
    ),
    "the scheduler looks at the class": M(
        "qos", "the scheduler prefers pods of the better class", "the-scheduler-counts-requests"
    ),
    "what the node offers to pods counts": M(
        "qos",
        "the score is reckoned from what the node offers to pods, not from all it has",
        "what-the-node-makes-of-a-class",
        {"memory": "512Mi"},
    ),
    "a request protects wholly": M(
        "qos",
        "a pod that requests memory cannot be killed for it",
        "a-node-runs-short-of-memory",
    ),
    "the QoS class decides": M(
        "qos",
        "the class alone decides who is evicted",
        "a-node-runs-short-of-memory",
        {"burstable_request": "600Mi"},
    ),
    "the largest goes first": M(
        "qos",
        "whoever uses most memory is evicted first",
        "a-node-runs-short-of-memory",
        {"burstable_request": "600Mi"},
    ),
    # resource-quota
    "the sixth is made and waits, Pending": M(
        "resource-quota",
        "a pod over the quota is made, and waits as one does for which no node has room",
        "the-scheduler-counts-requests",
    ),
    "it needs room below the quota, so one fewer": M(
        "resource-quota",
        "the sum must stay below the quota, and may not meet it",
        "the-fifth-replica",
        {"limit": "400m"},
    ),
    "what is not written counts nothing": M(
        "resource-quota",
        "what a container does not write counts as nothing in a quota",
        "an-oracle-of-admission",
        {"seed": 3},
    ),
    "a request may be above its limit": M(
        "resource-quota",
        "a request may be larger than the limit beside it",
        "a-request-without-a-limit",
    ),
    "a namespace begins empty": M(
        "resource-quota",
        "a new namespace has no objects that a quota counts",
        "what-a-quota-counts",
        {"configmaps": 2},
    ),
    "every quota counts every pod": M(
        "resource-quota",
        "every quota of a namespace counts every pod",
        "what-a-quota-counts",
        {"deadline": "1"},
    ),
    "the scheduler refuses what is over the quota": M(
        "resource-quota",
        "the scheduler says no to a pod over the quota",
        "the-fifth-replica",
    ),
    "a lower quota takes pods away": M(
        "resource-quota",
        "pods that are over a quota which was lowered are deleted",
        "what-a-quota-counts",
    ),
    # limit-range
    "who writes nothing is refused": M(
        "limit-range",
        "a pod that writes no resources is refused, LimitRange or not",
        "an-oracle-of-admission",
    ),
    "the quota of limits counts requests": M(
        "limit-range",
        "a quota on limits counts what the pods request",
        "pods-that-write-nothing",
        {"request": "250m"},
    ),
    "who writes nothing costs nothing": M(
        "limit-range",
        "a pod that writes no resources counts as nothing in the quota",
        "pods-that-write-nothing",
        {"default": "500m"},
    ),
    "a request that is missing always comes from the LimitRange": M(
        "limit-range",
        "a container that writes only a limit takes its request from the LimitRange",
        "what-a-limit-range-fills-in",
        {"request_cpu": "100m"},
    ),
    "the default gives way to a larger request": M(
        "limit-range",
        "the default limit is raised to a request that is larger",
        "a-request-without-a-limit",
    ),
    "only the maximum bounds a request": M(
        "limit-range",
        "a request may go up to the LimitRange's maximum, whatever the default",
        "a-request-without-a-limit",
        {"most": "2"},
    ),
    "the limit grows with the request": M(
        "limit-range",
        "a limit that is filled in grows with the request",
        "what-a-limit-range-fills-in",
    ),
    "the default limit times the ratio": M(
        "limit-range",
        "the ratio bounds a request from above",
        "a-request-without-a-limit",
        {"ratio": "2"},
    ),
    "who writes something gets nothing filled in": M(
        "limit-range",
        "a container that writes one amount itself gets no other filled in",
        "what-a-limit-range-fills-in",
        look="the last line of the chart is about memory, of which that container wrote nothing",
    ),
    "a refusal means that no node has room": M(
        "limit-range",
        "the server refuses a pod for which no node has room",
        "the-scheduler-counts-requests",
    ),
    "a quota bounds each container": M(
        "limit-range",
        "a quota says how much a container may have, and not all of them together",
        "the-fifth-replica",
    ),
    "a LimitRange reaches pods that are there": M(
        "limit-range",
        "a LimitRange acts on pods that were made before it was changed",
        "pods-that-write-nothing",
        look="the claim on kubectl run says when the defaults were written into the pod",
    ),
    "a bound corrects what is written": M(
        "limit-range",
        "a number outside the bounds is set to the nearest one that is allowed",
        "a-request-without-a-limit",
        look="the table has the server's words for each pod that is out of bounds",
    ),
    "only minimum and maximum are bounds": M(
        "limit-range",
        "a container is let in if it keeps to minimum and maximum, whatever the ratio",
        "a-request-without-a-limit",
        look="the table has pods refused for the ratio, between minimum and maximum",
    ),
    # metrics-server
    "kubectl top asks the container": M(
        "metrics-server",
        "kubectl top asks the container at the moment in which you ask",
        "kubectl-top-fails",
    ),
    "no numbers, so the server is down": M(
        "metrics-server",
        "where kubectl top fails, metrics-server is down",
        "kubectl-top-fails",
        look="the table has the Deployment's own word for each fault",
    ),
    "the pod always looks fine": M(
        "metrics-server",
        "a fault in the way of the numbers is never seen at metrics-server's pod",
        "kubectl-top-fails",
        look="the table has the Deployment's own word for each fault",
    ),
    "kubectl top shows the last numbers it had": M(
        "metrics-server",
        "kubectl top goes on with the last numbers when no new ones come",
        "kubectl-top-fails",
        look="the table has what kubectl said in each fault",
    ),
    "a node's percentage is of all that it has": M(
        "metrics-server",
        "the percentages of kubectl top nodes are parts of all that a node has",
        "one-number-five-readers",
        look="the first claim below it says of what they are parts, for every node",
    ),
    "a node's percentage is of the requests": M(
        "metrics-server",
        "the percentages of kubectl top nodes are parts of what the pods request",
        "one-number-five-readers",
        look="the first claim below it says of what they are parts, for every node",
    ),
    "what must be open is the Service's port": M(
        "metrics-server",
        "whoever can reach the port of a Service can reach the pods behind it",
        "kubectl-top-fails",
        look="the claim of step 4 names the pod's port beside the Service's",
    ),
    # hpa-cpu
    "under load it goes to the maximum": M(
        "hpa-cpu",
        "an autoscaler under load goes to its maximum",
        "an-autoscaler-follows-its-formula",
        {"most": 6},
    ),
    "over the target it adds one and waits": M(
        "hpa-cpu",
        "an autoscaler adds one replica at a time",
        "metrics-of-your-own",
    ),
    "the percentage is of the limit": M(
        "hpa-cpu",
        "the target is a percentage of the limit, or of the node",
        "why-an-autoscaler-knows-nothing",
    ),
    "a percentage needs no request": M(
        "hpa-cpu",
        "an autoscaler can tell a percentage of pods that request nothing",
        "why-an-autoscaler-knows-nothing",
        {"request": "100m"},
    ),
    "an accepted manifest is a right one": M(
        "hpa-cpu",
        "what the API server accepts has a target that exists",
        "why-an-autoscaler-knows-nothing",
        {"group": "apps/v1"},
    ),
    "autoscalers share the work": M(
        "hpa-cpu",
        "two autoscalers may have the same pods between them",
        "why-an-autoscaler-knows-nothing",
        look="the table has the words of left and right",
    ),
    # hpa-memory
    "three Pods share what one holds": M(
        "hpa-memory",
        "more replicas hold less memory each",
        "more-replicas-hold-more-memory",
        {"most": 4},
    ),
    "nothing to do, so one is enough": M(
        "hpa-memory",
        "pods that do nothing need no second replica, whatever the autoscaler looks at",
        "more-replicas-hold-more-memory",
        {"average": "200M"},
    ),
    "several metrics are averaged": M(
        "hpa-memory",
        "of several metrics an autoscaler takes the mean of what they ask for",
        "more-replicas-hold-more-memory",
        look="the table has what each metric asks for, and what became of it",
    ),
    "the metric that asks for least counts": M(
        "hpa-memory",
        "of several metrics the one counts that asks for fewest replicas",
        "more-replicas-hold-more-memory",
        look="the table has what each metric asks for, and what became of it",
    ),
    # hpa-custom-metrics
    "their CPU is idle, so one is enough": M(
        "hpa-custom-metrics",
        "every autoscaler looks at CPU",
        "more-replicas-hold-more-memory",
    ),
    "as many as are allowed, for the queue is long": M(
        "hpa-custom-metrics",
        "a long queue means as many workers as are allowed",
        "metrics-of-your-own",
        {"each": 10},
    ),
    "three, for no more may be added": M(
        "hpa-custom-metrics",
        "a policy of three Pods bounds how many there are, not how fast they come",
        "metrics-of-your-own",
        look="the chart has the number of workers over time, step after step",
    ),
    "an average of the Pods never falls": M(
        "hpa-custom-metrics",
        "an average a Pod stays where it was, however many Pods come",
        "metrics-of-your-own",
        look="the left side of the chart has the average of fib's Pods as more of them come",
    ),
    "a queue belongs to a namespace": M(
        "hpa-custom-metrics",
        "a right to an external metric in a namespace is a right to that namespace's queues",
        "metrics-of-your-own",
        look="the last claim names each queue, as it was read from two namespaces",
    ),
    "CPU can be read without a Pod": M(
        "hpa-custom-metrics",
        "an autoscaler on CPU alone may go down to no Pod",
        "metrics-of-your-own",
        look="the claim on the queue says what the server made of minReplicas: 0 on CPU alone",
    ),
    "one Pod is always left": M(
        "hpa-custom-metrics",
        "an autoscaler always leaves one Pod",
        "metrics-of-your-own",
        look="the chart has how many workers there are before the messages come",
    ),
    # cluster-autoscaler
    "an autoscaler looks at the nodes' CPU": M(
        "cluster-autoscaler",
        "nodes are added because those that are there are busy",
        "the-scheduler-counts-requests",
    ),
    "whatever there is more of makes a node": M(
        "cluster-autoscaler",
        "a node is made wherever there is much of something, of use or of requests",
        "requests-not-use",
        {"count": 2},
    ),
    "a manifest that worked once works for ever": M(
        "cluster-autoscaler",
        "a server takes every API version that it once took",
        "objects-of-the-autoscaler",
        look="the table has the server's answer to each object, in both versions",
    ),
    "only the Deployment's version has gone": M(
        "cluster-autoscaler",
        "only a Deployment's API version has gone since the book",
        "objects-of-the-autoscaler",
        look="the table has the server's answer to each object, in both versions",
    ),
    "a volume follows its pod": M(
        "cluster-autoscaler", "a volume goes where its pod goes", "a-disk-has-one-zone"
    ),
    "any new node will do": M(
        "cluster-autoscaler",
        "a pod that waits starts on any new node with room",
        "one-group-a-zone",
        {"first": "us-east-1a"},
    ),
    "a node gives all of its CPUs to pods": M(
        "cluster-autoscaler",
        "a node gives all of its CPUs to pods",
        "pending-pods-make-nodes",
        {"request": "900m"},
    ),
    "a node a pod": M(
        "cluster-autoscaler",
        "every pod that waits gets a node of its own",
        "pending-pods-make-nodes",
        {"largest": "m7i.large"},
    ),
    "an autoscaler moves pods, and makes nothing": M(
        "cluster-autoscaler",
        "a node autoscaler only moves pods about on the nodes that are there",
        "requests-not-use",
    ),
    "what only reads needs no right": M(
        "cluster-autoscaler",
        "a call that only reads is allowed without a policy",
        "rights-of-the-autoscaler",
        {"policy": "today's"},
    ),
    "a policy for Auto Scaling covers the machines too": M(
        "cluster-autoscaler",
        "a policy for Auto Scaling allows the calls to EC2, too",
        "rights-of-the-autoscaler",
        {"policy": "today's"},
    ),
    "a volume on its disk keeps a node": M(
        "cluster-autoscaler",
        "a pod with an emptyDir keeps its node from going",
        "what-keeps-a-node",
        look="the table has the words for each node that stays",
    ),
    "a node goes only when it is empty": M(
        "cluster-autoscaler",
        "a node goes only once nothing runs on it any more",
        "what-keeps-a-node",
        {"least": 0},
    ),
    "an autoscaler need not ask a budget": M(
        "cluster-autoscaler",
        "a PodDisruptionBudget binds people, and no autoscaler",
        "what-keeps-a-node",
        {"least": 0},
    ),
    "who is annotated gets the role": M(
        "cluster-autoscaler",
        "whoever carries the annotation of a role gets its keys",
        "who-gets-the-keys",
        look="the table says it for each way and each pod",
    ),
    "each pod needs an annotation of its own": M(
        "cluster-autoscaler",
        "every way gives a role by an annotation of the pod",
        "who-gets-the-keys",
        look="the table says it for each way and each pod",
    ),
    "one tag of two is enough": M(
        "cluster-autoscaler",
        "an Auto Scaling group is found if it carries one of the tags",
        "rights-of-the-autoscaler",
        look="the claim on the groups names those that were found; the third has one tag of two",
    ),
    "every group of the account is found": M(
        "cluster-autoscaler",
        "the autoscaler works with every Auto Scaling group that it may see",
        "rights-of-the-autoscaler",
        look="the claim on the groups names those that were found, of three",
    ),
    "a role is given to a name": M(
        "cluster-autoscaler",
        "a role is given to a ServiceAccount's name, whatever its namespace",
        "who-gets-the-keys",
        {"namespace": "kube-system"},
    ),
    "one node must hold all that wait": M(
        "cluster-autoscaler",
        "a node is made only if it holds all the pods that wait",
        "pending-pods-make-nodes",
        {"largest": "m7i.large"},
    ),
    "a pod that is evicted is replaced before it ends": M(
        "cluster-autoscaler",
        "a pod is evicted only after another runs in its place, so a budget is always kept",
        "what-keeps-a-node",
        look="the table has why the node of the pod with a budget stays",
    ),
    # emptydir
    "the volume has memory of its own": M(
        "emptydir",
        "what lies in a volume in memory is not charged to the container",
        "what-an-empty-dir-may-hold",
        {"memory": "96Mi"},
    ),
    "memory holds half, as a tmpfs does": M(
        "emptydir",
        "a volume in memory holds half of the memory there is, as a tmpfs does by itself",
        "what-an-empty-dir-may-hold",
        {"memory": "96Mi"},
    ),
    "it is the container's": M(
        "emptydir", "an emptyDir ends with the container that wrote into it", "what-survives"
    ),
    "it is the node's": M(
        "emptydir", "an emptyDir stays on its node for the next pod", "what-survives"
    ),
    "it is the Deployment's": M(
        "emptydir", "an emptyDir lives as long as its Deployment", "what-survives"
    ),
    "each container has an emptyDir of its own": M(
        "emptydir",
        "each container that mounts an emptyDir gets a folder of its own",
        "the-life-of-a-file",
        look="the claim on the two containers has the inode number of the file in each of them",
    ),
    "a volume has one path": M(
        "emptydir",
        "a volume is at the same path in every container of its Pod",
        "the-life-of-a-file",
        look="the claim on the two containers has the path of the file in each of them",
    ),
    "a mount needs a folder in the image": M(
        "emptydir",
        "a volume can be mounted only at a folder that the image has",
        "the-life-of-a-file",
        {"path": "/mnt/in"},
    ),
    "every volume needs a claim": M(
        "emptydir",
        "a Pod gets a volume only by a PersistentVolumeClaim",
        "the-life-of-a-file",
        look="the manifest has a volume, and no claim",
    ),
    "a sizeLimit stops the write": M(
        "emptydir",
        "what is written beyond an emptyDir's sizeLimit fails",
        "what-an-empty-dir-may-hold",
        look="the table has for the Pod on disk what the volume may hold, and what was written",
    ),
    "a volume that is too large costs its container alone": M(
        "emptydir",
        "a container that fills its volume is started again, and its Pod goes on",
        "what-an-empty-dir-may-hold",
        look="the table has the end of each Pod",
    ),
    "a forwarded port leads to a Deployment": M(
        "emptydir",
        "a forwarded port leads to whichever Pod the Deployment has",
        "the-life-of-a-file",
        look="the claim on the next Pod says what came through the old port",
    ),
    # ebs-volume
    "delete means delete": M(
        "ebs-volume",
        "a volume can be deleted while an instance uses it",
        "the-disk-of-the-book",
        look="the table has the volume's state after each step, asked to be deleted or not",
    ),
    "AWS detaches by itself": M(
        "ebs-volume",
        "EC2 detaches a volume that is to be deleted",
        "the-disk-of-the-book",
        look="the table has the volume's state after each step, asked to be deleted or not",
    ),
    "the disk follows the Pod": M(
        "ebs-volume", "a disk goes to the zone in which its Pod is to run", "one-group-a-zone"
    ),
    "the selector gives way": M(
        "ebs-volume",
        "a nodeSelector gives way where the Pod's volume is elsewhere",
        "a-disk-has-one-zone",
        {"pod": "us-east-1a"},
    ),
    "a Pod must be told the zone of its disk": M(
        "ebs-volume",
        "a Pod finds its disk's zone only by a nodeSelector",
        "a-disk-has-one-zone",
        look="the Pod called free has no nodeSelector",
    ),
    "a disk that cannot come is replaced": M(
        "ebs-volume",
        "a Pod gets an empty disk where its own cannot come",
        "a-disk-has-one-zone",
        look="the table has the scheduler's words about the Pod called yours",
    ),
    "a deletion that was refused is kept in mind": M(
        "ebs-volume",
        "EC2 deletes a volume later, as soon as it is free, if it could not at once",
        "the-disk-of-the-book",
        look="the table has the volume's state once it was detached",
    ),
    "what was taken out is refused": M(
        "ebs-volume",
        "the server refuses a volume type that was taken out of Kubernetes",
        "a-disk-has-one-zone",
        look="the Pod called todays-label names its disk in the book's way",
    ),
    "the scheduler asks whether a driver is there": M(
        "ebs-volume",
        "a Pod gets no node as long as nobody can bring its disk",
        "a-disk-has-one-zone",
        look="the table has where the Pod called todays-label is, and nobody brings its disk",
    ),
    # pv-pvc
    "a claim binds at once": M(
        "pv-pvc",
        "a claim always gets its volume as soon as it is made",
        "bound-at-once-or-with-the-pod",
    ),
    "the container makes it": M(
        "pv-pvc",
        "a volume is made when the container starts",
        "when-the-volume-is-made",
        look="the chart has the moments in their order",
    ),
    "the next claim gets it": M(
        "pv-pvc", "a volume that was retained is free for the next claim", "what-survives"
    ),
    "it always goes": M(
        "pv-pvc",
        "a volume always goes with its claim",
        "what-becomes-of-a-released-volume",
        {"policy": "Delete"},
    ),
    "the size must be exact": M(
        "pv-pvc",
        "a claim binds only to a volume of exactly its size",
        "which-volume-a-claim-gets",
        {"size": "5Gi"},
    ),
    "size alone decides": M(
        "pv-pvc",
        "a claim takes whichever volume has the nearest size",
        "which-volume-a-claim-gets",
        {"kind": "other"},
    ),
    "the volume grows": M(
        "pv-pvc", "a volume that is too small grows to the claim", "a-claim-grows"
    ),
    "what a claim does not use is left for others": M(
        "pv-pvc",
        "what a volume has more than its claim asked for is left for other claims",
        "which-volume-a-claim-gets",
        look="the second claim did not get what the first one had left of its volume",
    ),
    "two claims share a volume that is large enough": M(
        "pv-pvc",
        "two claims can have one volume, if it is large enough for both",
        "which-volume-a-claim-gets",
        look="the table has for each volume the claim that it is bound to",
    ),
    "an empty class is the default one": M(
        "pv-pvc",
        'a claim of the class "" gets the default class',
        "two-default-classes",
        look="the table has the claim called opted-out",
    ),
    "an empty class is an error": M(
        "pv-pvc",
        'the server refuses a claim of the class ""',
        "when-the-volume-is-made",
        look="the table has the claim called by-hand, whose class is empty",
    ),
    "a volume grows with what lies on it": M(
        "pv-pvc",
        "the capacity of a volume grows with what is written",
        "when-the-volume-is-made",
        look="the table has the capacity of the claim called tiny, whose Pod wrote 4Mi",
    ),
    "the capacity is a wall": M(
        "pv-pvc",
        "nobody can write more to a volume than its capacity",
        "when-the-volume-is-made",
        look="the claim called tiny asks for 1Mi, and its Pod wrote 4Mi",
    ),
    # storage-classes
    "a claim is a wish, and may be changed": M(
        "storage-classes",
        "a claim may ask for another size at any time, and it has no effect",
        "a-claim-grows",
        {"allowed": "true"},
    ),
    "a volume that can grow does": M(
        "storage-classes",
        "whether a claim may grow is up to the volume, not to its class",
        "a-claim-grows",
        {"allowed": "true"},
    ),
    "the controller knows where the Pod will be": M(
        "storage-classes",
        "a volume that is bound at once is near the Pod that will use it",
        "bound-at-once-or-with-the-pod",
        {"zone": "us-east-1a"},
    ),
    "who binds first has the better choice": M(
        "storage-classes",
        "the claim that binds first gets the better volume",
        "bound-at-once-or-with-the-pod",
        {"size": "2Gi"},
    ),
    "50 is the volume's number": M(
        "storage-classes",
        "iopsPerGB is the number for the whole volume",
        "classes-for-ebs",
        {"gib": 20},
    ),
    "every volume begins with 3000": M(
        "storage-classes",
        "every EBS volume has 3000 operations a second to begin with",
        "classes-for-ebs",
        look="the table has the operations of gp2, io1 and gp3 volumes of 10 GiB",
    ),
    "the first default stays the default": M(
        "storage-classes",
        "of two defaults the one that was there first counts",
        "two-default-classes",
        {"newer": "false"},
    ),
    "there can be one default only": M(
        "storage-classes",
        "there can be one default class only, and with two of them none counts",
        "two-default-classes",
        {"standard": "true"},
    ),
    "the cluster's own class comes first": M(
        "storage-classes",
        "the class that the cluster came with is preferred",
        "two-default-classes",
        {"standard": "true"},
    ),
    "a claim follows the default": M(
        "storage-classes",
        "a claim that named no class follows the default when it changes",
        "two-default-classes",
        look="the claim called early was there before both classes",
    ),
    "a default is given at the making alone": M(
        "storage-classes",
        "a claim that was made before there was a default never gets one",
        "two-default-classes",
        look="the claim called early was there before both classes",
    ),
    "a bound claim may change its class": M(
        "storage-classes",
        "a bound claim can be given another class",
        "a-claim-grows",
        look="the table has what came of the change to another class",
    ),
    "all types have as many operations for a GiB": M(
        "storage-classes",
        "every type of EBS gives as many operations for a GiB",
        "classes-for-ebs",
        look="the table has the operations of gp2, io1 and gp3 volumes of 10 GiB",
    ),
    "a number is as good as a text": M(
        "storage-classes",
        "a parameter of a class may be a number",
        "classes-for-ebs",
        look="the claim on the quotes has the server's words",
    ),
    "nobody reads a class before a volume is made": M(
        "storage-classes",
        "the server takes a class whatever its parameters look like",
        "classes-for-ebs",
        look="the claim on the quotes has the server's words",
    ),
    "who may grow may shrink": M(
        "storage-classes",
        "a class that lets its claims grow lets them shrink, too",
        "a-claim-grows",
        {"allowed": "true"},
    ),
    # deployment-shared-volume
    "the scheduler knows where the disk is": M(
        "deployment-shared-volume",
        "the scheduler always knows on which node a disk is",
        "replicas-share-one-volume",
    ),
    "a network disk is a shared disk": M(
        "deployment-shared-volume",
        "a disk that comes over the network can be on several nodes",
        "one-disk-two-nodes",
        {"mode": "ReadWriteMany"},
    ),
    "the last one wins": M(
        "deployment-shared-volume",
        "a disk is taken from one node when a Pod on another wants it",
        "one-disk-two-nodes",
        {"mode": "ReadWriteOncePod"},
    ),
    "ReadWriteOnce means one Pod": M(
        "deployment-shared-volume",
        "ReadWriteOnce means that one Pod may use the volume",
        "replicas-share-one-volume",
        {"mode": "ReadWriteOncePod"},
    ),
    "the replicas are spread, and one is on the wrong node": M(
        "deployment-shared-volume",
        "replicas are spread over the nodes wherever their volume is",
        "replicas-share-one-volume",
        {"where": "each on a node of its own"},
    ),
    "every replica gets a volume of its own": M(
        "deployment-shared-volume",
        "each replica of a Deployment gets a volume of its own",
        "replicas-share-one-volume",
    ),
    "an update always ends": M(
        "deployment-shared-volume",
        "an update of a Deployment always comes to its end",
        "an-update-that-hangs",
        {"mode": "ReadWriteOnce"},
    ),
    "a Deployment makes room by itself": M(
        "deployment-shared-volume",
        "a Deployment takes the old Pod away where the new one needs its volume",
        "an-update-that-hangs",
        {"strategy": "Recreate"},
    ),
    # statefulset
    "a set heals like a Deployment": M(
        "statefulset",
        "a set makes a lost pod anew elsewhere, as a Deployment does",
        "what-survives",
    ),
    "its pod waits as it is": M(
        "statefulset", "a set's pod goes on unchanged when its node is back", "what-survives"
    ),
    "the partition is the number of pods that are updated": M(
        "statefulset",
        "the partition says how many pods are updated",
        "a-partition-holds-back",
        {"partition": 1},
    ),
    "an update always reaches all pods": M(
        "statefulset",
        "an update of a set always reaches all of its pods",
        "a-partition-holds-back",
        {"partition": 3},
    ),
    "deleting the set deletes its data": M(
        "statefulset",
        "a set that is deleted takes its volumes with it",
        "what-a-set-keeps",
        {"when_deleted": "Delete"},
    ),
    "scaling down throws away what is not needed": M(
        "statefulset",
        "scaling down deletes the volumes that are not needed",
        "what-a-set-keeps",
        {"when_scaled": "Delete"},
    ),
    "all are made at once, as by a Deployment": M(
        "statefulset",
        "a set makes all of its pods at once",
        "a-set-starts-in-order",
        {"policy": "Parallel"},
    ),
    "the next one starts when this one runs, ready or not": M(
        "statefulset",
        "a set makes the next pod when the one before runs, ready or not",
        "a-set-starts-in-order",
        look="the table has when each pod was made, and when it was ready",
    ),
    "a headless Service translates ports": M(
        "statefulset",
        "a headless Service turns its own port into that of the Pod",
        "a-set-starts-in-order",
    ),
    "an emptyDir is lost with its container": M(
        "emptydir", "an emptyDir is lost when its container is killed", "the-life-of-a-file"
    ),
    "a claim goes with its Deployment": M(
        "pv-pvc",
        "a claim is deleted with the Deployment that uses it",
        "what-becomes-of-a-released-volume",
    ),
    "Retain gives the file to the next claim": M(
        "pv-pvc",
        "Retain hands the volume to the next claim of the same name",
        "what-becomes-of-a-released-volume",
    ),
    "a set is made anew on another node": M(
        "statefulset",
        "a set's pod is made anew on another node when its node is lost",
        "a-node-is-lost",
    ),
    "a Deployment makes the claim that it misses": M(
        "statefulset",
        "a Deployment makes a claim anew that its pods miss",
        "what-survives",
        look="the line of the deleted claim has what a Deployment's pod does and what a set's does",
    ),
    "a volume stays when its claim is deleted": M(
        "statefulset",
        "a volume stays after its claim, whatever its class says",
        "when-the-volume-is-made",
        look="the volume's phases end soon after its claim was deleted",
    ),
    # ecr-repository, ecr-push-pull
    "only the line that changed is sent": M(
        "ecr-push-pull",
        "a push sends only what changed within a layer",
        "a-second-push",
        {"layer": "in a layer of its own, below"},
    ),
    "an image is sent whole each time": M(
        "ecr-push-pull",
        "a push sends the whole image each time",
        "a-second-push",
        {"layer": "in a layer of its own, below"},
    ),
    "a running Pod follows its tag": M(
        "ecr-push-pull",
        "a Pod that runs gets the new image when its tag moves",
        "from-a-pod-to-its-commit",
    ),
    "every new Pod asks the registry": M(
        "ecr-push-pull",
        "every new Pod asks the registry what its tag stands for",
        "a-tag-moves",
        {"policy": "Always"},
    ),
    "each tag keeps a copy of the image": M(
        "ecr-push-pull",
        "each tag keeps a copy of the image in the registry",
        "a-second-push",
        look="the chart has what the push of latest sent, and which layers were there already",
    ),
    "a password that was typed is kept nowhere": M(
        "ecr-push-pull",
        "a login with --password-stdin leaves the password in no file",
        "a-second-push",
        look="the claim on the login says how the token was given, and that it was kept",
    ),
    "an account has one registry for all regions": M(
        "ecr-repository",
        "an account has one registry for all regions",
        "a-tag-moves",
        look="the claim on the account names the regions in which one name was made",
    ),
    "a filter names the tags that are held": M(
        "ecr-repository",
        "an exclusion filter names the tags that may not move",
        "a-tag-moves",
        {"mutability": "IMMUTABLE_WITH_EXCLUSION", "filter": "sta*"},
    ),
    # ecr-lifecycle
    "at 800, not above": M(
        "ecr-lifecycle",
        "imageCountMoreThan 800 takes an image as soon as there are 800",
        "a-rule-keeps-eight-hundred",
        {"number": 750},
    ),
    "the quota of the registry counts": M(
        "ecr-lifecycle",
        "images are taken when the registry's own quota is reached",
        "a-rule-keeps-eight-hundred",
        {"number": 750},
    ),
    "the last rule keeps the newest four, whatever came before": M(
        "ecr-lifecycle",
        "a rule takes all that is above its number, also what an earlier rule has left",
        "three-rules-and-ten-images",
        look="the table names the rule that took each image",
    ),
    "what is in production is safe": M(
        "ecr-lifecycle",
        "an image that is tagged for production is not taken",
        "three-rules-and-ten-images",
        look="the table names the rule that took each image",
    ),
    "the count goes by the last pull": M(
        "ecr-lifecycle",
        "imageCountMoreThan takes what was pulled longest ago",
        "three-rules-and-ten-images",
        look="beta-2 was pulled later than beta-4, and goes, while beta-4 stays",
    ),
    "a later rule does not count what an earlier one has left": M(
        "ecr-lifecycle",
        "a later rule does not count the images that meet an earlier one",
        "three-rules-and-ten-images",
        look="only four images meet neither of the first two rules, and three of them go",
    ),
    "all tags of an image must meet the pattern": M(
        "ecr-lifecycle",
        "a rule for tags has no say on an image that has another tag as well",
        "three-rules-and-ten-images",
        look="the image with two tags is older than beta-2, and stays",
    ),
    # ecr-iam
    "who may push may delete": M(
        "ecr-iam",
        "whoever may push images may delete them, too",
        "four-managed-policies",
        {"developer": "FullAccess"},
    ),
    "the login belongs to the repository": M(
        "ecr-iam",
        "a repository's ARN is enough for docker login",
        "a-policy-for-one-repository",
        {"token": "in a statement of its own"},
    ),
    "a group gives nothing to its members": M(
        "ecr-iam",
        "a policy must be attached to the user",
        "a-policy-for-one-repository",
        {"token": "in a statement of its own"},
    ),
    "AWS's policies can be kept to one repository": M(
        "ecr-iam",
        "one of AWS's own policies can be kept to one repository",
        "four-managed-policies",
        look="the claim on AWS's policies says what their statements are about",
    ),
    "a star in an ARN stands for the login too": M(
        "ecr-iam",
        "repository/* stands for the whole registry, the login included",
        "a-policy-for-one-repository",
        {"resource": "arn:aws:ecr:eu-central-1:123456789012:repository/*"},
    ),
    "what no statement denies is allowed": M(
        "ecr-iam",
        "what no statement denies is allowed",
        "a-policy-for-one-repository",
        look="no statement denies johndoe to delete the repository, and he may not",
    ),
    "a group's policy is copied to who is in it": M(
        "ecr-iam",
        "a group's policy is for those who were in the group when it was attached",
        "a-policy-for-one-repository",
        look="the claim on the group says how janedoe's login was answered before and after she "
        "joined",
    ),
    # ecr-in-pods
    "the API server looks whether there is such an image": M(
        "ecr-in-pods",
        "the API server looks whether an image is there before it takes the Pod",
        "a-pod-pulls-its-image",
        {"tag": "0.0.9"},
    ),
    "a full stop at the end is no part of the name": M(
        "ecr-in-pods",
        "a full stop at the end of an image's name is dropped",
        "a-pod-pulls-its-image",
        {"tag": "0.0.1"},
    ),
    "ErrImagePull says that there is no such image": M(
        "ecr-in-pods",
        "ErrImagePull says that the registry has no such image",
        "a-pod-pulls-its-image",
        look="the table has a Pod that lacks a login: the image that it names is there",
    ),
    "a Pod that could not pull must be made again": M(
        "ecr-in-pods",
        "a Pod that could not pull its image must be made again",
        "a-pod-pulls-its-image",
        look="nobody touched the Pod dot, and in the end it runs",
    ),
    "a login counts for the whole cluster": M(
        "ecr-in-pods",
        "once one node is logged in, all nodes of the cluster are",
        "a-pod-pulls-its-image",
        look="the table has two Pods without a secret, one on each node",
    ),
    "without a pull secret no image is let out": M(
        "ecr-in-pods",
        "a Pod without a pull secret gets no image from a registry that wants a login",
        "a-pod-pulls-its-image",
        look="the table has a Pod without a secret that runs, on the node that is logged in",
    ),
    "a tag cannot end in a full stop": M(
        "ecr-in-pods",
        "a registry refuses a tag that ends in a full stop",
        "a-pod-pulls-its-image",
        look="the claim on the dot says whether the registry took such a tag",
    ),
    # tagging
    "a fix comes to all tags": M(
        "tagging-semver",
        "a fix comes to everybody, whichever tag they use",
        "a-fix-a-feature-a-break",
        {"moving": "latest"},
    ),
    "more features break old clients": M(
        "tagging-semver",
        "a new feature breaks clients that were written before",
        "a-fix-a-feature-a-break",
        {"moving": "1"},
    ),
    "a suffix makes it newer": M(
        "tagging-upstream",
        "a tool that knows SemVer takes 8.0.12-c15 for newer than 8.0.12",
        "which-tag-is-newer",
        {"strategy": "semantic version"},
    ),
    "c9 and c15 are numbers": M(
        "tagging-upstream",
        "c9 and c15 are compared as numbers",
        "which-tag-is-newer",
        {"revision": 10},
    ),
    "text order is version order": M(
        "tagging-semver", "versions sort as text does", "which-tag-is-newer"
    ),
    "a large change needs a large version": M(
        "tagging-semver",
        "MAJOR is for features that are large",
        "a-fix-a-feature-a-break",
    ),
    "a revision keeps its image": M(
        "tagging-vcs",
        "a revision of a Deployment keeps the image that it had, whatever its tag",
        "a-rollback-by-tag",
        {"revision": "1"},
    ),
    "of a moving tag nobody can tell what runs": M(
        "tagging-vcs",
        "of a Pod with a moving tag nobody can tell what it runs",
        "from-a-pod-to-its-commit",
    ),
    # image-labels
    "the argument reaches the label under any name": M(
        "image-labels",
        "what is passed to a build reaches a label under whatever name",
        "labels-from-build-arguments",
        {"variable": "SHA"},
    ),
    "the builder objects to a variable that nobody declared": M(
        "image-labels",
        "a build fails when a label uses a variable that nobody declared",
        "labels-from-build-arguments",
        {"argument": "GIT_COMMIT"},
    ),
    "labels move with the tag": M(
        "image-labels", "an image's labels follow the tag that it had", "a-tag-moves"
    ),
    "only a tag that holds the commit can tell it": M(
        "image-labels",
        "only a tag with the commit in it leads back to the commit",
        "from-a-pod-to-its-commit",
        look="the table has the labels that were read of the Pod's image",
    ),
    "a label can be changed in the registry": M(
        "image-labels",
        "a label of a pushed image can be changed, as a tag can",
        "from-a-pod-to-its-commit",
    ),
}


PLACES: Mapping[str, Place] = {
    "who-gets-the-keys": Place("ch08/08-adding-nodes.ipynb", "Who gets the role's keys?"),
    "a-rollback-by-tag": Place(
        "ch10/05-tagging-strategies.ipynb", "Which commit runs, and may I roll back?"
    ),
    "a-cpu-limit-throttles": Place("ch08/01-requests-and-limits.ipynb", "A CPU limit throttles"),
    "limit-and-request-hurt-apart": Place(
        "ch08/01-requests-and-limits.ipynb", "When a limit hurts, and when a request"
    ),
    "a-memory-limit-kills": Place("ch08/01-requests-and-limits.ipynb", "A memory limit kills"),
    "what-a-quantity-means": Place("ch08/01-requests-and-limits.ipynb", "What a quantity means"),
    "the-scheduler-counts-requests": Place(
        "ch08/01-requests-and-limits.ipynb", "The scheduler counts requests"
    ),
    "the-class-follows-from-requests-and-limits": Place(
        "ch08/02-quality-of-service.ipynb", "The class follows from requests and limits"
    ),
    "what-the-node-makes-of-a-class": Place(
        "ch08/02-quality-of-service.ipynb", "What the node makes of a class"
    ),
    "a-node-runs-short-of-memory": Place(
        "ch08/02-quality-of-service.ipynb", "A node runs short of memory"
    ),
    "the-fifth-replica": Place("ch08/03-resource-quotas.ipynb", "A Deployment grows under a quota"),
    "an-oracle-of-admission": Place("ch08/03-resource-quotas.ipynb", "Be the oracle"),
    "what-a-quota-counts": Place("ch08/03-resource-quotas.ipynb", "Five quotas, eight objects"),
    "pods-that-write-nothing": Place(
        "ch08/04-limit-ranges.ipynb", "Pods that write nothing, under a quota"
    ),
    "what-a-limit-range-fills-in": Place(
        "ch08/04-limit-ranges.ipynb", "What a LimitRange fills in"
    ),
    "a-request-without-a-limit": Place("ch08/04-limit-ranges.ipynb", "A request without a limit"),
    "one-number-five-readers": Place("ch08/05-metrics-server.ipynb", "One number, five readers"),
    "kubectl-top-fails": Place("ch08/05-metrics-server.ipynb", "kubectl top fails"),
    "an-autoscaler-follows-its-formula": Place(
        "ch08/06-autoscaling-on-cpu.ipynb", "An autoscaler follows its formula"
    ),
    "why-an-autoscaler-knows-nothing": Place(
        "ch08/06-autoscaling-on-cpu.ipynb", "Why an autoscaler knows nothing"
    ),
    "more-replicas-hold-more-memory": Place(
        "ch08/07-autoscaling-on-memory-and-custom-metrics.ipynb",
        "More replicas, and the memory of each",
    ),
    "metrics-of-your-own": Place(
        "ch08/07-autoscaling-on-memory-and-custom-metrics.ipynb", "Metrics of your own"
    ),
    "requests-not-use": Place("ch08/08-adding-nodes.ipynb", "Busy pods and idle pods"),
    "objects-of-the-autoscaler": Place(
        "ch08/08-adding-nodes.ipynb", "The autoscaler's own objects"
    ),
    "one-group-a-zone": Place("ch08/08-adding-nodes.ipynb", "A volume in one zone"),
    "pending-pods-make-nodes": Place("ch08/08-adding-nodes.ipynb", "Pods wait, and a node comes"),
    "rights-of-the-autoscaler": Place(
        "ch08/08-adding-nodes.ipynb", "The autoscaler's rights in AWS"
    ),
    "what-keeps-a-node": Place("ch08/08-adding-nodes.ipynb", "Nodes that are needed no more"),
    "what-an-empty-dir-may-hold": Place("ch09/01-empty-dir.ipynb", "What an emptyDir may hold"),
    "the-life-of-a-file": Place("ch09/01-empty-dir.ipynb", "The life of a file"),
    "the-disk-of-the-book": Place("ch09/02-volumes-of-the-cloud.ipynb", "The disk of the book"),
    "a-disk-has-one-zone": Place("ch09/02-volumes-of-the-cloud.ipynb", "A disk has one zone"),
    "when-the-volume-is-made": Place(
        "ch09/03-persistent-volumes-and-claims.ipynb", "A claim, a volume, a Pod"
    ),
    "what-becomes-of-a-released-volume": Place(
        "ch09/03-persistent-volumes-and-claims.ipynb", "A claim is deleted"
    ),
    "which-volume-a-claim-gets": Place(
        "ch09/03-persistent-volumes-and-claims.ipynb", "Which volume does a claim get?"
    ),
    "a-claim-grows": Place("ch09/04-storage-classes.ipynb", "A claim that is to grow"),
    "bound-at-once-or-with-the-pod": Place(
        "ch09/04-storage-classes.ipynb", "Bound at once, or with the Pod"
    ),
    "classes-for-ebs": Place("ch09/04-storage-classes.ipynb", "Classes for EBS"),
    "two-default-classes": Place("ch09/04-storage-classes.ipynb", "Two defaults"),
    "one-disk-two-nodes": Place("ch09/05-one-volume-many-pods.ipynb", "One disk, two nodes"),
    "replicas-share-one-volume": Place(
        "ch09/05-one-volume-many-pods.ipynb", "Three replicas, one claim"
    ),
    "an-update-that-hangs": Place("ch09/05-one-volume-many-pods.ipynb", "One replica is updated"),
    "a-node-is-lost": Place("ch09/06-stateful-sets.ipynb", "A node is lost"),
    "a-partition-holds-back": Place("ch09/06-stateful-sets.ipynb", "A StatefulSet is updated"),
    "what-a-set-keeps": Place("ch09/06-stateful-sets.ipynb", "A StatefulSet loses its pods"),
    "a-set-starts-in-order": Place("ch09/06-stateful-sets.ipynb", "A StatefulSet starts"),
    "what-survives": Place("ch09/07-what-survives.ipynb", "What survives what"),
    "a-second-push": Place(
        "ch10/01-repositories-push-and-pull.ipynb",
        "One line is changed, and the image pushed again",
    ),
    "a-tag-moves": Place(
        "ch10/01-repositories-push-and-pull.ipynb", "A tag moves under running Pods"
    ),
    "a-rule-keeps-eight-hundred": Place(
        "ch10/02-lifecycle-policies.ipynb", "A rule that keeps 800 images"
    ),
    "three-rules-and-ten-images": Place(
        "ch10/02-lifecycle-policies.ipynb", "Three rules, ten images"
    ),
    "four-managed-policies": Place(
        "ch10/03-who-may-push-and-pull.ipynb", "Four policies that AWS manages"
    ),
    "a-policy-for-one-repository": Place(
        "ch10/03-who-may-push-and-pull.ipynb", "A policy for one repository"
    ),
    "a-pod-pulls-its-image": Place(
        "ch10/04-images-in-pods.ipynb", "A Pod names an image, and a node fetches it"
    ),
    "a-fix-a-feature-a-break": Place(
        "ch10/05-tagging-strategies.ipynb", "A fix, a feature, a break"
    ),
    "which-tag-is-newer": Place("ch10/05-tagging-strategies.ipynb", "Which tag is newer?"),
    "labels-from-build-arguments": Place("ch10/06-labels.ipynb", "A label is filled by the build"),
    "from-a-pod-to-its-commit": Place("ch10/06-labels.ipynb", "From a running Pod to its commit"),
}
"""Where the cards are that tell them apart, by id."""
