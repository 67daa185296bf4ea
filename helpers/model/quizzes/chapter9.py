"""The self-quizzes of chapter 9."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.model.quizzes.question import Option, Question

QUIZZES: Mapping[str, tuple[Question, ...]] = {
    "empty-dir": (
        Question(
            "two-paths",
            "A Pod has one emptyDir. Container <code>a</code> mounts it at <code>/out</code>, "
            "container <code>b</code> at <code>/in</code>; <code>a</code> writes <code>/out/x"
            "</code>. Where does <code>b</code> find it?",
            (
                Option(
                    "at <code>/out/x</code>",
                    "In <code>b</code> the volume is mounted elsewhere.",
                    "a volume has one path",
                ),
                Option("at <code>/in/x</code>", "One folder, and each container's own path to it."),
                Option(
                    "nowhere",
                    "The Pod has one volume, however many containers mount it.",
                    "each container has an emptyDir of its own",
                ),
            ),
            "ch09-emptydir-04",
        ),
        Question(
            "not-found-data",
            "The server answers: <q>volumeMounts[0].name: Not found: &quot;data&quot;</q>. What is "
            "missing?",
            (
                Option(
                    "an entry <code>data</code> in <code>spec.volumes</code>",
                    "A mount names a volume that its Pod declares.",
                ),
                Option(
                    "a PersistentVolumeClaim <code>data</code>",
                    "A mount names a volume of its Pod, and an emptyDir needs no claim.",
                    "every volume needs a claim",
                ),
                Option(
                    "a folder <code>/data</code> in the image",
                    "It is made when the container starts; the server knows no images.",
                    "a mount needs a folder in the image",
                ),
            ),
            "ch09-emptydir-04",
        ),
        Question(
            "over-the-size-limit",
            "An emptyDir on disk has <code>sizeLimit: 1Gi</code>, and the node has room. A program "
            "writes 2 GiB at once. What comes of it?",
            (
                Option(
                    "The write fails in the middle.",
                    "Nobody stops it; the kubelet looks at the volume afterwards.",
                    "a sizeLimit stops the write",
                ),
                Option(
                    "Its container is started again, and finds its files.",
                    "It is the whole Pod that goes, and its volume with it.",
                    "a volume that is too large costs its container alone",
                ),
                Option(
                    "The write succeeds, and later the Pod is evicted.",
                    "The limit is judged afterwards, and the Pod pays.",
                ),
            ),
            "own-ch09-emptydir-02",
        ),
        Question(
            "memory-of-two-kinds",
            "A container with <code>limits.memory: 100Mi</code> holds 70 MiB itself. How much can "
            "it write into an emptyDir with <code>medium: Memory</code>?",
            (
                Option(
                    "50 MiB: half of it",
                    "The 70 MiB count too, and nothing is halved.",
                    "memory holds half, as a tmpfs does",
                ),
                Option(
                    "30 MiB at most",
                    "What lies in the volume and what the program holds share one limit.",
                ),
                Option(
                    "100 MiB",
                    "The volume has no memory but its container's.",
                    "the volume has memory of its own",
                ),
            ),
            "own-ch09-emptydir-01",
        ),
        Question(
            "a-door-is-left-open",
            "You forward a port to a Deployment of one replica. Its Pod is deleted, and the next "
            "one runs. You load the page again. Who answers?",
            (
                Option(
                    "nobody",
                    "The port led to the Pod that was chosen, and ended with it.",
                ),
                Option(
                    "the new Pod",
                    "The Deployment only named a Pod to begin with.",
                    "a forwarded port leads to a Deployment",
                ),
            ),
            "ch09-emptydir-06",
        ),
    ),
    "volumes-of-the-cloud": (
        Question(
            "without-a-selector",
            "A PersistentVolume has <code>nodeAffinity</code> for us-east-1a. The Pod that uses it "
            "has no <code>nodeSelector</code>. Where does it run?",
            (
                Option(
                    "wherever there is room",
                    "The disk cannot be brought to another zone.",
                    "the disk follows the Pod",
                ),
                Option("in us-east-1a", "The scheduler reads the zone from the volume."),
                Option(
                    "nowhere, as long as you name no zone",
                    "The volume names it already.",
                    "a Pod must be told the zone of its disk",
                ),
            ),
            "ch09-ebs-05",
        ),
        Question(
            "the-last-node-of-a-zone",
            "The only node in us-east-1a dies. On it ran a Pod whose PersistentVolume is in that "
            "zone; us-east-1b has nodes with room. What becomes of the Pod's successor?",
            (
                Option(
                    "It runs in us-east-1b: the disk is attached there.",
                    "A disk moves from machine to machine, within its zone.",
                    "the disk follows the Pod",
                ),
                Option(
                    "It runs in us-east-1b, with an empty disk.",
                    "A claim keeps its volume; nobody gives it another.",
                    "a disk that cannot come is replaced",
                ),
                Option(
                    "It waits until us-east-1a has a node again.",
                    "Beside its disk or nowhere.",
                ),
            ),
            "ch09-ebs-03",
        ),
        Question(
            "volume-in-use",
            "<code>aws ec2 delete-volume</code> answers <code>VolumeInUse</code>. What is to be "
            "done, so that the disk goes?",
            (
                Option(
                    "Delete what uses it, and then ask again.",
                    "Once it is detached, EC2 takes the request.",
                ),
                Option(
                    "Nothing: it goes once it is detached.",
                    "A request that was refused is over; the disk would cost money for ever.",
                    "a deletion that was refused is kept in mind",
                ),
                Option(
                    "Nothing: that is a warning, and the disk is gone.",
                    "It is a refusal, and the instance has its disk as before.",
                    "delete means delete",
                ),
            ),
            "ch09-pvpvc-05",
        ),
        Question(
            "the-books-field-today",
            "A Pod names its disk by <code>awsElasticBlockStore</code>, on a cluster of today "
            "that has no EBS driver. What do you see?",
            (
                Option(
                    "The server refuses the field.",
                    "It takes it, and has it mean the driver's volume.",
                    "what was taken out is refused",
                ),
                Option(
                    "The Pod is Pending, and has no node.",
                    "The scheduler gives it one, for it does not ask for the driver.",
                    "the scheduler asks whether a driver is there",
                ),
                Option(
                    "The Pod has a node, and waits there for the disk.",
                    "An attachment is asked for, and nobody answers.",
                ),
            ),
            "ch09-ebs-04",
        ),
    ),
    "volumes-and-claims": (
        Question(
            "three-claims-two-volumes",
            "Two volumes of one class are there, of 10Gi and of 50Gi, equal otherwise. Three "
            "claims of that class come, one after the other: 20Gi, 5Gi, 5Gi. What does the last "
            "one get?",
            (
                Option(
                    "what is left of the 50Gi",
                    "A volume belongs to one claim as a whole.",
                    "what a claim does not use is left for others",
                ),
                Option(
                    "the volume of 10Gi, with the claim before it",
                    "One volume, one claim.",
                    "two claims share a volume that is large enough",
                ),
                Option("nothing yet: it waits", "Both volumes are taken, each by one claim."),
            ),
            "ch09-pvpvc-03",
        ),
        Question(
            "an-empty-class",
            'A claim says <code>storageClassName: ""</code>, and the cluster has a default class. '
            "What does it get?",
            (
                Option(
                    "a volume of the default class",
                    "That is for a claim without the line; this one says none.",
                    "an empty class is the default one",
                ),
                Option(
                    "a volume without a class, once somebody has made one",
                    "No provisioner cares for it.",
                ),
                Option(
                    "a refusal",
                    "The server takes it, and the claim is Pending.",
                    "an empty class is an error",
                ),
            ),
            "ch09-pvpvc-04",
        ),
        Question(
            "more-than-the-claim",
            "A claim of 1Gi has a volume of local-path, a folder on a node whose disk is nearly "
            "empty. The app writes 3 GiB. What comes of it?",
            (
                Option(
                    "It is written.",
                    "Whether the capacity is kept is the storage's affair; a folder keeps none.",
                ),
                Option(
                    "The write fails at 1 GiB.",
                    "A disk would end there, a folder does not.",
                    "the capacity is a wall",
                ),
                Option(
                    "It is written, and the volume says 3Gi afterwards.",
                    "What the volume says is what was asked for.",
                    "a volume grows with what lies on it",
                ),
            ),
            "ch09-pvpvc-02",
        ),
        Question(
            "the-way-back",
            "A class says <code>reclaimPolicy: Retain</code>, and somebody has deleted the "
            "claim of a database. How does a new claim come to its files?",
            (
                Option(
                    "by the old claim's name",
                    "The volume remembers the old claim's uid, and a new claim has another.",
                    "the next claim gets it",
                ),
                Option(
                    "You clear <code>claimRef</code>, and the new claim names the volume.",
                    "Whoever takes the field away says: the next one may.",
                ),
                Option(
                    "not at all",
                    "The volume is there still, Released.",
                    "it always goes",
                ),
            ),
            "own-ch09-reclaim-01",
        ),
        Question(
            "pending-for-an-hour",
            "A claim has been Pending for an hour. Its class says <code>WaitForFirstConsumer"
            "</code>, and no Pod names the claim. What is wrong?",
            (
                Option("nothing", "It waits for its first Pod, as its class says."),
                Option(
                    "the provisioner: it should have made the volume long ago",
                    "Nobody has asked it yet.",
                    "a claim binds at once",
                ),
            ),
            "ch09-pvpvc-07",
        ),
    ),
    "storage-classes": (
        Question(
            "monday-tuesday-wednesday",
            "On Monday there is no default class, and a claim is made that names none. On Tuesday "
            "<code>a</code> becomes a default, on Wednesday the newer <code>b</code> does, too. "
            "Which class has the claim on Thursday?",
            (
                Option("<code>a</code>", "The first default that came was written into it."),
                Option(
                    "<code>b</code>",
                    "A class that is written into a claim stays there.",
                    "a claim follows the default",
                ),
                Option(
                    "none",
                    "A claim without a class is looked at again and again.",
                    "a default is given at the making alone",
                ),
            ),
            "ch09-sc-02",
        ),
        Question(
            "bound-in-the-wrong-zone",
            "A claim of an <code>Immediate</code> class was bound to a volume in us-east-1b, and "
            "its Pod must run in us-east-1a. There are no files on it yet. What helps?",
            (
                Option(
                    "waiting: the controller binds it anew",
                    "What is bound stays bound.",
                    "the controller knows where the Pod will be",
                ),
                Option(
                    "another class in the same claim",
                    "The server refuses that of a claim that is bound.",
                    "a bound claim may change its class",
                ),
                Option(
                    "a new claim, of a class with <code>WaitForFirstConsumer</code>",
                    "That one is bound with its Pod, in the Pod's zone.",
                ),
            ),
            "own-ch09-binding-02",
        ),
        Question(
            "how-large-for-3000",
            "How large must a gp2 volume be to have 3000 operations a second all the time?",
            (
                Option(
                    "any size: it begins with 3000",
                    "That is gp3.",
                    "every volume begins with 3000",
                ),
                Option("1000 GiB", "It has 3 for each GiB."),
                Option(
                    "60 GiB",
                    "50 for each GiB is what io1 can be asked for.",
                    "all types have as many operations for a GiB",
                ),
            ),
            "ch09-sc-05",
        ),
        Question(
            "a-bare-fifty",
            "A StorageClass has the parameters <code>type: io1</code> and <code>iopsPerGB: 50"
            "</code>, written just so. What comes of it?",
            (
                Option(
                    "50 for each GiB",
                    "It does not come so far: parameters are texts, and 50 is a number.",
                    "a number is as good as a text",
                ),
                Option(
                    "The server refuses the class.", 'In quotes, <code>"50"</code>, it is kept.'
                ),
                Option(
                    "It is kept, and its first claim fails.",
                    "What the text means is the driver's affair; that it is one, the server's.",
                    "nobody reads a class before a volume is made",
                ),
            ),
            "ch09-sc-07",
        ),
        Question(
            "ten-instead-of-five",
            "You meant 5Gi, and a claim of 10Gi is bound. Its class says <code>"
            "allowVolumeExpansion: true</code>. You apply the claim with 5Gi.",
            (
                Option(
                    "The volume shrinks.",
                    "The class allows more, and never less.",
                    "who may grow may shrink",
                ),
                Option(
                    "The server takes it, and nothing happens.",
                    "So it goes with more, where nobody can resize; less is refused.",
                    "a claim is a wish, and may be changed",
                ),
                Option("The server refuses it.", "A bound claim does not shrink."),
            ),
            "own-ch09-growth-01",
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
    "what-survives": (
        Question(
            "a-place-for-a-cache",
            "A cache should outlive a crash of its program, and may be lost with its pod. What is "
            "the least that will do?",
            (
                Option(
                    "a claim of its own",
                    "It would do, and an emptyDir outlives a container, too.",
                    "it is the container's",
                ),
                Option("an emptyDir", "It ends with the pod, and not with a container."),
            ),
            "own-ch09-survives-01",
        ),
        Question(
            "claim-not-found",
            "A Deployment's pod is Pending: <q>persistentvolumeclaim &quot;plain&quot; not found"
            "</q>. What makes a pod of it run?",
            (
                Option("to make the claim again", "Nobody else does; the pod then finds it."),
                Option(
                    "to delete the pod",
                    "The next one waits for the same claim.",
                    "a Deployment makes the claim that it misses",
                ),
                Option(
                    "to wait",
                    "A StatefulSet would make the claim; a Deployment has no template for one.",
                    "a Deployment makes the claim that it misses",
                ),
            ),
            "own-ch09-survives-01",
        ),
        Question(
            "terminating-for-ten-minutes",
            "A node does not answer. The set's pod on it has been <i>Terminating</i> for ten "
            "minutes, and there is room elsewhere. Why is there no new one?",
            (
                Option(
                    "It is still being made; a set is only slower than a Deployment.",
                    "A set does not begin to, as long as the old one may still run.",
                    "a set heals like a Deployment",
                ),
                Option(
                    "The old one will go on, once the node is back.",
                    "It was told to go, and goes as soon as its node hears of it.",
                    "its pod waits as it is",
                ),
                Option(
                    "Nobody has confirmed that the old one has ended.",
                    "Two pods of one name would be two writers of one volume.",
                ),
            ),
            "own-ch09-survives-01",
        ),
        Question(
            "what-is-still-paid",
            "A StatefulSet with the policy <code>Retain</code> is deleted, then its claims by "
            "their label; their class says <code>Delete</code>. What is still there, and costs?",
            (
                Option(
                    "the volumes",
                    "With such a class a volume goes once its claim is deleted.",
                    "a volume stays when its claim is deleted",
                ),
                Option("nothing", "The volumes went with their claims."),
                Option(
                    "nothing, and the second step was for nothing, too",
                    "The set's end alone leaves the claims.",
                    "deleting the set deletes its data",
                ),
            ),
            "ch09-sts-10",
        ),
    ),
}
