"""The self-quizzes of chapter 9."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.model.quizzes.question import Option, Question

QUIZZES: Mapping[str, tuple[Question, ...]] = {
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
}
