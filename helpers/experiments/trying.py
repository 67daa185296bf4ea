"""What experiments do that show an object to the API server without making it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic, time

from helpers.lesson.experiment import Bench, Manifest, Trouble
from helpers.model import admission, limit_ranges
from helpers.model.timeline import Row, Value
from helpers.model.trials import Trial

KNOWN_WITHIN = 10.0  # seconds until admission has heard of what was just made


def dry_run(bench: Bench, manifest: Manifest) -> None:
    """Let the server judge an object, and note what it said; to be run in a thread."""
    trial = judged(bench, manifest)
    what = f"{manifest['kind']}/{manifest['metadata']['name']}"
    bench.timeline.append(Row(time(), "session", what, "trial", trial.row))


def until(bench: Bench, manifest: Manifest, said: Callable[[Trial], bool]) -> None:
    """Show a Pod to the server until it says what is expected; to be run in a thread.

    Admission keeps its own list of what was made, and hears of it an instant after the watches do.
    Raises Trouble after 10 s.
    """
    end = monotonic() + KNOWN_WITHIN
    while not bench.cancelled.is_set() and not said(trial := judged(bench, manifest)):
        if monotonic() > end:
            raise Trouble(
                "Admission does not do as it should",
                trial.message or "The server admits the pod as it is.",
                "Run it again; if that does not help, `workbook reset` makes the cluster anew.",
            )


def judged(bench: Bench, manifest: Manifest) -> Trial:
    """Let the server judge an object, and return what it said and would store.

    Of a Pod as it would be stored, the containers' resources, the class and the annotations are
    kept: the rest would only fill pages.
    """
    from helpers.kube.errors import Refused

    what = f"{manifest['kind']}/{manifest['metadata']['name']}"
    warned = len(bench.timeline.where(source="session", object=what, field="warning"))
    stored: dict[str, Value] | None = None
    place = message = ""
    try:
        pod = bench.session.dry_run(manifest)
        stored = {"kind": str(manifest["kind"])}
        if manifest["kind"] == "Pod":
            kept = [
                {k: c[k] for k in ("name", "resources") if k in c}
                for c in pod["spec"]["containers"]
            ]
            status: dict[str, Value] = {"qosClass": pod["status"]["qosClass"]}
            stored |= {"spec": {"containers": kept}, "status": status}
        if notes := pod["metadata"].get("annotations"):
            stored["metadata"] = {"annotations": notes}
    except Refused as refused:
        place, message = refused.field, refused.message
    warnings = bench.timeline.where(source="session", object=what, field="warning")[warned:]
    return Trial(manifest, stored, place, message, [str(row.value) for row in warnings])


async def under_limit_range(bench: Bench, limit_range: Manifest, shown: Sequence[Manifest]) -> None:
    """Make a LimitRange, and show every one of these Pods to the server.

    The first has neither request nor limit: what it is given tells that admission has heard of the
    LimitRange.
    """
    bench.progress("Making the LimitRange", 0.0)
    await bench.apply(limit_range)
    limits = admission.LimitRange.parse(limit_range)

    def known(trial: Trial) -> bool:
        return limit_ranges.agrees(trial, limit_ranges.expected(trial, limits))

    await bench.call(until, bench, shown[0], known)
    for number, pod in enumerate(shown, 1):
        bench.progress(f"{number} of {len(shown)} pods", number / (len(shown) + 1))
        await bench.call(dry_run, bench, pod)
    bench.progress(f"{len(shown)} pods", 1.0)
