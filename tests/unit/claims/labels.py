"""Timelines for the claims about labels of images."""

from __future__ import annotations

from helpers.model.labels import KEYS, PREFIX
from helpers.model.pulls import uri
from helpers.model.timeline import Timeline, Value
from tests.unit.claims.story import Story

SHA, NEWER = "a" * 40, "b" * 40
GOOD = {
    "title": "Random server",
    "description": "A web server",
    "created": "2026-11-24T19:30:00Z",
    "authors": "Ada <ada@example.com>",
    "url": "https://example.com/a",
    "documentation": "https://example.com/b",
    "source": "https://git.example.com/a",
    "version": "1.4.0",
    "revision": SHA,
    "vendor": "Example Ltd",
    "licenses": "MIT OR Apache-2.0",
}
BAD = {
    "title": "Other",
    "description": "Random server",
    "created": "24/11/2026",
    "authors": "Ada",
    "url": "example",
    "documentation": "see url",
    "source": "git",
    "version": "1 4",
    "revision": "c" * 40,
    "vendor": "Other",
    "licenses": "Apache 2",
}


def whole(given: dict[str, str]) -> Value:
    return {PREFIX + key: value for key, value in given.items()}


def moved(
    *,
    passed: dict[str, str] | None = None,
    first: dict[str, str] | None = None,
    later: dict[str, str] | None = None,
    tagged: dict[str, str] | None = None,
    notes: dict[str, str] | None = None,
    added: dict[str, str] | None = None,
    runs: str = "sha256:one",
    known: bool = True,
    moves: bool = True,
) -> Story:
    """An image with labels, its tag moved to a newer one, and everything read back."""
    given = GOOD if passed is None else passed
    read = given if first is None else first
    newer = given | {"revision": NEWER}
    story = Story()

    def note(object: str, field: str, value: Value) -> None:
        story.row("registry", object, field, value)

    note("Build/first", "build", {"passed": given})
    note("Image/randserver:first", "labels", whole(read))
    note("Image/randserver:first", "annotations", whole(notes or {}))
    note("Tag/stable", "points to", "sha256:one")
    note("Image/randserver:stable", "labels", whole(read))
    note("Image/randserver@sha256:one", "labels", whole(read))
    image = f"{uri('randserver')}@{runs}"
    story.row("watch", "Pod/server", "status.containerStatuses.server.imageID", image)
    if not moves:
        return story
    note("Build/second", "build", {"passed": newer})
    note("Image/randserver:second", "labels", whole(newer))
    note("Tag/stable", "points to", "sha256:two")
    note("Image/randserver:stable", "labels", whole(newer if tagged is None else tagged))
    note("Image/randserver@sha256:one", "labels", whole(read if later is None else later))
    note("Image/randserver:annotated", "labels", whole(read))
    note("Image/randserver:annotated", "annotations", whole(given if added is None else added))
    revision = given.get("revision", "")
    story.row("exec", f"Commit/{revision}", "kind", "commit" if known else "")
    story.row("exec", f"Commit/{revision}", "subject", "A server")
    return story.row("exec", f"Commit/{NEWER}", "kind", "commit")


def build(
    *, printed: str = "", mended: str = "aaaaaaa", jam: str = "5 jars", cook: str = "Ada"
) -> Story:
    """The Dockerfile as printed and mended; the labels are what is given here."""
    story = Story()
    for tag, variable, held in (("printed", "GIT_COMMIT", printed), ("mended", "SHA", mended)):
        passed: Value = {"SHA": "aaaaaaa"}
        value: Value = {"variable": variable, "passed": passed}
        story.row("registry", f"Build/{tag}", "build", value)
        labels: Value = {"git-commit": held, "cook": cook, "jam": jam}
        story.row("registry", f"Image/kitchen:{tag}", "labels", labels)
    return story


def one_build() -> Story:
    story = Story()
    for row in build().rows[:2]:
        story.append(row)
    return story


def key(name: str) -> str:
    return f"ch10-labels-{6 + KEYS_OF_THE_BOOK.index(name):02d}"


KEYS_OF_THE_BOOK = (
    *("title", "description", "created", "authors", "url", "documentation"),
    *("source", "version", "revision", "vendor", "licenses"),
)
assert set(KEYS_OF_THE_BOOK) == set(KEYS)

HOLDS: dict[str, list[Timeline]] = {
    "ch10-labels-01": [moved()],
    "ch10-labels-02": [build()],
    "ch10-labels-03": [moved()],
    "ch10-labels-04": [build()],
    "ch10-labels-05": [moved()],
    **{key(name): [moved()] for name in KEYS},
}
FAILS: dict[str, list[Timeline]] = {
    "ch10-labels-01": [moved(tagged=GOOD), moved(first=GOOD | {"revision": NEWER})],
    "ch10-labels-02": [build(jam="5")],
    "ch10-labels-03": [
        moved(later=GOOD | {"title": "Other"}),
        moved(runs="sha256:two"),
        moved(tagged=GOOD),
    ],
    "ch10-labels-04": [build(printed="aaaaaaa"), build(mended=""), build(cook="Bob")],
    "ch10-labels-05": [moved(notes=GOOD), moved(added={}), moved(first={})],
    **{
        key(name): [
            moved(first=GOOD | {name: BAD[name]}),
            moved(first={k: v for k, v in GOOD.items() if k != name}),
        ]
        for name in KEYS
    },
}
FAILS[key("revision")].append(moved(known=False))
for _name in ("created", "authors", "url", "documentation", "source", "licenses", "version"):
    FAILS[key(_name)].append(moved(passed=GOOD | {_name: BAD[_name]}))
CANNOT_TELL: dict[str, list[Timeline]] = {
    "ch10-labels-01": [moved(moves=False)],
    "ch10-labels-02": [Story()],
    "ch10-labels-03": [moved(moves=False)],
    "ch10-labels-04": [one_build()],
    "ch10-labels-05": [moved(moves=False)],
    **{key(name): [moved(passed=GOOD | {name: ""})] for name in KEYS},
}
