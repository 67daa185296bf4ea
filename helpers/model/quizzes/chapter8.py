"""The self-quizzes of chapter 8."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.model.quizzes.question import Option, Question

QUIZZES: Mapping[str, tuple[Question, ...]] = {
    "requests-and-limits": (
        Question(
            "more-cpu-than-the-limit",
            "A container wants more CPU than its limit. What happens?",
            (
                Option(
                    "It is killed, and started again.",
                    "That becomes of memory over its limit. CPU can be given later.",
                    "over its CPU limit a pod is killed",
                ),
                Option(
                    "Nothing, as long as the node has CPU to spare.",
                    "What a period allows is spent, whether anybody else wants the CPU or not.",
                    "a limit is felt only beside busy neighbours",
                ),
                Option(
                    "It stands still until the next period of 100 ms begins.",
                    "The limit allows so much CPU time in each period; then it waits.",
                ),
            ),
            "ch08-requests-08",
        ),
        Question(
            "what-the-scheduler-adds-up",
            "What does the scheduler add up to see whether a Pod fits on a node?",
            (
                Option(
                    "the requests of the Pods that are there",
                    "A Pod that sleeps takes as much room as one that works.",
                ),
                Option(
                    "their limits",
                    "Limits are for the node, once the Pod is there.",
                    "limits steer the scheduler",
                ),
                Option(
                    "what they use at the moment",
                    "Nobody measures anything for it.",
                    "the scheduler looks at what is used",
                ),
            ),
            "ch08-requests-02",
        ),
        Question(
            "a-thousand-bytes",
            "Which of these is a thousand bytes?",
            (
                Option(
                    "<code>1K</code>",
                    "The server refuses it: no suffix is called so.",
                    "a capital K is a thousand",
                ),
                Option("<code>1k</code>", "The decimal kilo is a small k."),
                Option(
                    "<code>1Ki</code>",
                    "With the i it is 1,024.",
                    "with and without the i are the same",
                ),
            ),
            "ch08-units-05",
        ),
    ),
    "quality-of-service": (
        Question(
            "who-sets-the-class",
            "Who decides which class a Pod has?",
            (
                Option(
                    "you, by a field of the manifest",
                    "There is no such field to write; the class stands in the status.",
                    "the class is a field that you set",
                ),
                Option(
                    "the scheduler, when it chooses a node",
                    "The class is there before that, and the scheduler does not look at it.",
                    "the scheduler looks at the class",
                ),
                Option(
                    "the server, by the requests and limits",
                    "It reckons the class when it makes the Pod, and the Pod keeps it.",
                ),
            ),
            "ch08-qos-01",
        ),
        Question(
            "only-limits",
            "A container has limits of CPU and memory, and writes no requests. Which class is it?",
            (
                Option(
                    "Guaranteed", "The server copies the limits into the requests: they are equal."
                ),
                Option(
                    "Burstable",
                    "That would be so if the requests stayed empty.",
                    "a container with only limits requests nothing",
                ),
            ),
            "ch08-qos-07",
        ),
        Question(
            "a-cpu-limit-alone",
            "A container has a limit of CPU, and nothing else. Which class is its Pod?",
            (
                Option(
                    "Guaranteed",
                    "For that, memory must be limited, too.",
                    "a CPU limit alone makes a pod Guaranteed",
                ),
                Option("Burstable", "Something is declared, and not all that Guaranteed needs."),
                Option(
                    "BestEffort",
                    "The limit becomes the request, so something is requested.",
                    "a container with only limits requests nothing",
                ),
            ),
            "ch08-qos-08",
        ),
        Question(
            "first-to-be-evicted",
            "A node runs short of memory. Who is a candidate to be evicted first?",
            (
                Option(
                    "every BestEffort Pod, before all others",
                    "A Burstable one that is far over its request may go before it.",
                    "the QoS class decides",
                ),
                Option(
                    "a Pod that uses more than it requested",
                    "Among those, the priority decides, and then by how much they are over.",
                ),
                Option(
                    "the Pod that uses most",
                    "One that stays within its request goes late, however large it is.",
                    "the largest goes first",
                ),
            ),
            "ch08-requests-12",
        ),
    ),
    "resource-quotas": (
        Question(
            "who-says-no",
            "A Pod would go over the quota. Who says no, and to whom?",
            (
                Option(
                    "the scheduler, to the Pod: it is Pending",
                    "The scheduler never hears of it: there is no Pod.",
                    "the scheduler refuses what is over the quota",
                ),
                Option(
                    "admission, to whoever wants to make the Pod",
                    "Of a Deployment that is the ReplicaSet's controller, and it tells so.",
                ),
                Option(
                    "nobody: the Pod waits for the quota to grow",
                    "Nothing waits. The ReplicaSet tries again, later and later.",
                    "the sixth is made and waits, Pending",
                ),
            ),
            "ch08-quota-07",
        ),
        Question(
            "a-lower-quota",
            "A quota is lowered below what it counts. What becomes of what is there?",
            (
                Option(
                    "It stays; only what is new is refused.",
                    "Admission keeps things out. It takes nothing away.",
                ),
                Option(
                    "What is too much is deleted.",
                    "A quota is asked when something is made, and then no more.",
                    "a lower quota takes pods away",
                ),
            ),
            "ch08-quota-02",
        ),
        Question(
            "a-silent-container",
            "A quota names <code>limits.cpu</code>. A container says nothing of CPU. What happens?",
            (
                Option(
                    "It is let in, and counts as nothing.",
                    "What is not written cannot be counted, and so it is not let in.",
                    "what is not written counts nothing",
                ),
                Option(
                    "Its Pod is refused.",
                    "Each container must state what the quota names.",
                ),
            ),
            "ch08-quota-04",
        ),
    ),
    "limit-ranges": (
        Question(
            "a-memory-limit-alone",
            "A LimitRange has <code>default</code> 1 CPU and 512Mi, <code>defaultRequest</code> "
            "500m and 256Mi. A container writes <code>limits.memory: 128Mi</code>, no more. What "
            "are its requests in the end?",
            (
                Option(
                    "500m of CPU and 256Mi",
                    "That is above its own limit. A limit that is written is a request, too.",
                    "a request that is missing always comes from the LimitRange",
                ),
                Option(
                    "500m of CPU and 128Mi",
                    "Its memory limit is its memory request; of CPU it wrote nothing.",
                ),
                Option(
                    "128Mi, and no CPU",
                    "It goes resource by resource. Of CPU it wrote nothing, so both defaults come.",
                    "who writes something gets nothing filled in",
                ),
            ),
            "ch08-limitrange-04",
        ),
        Question(
            "a-limit-that-nobody-wrote",
            'The server refuses your Pod: <q>requests: Invalid value: "2": must be less than or '
            "equal to cpu limit of 1</q>. There is no limit in your manifest. Who set it?",
            (
                Option(
                    "the nodes: none has more than 1 CPU left",
                    "Admission does not look at nodes. A Pod without room is made, and waits.",
                    "a refusal means that no node has room",
                ),
                Option(
                    "a quota: it allows 1 CPU a container",
                    "A quota is about a sum, and its refusal would say <q>exceeded quota</q>.",
                    "a quota bounds each container",
                ),
                Option(
                    "a LimitRange: 1 is its default",
                    "Whoever writes no limit gets that one, whatever the request is.",
                ),
            ),
            "ch08-limitrange-03",
        ),
        Question(
            "a-new-default",
            "You raise the <code>default</code> of a LimitRange from 1 CPU to 2. Which limit have "
            "the Pods that run already, and that wrote none?",
            (
                Option(
                    "1, as before",
                    "The default was written into them when they were made.",
                ),
                Option(
                    "2, at once",
                    "LimitRanger is asked when a Pod is made, and then no more.",
                    "a LimitRange reaches pods that are there",
                ),
                Option(
                    "2, once their containers start again",
                    "It is the same Pod in which they start, with the numbers that stand in it.",
                    "a LimitRange reaches pods that are there",
                ),
            ),
            "ch08-limitrange-07",
        ),
        Question(
            "nearly-four-times",
            "A LimitRange has for CPU <code>min</code> 100m, <code>max</code> 2 and "
            "<code>maxLimitRequestRatio</code> 3. A container requests 400m and has a limit of "
            "1500m. What does the server do?",
            (
                Option(
                    "It lets it in: both are between 100m and 2.",
                    "All three bounds hold, and 1500m is 3.75 times 400m.",
                    "only minimum and maximum are bounds",
                ),
                Option(
                    "It refuses it, and names the ratio.",
                    "1500 / 400 is 3.75, and that is more than 3.",
                ),
                Option(
                    "It raises the request to 500m.",
                    "A number that you wrote is kept or refused, and never changed.",
                    "a bound corrects what is written",
                ),
            ),
            "ch08-limitrange-05",
        ),
    ),
    "metrics-server": (
        Question(
            "available-and-not-reached",
            "<code>kubectl top</code> fails. The Deployment says 1 of 1 available, the APIService "
            "says <code>MissingEndpoints</code>. Where do you look next?",
            (
                Option(
                    "at the Service: it finds no Pod by its selector",
                    "A Pod is ready, and the Service has none: they do not find each other.",
                ),
                Option(
                    "at the server's log: it must be down",
                    "It is available. What fails is the way to it.",
                    "no numbers, so the server is down",
                ),
                Option(
                    "at the kubelets: they give it no numbers",
                    "Then its probe would fail, and it would not be available.",
                    "the pod always looks fine",
                ),
            ),
            "ch08-metrics-08",
        ),
        Question(
            "no-server-at-all",
            "Somebody scales metrics-server to 0. What does <code>kubectl top nodes</code> show?",
            (
                Option(
                    "the last numbers, which get older and older",
                    "They were in the server's memory, and went with it.",
                    "kubectl top shows the last numbers it had",
                ),
                Option(
                    "the numbers of this moment, from the containers",
                    "It asks one API, and nobody serves that now.",
                    "kubectl top asks the container",
                ),
                Option(
                    "an error: the Metrics API is not available",
                    "Nobody else answers for <code>metrics.k8s.io</code>.",
                ),
            ),
            "ch08-metrics-01",
        ),
        Question(
            "half-of-what",
            "A node has 2 CPUs. It keeps 400m for itself, so 1600m can be allocated. Its Pods "
            "request 1000m together, and 800m are in use. Which CPU% does <code>kubectl top nodes"
            "</code> show?",
            (
                Option(
                    "40 %",
                    "That is 800m of 2 CPUs, and some of those no Pod can have.",
                    "a node's percentage is of all that it has",
                ),
                Option("50 %", "800m of the 1600m that can be allocated."),
                Option(
                    "80 %",
                    "That is 800m of what is requested. An autoscaler reckons so, for its Pods.",
                    "a node's percentage is of the requests",
                ),
            ),
            "ch08-metrics-05",
        ),
        Question(
            "which-port-is-open",
            "A firewall lets the control plane reach the nodes on port 443 only. The Service of "
            "metrics-server listens on 443. Do the numbers come?",
            (
                Option(
                    "yes: 443 is the port of the Service",
                    "Only the Service has that number. Its Pods are reached by their own port.",
                    "what must be open is the Service's port",
                ),
                Option(
                    "no: the Pod behind it listens on 10250",
                    "The Service sends on to that port, and it is the one to open.",
                ),
            ),
            "ch08-metrics-09",
        ),
    ),
    "autoscaling-on-cpu": (
        Question(
            "a-percentage-of-what",
            "<code>averageUtilization: 60</code>: sixty percent of what?",
            (
                Option(
                    "of the containers' limits",
                    "It seems so where the request was copied from the limit.",
                    "the percentage is of the limit",
                ),
                Option("of what the containers request", "Use divided by request, over all Pods."),
                Option(
                    "of one core: a request is not needed",
                    "Without a request there is nothing to divide by.",
                    "a percentage needs no request",
                ),
            ),
            "ch08-hpacpu-03",
        ),
        Question(
            "three-times-the-target",
            "One Pod is at 180 %, the target is 60 %. How many does the formula ask for?",
            (
                Option(
                    "2: one more",
                    "It does not go step by step.",
                    "over the target it adds one and waits",
                ),
                Option("3", "One times 180 / 60, rounded up."),
                Option(
                    "as many as are allowed",
                    "The maximum is a bound, and no answer.",
                    "under load it goes to the maximum",
                ),
            ),
            "ch08-hpacpu-07",
        ),
        Question(
            "accepted-and-wrong",
            "The server takes an autoscaler whose <code>scaleTargetRef</code> names the group "
            "<code>app</code>, not <code>apps</code>. What follows from that?",
            (
                Option(
                    "that the target was found",
                    "Nobody looks for the target when the object is taken.",
                    "an accepted manifest is a right one",
                ),
                Option(
                    "nothing: its conditions will tell",
                    "AbleToScale says that it does not find its target.",
                ),
            ),
            "ch08-hpacpu-08",
        ),
    ),
    "autoscaling-on-metrics": (
        Question(
            "two-and-five",
            "An autoscaler has two metrics. There are 3 Pods, and up to 8 are allowed. By its CPU "
            "target it would have 2, by its memory target 5. How many does it ask for?",
            (
                Option(
                    "2",
                    "It would be short of memory then: each target is to be kept.",
                    "the metric that asks for least counts",
                ),
                Option(
                    "4",
                    "Nothing is averaged over the metrics.",
                    "several metrics are averaged",
                ),
                Option("5", "The highest counts, so that every target is kept."),
            ),
            "ch08-hpamem-02",
        ),
        Question(
            "a-cache-that-is-split",
            "A cache of 120 MB is split evenly over its Pods, however many there are; nobody asks "
            "it for anything. <code>averageValue</code> is <code>20M</code>, and up to 10 Pods are "
            "allowed. Where does it end?",
            (
                Option(
                    "at 6 Pods",
                    "What is shared falls with every Pod: 120 MB over 6 are 20 MB each.",
                ),
                Option(
                    "at 10: memory leads to the maximum",
                    "It does where each Pod brings its own. Here every Pod takes from the others.",
                    "an average of the Pods never falls",
                ),
                Option(
                    "at 1: it has nothing to do",
                    "The autoscaler looks at the memory, and one Pod holds six times the target.",
                    "nothing to do, so one is enough",
                ),
            ),
            "ch08-hpacustom-02",
        ),
        Question(
            "whose-queues",
            "In the namespace <code>dev</code> you give a colleague the right to read the external "
            "metric <code>queue_length</code>. The lengths of which queues can she read?",
            (
                Option(
                    "of those by which an autoscaler in dev scales",
                    "The right says nothing of autoscalers, nor of queues.",
                    "a queue belongs to a namespace",
                ),
                Option(
                    "of every queue that the adapter knows",
                    "Which queue is only a label in her question; the right is to the metric.",
                ),
                Option(
                    "of those that belong to dev",
                    "A queue is no object of the cluster, so it belongs to no namespace.",
                    "a queue belongs to a namespace",
                ),
            ),
            "ch08-hpacustom-04",
        ),
        Question(
            "who-may-sleep",
            "Which of these autoscalers may have <code>minReplicas: 0</code>?",
            (
                Option(
                    "one on the length of a queue",
                    "The length can be read without a Pod, and says when one is needed again.",
                ),
                Option(
                    "one on CPU alone",
                    "Without a Pod there is no CPU to measure; the server refuses it.",
                    "CPU can be read without a Pod",
                ),
                Option(
                    "none: 1 is the least",
                    "It was, for long. Today it depends on the metric.",
                    "one Pod is always left",
                ),
            ),
            "ch08-hpacustom-03",
        ),
    ),
    "adding-nodes": (
        Question(
            "one-of-two-tags",
            "The flag names two tags, <code>k8s.io/cluster-autoscaler/enabled</code> and <code>"
            "k8s.io/cluster-autoscaler/workbook</code>. An Auto Scaling group carries the first "
            "only. Does the autoscaler work with it?",
            (
                Option(
                    "yes: one of the tags is there",
                    "It might be another cluster's, which has the first tag as well.",
                    "one tag of two is enough",
                ),
                Option(
                    "yes: it may see all groups of the account",
                    "It may, and takes those that carry its tags.",
                    "every group of the account is found",
                ),
                Option("no: a group must carry both", "Each tag that the flag names is needed."),
            ),
            "ch08-ca-15",
        ),
        Question(
            "another-namespace",
            "A role for IRSA trusts <code>system:serviceaccount:kube-system:autoscaler</code>. You "
            "install the autoscaler in the namespace <code>tools</code>, with a ServiceAccount "
            "<code>autoscaler</code> that is annotated with the role. Does it get keys?",
            (
                Option(
                    "no: its token names tools",
                    "The token says <code>system:serviceaccount:tools:autoscaler</code>, and the "
                    "role does not trust that one.",
                ),
                Option(
                    "yes: its ServiceAccount is annotated with the role",
                    "With IRSA the annotation is a wish; the role's trust decides.",
                    "who is annotated gets the role",
                ),
                Option(
                    "yes: its ServiceAccount has the right name",
                    "Two namespaces may each have one of that name. The token tells them apart.",
                    "a role is given to a name",
                ),
            ),
            "own-ch08-nodes-01",
        ),
        Question(
            "three-that-wait",
            "Three Pods wait, each with a request of 1 CPU. A new node may have 2 CPUs, no more, "
            "and keeps 100m for itself. What does the autoscaler make?",
            (
                Option(
                    "2 nodes",
                    "2 CPUs less 100m hold one such Pod, and not two.",
                    "a node gives all of its CPUs to pods",
                ),
                Option("3 nodes", "Each can give 1900m, which is room for one of them."),
                Option(
                    "no node: none holds all three",
                    "They need not be together. It makes as many as they need.",
                    "one node must hold all that wait",
                ),
            ),
            "ch08-ca-14",
        ),
        Question(
            "hot-and-content",
            "The nodes' CPU is at 95 % on average, and every Pod has a node. What does a node "
            "autoscaler do about it?",
            (
                Option(
                    "It adds a node, to bring the mean down.",
                    "It does not look at that number. No Pod waits, so none would go there.",
                    "an autoscaler looks at the nodes' CPU",
                ),
                Option(
                    "nothing",
                    "It waits for a Pod that finds no room, and room is a matter of requests.",
                ),
            ),
            "ch08-ca-02",
        ),
        Question(
            "the-only-one",
            "A Deployment has one Pod, and a PodDisruptionBudget asks for <code>minAvailable: 1"
            "</code>. The Pod would fit elsewhere. What becomes of its node?",
            (
                Option(
                    "It stays: the Pod may not be evicted.",
                    "If it went, none would be left, even for a moment; so nobody may evict it.",
                ),
                Option(
                    "It goes, once another Pod runs elsewhere.",
                    "Nothing makes a second one first: the Deployment has the one that it wants.",
                    "a pod that is evicted is replaced before it ends",
                ),
                Option(
                    "It goes: a budget is for people.",
                    "An autoscaler evicts, as people do, and the API server asks the budget.",
                    "an autoscaler need not ask a budget",
                ),
            ),
            "ch08-ca-13",
        ),
    ),
}
