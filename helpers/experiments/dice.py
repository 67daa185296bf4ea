"""The program of the lesson on tags: a die, whose commits become images under several tags."""

from __future__ import annotations

import json
from time import time
from typing import Any

from helpers.experiments.commits import Commits
from helpers.experiments.registries import Store
from helpers.lesson.experiment import Bench
from helpers.model.labels import PREFIX
from helpers.model.tag_run import APP, BREAK, FEATURE, FIRST, FIX
from helpers.model.timeline import Row, Value

LABEL = f"{PREFIX}revision"
DOCKERFILE = f"""\
FROM localhost/workbook/base:1
COPY app.py /opt/app.py
ARG REVISION
LABEL {LABEL}=$REVISION
ENTRYPOINT ["tini", "--", "sleep", "infinity"]
"""
READ = ["python3", "/opt/app.py"]

COMMITS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (FIRST, "A die that tells its faces", {"faces": [0, 1, 2, 3, 4, 5]}),
    (FIX, "Fix: the lowest face is 1", {"faces": [1, 2, 3, 4, 5, 6]}),
    (FEATURE, "Tell the sum of the faces, too", {"faces": [1, 2, 3, 4, 5, 6], "sum": 21}),
    (BREAK, "Call the faces sides", {"sides": [1, 2, 3, 4, 5, 6], "sum": 21}),
)
"""Version, subject and answer of each commit."""


async def begin(store: Store) -> Commits:
    """Make an empty repository for the program."""
    folder = store.folder / "source"
    folder.mkdir()
    return await store.bench.call(Commits.begin, folder)


async def release(
    store: Store,
    commits: Commits,
    version: str,
    subject: str,
    answer: dict[str, Any],
    *,
    labelled: bool = True,
) -> str:
    """Commit the program with this answer, build and push it; return the commit's ID.

    `labelled` tells whether the image carries that ID in its label.
    """
    program = f"import json\n\nprint(json.dumps({json.dumps(answer)}))\n"
    dockerfile = commits.folder / "Dockerfile"
    dockerfile.write_text(DOCKERFILE)
    (commits.folder / "app.py").write_text(program)
    commit = await store.bench.call(commits.commit, subject)
    note(store.bench, "git", f"Commit/{commit}", "made", {"subject": subject, "tag": version})
    revision = {"REVISION": commit if labelled else ""}
    await store.build(APP, version, dockerfile, commits.folder, revision)
    await store.push(APP, version)
    return commit


async def move(store: Store, tag: str, version: str) -> None:
    """Put a tag on the image of a version, and note where it points to."""
    held = await store.call(lambda: store.registry.manifest(APP, version))
    if tag != version:
        await store.call(lambda: store.registry.put(APP, tag, held.media_type, held.body))
    store.note(f"Tag/{tag}", "points to", held.digest)


async def answered(bench: Bench, *names: str) -> None:
    """Ask the program in each of these Pods for its answer."""
    for name in names:

        def read(name: str = name) -> dict[str, Value]:
            return {"answer": json.loads(bench.session.exec(name, READ, deadline=20))}

        await bench.call(bench.recorder.sample, "exec", f"Pod/{name}", read)


def note(bench: Bench, source: str, object: str, field: str, value: Value) -> None:
    """Write a row."""
    bench.timeline.append(Row(time(), source, object, field, value))
