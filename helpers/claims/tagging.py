"""Claims about tags (ledger: ch10-vcs-*, ch10-semver-*, ch10-upstream-*; own-ch10-rollback-*).

Rows that they read: what `helpers.model.tag_run` and `helpers.model.rollback_run` name.
"""

from __future__ import annotations

import contextlib
from typing import Any

from helpers.claims.registry import Verdict, cannot_tell, claim, compared
from helpers.model import rollback_run, rollouts, tag_run, tags
from helpers.model.images import pushes
from helpers.model.immutability import TAG
from helpers.model.rollback_run import BACK, COMMIT, MOVING, SEMVER, STEPS, VERSIONS, WORDS
from helpers.model.tag_run import BREAK, FEATURE, FIRST, FOUR
from helpers.model.tags import CHANGES, Version
from helpers.model.timeline import Timeline

UPSTREAM = FOUR[2]
NO_PODS = "Pods of several versions of one program"
_ANSWERED = {COMMIT: "commit", SEMVER: "upgrade", rollback_run.UPSTREAM: "upstream"}
"""The question that a Deployment's kind of tag answers by its text."""


@claim("ch10-vcs-01")
def the_registry_takes_what_the_grammar_allows(timeline: Timeline) -> Verdict:
    """Check that the registry accepts each tag of the grammar and refuses every other.

    Rows: "put" of each tag.
    """
    tried = tag_run.puts(timeline)
    expected = {tag: TAG.fullmatch(tag) is not None for tag in tried}
    if len(set(expected.values())) < 2:
        return cannot_tell("tags of which the grammar allows some and not others")
    held = tried == expected
    return Verdict(
        held,
        "A tag is up to 128 letters, digits, underscores, dots and dashes, and begins with none of "
        "the last two; a plus is refused."
        if held
        else "The registry took or refused another tag than the grammar does.",
        _accepted(expected),
        _accepted(tried),
    )


@claim("ch10-vcs-02")
def each_strategy_answers_its_question(timeline: Timeline) -> Verdict:
    """Check which question a tag answers by its text alone: commit, upgrade, or upstream.

    Rows: "names" of the tags (the commit that git finds under the text), and the images of the
    Deployments' running Pods.
    """
    run = rollback_run.run_of(timeline)
    expected = {name: [question] for name, question in _ANSWERED.items()} | {MOVING: []}
    measured = {}
    for name in expected:
        pods = run.after(name, STEPS[-1])
        tag = pods[0].image.rpartition(":")[2] if pods else ""
        found = timeline.value(source="git", object=f"Tag/{tag}", field="names")
        if found is None:
            return cannot_tell("running Pods of four kinds of tags that git was asked for")
        measured[name] = _answers(tag, str(found))
    held = expected == measured
    return Verdict(
        held,
        "A commit ID tells the source, a semantic version whether an upgrade is safe, an upstream "
        "version what was repackaged; none tells the others' answer, and a moving tag none."
        if held
        else "A tag answers another question by its text.",
        _lists(expected),
        _lists(measured),
    )


@claim("ch10-vcs-03")
def a_commit_id_leads_back_to_the_source(timeline: Timeline) -> Verdict:
    """Check that git shows the source of running Pods by nothing but their image's tag.

    Rows: the watch's images and digests of the Pods of Deployment "commit", "made" of each commit,
    where its version's tag points to, and "show".
    """
    run = rollback_run.run_of(timeline)
    pods = run.after(COMMIT, STEPS[-1])
    release = run.release_after(COMMIT, STEPS[-1])
    tag = pods[0].image.rpartition(":")[2] if pods else ""
    shown = timeline.value(source="git", object=f"Commit/{tag}", field="show")
    source = run.commits.get(release or 0)
    if source is None or not tags.COMMIT.fullmatch(tag) or shown is None:
        return cannot_tell("running Pods whose image is tagged with a commit ID")
    made = timeline.value(source="git", object=f"Commit/{source}", field="made")
    subject = made["subject"] if isinstance(made, dict) else ""
    held = (tag, shown) == (source, subject)
    return Verdict(
        held,
        "The tag of a running Pod's image is enough for git to show its source."
        if held
        else "git shows another commit than the image was built from.",
        f"{source[:7]}: {subject}",
        f"{tag[:7]}: {shown}",
    )


