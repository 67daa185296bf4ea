"""Claims about labels of images (ledger: ch10-labels-*).

Rows that they read: what `helpers.model.labels`, `helpers.model.build_arguments` and
`helpers.model.traced` name.
"""

from __future__ import annotations

from collections.abc import Mapping

from helpers.claims.registry import Claim, Verdict, cannot_tell, claim
from helpers.model import labels
from helpers.model.build_arguments import COMMIT, Built, builds
from helpers.model.images import short
from helpers.model.timeline import Timeline
from helpers.model.traced import FIRST, STABLE, tags_with, traced

NO_RUN = "image with labels whose tag was moved"


@claim("ch10-labels-01")
def an_image_is_found_by_its_label(timeline: Timeline) -> Verdict:
    """Check: the label revision finds the first image, whatever its tags are.

    Rows: the labels behind each tag at the end, and what was passed to the first build.
    """
    run = traced(timeline)
    revision = run.passed.get("revision", "")
    if run.moved is None or not revision or revision == run.newer.get("revision"):
        return cannot_tell(NO_RUN)
    found = tags_with(timeline, "revision", revision)
    named = [tag for tag in found if revision in tag]
    held = FIRST in found and STABLE not in found and not named
    return Verdict(
        held,
        "The label finds the image; its tag need not hold the commit."
        if held
        else "The label does not find the image that was built from the commit.",
        f"{FIRST}, and not {STABLE}",
        ", ".join(found) or "none",
    )


@claim("ch10-labels-02")
def several_labels_at_once(timeline: Timeline) -> Verdict:
    """Check: one LABEL of three pairs makes three labels; a quoted value keeps its space.

    Rows: the labels of each build, and how it was built.
    """
    done = [one for one in builds(timeline) if one.labels is not None]
    if not done:
        return cannot_tell("build with labels")
    held = all(set(one.rule) <= set(one.labels or {}) for one in done)
    held = held and all((one.labels or {}).get("jam") == one.rule["jam"] for one in done)
    return Verdict(
        held,
        "One LABEL sets several pairs, and quotes keep the space in a value."
        if held
        else "A pair is missing, or a value lost what stands behind its space.",
        f"{', '.join(done[0].rule)}; jam={done[0].rule['jam']}",
        "; ".join(_three(one) for one in done),
    )


def _three(one: Built) -> str:
    held = one.labels or {}
    there = [key for key in one.rule if key in held]
    return f"{one.tag}: {', '.join(there) or 'none'}; jam={held.get('jam', '')}"


@claim("ch10-labels-03")
def labels_stay_with_the_digest(timeline: Timeline) -> Verdict:
    """Check: the tag moves to other labels, and the digest keeps its own; the Pod is told by them.

    Rows: "Tag/stable", the first digest's labels before and after, those behind the tag, and the
    Pod's "imageID".
    """
    run = traced(timeline)
    if run.before is None or run.after is None or run.moved is None or not run.new_digest:
        return cannot_tell(NO_RUN)
    same = run.before == run.after
    held = same and run.old_digest != run.new_digest and run.moved == _sent(run.newer)
    held = held and run.before == run.sent and run.running == run.old_digest
    return Verdict(
        held,
        "The tag stands for other labels now; those of the digest that runs are as before."
        if held
        else "The labels of a digest changed, or the tag did not move to others.",
        f"{short(run.old_digest)} as before, {STABLE} on another",
        f"{short(run.old_digest)} {'as before' if same else 'changed'}, {STABLE} on "
        f"{short(run.new_digest)}; {short(run.running)} runs",
    )


@claim("ch10-labels-04")
def what_no_arg_declares_is_nothing(timeline: Timeline) -> Verdict:
    """Check every label against the rule of ARG: declared and passed, default, or nothing.

    Rows: the labels of each build, and how it was built. It takes one build with an undeclared
    variable and one with a declared one.
    """
    done = [one for one in builds(timeline) if one.labels is not None]
    if len({bool(one.rule[COMMIT]) for one in done}) < 2:
        return cannot_tell("builds of a declared variable and of one that nobody declared")
    held = all(_picked(one) == one.rule for one in done)
    return Verdict(
        held,
        "A variable that no ARG declares is empty, and the build does not say so; declared, it "
        "reaches the label."
        if held
        else "A label holds something else than the rule says.",
        "; ".join(_pairs(one.tag, one.rule) for one in done),
        "; ".join(_pairs(one.tag, _picked(one)) for one in done),
    )


def _picked(one: Built) -> dict[str, str]:
    return {key: (one.labels or {}).get(key, "no label") for key in one.rule}


def _pairs(tag: str, held: Mapping[str, str]) -> str:
    return f"{tag}: " + ", ".join(f"{key}={value!r}" for key, value in held.items())


@claim("ch10-labels-05")
def labels_and_annotations_are_two_places(timeline: Timeline) -> Verdict:
    """Check: LABEL fills the config and no annotation; annotations are in the manifest they are in.

    Rows: labels and annotations of the first image, and of the one that was annotated.
    """
    run = traced(timeline)
    if run.before is None or run.plain is None or run.annotated is None or not run.sent:
        return cannot_tell("image with labels, and one with annotations")
    held = run.before == run.sent and not run.plain and run.annotated == run.sent
    return Verdict(
        held,
        "LABEL writes into the image's config; the same keys in a manifest's annotations are a "
        "second place."
        if held
        else "A label was found among the annotations, or one of the two is not as it was sent.",
        f"{len(run.sent)} labels, 0 annotations; annotated: {len(run.sent)}",
        f"{len(run.before)} labels, {len(run.plain)} annotations; annotated: {len(run.annotated)}",
    )


def _sent(passed: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in passed.items() if value}


_TOLD = {
    "title": "It has a title for people.",
    "description": "It says what it is, and not only how it is called.",
    "created": "Its date is one that every program can read.",
    "authors": "It names somebody who can be reached.",
    "url": "It says where to learn more.",
    "documentation": "It says where its documentation is.",
    "source": "It says where its code is.",
    "version": "It says which version of the software is in it.",
    "revision": "It leads to the very commit that it was built from.",
    "vendor": "It names who gives it out.",
    "licenses": "It names its licenses as SPDX does.",
}


def _key_claim(key: str) -> Claim:
    """Make the claim of one key.

    Rows: what was passed to the first build, the labels of its image, and for revision what git has
    under it. The expectation is the value that was passed, and that it fits its key.
    """

    def judge(timeline: Timeline) -> Verdict:
        run = traced(timeline)
        passed = run.passed.get(key, "")
        if not passed or run.before is None:
            return cannot_tell(f"image with the label {key}")
        if key == "revision" and passed not in run.commits:
            return cannot_tell("commit that was looked for by the label revision")
        read = run.before.get(key, "")
        why = labels.wrong(key, read)
        if key == "revision" and run.commits.get(read) != "commit":
            why = "an ID that git knows as a commit."
        if key == "description" and read == run.before.get("title"):
            why = "more than the title."
        held = read == passed and why is None
        return Verdict(
            held,
            _TOLD[key] if held else f"The label {key} is missing, another one, or does not fit.",
            passed,
            f"{read or 'no label'}{f' (it takes {why})' if why else ''}",
        )

    return judge


for _number, _key in enumerate(labels.KEYS, start=6):
    claim(f"ch10-labels-{_number:02d}")(_key_claim(_key))
