"""The self-quizzes: questions on what a prediction does not ask, by lesson.

Each wrong option stands for a misconception, by its name, and says why it is wrong; the right one
names the claim that proves it. Texts may hold simple HTML such as <code>.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """One answer: its words, why it is right or wrong, and the misconception of a wrong one."""

    text: str
    why: str
    misconception: str = ""

    @property
    def right(self) -> bool:
        """Whether this is the right answer."""
        return not self.misconception


@dataclass(frozen=True)
class Question:
    """A question, its options in the order in which they are shown, and the right one's claim."""

    id: str
    ask: str
    options: tuple[Option, ...]
    claim: str

    @property
    def right(self) -> Option:
        """The right answer."""
        return next(option for option in self.options if option.right)


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
    "one-volume-many-pods": (
        Question(
            "read-write-once",
            "A volume is <code>ReadWriteOnce</code>. Who may use it at a time?",
            (
                Option(
                    "one Pod",
                    "That is <code>ReadWriteOncePod</code>.",
                    "ReadWriteOnce means one Pod",
                ),
                Option("all Pods of one node", "The volume is mounted once, on their node."),
                Option(
                    "Pods of all nodes, if the disk comes over the network",
                    "An EBS volume comes over the network, and is attached to one instance.",
                    "a network disk is a shared disk",
                ),
            ),
            "ch09-shared-01",
        ),
        Question(
            "how-many-volumes",
            "A Deployment of three replicas names one claim. How many volumes are there?",
            (
                Option(
                    "three, one for each replica",
                    "The template names a claim, and that is the same in each Pod. A StatefulSet "
                    "has a template for claims.",
                    "every replica gets a volume of its own",
                ),
                Option("one", "All replicas see the same files."),
            ),
            "ch09-shared-01",
        ),
        Question(
            "on-another-node",
            "The disk is on one node. A second Pod with the same claim is placed on another one. "
            "What do you see?",
            (
                Option(
                    "Pending: the scheduler finds no node",
                    "An EBS volume says in which zone it is, and not on which node.",
                    "the scheduler knows where the disk is",
                ),
                Option("ContainerCreating", "It has a node, and waits there for the disk."),
                Option(
                    "the first Pod loses the disk",
                    "Whoever has the disk keeps it until it goes.",
                    "the last one wins",
                ),
            ),
            "ch09-shared-02",
        ),
    ),
    "stateful-sets": (
        Question(
            "when-is-the-second-made",
            "A set with <code>OrderedReady</code>: when is its second Pod made?",
            (
                Option(
                    "at once, with the first",
                    "That is <code>Parallel</code>, and what a Deployment does.",
                    "all are made at once, as by a Deployment",
                ),
                Option(
                    "when the first one runs",
                    "To run is not enough.",
                    "the next one starts when this one runs, ready or not",
                ),
                Option("when the first one is ready", "One after the other, by their numbers."),
            ),
            "ch09-sts-06",
        ),
        Question(
            "which-port",
            "A headless Service has <code>port: 80</code> and <code>targetPort: 3000</code>. At "
            "which port does one Pod's own name answer?",
            (
                Option(
                    "80",
                    "The name leads straight to the Pod; nobody in between makes 3000 of 80.",
                    "a headless Service translates ports",
                ),
                Option("3000", "That is where the Pod itself listens."),
            ),
            "ch09-sts-04",
        ),
        Question(
            "a-set-is-deleted",
            "A StatefulSet is deleted, and nothing is said of its claims. What becomes of them?",
            (
                Option("They stay.", "The set made anew finds them again by their names."),
                Option(
                    "They go with it.",
                    "Only with <code>whenDeleted: Delete</code>.",
                    "deleting the set deletes its data",
                ),
            ),
            "ch09-sts-09",
        ),
    ),
    "tagging-strategies": (
        Question(
            "a-suffix",
            "A tool goes by SemVer. Which is newer, <code>8.0.12</code> or "
            "<code>8.0.12-c15</code>?",
            (
                Option(
                    "8.0.12-c15",
                    "To SemVer a suffix is what comes before a release.",
                    "a suffix makes it newer",
                ),
                Option("8.0.12", "With a suffix it would be a pre-release of it."),
            ),
            "ch10-upstream-02",
        ),
        Question(
            "ten-and-nine",
            "Which is newer, <code>1.9.0</code> or <code>1.10.0</code>?",
            (
                Option(
                    "1.9.0",
                    "As text it comes last; but the parts of a version are numbers.",
                    "text order is version order",
                ),
                Option("1.10.0", "Ten is more than nine."),
            ),
            "ch10-semver-02",
        ),
        Question(
            "what-raises-major",
            "Which change raises MAJOR?",
            (
                Option(
                    "one that is large",
                    "How large it is does not matter.",
                    "a large change needs a large version",
                ),
                Option(
                    "any new feature",
                    "An old client does not notice what it does not use: that is MINOR.",
                    "more features break old clients",
                ),
                Option("one that breaks an old client", "However small it is."),
            ),
            "ch10-semver-05",
        ),
        Question(
            "who-gets-the-fix",
            "1.0.1 mends 1.0.0, and the moving tag 1.0 follows. Who gets the fix by pulling again?",
            (
                Option(
                    "everybody",
                    "Whoever names 1.0.0 gets 1.0.0, for ever.",
                    "a fix comes to all tags",
                ),
                Option("whoever names the moving tag", "The exact version is the old image still."),
            ),
            "ch10-semver-03",
        ),
    ),
    "labels": (
        Question(
            "change-a-label",
            "An image is pushed, and one of its labels is wrong. Can you change it?",
            (
                Option(
                    "yes, in the registry, as one moves a tag",
                    "A tag stands beside the image; a label is in it.",
                    "a label can be changed in the registry",
                ),
                Option("no: with another label it is another image", "It has another digest."),
            ),
            "ch10-labels-03",
        ),
        Question(
            "from-a-pod",
            "A Pod runs <code>stable</code>, and then the tag moves. Can its image's labels still "
            "tell what it was built from?",
            (
                Option(
                    "no: they are those of the new image now",
                    "The tag stands for other labels now; the image that runs has its own.",
                    "labels move with the tag",
                ),
                Option(
                    "no: for that, the commit must be in the tag",
                    "The label <code>revision</code> holds it.",
                    "only a tag that holds the commit can tell it",
                ),
                Option("yes, by the digest that runs", "It leads to the very commit."),
            ),
            "ch10-labels-14",
        ),
        Question(
            "an-undeclared-variable",
            "A label is <code>$GIT_COMMIT</code>, and no <code>ARG</code> declares it. What does "
            "the build make of that?",
            (
                Option(
                    "It fails.",
                    "It does not even say so.",
                    "the builder objects to a variable that nobody declared",
                ),
                Option(
                    "It takes what was passed as --build-arg.",
                    "Only what an <code>ARG</code> declares arrives.",
                    "the argument reaches the label under any name",
                ),
                Option("an empty label", "And nobody notices, until somebody looks for it."),
            ),
            "ch10-labels-04",
        ),
    ),
}