@claim("own-ch10-rollback-01")
def undo_restores_the_template(timeline: Timeline) -> Verdict:
    """Check that undo brings back a revision's template and ReplicaSet, which gets a new number.

    Rows: "undo" ({revision, template}) of each Deployment, its manifests, and its ReplicaSets'
    revisions as the watch saw them.
    """
    undone = timeline.where(source="session", field="undo")
    if not undone:
        return cannot_tell("Deployments that were rolled back")
    expected, measured = {}, {}
    for row in undone:
        assert isinstance(row.value, dict)
        name = row.object.removeprefix("Deployment/")
        back, newest = int(row.value["revision"]), len(STEPS)
        numbers = rollback_run.revisions(timeline, name)
        expected[name] = f"{len(VERSIONS)} ReplicaSets, {back} becomes {newest}"
        again = [seen for seen in numbers.values() if back in seen and seen[-1] == newest]
        became = f"{back} becomes {newest}" if again else "another template"
        measured[name] = f"{len(numbers)} ReplicaSets, {became}"
        if rollouts.HASH in row.value["template"]["metadata"].get("labels", {}):
            measured[name] += ", with its hash"
    return compared(
        expected,
        measured,
        "Undo makes no new ReplicaSet: the former one, with the template of its time, gets the "
        "next number.",
        "Undo did something else than to bring back a former ReplicaSet.",
    )


@claim("own-ch10-rollback-02")
def undo_brings_back_what_the_tag_still_names(timeline: Timeline) -> Verdict:
    """Check for which Deployments undo brought back what had run under the revision.

    Rows: digests and answers of the Pods after each step; "undo"; the policy that was sent.
    """
    run = rollback_run.run_of(timeline)
    cells = [cell for cell in rollback_run.cells(timeline) if cell.column == BACK]
    if any(cell.answer is None or cell.rule is None for cell in cells) or not run.revision:
        return cannot_tell("Deployments that were rolled out and back")
    expected = {cell.row: _yes(cell.rule is True) for cell in cells}
    measured = {cell.row: _yes(cell.answer is True) for cell in cells}
    for name, words in WORDS.items():
        programs = [
            {str(tag_run.answers(timeline, life.pod)[-1:]) for life in run.after(name, step)}
            for step in (run.undone_to(), STEPS[-1])
        ]
        if (programs[0] == programs[1]) is not (measured[words] == "yes"):
            measured[words] += ", but its program answers otherwise"
    moves = "yes" in expected[WORDS[MOVING]]
    return compared(
        expected,
        measured,
        (
            "Undo brings back the program of each tag that stays on its image; "
            f"{'the moving tag never left it' if moves else 'of a moving one it takes the newest'}."
        ),
        "Undo brought back another program than tag and policy say.",
    )


@claim("own-ch10-rollback-03")
def a_moved_tag_is_no_change(timeline: Timeline) -> Verdict:
    """Check that a manifest sent again, after its tag has moved, changes nothing.

    Rows: "generation" of Deployment "moving" before and after; where its tag pointed to.
    """
    rows = timeline.where(source="session", object=f"Deployment/{MOVING}", field="generation")
    points = timeline.where(
        source="registry", object=f"Tag/{rollback_run.LATEST}", field="points to"
    )
    if not rows or len({str(row.value) for row in points}) < 2:
        return cannot_tell("manifest that was sent again after its tag had moved")
    seen = [(v["before"], v["after"]) for row in rows if isinstance(v := row.value, dict)]
    held = all(before == after for before, after in seen)
    return Verdict(
        held,
        "A tag that has moved is no change of the manifest: sent again, it begins no rollout."
        if held
        else "The manifest was taken for another one.",
        "; ".join(f"generation {before}, then {before}" for before, _ in seen),
        "; ".join(f"generation {before}, then {after}" for before, after in seen),
    )


@claim("own-ch10-rollback-04")
def a_digest_leads_to_the_commit_by_its_label(timeline: Timeline) -> Verdict:
    """Check that the label behind a running Pod's digest names the commit that it runs.

    Rows: the Pods' digests, the registry's "labels" of each, "made" of the commits.
    """
    run = rollback_run.run_of(timeline)
    expected, measured = {}, {}
    for name, words in WORDS.items():
        for life in run.after(name, STEPS[-1]):
            label = rollback_run.labelled_with(timeline, life.digest)
            commit = run.commits.get(run.releases.get(life.digest, 0))
            if label and commit:
                expected[words] = commit[:7]
                measured[words] = label[:7]
    if len(expected) < len(WORDS):
        return cannot_tell("running Pods whose image carries its commit in a label")
    return compared(
        expected,
        measured,
        "By imageID and label each running Pod tells its commit, whatever its tag says.",
        "A label names another commit than the image was built from.",
    )


