"""What a run shows of labels that a build filled from its arguments.

Rows: as in `helpers.model.labels`, of the images "kitchen:yours", "kitchen:printed" and
"kitchen:mended".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.model import labels
from helpers.model.labels import value_of
from helpers.model.timeline import Timeline

REPOSITORY = "kitchen"
OWN = "yours"
BUILDS = (OWN, "printed", "mended")
COMMIT = "git-commit"

EMPTY = "nothing: it is there, and empty"
PASSED = "the commit's short ID"
WORDS = "the variable's name, with its dollar sign"
ABSENT = "nothing: there is no such label"
FAILS = "the build fails"
OUTCOMES = (EMPTY, PASSED, WORDS, ABSENT, FAILS)


@dataclass(frozen=True, slots=True)
class Built:
    """One build: the variable of its label, what was passed, and the labels that came of it."""

    tag: str
    variable: str
    passed: Mapping[str, str]
    labels: Mapping[str, str] | None

    @property
    def rule(self) -> dict[str, str]:
        """The three labels by the rule."""
        return {
            COMMIT: value_of(self.variable, self.passed),
            "cook": value_of("COOK", self.passed),
            "jam": "5 jars",
        }

    @property
    def expected(self) -> str:
        """How the label git-commit has to come out."""
        return PASSED if self.rule[COMMIT] else EMPTY

    @property
    def outcome(self) -> str:
        """How the label git-commit came out; empty while it is not known."""
        if self.labels is None:
            return ""
        if COMMIT not in self.labels:
            return ABSENT
        held = self.labels[COMMIT]
        if not held:
            return EMPTY
        if held.startswith("$"):
            return WORDS
        return PASSED if held in self.passed.values() else ""


def builds(timeline: Timeline) -> list[Built]:
    """Return the builds of a run, in their order."""
    found = []
    for tag in BUILDS:
        value = labels.built(timeline, tag)
        if value:
            passed = labels.texts(value.get("passed")) or {}
            read = labels.read(timeline, f"{REPOSITORY}:{tag}")
            found.append(Built(tag, str(value.get("variable")), passed, read))
    return found
