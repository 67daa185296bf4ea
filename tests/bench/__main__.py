"""`make bench`: measure, and print one JSON document; progress goes to standard error.

Some figures take the cluster down and up again several times. Where a cluster runs, somebody may
work in it: they are measured only with --take-down, and never while a lesson is open.
Afterwards cluster and JupyterLab run, or not, as before. Measure on a machine that does nothing
else: the load beside each figure tells whether it did.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from helpers.cluster import pins
from tests.bench import autoscaling, cluster, lesson
from tests.bench.figure import GIB, Figure, Json

FIGURES: dict[str, Callable[[], list[Figure]]] = {
    "cold-start": cluster.cold,
    "up": cluster.up,
    "warm-start": cluster.warm,
    "form": lesson.form,
    "apply": lesson.apply,
    "delay": lesson.delay,
    "first-replica": autoscaling.first_replica,
    "notebooks": lesson.notebooks,
    "memory": cluster.memory,
}
"""In this order: the cluster is made anew first, and has been used when its memory is read."""

TAKE_DOWN = ("up", "warm-start")


def measure(name: str) -> list[Json]:
    """Measure the figures of one name; what goes wrong is a figure that does not hold."""
    cluster.say(f"▸ {name}: {FIGURES[name].__doc__}")
    load, began = os.getloadavg()[0], time.monotonic()
    try:
        said: list[dict[str, Json]] = [figure.report() for figure in FIGURES[name]()]
    except Exception as error:
        said = [{"what": name, "holds": False, "error": f"{type(error).__name__}: {error}"}]
    for one in said:
        cluster.say(f"  {_line(one)}")
    seconds = round(time.monotonic() - began, 1)
    return [{"figure": name, **one, "load": round(load, 1), "took": seconds} for one in said]


def machine() -> dict[str, Json]:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    unified = Path("/sys/fs/cgroup/cgroup.controllers").exists()
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "memory, GiB": round(memory, 1),
        "cgroup": "v2" if unified else "v1",
        "kubernetes": pins.KUBERNETES,
        "kind": pins.KIND,
    }


def _line(one: dict[str, Json]) -> str:
    mark = {True: "✓", False: "✗", None: "·"}[one["holds"]]  # type: ignore[index]
    if "error" in one:
        return f"{mark} {one['error']}"
    bound = "" if one["bound"] is None else f" (at most {one['bound']:g})"
    return f"{mark} {one['what']}: {one['value']:g} {one['unit']}{bound}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for; returns 0 when every bound is kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=FIGURES, help=str([*FIGURES]))
    parser.add_argument("--take-down", action="store_true", help="even where a cluster runs")
    asked = parser.parse_args(arguments)
    figures: list[Json] = []
    kept = cluster.there() and not asked.take_down
    with cluster.as_it_was():
        for name in FIGURES:
            if asked.only and name not in asked.only:
                continue
            if kept and name in TAKE_DOWN:
                said = "a cluster runs, and this would take it down: see --take-down"
                cluster.say(f"▸ {name}: {said}")
                figures.append({"figure": name, "what": name, "holds": False, "error": said})
            else:
                figures += measure(name)
    document = {**machine(), "figures": figures}
    json.dump(document, sys.stdout, indent=2, ensure_ascii=False)
    print()
    return 1 if any(one["holds"] is False for one in figures) else 0  # type: ignore[index,call-overload]


if __name__ == "__main__":
    sys.exit(main())