@claim("ch10-semver-01")
def the_major_decides_on_upgrades(timeline: Timeline) -> Verdict:
    """Check which of the registry's tags a user may take unseen, and which are to be looked at.

    Rows: the registry's "tags", and "upgrades" (the checker's answer).
    """
    row = timeline.last(source="model", field="upgrades")
    listed = tag_run.listed(timeline)
    if row is None or not isinstance(row.value, dict) or not listed:
        return cannot_tell("upgrades that were chosen from a registry's tags")
    used = Version.parse(row.object.removeprefix("Version/"))
    newer = [v for v in tags.versions(listed) if v.release and v > used]
    safe = [str(v) for v in newer if v.major == used.major]
    wanted = (safe[-1] if safe else "", [str(v) for v in newer if v.major > used.major])
    chosen = (row.value["automatic"], row.value["to be looked at"])
    held = wanted == chosen
    return Verdict(
        held,
        f"From {used} an upgrade within the same MAJOR is taken unseen; another MAJOR is looked at."
        if held
        else "Another upgrade was chosen than the newest of the same MAJOR.",
        f"unseen {wanted[0] or 'none'}; look at {', '.join(wanted[1]) or 'none'}",
        f"unseen {chosen[0] or 'none'}; look at {chosen[1]}",
    )


@claim("ch10-semver-02")
def three_numbers_and_not_text(timeline: Timeline) -> Verdict:
    """Check that raising a number sets those right of it to zero, and that a text's order differs.

    Rows: "next" (the versions after each change), and the registry's "tags", which are put in the
    order of versions and of text.
    """
    row = timeline.last(source="model", field="next")
    listed = [tag for tag in tag_run.listed(timeline) if tag in ("1.9.0", "1.10.0")]
    if row is None or not isinstance(row.value, dict) or len(listed) < 2:
        return cannot_tell("next versions, and a list with 1.9.0 and 1.10.0")
    major, minor, patch = row.object.removeprefix("Version/").split(".")
    wanted: dict[str, Any] = {
        "PATCH": f"{major}.{minor}.{int(patch) + 1}",
        "MINOR": f"{major}.{int(minor) + 1}.0",
        "MAJOR": f"{int(major) + 1}.0.0",
    }
    found = {change: row.value.get(change) for change in CHANGES}
    orders = tags.by_semver(listed), sorted(listed)
    held = found == wanted and orders == (["1.9.0", "1.10.0"], ["1.10.0", "1.9.0"])
    return Verdict(
        held,
        "Raising a number sets those right of it to zero; 1.10.0 comes after 1.9.0, though as text "
        "it comes before."
        if held
        else "A next version is another.",
        f"{', '.join(str(wanted[c]) for c in CHANGES)}; 1.9.0, 1.10.0; as text 1.10.0, 1.9.0",
        f"{', '.join(str(found[c]) for c in CHANGES)}; {', '.join(orders[0])}; as text "
        f"{', '.join(orders[1])}",
    )


@claim("ch10-semver-03")
def a_patch_reaches_the_moving_tag(timeline: Timeline) -> Verdict:
    """Check that a fix comes to a new Pod of the moving tag, and not to one of the exact version.

    Rows: the answers of the Pods that name the exact version and the moving tag, before the fix
    and after.
    """
    pods = ("exact-before", "moving-before", "exact", "moving")
    seen = {pod: tag_run.answers(timeline, pod) for pod in pods}
    if not all(seen.values()):
        return cannot_tell("Pods of an exact version and of a moving tag, before a fix and after")
    fixed = [tag_run.has_fix(seen[pod][-1]) for pod in pods]
    held = fixed == [False, False, False, True]
    return Verdict(
        held,
        "A fix comes with the next pull to who names the moving tag, and not to who names the "
        "exact version."
        if held
        else "The fix came to another tag than the one that moved.",
        "fixed: no, no; then exact no, moving yes",
        f"fixed: {_yes(fixed[0])}, {_yes(fixed[1])}; then exact {_yes(fixed[2])}, "
        f"moving {_yes(fixed[3])}",
    )


@claim("ch10-semver-04")
def a_minor_keeps_old_clients(timeline: Timeline) -> Verdict:
    """Check that the new MINOR tells more, and that the old client still works with it.

    Rows: the answers of the Pods of 1.0.0 and of 1.1.0.
    """
    return _contract(timeline, "minor", FEATURE, works=True)


