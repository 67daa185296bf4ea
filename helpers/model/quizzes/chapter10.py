"""The self-quizzes of chapter 10."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.model.quizzes.question import Option, Question

QUIZZES: Mapping[str, tuple[Question, ...]] = {
    "repositories-push-and-pull": (
        Question(
            "one-more-tag",
            "<code>randserver:0.0.2</code> is pushed. You give the same image a second tag, "
            "<code>latest</code>, and push that. What goes over the wire?",
            (
                Option(
                    "the image once more, for the other tag",
                    "A tag holds nothing; it points to an image that is there.",
                    "each tag keeps a copy of the image",
                ),
                Option(
                    "no layer, only that latest is this image too",
                    "Your engine asks for each layer, and the registry has them all.",
                ),
            ),
            "ch10-pushpull-03",
        ),
        Question(
            "three-layers",
            "An image has three layers: a base of 23 MB, libraries of 200 MB on it, and on top "
            "your program of 0.1 MB. You change one line of the program, build, and push under a "
            "new tag. About how much is sent?",
            (
                Option(
                    "0.1 MB",
                    "The layer with the program has a new digest; the two below it are there.",
                ),
                Option(
                    "the line, a few bytes",
                    "A layer is sent whole, or not at all.",
                    "only the line that changed is sent",
                ),
                Option(
                    "223 MB",
                    "Layers that the registry has are not sent again.",
                    "an image is sent whole each time",
                ),
            ),
            "ch10-pushpull-03",
        ),
        Question(
            "password-by-stdin",
            "Why should you write <code>docker login --password-stdin</code>, and not <code>docker "
            "login -p TOKEN</code>?",
            (
                Option(
                    "So that the token is not kept in a file on your machine.",
                    "It is kept either way: without it, no push would be let in later.",
                    "a password that was typed is kept nowhere",
                ),
                Option(
                    "So that nobody reads the token in the list of processes.",
                    "The arguments of a command are seen by others on the machine.",
                ),
            ),
            "ch10-pushpull-01",
        ),
        Question(
            "another-region",
            "Your account has a repository <code>randserver</code> in eu-central-1. What does "
            "<code>create-repository --repository-name randserver --region eu-west-1</code> do?",
            (
                Option(
                    "It makes a second one, in another registry.",
                    "Each region of an account has a registry of its own.",
                ),
                Option(
                    "It is refused: the account has that name already.",
                    "A second one in the <em>same</em> region would be refused.",
                    "an account has one registry for all regions",
                ),
                Option(
                    "It shows you the one that is there, with its images.",
                    "The reply has another ARN, with eu-west-1 in it.",
                    "an account has one registry for all regions",
                ),
            ),
            "ch10-repo-02",
        ),
        Question(
            "immutable-with-a-filter",
            "A repository is <code>IMMUTABLE_WITH_EXCLUSION</code>, with the filter "
            "<code>latest*</code>. Each of these tags stands for an image, and is pushed again "
            "with another. Which push is refused?",
            (
                Option(
                    "<code>latest</code>",
                    "The filter names it, so it is an exception: it may move.",
                    "a filter names the tags that are held",
                ),
                Option("<code>0.0.1</code>", "No filter names it, so it is immutable."),
                Option(
                    "<code>latest-arm</code>",
                    "The star stands for anything, so this one is an exception too.",
                    "a filter names the tags that are held",
                ),
            ),
            "ch10-repo-03",
        ),
    ),
    "lifecycle-policies": (
        Question(
            "one-too-many",
            "A rule takes what is more than ten images. Now there are eleven, and the one that was "
            "pushed first is pulled every day. Which goes?",
            (
                Option(
                    "the one that nobody has pulled for longest",
                    "<code>imageCountMoreThan</code> goes by the push.",
                    "the count goes by the last pull",
                ),
                Option(
                    "none: an image in use stays",
                    "The registry does not know what is in use.",
                    "what is in production is safe",
                ),
                Option("the one that was pushed first", "The oldest push goes, whoever needs it."),
            ),
            "ch10-lifecycle-03",
        ),
        Question(
            "thirty-a-day",
            "A repository is empty. From now on 30 images a day are pushed, and the one rule is "
            "<code>imageCountMoreThan 100</code>. How many images are there on the fourth evening, "
            "after the rule was applied?",
            (
                Option("100", "Of 120, the oldest 20 go."),
                Option(
                    "99",
                    "With 100 there are not more than 100.",
                    "at 800, not above",
                ),
                Option(
                    "120",
                    "Whether the registry has room does not matter to the rule.",
                    "the quota of the registry counts",
                ),
            ),
            "ch10-lifecycle-02",
        ),
        Question(
            "two-rules",
            "Rule 1 keeps two images that are tagged <code>prod*</code>; rule 2 keeps two of any. "
            "There are, the oldest first, <code>build-1</code>, <code>prod-1</code>, "
            "<code>prod-2</code>, <code>build-2</code>. Which go?",
            (
                Option(
                    "build-1 and prod-1",
                    "Rule 1 has left prod-1, so rule 2 may not take it.",
                    "the last rule keeps the newest four, whatever came before",
                ),
                Option(
                    "build-1",
                    "Two of the four are too many for rule 2, and prod-1 is none of its affair.",
                ),
                Option(
                    "none",
                    "Rule 2 counts the releases too, so there are four, and not two.",
                    "a later rule does not count what an earlier one has left",
                ),
            ),
            "ch10-lifecycle-03",
        ),
        Question(
            "an-image-with-two-tags",
            "An image is tagged <code>prod-3</code> and <code>beta-3</code>. Does a rule for "
            "<code>prod*</code> have a say on it?",
            (
                Option("yes", "One of its tags meets the pattern; that is enough."),
                Option(
                    "no: beta-3 does not meet the pattern",
                    "Each pattern needs a tag, but not each tag a pattern.",
                    "all tags of an image must meet the pattern",
                ),
            ),
            "ch10-lifecycle-03",
        ),
    ),
    "who-may-push-and-pull": (
        Question(
            "a-job-for-one-repository",
            "A job shall push to <code>billing</code> and to no other repository. Which of AWS's "
            "own policies do you give it?",
            (
                Option(
                    "PowerUser, for the user that the job has",
                    "With it the job can push over everybody's images.",
                    "AWS's policies can be kept to one repository",
                ),
                Option(
                    "PowerUser, for the repository",
                    "It is attached to who asks; which repositories it is about, it says itself.",
                    "AWS's policies can be kept to one repository",
                ),
                Option("none of the four", "Each is about every repository: write one yourself."),
            ),
            "ch10-iam-01",
        ),
        Question(
            "a-star-for-the-login",
            "A policy has one statement. It allows <code>ecr:GetAuthorizationToken</code> and "
            "<code>ecr:PutImage</code> on <code>arn:aws:ecr:eu-central-1:123456789012:repository/"
            "*</code>. May its holder log in?",
            (
                Option("no", "That star stands for repositories, and a login names none."),
                Option(
                    "yes",
                    "Only <code>*</code> alone meets a request that is about no repository.",
                    "a star in an ARN stands for the login too",
                ),
            ),
            "ch10-iam-08",
        ),
        Question(
            "what-nobody-says",
            "johndoe's only policy allows him to push and pull. No statement denies anything. He "
            "asks to delete the repository. What does he hear?",
            (
                Option(
                    "yes: nothing denies it",
                    "Without a statement that allows it, the answer is no.",
                    "what no statement denies is allowed",
                ),
                Option("no: nothing allows it", "Whatever nobody allows is denied."),
                Option(
                    "yes: who may push may delete as well",
                    "They are two actions, and each must be allowed.",
                    "who may push may delete",
                ),
            ),
            "ch10-iam-07",
        ),
        Question(
            "a-new-member",
            "A group's policy lets its members log in. Today janedoe is put into the group. From "
            "when on may she log in?",
            (
                Option(
                    "from her next request on",
                    "Who belongs to the group is looked up at each request.",
                ),
                Option(
                    "once the policy is attached to the group anew",
                    "Nothing is copied to members, so nothing must be renewed.",
                    "a group's policy is copied to who is in it",
                ),
                Option(
                    "once the policy is attached to her",
                    "It is attached once, to the group; that spares you the users.",
                    "a group gives nothing to its members",
                ),
            ),
            "ch10-iam-10",
        ),
    ),
    "images-in-pods": (
        Question(
            "read-the-error",
            "A Pod waits, and its node says: <q>pull access denied, repository does not exist or "
            "may require authorization: authorization failed: no basic auth credentials</q>. What "
            "do you look for first?",
            (
                Option(
                    "whether somebody has deleted the repository",
                    "Read on to the end: a login is missing.",
                    "ErrImagePull says that there is no such image",
                ),
                Option(
                    "who has a login: this Pod, or its node",
                    "The registry does not even say what there is to one it does not know.",
                ),
                Option(
                    "nothing: I delete the Pod, so that it is made again",
                    "The new one has no login either.",
                    "a Pod that could not pull must be made again",
                ),
            ),
            "ch10-inpods-01",
        ),
        Question(
            "the-image-comes-later",
            "A Pod is in <code>ImagePullBackOff</code>: its tag was never pushed. Now you push it. "
            "What else must you do?",
            (
                Option(
                    "delete the Pod, or restart its Deployment",
                    "That helps, but it is not needed.",
                    "a Pod that could not pull must be made again",
                ),
                Option("nothing", "The node tries again by itself, ever more seldom."),
            ),
            "ch10-inpods-03",
        ),
        Question(
            "a-replica-on-each-node",
            "The registry wants a login, and one of two workers has one of its own. A Deployment "
            "without a pull secret has a replica on each of them. What happens?",
            (
                Option(
                    "Both run.",
                    "Each node pulls for its own Pods, and with its own login.",
                    "a login counts for the whole cluster",
                ),
                Option(
                    "Neither runs.",
                    "The node's own login is enough; on AWS that is the usual way.",
                    "without a pull secret no image is let out",
                ),
                Option("One runs, and one waits.", "Whose node is logged in, runs."),
            ),
            "ch10-inpods-01",
        ),
        Question(
            "a-tag-with-a-full-stop",
            "By mistake you push an image under the tag <code>0.0.1.</code>, with a full stop. "
            "What does the registry do?",
            (
                Option("It takes it, as a tag of its own.", "The grammar of tags allows a dot."),
                Option(
                    "It takes it, as <code>0.0.1</code>.",
                    "The full stop belongs to the name.",
                    "a full stop at the end is no part of the name",
                ),
                Option(
                    "It refuses it.",
                    "To the registry nothing is wrong with it.",
                    "a tag cannot end in a full stop",
                ),
            ),
            "ch10-inpods-03",
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
