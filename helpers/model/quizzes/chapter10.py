"""The self-quizzes of chapter 10."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.model.quizzes.question import Option, Question

QUIZZES: Mapping[str, tuple[Question, ...]] = {
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