@claim("ch10-semver-05")
def a_major_may_break_old_clients(timeline: Timeline) -> Verdict:
    """Check that the old client fails with what was released as a new MAJOR.

    Rows: the answers of the Pods of 1.0.0 and of 2.0.0.
    """
    return _contract(timeline, "major", BREAK, works=False)


@claim("ch10-upstream-01")
def another_configuration_is_another_image(timeline: Timeline) -> Verdict:
    """Check that one upstream version with two configurations has two tags and two digests.

    Rows: "push" of both images.
    """
    found = {}
    for done in pushes(timeline):
        repository, _, tag = done.name.partition(":")
        parsed = tags.upstream(tag)
        if repository == tag_run.REPOSITORY and parsed is not None and done.image is not None:
            found[tag] = (parsed, done.image.digest)
    versions = {parsed[0] for parsed, _ in found.values()}
    if len(found) < 2 or len(versions) != 1:
        return cannot_tell("two images of one upstream version")
    digests = {digest for _, digest in found.values()}
    held = len(digests) == len(found)
    return Verdict(
        held,
        "The suffix tells two configurations of one upstream version apart, as the digest does."
        if held
        else "Two tags stand for one image.",
        f"{len(found)} digests",
        "; ".join(f"{tag}: {digest[:19]}" for tag, (_, digest) in found.items()),
    )


@claim("ch10-upstream-02")
def a_revision_is_a_pre_release_to_semver(timeline: Timeline) -> Verdict:
    """Check which of the tags of one upstream version is the newest, by revision and by SemVer.

    Rows: "put" (the tags that were given), and the registry's "tags", from which both choose.
    """
    given = [tag for tag, accepted in tag_run.puts(timeline).items() if accepted]
    listed = [tag for tag in tag_run.listed(timeline) if tag.startswith(UPSTREAM)]
    revisions = [r[1] for tag in given if (r := tags.upstream(tag)) and tag.startswith(UPSTREAM)]
    if UPSTREAM not in given or not any(revisions) or not listed:
        return cannot_tell("tags of one upstream version, with a suffix and without")
    wanted = f"{UPSTREAM}-c{max(revisions)}", UPSTREAM
    chosen = tags.by_own_key(listed)[-1], tags.by_semver(listed)[-1]
    held = wanted == chosen
    return Verdict(
        held,
        f"By its revision {chosen[0]} is the newest; to SemVer the suffix makes a pre-release, and "
        f"{UPSTREAM} is newer."
        if held
        else "Another tag is the newest, by revision or by SemVer.",
        f"by revision {wanted[0]}; by SemVer {wanted[1]}",
        f"by revision {chosen[0]}; by SemVer {chosen[1]}; of {', '.join(sorted(listed))}",
    )


def _contract(timeline: Timeline, pod: str, version: str, *, works: bool) -> Verdict:
    before, after = tag_run.answers(timeline, "exact-before"), tag_run.answers(timeline, pod)
    if not before or not after:
        return cannot_tell(NO_PODS)
    old, new = before[-1], after[-1]
    seen = tag_run.old_client_works(new)
    held = seen is works and set(new) != set(old)
    change = "adds to" if works else "changes"
    return Verdict(
        held,
        f"{version} {change} the answer of {FIRST}; the old client "
        f"{'works on' if works else 'fails, as a new MAJOR warns'}."
        if held
        else f"{version} does not do what its number promises.",
        f"another answer; the old client {_works(works)}",
        f"{', '.join(new)}; the old client {_works(seen)}",
    )


def _answers(tag: str, commit: str) -> list[str]:
    """Return which questions this tag answers by its text; `commit` is what git finds under it."""
    found = ["commit"] if commit else []
    with contextlib.suppress(ValueError):
        found += ["upgrade"] if Version.parse(tag).release else []
    parsed = tags.upstream(tag)
    return found + (["upstream"] if parsed is not None and parsed[1] else [])


def _accepted(tried: dict[str, bool]) -> str:
    short = {tag if len(tag) < 50 else f"{len(tag)} × {tag[0]}": yes for tag, yes in tried.items()}
    return f"refused: {', '.join(tag for tag, yes in short.items() if not yes)}; others accepted"


def _lists(found: dict[str, list[str]]) -> str:
    return "; ".join(f"{tag[:12]}: {', '.join(what) or 'nothing'}" for tag, what in found.items())


def _yes(said: bool) -> str:
    return "yes" if said else "no"


def _works(said: bool) -> str:
    return "works" if said else "fails"
