"""What experiments do with Pods that keep files on a volume."""

from __future__ import annotations

import contextlib
import urllib.error
import urllib.request
from collections.abc import Callable, Collection
from http.client import HTTPException
from time import time
from typing import TYPE_CHECKING, Any

from helpers.experiments import pods
from helpers.lesson.experiment import Bench, Manifest
from helpers.model import files, watched
from helpers.model.timeline import Row, Timeline, Value
from helpers.model.trials import Trial

if TYPE_CHECKING:
    from helpers.kube.forward import Forward

LOOK_EVERY = 2.0  # seconds between two looks at a file that may change
ANSWER_WITHIN = 5.0  # seconds for an answer through a forwarded port


async def running(
    bench: Bench, prefix: str, before: Collection[str] = (), container: str = "randserver"
) -> str:
    """Wait for a Pod with a name that begins so and is not one of `before`; return its name.

    Its container is ready: randserver has its file. Raises DeadlineExceeded.
    """
    return await bench.wait(
        runs(prefix, before, container), pods.START_WITHIN, f"a Pod {prefix}… to be ready"
    )


def runs(
    prefix: str, before: Collection[str] = (), container: str = "randserver"
) -> Callable[[Timeline], str | None]:
    """Return a condition: the name of such a Pod whose container is ready, and that is to stay."""

    def condition(timeline: Timeline) -> str | None:
        seen: dict[str, dict[str, Any]] = {}
        for row in timeline.where(source="watch"):
            if row.object.startswith(f"Pod/{prefix}"):
                seen.setdefault(row.object.removeprefix("Pod/"), {})[row.field] = row.value
        ready = f"status.containerStatuses.{container}.ready"
        for name, fields in seen.items():
            going = fields.get("metadata.deletionTimestamp") is not None
            if name not in before and fields.get("exists") and not going and fields.get(ready):
                return name
        return None

    return condition


async def look(
    bench: Bench, pod: str, moment: str, path: str = "/data", container: str = "randserver"
) -> files.Look:
    """Look at the files of the volume at `path` in a container, and note it."""

    def read() -> files.Look:
        printed = bench.session.exec(pod, ["sh", "-c", files.SCRIPT, "sh", path], container)
        value = files.row(moment, container, path, printed)
        bench.timeline.append(Row(time(), "exec", f"Pod/{pod}", "files", value))
        return files.looks(bench.timeline)[-1]

    return await bench.call(read)


def follow_checksums(bench: Bench, app: str) -> None:
    """Read the file of each ready Pod of randserver with this label "app", again and again.

    Rows: source "exec", object "Pod/<name>", field "checksum", the file's SHA-256.
    """
    from helpers.kube.errors import KubeError

    def read() -> dict[str, Value]:
        found: dict[str, Value] = {}
        for name in watched.ready(bench.timeline, app):
            with contextlib.suppress(KubeError):  # it has just gone; the watch will say so
                said = bench.session.exec(name, ["sha256sum", "/data/random.bin"], deadline=10)
                found[f"Pod/{name}"] = said.split()[0]
        return found

    bench.recorder.follow("exec", "checksum", read, LOOK_EVERY)


def try_out(bench: Bench, manifest: Manifest) -> None:
    """Show a manifest to the server with dry-run, and note what it said; to be run in a thread."""
    from helpers.kube.errors import Refused

    what = f"{manifest['kind']}/{manifest['metadata']['name']}"
    warned = len(bench.timeline.where(source="session", object=what, field="warning"))
    stored, place, message = None, "", ""
    try:
        answer = bench.session.dry_run(manifest)
        stored = {"kind": manifest["kind"], "spec": answer["spec"]}
    except Refused as refused:
        place, message = refused.field, refused.message
    warnings = bench.timeline.where(source="session", object=what, field="warning")[warned:]
    trial = Trial(manifest, stored, place, message, [str(row.value) for row in warnings])
    bench.timeline.append(Row(time(), "session", what, "trial", trial.row))


def get(bench: Bench, forward: Forward, path: str) -> None:
    """Ask through a forwarded port, and note the answer or why there is none; in a thread."""
    try:
        with urllib.request.urlopen(f"{forward.url}{path}", timeout=ANSWER_WITHIN) as answer:
            good, said = True, answer.read().decode().strip()
    except (OSError, HTTPException, urllib.error.URLError) as error:
        good, said = False, forward.trouble or str(error)
    value = {"good": good, "said": said}
    bench.timeline.append(Row(time(), "session", f"Pod/{forward.pod}", f"GET {path}", value))
