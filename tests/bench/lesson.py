"""Figures of a lesson: what passes between a learner, the kernel and the cluster."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from helpers.cluster import kind
from helpers.kube.guard import LABEL
from helpers.kube.recorder import Recorder
from helpers.kube.session import Session
from helpers.model.timeline import Row, Timeline, Value
from tests.bench.cluster import PROJECT, NotMeasured, need_cluster, run, say
from tests.bench.figure import Figure, median, p95
from tests.course import NOTEBOOKS
from tests.run import NBVAL

LESSON = "bench"
APPLIES = 10
PATCHES = 40
PATCH_SECONDS = 10.0
LONGER = {
    "06-autoscaling-on-cpu": 120,
    "07-autoscaling-on-memory-and-custom-metrics": 120,
    "08-adding-nodes": 120,
    "06-stateful-sets": 150,
    "07-what-survives": 150,
}
"""Seconds that a notebook may take, where it may take more than 90."""


def apply() -> list[Figure]:
    """One ConfigMap, by the session and by kubectl, in turns; each time its content is new."""
    need_cluster()
    ours, theirs = [], []
    with Session.open(LESSON, Timeline()) as session, TemporaryDirectory() as folder:
        file = Path(folder) / "configmap.json"
        # The first of each is not counted: kubectl asks once what the server knows.
        for number in range(APPLIES + 1):
            manifest = config_map("by-us", session.namespace, str(number))
            began = time.perf_counter()
            session.apply(manifest)
            ours.append(1000 * (time.perf_counter() - began))
            file.write_text(json.dumps(config_map("by-kubectl", session.namespace, str(number))))
            began = time.perf_counter()
            done = kind.kubectl("apply", f"--filename={file}", f"--cache-dir={folder}/cache")
            theirs.append(1000 * (time.perf_counter() - began))
            if done.returncode:
                raise NotMeasured(f"kubectl apply: {done.stderr}")
    ratio = statistics.median(ours[1:]) / statistics.median(theirs[1:])
    return [
        median("Session.apply of a ConfigMap", "ms", ours[1:]),
        median("kubectl apply of the same", "ms", theirs[1:]),
        Figure("Session.apply ÷ kubectl apply", "", ratio),
    ]


def delay() -> list[Figure]:
    """From the reply to our PATCH to its record in the Timeline, by the times of its rows."""
    need_cluster()
    timeline = Timeline()
    replied: dict[Value, float] = {}
    recorded: dict[Value, float] = {}

    def note(row: Row) -> None:
        now = time.perf_counter()
        if row.source == "session" and row.field == "manifest" and isinstance(row.value, dict):
            replied[row.value["data"]["number"]] = now
        elif row.source == "watch" and row.field == "data.number":
            recorded[row.value] = now

    with Session.open(LESSON, timeline) as session:
        recorder = Recorder(session)
        recorder.watch("ConfigMap")
        timeline.subscribe(note)

        def patch(number: str) -> float:
            session.apply(config_map("watched", session.namespace, number))
            what = "the record of our own PATCH"
            recorder.wait(lambda _: number in recorded, PATCH_SECONDS, what)
            return 1000 * (recorded[number] - replied[number])

        try:
            patch("none")  # this one makes the ConfigMap
            delays = [patch(str(number)) for number in range(PATCHES)]
        finally:
            recorder.stop()
    # Less than nothing: the watch was faster than the reply.
    return [p95("from the reply to our PATCH to its record in the Timeline", 250, delays)]


def form() -> list[Figure]:
    """From an edit of a field to the new YAML in the browser, in a replayed notebook."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        run(
            sys.executable, "-m", "pytest", f"--junitxml={report}", "--tb=short",
            "tests/browser/measure_form.py",
        )  # fmt: skip
        said = ElementTree.parse(report).find(".//property[@name='milliseconds']")
    if said is None:
        raise NotMeasured("tests/browser/measure_form.py has recorded nothing")
    return [p95("edit of a form to new YAML in the browser", 50, json.loads(said.attrib["value"]))]


def notebooks() -> list[Figure]:
    """Each notebook under autoplay, the start of pytest and of the kernel included."""
    need_cluster()
    figures = []
    for path in NOTEBOOKS:
        name = str(path.relative_to(PROJECT))
        say(f"    {name}")
        began = time.monotonic()
        run(
            sys.executable, "-m", "pytest", *NBVAL, path,
            environment={**os.environ, "WORKBOOK_AUTOPLAY": "1"},
        )  # fmt: skip
        bound = LONGER.get(path.stem, 90)
        figures.append(Figure(name, "s", time.monotonic() - began, bound))
    return figures


def config_map(name: str, namespace: str, number: str) -> dict[str, object]:
    """A ConfigMap of one entry, whole."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": {LABEL: LESSON}},
        "data": {"number": number},
    }
