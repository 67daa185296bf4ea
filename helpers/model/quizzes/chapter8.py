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
}
